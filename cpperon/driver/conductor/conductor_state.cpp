#include "cpperon/driver/conductor/conductor_state.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "cpperon/base/clock.hpp"
#include "cpperon/base/random.hpp"
#include "cpperon/driver/conductor/network_image.hpp"
#include "cpperon/driver/conductor/network_publication.hpp"
#include "cpperon/driver/conductor/receive_channel.hpp"
#include "cpperon/driver/conductor/send_channel.hpp"

namespace cpperon::driver {

namespace {

std::int64_t to_ns(const std::chrono::nanoseconds duration) {
    return duration.count();
}

uri::ChannelDefaults channel_defaults_of(const DriverContext& context) {
    uri::ChannelDefaults defaults;
    defaults.udp = {.mtu_length = static_cast<std::int32_t>(context.mtu_length),
                    .term_length = static_cast<std::int32_t>(context.term_length),
                    .window_length = static_cast<std::int32_t>(context.publication_window_length)};
    defaults.ipc = {.mtu_length = static_cast<std::int32_t>(context.ipc_mtu_length),
                    .term_length = static_cast<std::int32_t>(context.ipc_term_length),
                    .window_length = static_cast<std::int32_t>(context.ipc_publication_window_length)};
    defaults.linger_timeout_ns = to_ns(context.publication_linger_timeout);
    defaults.is_sparse = context.sparse_term_buffers;
    defaults.untethered_window_limit_timeout_ns = to_ns(context.untethered_window_limit_timeout);
    if (context.untethered_linger_timeout) {
        defaults.untethered_linger_timeout_ns = to_ns(*context.untethered_linger_timeout);
    }
    defaults.untethered_resting_timeout_ns = to_ns(context.untethered_resting_timeout);
    defaults.max_resend = context.max_resend;
    defaults.spies_simulate_connection = context.spies_simulate_connection;
    defaults.is_reliable = context.reliable_stream;
    defaults.group = context.receiver_group_consideration;
    defaults.receiver_window_length = context.receiver_window_length;
    defaults.group_tag = context.receiver_group_tag;
    defaults.nak_delay_ns = to_ns(context.nak_unicast_delay);
    defaults.is_rejoin = context.rejoin_stream;
    defaults.is_tether = context.tether_subscriptions;
    return defaults;
}

net::BufferDefaults buffer_defaults_of(const DriverContext& context, net::UdpTransport& transport) {
    return {.settings = {.send_buffer_length = context.socket_send_buffer_length,
                         .receive_buffer_length = context.socket_receive_buffer_length,
                         .multicast_ttl = static_cast<std::uint8_t>(context.socket_multicast_ttl),
                         .connects_unicast_senders = context.connect_send_sockets},
            .system = transport.probe_buffers({})};
}

constexpr net::SocketBufferLengths more_than_granted{.send = std::numeric_limits<std::int32_t>::max(),
                                                     .receive = std::numeric_limits<std::int32_t>::max()};

}  // namespace

ConductorState::ConductorState(const DriverContext& driver_context, const DriverResources& driver_resources)
    : context(driver_context),
      resources(driver_resources),
      channel_defaults(channel_defaults_of(driver_context)),
      buffer_defaults(buffer_defaults_of(driver_context, driver_resources.transport)),
      longest_buffers(driver_resources.transport.probe_buffers(more_than_granted)),
      errors(driver_resources.errors, driver_resources.system_counters),
      events(driver_resources.events, errors, driver_resources.event_log),
      session_ids(driver_resources.random.next_i32(),
                  {.low = driver_context.reserved_session_id_low, .high = driver_context.reserved_session_id_high}),
      next_receiver_id(static_cast<std::int64_t>(driver_resources.random.next_u64())),
      sender_ports(driver_context.sender_wildcard_port_range),
      receiver_ports(driver_context.receiver_wildcard_port_range),
      now_ns(driver_resources.nano_clock.nano_time()) {}

ConductorState::~ConductorState() = default;

Client& client_for(ConductorState& state, const std::int64_t client_id) {
    if (Client* const known = state.clients.find(client_id)) {
        return *known;
    }
    Client& client = state.clients.add(client_id, state.resources.epoch_clock.epoch_ms(), state.resources.counters);
    state.events.send(command::CounterReadyEvent{.registration_id = client_id, .counter_id = client.heartbeat.id()});
    return client;
}

IpcPublication* find_ipc_publication(const ConductorState& state, const std::int64_t original_registration_id) {
    const auto found = std::find_if(
        state.ipc_publications.begin(), state.ipc_publications.end(),
        [&](const auto& publication) { return publication->spec().registration_id == original_registration_id; });
    return found == state.ipc_publications.end() ? nullptr : found->get();
}

NetworkPublication* find_network_publication(const ConductorState& state, const std::int64_t original_registration_id) {
    const auto found = std::find_if(
        state.network_publications.begin(), state.network_publications.end(),
        [&](const auto& publication) { return publication->spec().registration_id == original_registration_id; });
    return found == state.network_publications.end() ? nullptr : found->get();
}

uri::FindTaggedPublication find_tagged_publication(const ConductorState& state) {
    return [&state](const std::int64_t entity_tag) -> std::optional<uri::TaggedPublication> {
        const auto found = std::find_if(
            state.network_publications.begin(), state.network_publications.end(), [&](const auto& publication) {
                return publication->is_live() && publication->spec().params.entity_tag == entity_tag;
            });
        if (found == state.network_publications.end()) {
            return std::nullopt;
        }
        const PublicationSpec& spec = (*found)->spec();
        return uri::TaggedPublication{.session_id = spec.session_id,
                                      .mtu_length = spec.params.mtu_length,
                                      .term_length = spec.params.term_length};
    };
}

std::size_t remove_ipc_subscriptions(ConductorState& state,
                                     const std::function<bool(const SubscriptionLink& link)>& is_meant) {
    return std::erase_if(state.ipc_subscriptions, [&](const auto& subscription) {
        if (!is_meant(*subscription)) {
            return false;
        }
        for (const auto& publication : state.ipc_publications) {
            publication->unlink(*subscription);
        }
        return true;
    });
}

}  // namespace cpperon::driver
