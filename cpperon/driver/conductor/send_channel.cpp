#include "cpperon/driver/conductor/send_channel.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cpperon/driver/conductor/channel_counters.hpp"
#include "cpperon/driver/conductor/channel_details.hpp"
#include "cpperon/driver/event_log/event_log.hpp"
#include "cpperon/net/channel_sockets.hpp"
#include "cpperon/net/endpoint_conflicts.hpp"

namespace cpperon::driver {

namespace {

bool has_fixed_remote(const net::UdpChannel& channel) noexcept {
    return !channel.params.is_multi_destination() && channel.params.control_mode != ControlMode::response;
}

/// A name of a group, or of one that is told where to send, is not looked up again. spec: 04 §13.3
bool can_move(const net::UdpChannel& channel) noexcept {
    return has_fixed_remote(channel) && !channel.is_multicast && channel.has_explicit_endpoint;
}

SendEndpointSpec endpoint_spec_of(const net::UdpChannel& channel, const net::SocketSpec& socket,
                                  const shm::AtomicCounter& destinations) {
    SendEndpointSpec spec{.control_mode = channel.params.control_mode,
                          .is_multicast = channel.is_multicast,
                          .is_connected = socket.connect_to.has_value(),
                          .ttl = channel.params.ttl,
                          .send_timestamp_offset = channel.params.channel_send_timestamp_offset,
                          .destinations = destinations};
    if (has_fixed_remote(channel)) {
        spec.remote = channel.remote_data;
    }
    if (can_move(channel)) {
        spec.endpoint = channel.params.endpoint->text;
    }
    return spec;
}

/// Only a sender whose `control` is stated takes its port from the range; the system chooses for all others.
/// spec: 04 §5.4
bool takes_port(const net::UdpChannel& channel, const net::SocketAddress& wanted) noexcept {
    return channel.has_explicit_control || wanted.port() != 0;
}

SendChannel::Endpoint open_endpoint(ConductorState& state, const net::UdpChannel& channel,
                                    const shm::AtomicCounter& destinations) {
    net::SocketSpec socket_spec = net::send_socket_spec(channel, state.buffer_defaults.settings);
    TakenPort port;
    if (takes_port(channel, socket_spec.bind_address)) {
        port = TakenPort::take(state.sender_ports, socket_spec.bind_address);
        socket_spec.bind_address = port.address();
    }
    return {.spec = endpoint_spec_of(channel, socket_spec, destinations),
            .port = std::move(port),
            .socket = state.resources.transport.open(socket_spec).value_or_throw()};
}

SendChannel* find_by_tag(ConductorState& state, const net::UdpChannel& channel) {
    for (const auto& existing : state.send_channels) {
        if (net::matches_by_tag(channel, existing->channel(), existing->remote_data(), existing->channel().local_data)
                .value_or_throw()) {
            return existing.get();
        }
    }
    return nullptr;
}

/// The newest counts, unless its tag says that it is meant for others.
SendChannel* find_by_canonical_form(ConductorState& state, const net::UdpChannel& channel) {
    const auto found = std::find_if(
        state.send_channels.rbegin(), state.send_channels.rend(),
        [&](const auto& existing) { return existing->channel().canonical_form == channel.canonical_form; });
    if (found == state.send_channels.rend()) {
        return nullptr;
    }
    const std::optional<std::int64_t>& existing_tag = (*found)->channel().params.channel_tag;
    const std::optional<std::int64_t>& tag = channel.params.channel_tag;
    return tag && existing_tag && tag != existing_tag ? nullptr : found->get();
}

}  // namespace

SendChannel::SendChannel(net::UdpChannel channel, Counters counters, Endpoint endpoint, SenderContext& context)
    : channel_(std::move(channel)),
      context_(context),
      counters_(std::move(counters)),
      port_(std::move(endpoint.port)),
      endpoint_(std::move(endpoint.spec), std::move(endpoint.socket), context),
      remote_data_(channel_.remote_data) {}

void SendChannel::start() {
    context_.commands.push(sender_command::AddEndpoint{.endpoint = &endpoint_});
    is_started_ = true;
    if (context_.event_log != nullptr) {
        context_.event_log->on_event(EventId::send_channel_creation, details_of(channel_));
    }
}

void SendChannel::drop_reference() {
    if (--references_ > 0 || !is_started_) {
        return;
    }
    is_closing_ = true;
    context_.commands.push(sender_command::RemoveEndpoint{.endpoint = &endpoint_});
}

SendChannel* find_send_channel(ConductorState& state, const net::UdpChannel& channel) {
    SendChannel* found = channel.params.channel_tag ? find_by_tag(state, channel) : nullptr;
    if (found == nullptr) {
        if (const std::optional<ErrorInfo> obstacle = uri::check_can_create_send_endpoint(channel.params)) {
            throw RegistrationError(*obstacle);
        }
        found = find_by_canonical_form(state, channel);
    }
    if (found != nullptr && found->is_closing()) {
        throw RegistrationError(
            ErrorCode::resource_temporarily_unavailable,
            fmt::format("the send endpoint of '{}' is found in CLOSING state, please retry", channel.text));
    }
    return found;
}

std::unique_ptr<SendChannel> create_send_channel(ConductorState& state, const net::UdpChannel& channel,
                                                 const std::int64_t correlation_id) {
    shm::CountersManager& counters = state.resources.counters;
    const ChannelCounterSpec counter_spec{
        .end = ChannelEnd::send, .channel = channel.text, .registration_id = correlation_id};
    SendChannel::Counters owned{.status = allocate_channel_status(counters, counter_spec)};
    if (channel.params.is_multi_destination()) {
        owned.destinations = allocate_destination_count(counters, counter_spec);
    }
    SendChannel::Endpoint endpoint = open_endpoint(state, channel, owned.destinations.value());
    const net::SocketAddress& bound = endpoint.socket->local_address();
    owned.local_address = allocate_local_address(counters, ChannelEnd::send, owned.status.id(), bound, correlation_id);
    activate_channel_status(counters, owned.status, bound.to_string());
    return std::make_unique<SendChannel>(channel, std::move(owned), std::move(endpoint), state.resources.sender);
}

SendChannel* find_send_channel(const ConductorState& state, const SendEndpoint* const endpoint) {
    const auto found = std::find_if(state.send_channels.begin(), state.send_channels.end(),
                                    [endpoint](const auto& channel) { return channel->is(endpoint); });
    return found == state.send_channels.end() ? nullptr : found->get();
}

}  // namespace cpperon::driver
