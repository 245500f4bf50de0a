/// Chooses the interface of a channel: the address its socket binds to, or on which multicast comes and goes. Decides
/// on a given list of interfaces; only a host name in `interface` is asked of the resolver. Used where channels are
/// resolved. spec: 04 §5.2, 05 §3.8
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "cpperon/base/result.hpp"
#include "cpperon/net/name_resolver.hpp"
#include "cpperon/net/socket_address.hpp"
#include "cpperon/net/udp_transport.hpp"
#include "cpperon/uri/endpoint.hpp"

namespace cpperon::net {

struct SelectedInterface {
    SocketAddress address;    ///< with the port that `interface` states, or 0
    std::uint32_t index = 0;  ///< the system's number of it; 0 for a wildcard

    [[nodiscard]] bool operator==(const SelectedInterface&) const = default;
};

/// What else of a channel its interface depends on.
struct InterfaceNeeds {
    AddressFamily family = AddressFamily::ipv4;  ///< of the channel
    bool is_multicast = false;
};

/// `wanted`: the channel's `interface`, if it has one. Without it a unicast channel gets the wildcard, a multicast
/// channel the best of all `interfaces`, which stand in the system's order. Errors have the code `generic_error`, or
/// `unknown_host` for a name that does not resolve.
[[nodiscard]] Result<SelectedInterface> select_interface(const std::optional<uri::InterfaceSpec>& wanted,
                                                         InterfaceNeeds needs, NameResolver& resolver,
                                                         std::span<const NetworkInterface> interfaces);

}  // namespace cpperon::net
