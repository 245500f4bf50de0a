#include "cpperon/base/udp_port.hpp"

#include <cerrno>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace cpperon {
namespace {

/// A port that the system chose, taken as long as this object lives. Port 0 where the host lacks the family.
class TakenPort {
public:
    explicit TakenPort(const int family) : descriptor_(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in6 address{};  // the longer of the two; family and port lie at the same places in both
        address.sin6_family = static_cast<sa_family_t>(family);
        socklen_t length = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        const int only = 1;
        if (family == AF_INET6) {
            ::setsockopt(descriptor_, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
        }
        if (::bind(descriptor_, generic, length) == 0 && ::getsockname(descriptor_, generic, &length) == 0) {
            port_ = ntohs(address.sin6_port);
        }
    }
    TakenPort(const TakenPort&) = delete;
    TakenPort& operator=(const TakenPort&) = delete;
    ~TakenPort() { ::close(descriptor_); }

    [[nodiscard]] std::uint16_t port() const { return port_; }

private:
    int descriptor_;
    std::uint16_t port_ = 0;
};

TEST(UdpPort, IsNotAvailableWhileASocketHasIt) {
    const TakenPort taken{AF_INET};
    ASSERT_NE(taken.port(), 0);

    EXPECT_FALSE(is_udp_port_available(taken.port()));
}

TEST(UdpPort, IsNotAvailableWhileASocketHasItOnIPv6Alone) {
    const TakenPort taken{AF_INET6};
    if (taken.port() == 0) {
        GTEST_SKIP() << "this host has no IPv6";
    }

    EXPECT_FALSE(is_udp_port_available(taken.port()));
}

TEST(UdpPort, ZeroIsNone) {
    EXPECT_FALSE(is_udp_port_available(0));
}

TEST(UdpPort, IsFoundBehindOneThatIsTaken) {
    const TakenPort taken{AF_INET};

    const std::optional<std::uint16_t> found = find_unused_udp_port(taken.port());

    if (taken.port() == 65'535) {
        EXPECT_EQ(found, std::nullopt);
    } else {
        ASSERT_TRUE(found);
        EXPECT_GT(*found, taken.port());
    }
}

TEST(UdpPort, IsFoundFromZeroOn) {
    const std::optional<std::uint16_t> found = find_unused_udp_port(0);

    ASSERT_TRUE(found);
    EXPECT_GT(*found, 0);
}

/// The last port of all; whoever else has it meanwhile is as good as this test.
TEST(UdpPort, IsNotFoundBehindTheLastOne) {
    const int descriptor = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(65'535);
    const bool is_taken =
        ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 || errno == EADDRINUSE;

    EXPECT_TRUE(is_taken);
    EXPECT_EQ(find_unused_udp_port(65'535), std::nullopt);
    ::close(descriptor);
}

}  // namespace
}  // namespace cpperon
