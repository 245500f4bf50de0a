/// Where the sockets of a channel are bound, as the driver tells it in its counters. Used by handles; reads shared
/// memory, on any thread. spec: 06 §19.5, 05 §5.7
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cpperon/client/channel_status.hpp"
#include "cpperon/shm/counters_reader.hpp"

namespace cpperon::client {

/// `ip:port` or `[ip6]:port` of each socket that is open; none while the channel itself is not active, and none for a
/// channel without an indicator. `counters` are mapped.
[[nodiscard]] std::vector<std::string> local_socket_addresses(const CountersReader& counters,
                                                              const ChannelStatusIndicator& channel_status);

/// Whether the port of `channel` is left to the driver: a UDP endpoint with port 0 that is no spy's, nor a channel's
/// whose sockets are those of its destinations.
[[nodiscard]] bool has_wildcard_port(std::string_view channel);

/// `channel`, of which `has_wildcard_port` is true, with the port of `bound_address`; nothing if that has none.
[[nodiscard]] std::optional<std::string> with_bound_port(std::string_view channel, std::string_view bound_address);

}  // namespace cpperon::client
