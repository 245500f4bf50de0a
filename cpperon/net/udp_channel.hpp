/// A UDP channel with every name resolved and its interface chosen: its addresses, and the canonical form by which
/// streams share sockets. Made by the agent that may block, used by the conductor. spec: 04 §5.1, 05 §5, §6
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "cpperon/base/result.hpp"
#include "cpperon/net/name_resolver.hpp"
#include "cpperon/net/socket_address.hpp"
#include "cpperon/net/udp_transport.hpp"
#include "cpperon/uri/channel_uri.hpp"
#include "cpperon/uri/udp_channel_params.hpp"

namespace cpperon::net {

struct UdpChannel {
    std::string text;  ///< as the client wrote it, without `aeron-spy:`
    ChannelUri uri;
    uri::UdpChannelParams params;
    SocketAddress remote_data;
    SocketAddress remote_control;
    SocketAddress local_data;  ///< and local control, which is the same
    std::uint32_t interface_index = 0;
    bool is_multicast = false;
    bool has_explicit_endpoint = false;
    bool has_explicit_control = false;  ///< `control` counts: it does not for multicast
    std::string canonical_form;

    [[nodiscard]] bool has_group_semantics() const noexcept { return params.has_group_semantics(is_multicast); }
};

/// What a channel is resolved for.
enum class ChannelUse : std::uint8_t { endpoint, destination };

/// Steps 1 to 8 of spec 05 §5.1: of several mistakes the first in that order is reported. `unique_id`: a number nobody
/// else gets. Errors have the codes of spec 05 §11.
[[nodiscard]] Result<UdpChannel> resolve_channel(std::string_view text, ChannelUse use, NameResolver& resolver,
                                                 std::span<const NetworkInterface> interfaces, std::uint64_t unique_id);

}  // namespace cpperon::net
