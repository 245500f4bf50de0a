#include "cpperon/driver/conductor/receive_channel.hpp"

#include <algorithm>
#include <string>

#include "cpperon/driver/conductor/channel_counters.hpp"
#include "cpperon/driver/conductor/channel_details.hpp"
#include "cpperon/driver/conductor/conductor_state.hpp"
#include "cpperon/driver/event_log/event_log.hpp"
#include "cpperon/net/channel_sockets.hpp"
#include "cpperon/net/endpoint_conflicts.hpp"

namespace cpperon::driver {

namespace {

ReceiveEndpointSpec endpoint_spec_of(const ReceiveChannelSpec& spec) {
    return {.receiver_id = spec.receiver_id,
            .group_tag = spec.group_tag,
            .channel = spec.channel.text,
            .media_receive_timestamp_offset = spec.channel.params.media_receive_timestamp_offset,
            .channel_receive_timestamp_offset = spec.channel.params.channel_receive_timestamp_offset};
}

/// Where what the receiver says goes, unless it goes back to where frames come from. spec: 04 §5.3
ReceiveDestinationSpec destination_spec_of(const net::UdpChannel& channel) {
    ReceiveDestinationSpec spec{.is_multicast = channel.is_multicast, .ttl = channel.params.ttl};
    if (channel.is_multicast) {
        spec.control = channel.remote_control;
    } else if (channel.has_explicit_control) {
        spec.control = channel.local_data;
        spec.control_name = channel.params.control->text;
    }
    return spec;
}

/// Whose socket it is, for the counter of its address.
struct SocketOwner {
    std::int32_t status_counter_id = -1;
    std::int64_t registration_id = 0;
};

/// `subscription`: the channel that the destination belongs to.
OwnedReceiveDestination open_destination(ConductorState& state, net::UdpChannel channel,
                                         const net::UdpChannel& subscription, const SocketOwner& owner) {
    net::SocketSpec socket_spec = net::receive_socket_spec(channel, subscription, state.buffer_defaults.settings);
    TakenPort port = TakenPort::take(state.receiver_ports, socket_spec.bind_address);
    socket_spec.bind_address = port.address();
    auto destination = std::make_unique<ReceiveDestination>(
        destination_spec_of(channel), state.resources.transport.open(socket_spec).value_or_throw());
    OwnedCounter local_address =
        allocate_local_address(state.resources.counters, ChannelEnd::receive, owner.status_counter_id,
                               destination->socket().local_address(), owner.registration_id);
    std::optional<net::SocketAddress> control;
    if (channel.has_explicit_control) {
        control = channel.local_data;
    }
    return {.channel = std::move(channel),
            .port = std::move(port),
            .destination = std::move(destination),
            .local_address = std::move(local_address),
            .control = control};
}

void require(const std::optional<ErrorInfo>& obstacle) {
    if (obstacle) {
        throw RegistrationError(*obstacle);
    }
}

/// 0 is what everybody answers to in round trip measurements. spec: 04 §9.1
std::int64_t take_receiver_id(ConductorState& state) noexcept {
    const auto successor = [](const std::int64_t id) {
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(id) + 1U);
    };
    const std::int64_t id = state.next_receiver_id == 0 ? 1 : state.next_receiver_id;
    state.next_receiver_id = successor(id);
    return id;
}

}  // namespace

ReceiveChannel::ReceiveChannel(ReceiveChannelSpec spec, OwnedCounter status,
                               std::optional<OwnedReceiveDestination> first, ReceiverContext& receiver)
    : spec_(std::move(spec)),
      receiver_(receiver),
      status_(std::move(status)),
      endpoint_(endpoint_spec_of(spec_), receiver) {
    if (first) {
        endpoint_.add_first(*first->destination);
        destinations_.push_back(*std::move(first));
    }
}

void ReceiveChannel::start() {
    receiver_.commands.push(receiver_command::AddEndpoint{.endpoint = &endpoint_});
    if (receiver_.event_log != nullptr) {
        receiver_.event_log->on_event(EventId::receive_channel_creation, details_of(spec_.channel));
    }
}

// Who needs it.

void ReceiveChannel::add_interest(const std::int32_t stream_id, const std::optional<SessionId> session_id) {
    if (++interests_[{stream_id, session_id}] == 1) {
        receiver_.commands.push(
            receiver_command::AddInterest{.endpoint = &endpoint_, .stream_id = stream_id, .session_id = session_id});
    }
}

void ReceiveChannel::drop_interest(const std::int32_t stream_id, const std::optional<SessionId> session_id) {
    const auto interest = interests_.find({stream_id, session_id});
    if (--interest->second == 0) {
        interests_.erase(interest);
        receiver_.commands.push(
            receiver_command::RemoveInterest{.endpoint = &endpoint_, .stream_id = stream_id, .session_id = session_id});
        close_if_unused();
    }
}

void ReceiveChannel::request_setup(const std::int32_t stream_id, const SessionId session_id) {
    receiver_.commands.push(
        receiver_command::RequestSetup{.endpoint = &endpoint_, .stream_id = stream_id, .session_id = session_id});
}

void ReceiveChannel::drop_response() {
    --responses_;
    close_if_unused();
}

void ReceiveChannel::drop_image() {
    --images_;
    close_if_unused();
}

