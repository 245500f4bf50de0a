#include "cpperon/net/native_address.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <cstring>

namespace cpperon::net {

int native_family(const AddressFamily family) noexcept {
    return family == AddressFamily::ipv4 ? AF_INET : AF_INET6;
}

socklen_t to_native(const SocketAddress& address, NativeAddress& native) noexcept {
    if (!address.is_ipv6()) {
        native.ipv4 = {};
        native.ipv4.sin_family = AF_INET;
        native.ipv4.sin_port = htons(address.port());
        std::memcpy(&native.ipv4.sin_addr, address.bytes().data(), sizeof(native.ipv4.sin_addr));
        return sizeof(native.ipv4);
    }
    native.ipv6 = {};
    native.ipv6.sin6_family = AF_INET6;
    native.ipv6.sin6_port = htons(address.port());
    native.ipv6.sin6_scope_id = address.scope_id();
    std::memcpy(&native.ipv6.sin6_addr, address.bytes().data(), sizeof(native.ipv6.sin6_addr));
    return sizeof(native.ipv6);
}

SocketAddress from_native(const NativeAddress& native) noexcept {
    if (native.generic.sa_family == AF_INET) {
        std::array<std::uint8_t, 4> bytes;
        std::memcpy(bytes.data(), &native.ipv4.sin_addr, bytes.size());
        return SocketAddress::ipv4(bytes, ntohs(native.ipv4.sin_port));
    }
    if (native.generic.sa_family == AF_INET6) {
        std::array<std::uint8_t, 16> bytes;
        std::memcpy(bytes.data(), &native.ipv6.sin6_addr, bytes.size());
        return SocketAddress::ipv6(bytes, ntohs(native.ipv6.sin6_port), native.ipv6.sin6_scope_id);
    }
    return {};
}

SocketAddress from_native(const sockaddr& native) noexcept {
    NativeAddress copy{};
    if (native.sa_family == AF_INET) {
        std::memcpy(&copy.ipv4, &native, sizeof(copy.ipv4));
    } else if (native.sa_family == AF_INET6) {
        std::memcpy(&copy.ipv6, &native, sizeof(copy.ipv6));
    }
    return from_native(copy);
}

}  // namespace cpperon::net
