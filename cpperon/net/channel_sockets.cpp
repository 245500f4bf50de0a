#include "cpperon/net/channel_sockets.hpp"

#include "cpperon/uri/values.hpp"

namespace cpperon::net {

namespace {

std::int64_t stated_or(const std::int64_t stated, const std::int64_t setting) noexcept {
    return stated != 0 ? stated : setting;
}

/// Spec of a socket for `address`: a group is joined, everything else is bound to.
SocketSpec spec_of(const UdpChannel& channel, const SocketAddress& address, const SocketSettings& settings) {
    if (!channel.is_multicast) {
        return {.bind_address = address};
    }
    return {.bind_address = SocketAddress::wildcard(address.family(), address.port()),
            .multicast = MulticastMembership{.group = address,
                                             .interface_address = channel.local_data,
                                             .interface_index = channel.interface_index},
            .multicast_ttl = channel.params.ttl != 0 ? channel.params.ttl : settings.multicast_ttl};
}

/// A socket that is connected hears nobody but the receiver: not for those who have several, or learn theirs later.
bool is_connected_sender(const UdpChannel& channel, const SocketSettings& settings) noexcept {
    return settings.connects_unicast_senders && channel.has_explicit_endpoint && !channel.has_group_semantics() &&
           channel.params.control_mode != ControlMode::response;
}

}  // namespace

SocketBufferLengths configured_buffers(const UdpChannel& channel, const SocketSettings& settings) noexcept {
    return {.send = stated_or(channel.params.socket_send_buffer_length, settings.send_buffer_length),
            .receive = stated_or(channel.params.socket_receive_buffer_length, settings.receive_buffer_length)};
}

SocketSpec send_socket_spec(const UdpChannel& channel, const SocketSettings& settings) {
    const SocketBufferLengths buffers = configured_buffers(channel, settings);
    SocketSpec spec = spec_of(channel, channel.is_multicast ? channel.remote_control : channel.local_data, settings);
    if (is_connected_sender(channel, settings)) {
        spec.connect_to = channel.remote_data;
    }
    spec.send_buffer_length = buffers.send;
    spec.receive_buffer_length = buffers.receive;
    return spec;
}

SocketSpec receive_socket_spec(const UdpChannel& channel, const UdpChannel& subscription,
                               const SocketSettings& settings) {
    const SocketBufferLengths buffers = configured_buffers(subscription, settings);
    SocketSpec spec = spec_of(channel, channel.remote_data, settings);
    spec.send_buffer_length = buffers.send;
    spec.receive_buffer_length = buffers.receive;
    spec.wants_media_timestamps = subscription.params.media_receive_timestamp_offset.is_enabled();
    return spec;
}

}  // namespace cpperon::net
