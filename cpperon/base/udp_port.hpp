/// Which UDP ports of this host are free at the moment: for tests, and for tools that choose a channel. Public; uses
/// the operating system directly. spec: 07 §A.4
#pragma once

#include <cstdint>
#include <optional>

namespace cpperon {

/// Whether a socket could be bound to `port` on all addresses of this host, IPv4 and, where the host has it, IPv6. The
/// answer is of this moment: another process may take the port before the caller does. False for 0, which is no port,
/// and for a port that this user may not have. Throws `IoError` where the system gives no socket.
[[nodiscard]] bool is_udp_port_available(std::uint16_t port);

/// The first port from `start` on that is available; nothing where none is up to 65,535. Throws as above.
[[nodiscard]] std::optional<std::uint16_t> find_unused_udp_port(std::uint16_t start);

}  // namespace cpperon
