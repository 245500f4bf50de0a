/// What the receiver tells the conductor. spec: 06 §14
#include <algorithm>
#include <memory>
#include <utility>

#include "cpperon/driver/channel_resolver.hpp"
#include "cpperon/driver/conductor/agent_events.hpp"
#include "cpperon/driver/conductor/channel_details.hpp"
#include "cpperon/driver/conductor/image_creation.hpp"
#include "cpperon/driver/conductor/network_image.hpp"
#include "cpperon/driver/conductor/receive_channel.hpp"
#include "cpperon/driver/event_log/event_log.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/uri/keys.hpp"

namespace cpperon::driver {

namespace {

/// Waits for the name of a control address to be resolved again. spec: 04 §13.3
class ControlReResolution final : public EventInProgress {
public:
    ControlReResolution(ConductorState& state, receiver_event::ReResolveControl event)
        : state_(state),
          event_(std::move(event)),
          resolution_(state.resources.channels.resolve_address(std::string{uri::key::control}, event_.name, true)) {}

    [[nodiscard]] bool advance() override {
        std::optional<Result<net::SocketAddress>> outcome = resolution_->poll();
        if (!outcome) {
            return false;
        }
        apply(std::move(*outcome).value_or_throw());
        return true;
    }

private:
    /// Meanwhile the destination may have gone.
    void apply(const net::SocketAddress& address) {
        ReceiveChannel* const channel = find_active_receive_channel(state_, *event_.endpoint);
        OwnedReceiveDestination* const destination = channel != nullptr ? channel->find(*event_.destination) : nullptr;
        if (destination == nullptr || destination->control == address) {
            return;
        }
        destination->control = address;
        state_.resources.receiver.commands.push(receiver_command::ChangeControlAddress{
            .endpoint = event_.endpoint, .destination = event_.destination, .address = address});
        state_.resources.system_counters.increment(SystemCounter::resolution_changes);
    }

    ConductorState& state_;
    receiver_event::ReResolveControl event_;
    std::shared_ptr<AddressResolution> resolution_;
};

}  // namespace

void handle(ConductorState& state, const receiver_event::CreateImage& event) {
    ReceiveChannel* const channel = find_active_receive_channel(state, *event.endpoint);
    if (channel == nullptr) {
        return;
    }
    auto creation = std::make_unique<ImageCreation>(state, event);
    if (channel->find(*event.destination) != nullptr && creation->begin()) {
        state.internal_in_progress = std::move(creation);
    }
}

void handle(ConductorState& state, const receiver_event::EndpointReleased& event) {
    const auto is_meant = [&](const auto& channel) { return &channel->endpoint() == event.endpoint; };
    if (EventLog* const log = state.resources.event_log) {
        const auto closed = std::ranges::find_if(state.receive_channels, is_meant);
        if (closed != state.receive_channels.end()) {
            log->on_event(EventId::receive_channel_close, details_of((*closed)->channel()));
        }
    }
    std::erase_if(state.receive_channels, is_meant);
}

void handle(ConductorState& state, const receiver_event::DestinationReleased& event) {
    for (const auto& channel : state.receive_channels) {
        if (&channel->endpoint() == event.endpoint) {
            channel->on_released(*event.destination);
        }
    }
}

void handle(ConductorState& state, const receiver_event::ImageReleased& event) {
    for (const auto& image : state.images) {
        if (&image->receiver() == event.image) {
            image->on_released();
        }
    }
}

void handle(ConductorState& state, const receiver_event::ReResolveControl& event) {
    state.internal_in_progress = std::make_unique<ControlReResolution>(state, event);
}

}  // namespace cpperon::driver
