/// Socket addresses in the form of the operating system's calls. Used by the system's sockets and its name resolver.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "cpperon/net/socket_address.hpp"

namespace cpperon::net {

/// Room for an address of either family: what `recvmsg` and its like fill.
union NativeAddress {
    sockaddr generic;
    sockaddr_in ipv4;
    sockaddr_in6 ipv6;
};

/// AF_INET or AF_INET6.
[[nodiscard]] int native_family(AddressFamily family) noexcept;

/// Writes `address` to `native`; returns the bytes that are used of it.
socklen_t to_native(const SocketAddress& address, NativeAddress& native) noexcept;

/// `native` holds a whole address of the family that it names: IPv4 or IPv6. Any other gives the default address.
[[nodiscard]] SocketAddress from_native(const NativeAddress& native) noexcept;

/// The same for an address that lies elsewhere, such as in a list of the system's.
[[nodiscard]] SocketAddress from_native(const sockaddr& native) noexcept;

}  // namespace cpperon::net
