/// A UDP channel with every name resolved and its interface chosen: the addresses, the canonical form by which streams
/// share sockets, and what its sockets look like. Made by the agent that may block, used by the conductor.
/// spec: 04 §5.1 to §5.3, 05 §5, §6
#pragma once

#include <cstdint>
#include <optional>
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

/// Steps 2 to 8 of spec 05 §5.1, on a text whose syntax is checked here as well. `unique_id`: a number nobody else
/// gets. Errors have the codes of spec 05 §11.
[[nodiscard]] Result<UdpChannel> resolve_channel(std::string_view text, ChannelUse use, NameResolver& resolver,
                                                 std::span<const NetworkInterface> interfaces, std::uint64_t unique_id);

/// The interface that a channel's `interface` selects, or a multicast channel without one. spec: 04 §5.2
struct SelectedInterface {
    SocketAddress address;  ///< with the port of the spec
    std::uint32_t index = 0;
};

/// Whether the endpoint of an existing channel serves a new one by its tag: yes, no, or an error of code
/// `generic_error`. `existing_remote_data`, `existing_local_data`: where it sends to and receives from by now.
/// spec: 05 §6.5
[[nodiscard]] Result<bool> matches_by_tag(const UdpChannel& channel, const UdpChannel& existing,
                                          const SocketAddress& existing_remote_data,
                                          const SocketAddress& existing_local_data);

/// Driver settings for sockets; what a channel states goes first.
struct SocketSettings {
    std::int64_t send_buffer_length = 0;
    std::int64_t receive_buffer_length = 0;
    std::uint8_t multicast_ttl = 0;
    bool connects_unicast_senders = true;
};

/// The socket that publishes on a channel. spec: 04 §5.3
[[nodiscard]] SocketSpec send_socket_spec(const UdpChannel& channel, const SocketSettings& settings);

/// The socket that subscribes to a channel or is one destination of a subscription; addresses, interface and ttl are
/// those of `channel`, buffers and time-stamps those of `subscription`, which is the same channel but for a
/// destination.
[[nodiscard]] SocketSpec receive_socket_spec(const UdpChannel& channel, const UdpChannel& subscription,
                                             const SocketSettings& settings);

}  // namespace cpperon::net