void ReceiveChannel::close_if_unused() {
    if (!interests_.empty() || responses_ > 0 || images_ > 0) {
        return;
    }
    is_active_ = false;
    for (OwnedReceiveDestination& destination : destinations_) {
        destination.local_address.set(static_cast<std::int64_t>(ChannelStatus::closing));
    }
    receiver_.commands.push(receiver_command::RemoveEndpoint{.endpoint = &endpoint_});
}

// Destinations.

void ReceiveChannel::add_destination(OwnedReceiveDestination destination) {
    receiver_.commands.push(
        receiver_command::AddDestination{.endpoint = &endpoint_, .destination = destination.destination.get()});
    destinations_.push_back(std::move(destination));
}

void ReceiveChannel::remove_destination(const std::string_view canonical_form) {
    const auto found = std::find_if(destinations_.rbegin(), destinations_.rend(), [&](const auto& destination) {
        return destination.channel.canonical_form == canonical_form;
    });
    if (found == destinations_.rend()) {
        return;
    }
    found->local_address.set(static_cast<std::int64_t>(ChannelStatus::closing));
    receiver_.commands.push(
        receiver_command::RemoveDestination{.endpoint = &endpoint_, .destination = found->destination.get()});
    leaving_destinations_.push_back(std::move(*found));
    destinations_.erase(std::next(found).base());
}

bool ReceiveChannel::is_releasing(const net::SocketAddress& address) const noexcept {
    return address.port() != 0 && std::ranges::any_of(leaving_destinations_, [&](const auto& leaving) {
               return leaving.destination->socket().local_address() == address;
           });
}

void ReceiveChannel::on_released(const ReceiveDestination& destination) {
    std::erase_if(leaving_destinations_,
                  [&](const auto& leaving) { return leaving.destination.get() == &destination; });
}

OwnedReceiveDestination* ReceiveChannel::find(const ReceiveDestination& destination) noexcept {
    const auto found = std::find_if(destinations_.begin(), destinations_.end(),
                                    [&](const auto& known) { return known.destination.get() == &destination; });
    return found == destinations_.end() ? nullptr : &*found;
}

const net::SocketAddress& ReceiveChannel::current_local_data() const noexcept {
    return destinations_.size() == 1 && destinations_.front().control ? *destinations_.front().control
                                                                      : spec_.channel.local_data;
}

// Finding and making.

ReceiveChannel* find_receive_channel(const ConductorState& state, const net::UdpChannel& channel) {
    for (const auto& existing : state.receive_channels) {
        if (net::matches_by_tag(channel, existing->channel(), existing->channel().remote_data,
                                existing->current_local_data())
                .value_or_throw()) {
            return existing.get();
        }
    }
    const auto serves = [&](const auto& existing) {
        const std::optional<std::int64_t>& tag = existing->channel().params.channel_tag;
        const bool has_other_tag = tag && channel.params.channel_tag && tag != channel.params.channel_tag;
        return existing->channel().canonical_form == channel.canonical_form && !has_other_tag;
    };
    // Of several, which differ in their tags, the one that came last.
    const auto found = std::find_if(state.receive_channels.rbegin(), state.receive_channels.rend(), serves);
    return found == state.receive_channels.rend() ? nullptr : found->get();
}

ReceiveChannel* find_active_receive_channel(const ConductorState& state, const ReceiveEndpoint& endpoint) noexcept {
    const auto found =
        std::find_if(state.receive_channels.begin(), state.receive_channels.end(),
                     [&](const auto& channel) { return channel->is_active() && &channel->endpoint() == &endpoint; });
    return found == state.receive_channels.end() ? nullptr : found->get();
}

std::unique_ptr<ReceiveChannel> make_receive_channel(ConductorState& state, net::UdpChannel channel,
                                                     const uri::SubscriptionParams& params,
                                                     const std::int64_t registration_id) {
    shm::CountersManager& counters = state.resources.counters;
    OwnedCounter status = allocate_channel_status(
        counters, {.end = ChannelEnd::receive, .channel = channel.text, .registration_id = registration_id});
    std::optional<OwnedReceiveDestination> first;
    std::string bound_address;
    if (channel.params.control_mode != ControlMode::manual) {
        first = open_destination(state, channel, channel,
                                 {.status_counter_id = status.id(), .registration_id = registration_id});
        bound_address = first->destination->socket().local_address().to_string();
    }
    require(net::check_receiver_window(channel, state.channel_defaults.receiver_window_length, state.buffer_defaults));
    const std::optional<std::int64_t> group_tag =
        uri::try_parse_group_tag(channel.uri, state.channel_defaults).value_or_throw();
    activate_channel_status(counters, status, bound_address);
    return std::make_unique<ReceiveChannel>(ReceiveChannelSpec{.registration_id = registration_id,
                                                               .receiver_id = take_receiver_id(state),
                                                               .group_tag = group_tag,
                                                               .channel = std::move(channel),
                                                               .params = params},
                                            std::move(status), std::move(first), state.resources.receiver);
}

OwnedReceiveDestination make_receive_destination(ConductorState& state, const ReceiveChannel& channel,
                                                 net::UdpChannel destination, const std::int64_t registration_id) {
    return open_destination(state, std::move(destination), channel.channel(),
                            {.status_counter_id = channel.status_counter_id(), .registration_id = registration_id});
}

}  // namespace cpperon::driver
