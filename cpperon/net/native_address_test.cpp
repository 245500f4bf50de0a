#include "cpperon/net/native_address.hpp"

#include <array>
#include <cstdint>

#include <gtest/gtest.h>

namespace cpperon::net {
namespace {

constexpr std::array<std::uint8_t, 16> documentation_host{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7};

TEST(NativeAddress, OfIpv4IsInNetworkOrder) {
    NativeAddress native;

    const socklen_t length = to_native(SocketAddress::ipv4({10, 1, 2, 3}, 40'123), native);

    EXPECT_EQ(length, sizeof(sockaddr_in));
    EXPECT_EQ(native.generic.sa_family, AF_INET);
    EXPECT_EQ(ntohl(native.ipv4.sin_addr.s_addr), 0x0A010203U);
    EXPECT_EQ(ntohs(native.ipv4.sin_port), 40'123);
}

TEST(NativeAddress, ComesBackAsItWas) {
    for (const SocketAddress& address :
         {SocketAddress::ipv4({10, 1, 2, 3}, 65'535), SocketAddress{}, SocketAddress::ipv6(documentation_host, 1, 42),
          SocketAddress::wildcard(AddressFamily::ipv6)}) {
        NativeAddress native;
        const socklen_t length = to_native(address, native);

        EXPECT_EQ(length, address.is_ipv6() ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
        EXPECT_EQ(from_native(native), address);
        EXPECT_EQ(from_native(native.generic), address);
    }
}

TEST(NativeAddress, OfAnotherFamilyIsTheDefaultAddress) {
    NativeAddress native{};
    native.generic.sa_family = AF_UNIX;

    EXPECT_EQ(from_native(native), SocketAddress{});
    EXPECT_EQ(from_native(native.generic), SocketAddress{});
}

}  // namespace
}  // namespace cpperon::net
