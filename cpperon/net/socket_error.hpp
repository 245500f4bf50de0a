/// What the errors of socket calls mean: those that are none, and texts for the others. Used by the system's sockets.
/// spec: 04 §5.3, 05 §11
#pragma once

#include <string_view>

#include "cpperon/base/error.hpp"
#include "cpperon/net/socket_address.hpp"

namespace cpperon::net {

/// Nothing was sent or received, and nothing is wrong: no room, nothing there, interrupted, or an ICMP message that an
/// earlier datagram found nobody at its port. spec: 04 §5.3
[[nodiscard]] bool is_not_now(int system_error) noexcept;

/// `<operation> <address>: <the system's reason>; <what to do>`, with the code `generic_error`.
[[nodiscard]] ErrorInfo socket_failure(std::string_view operation, const SocketAddress& address, int system_error);

}  // namespace cpperon::net
