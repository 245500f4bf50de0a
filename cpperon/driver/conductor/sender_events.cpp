/// What the sender tells the conductor. spec: 06 §14, 04 §6.12, §11, §13.3
#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "cpperon/driver/channel_resolver.hpp"
#include "cpperon/driver/conductor/agent_events.hpp"
#include "cpperon/driver/conductor/channel_details.hpp"
#include "cpperon/driver/conductor/network_publication.hpp"
#include "cpperon/driver/conductor/response_channels.hpp"
#include "cpperon/driver/conductor/send_channel.hpp"
#include "cpperon/driver/event_log/event_log.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/uri/keys.hpp"

namespace cpperon::driver {

namespace {

/// Looks a name up again; what comes of it is the sender's business only if it is something new. spec: 04 §13.3
class EndpointReResolution final : public EventInProgress {
public:
    EndpointReResolution(ConductorState& state, const sender_event::ReResolveEndpoint& event)
        : state_(state),
          event_(event),
          resolution_(state.resources.channels.resolve_address(std::string{uri::key::endpoint}, event.name, true)) {}

    [[nodiscard]] bool advance() override {
        std::optional<Result<net::SocketAddress>> outcome = resolution_->poll();
        if (!outcome) {
            return false;
        }
        finish(std::move(*outcome).value_or_throw());
        return true;
    }

private:
    void finish(const net::SocketAddress& address) {
        // The endpoint may have been closed meanwhile.
        SendChannel* const channel = find_send_channel(state_, event_.endpoint);
        if (channel == nullptr || channel->is_closing() || event_.current == address) {
            return;
        }
        if (!channel->channel().params.is_multi_destination()) {
            channel->set_remote_data(address);
        }
        state_.resources.sender.commands.push(
            sender_command::ChangeAddress{.endpoint = &channel->endpoint(), .name = event_.name, .address = address});
        state_.resources.system_counters.increment(SystemCounter::resolution_changes);
    }

    ConductorState& state_;
    sender_event::ReResolveEndpoint event_;
    std::shared_ptr<AddressResolution> resolution_;
};

std::array<std::byte, 16> event_address_of(const net::SocketAddress& address) {
    std::array<std::byte, 16> bytes{};
    std::ranges::transform(address.bytes(), bytes.begin(), [](const std::uint8_t byte) { return std::byte{byte}; });
    return bytes;
}

/// All details of the first rejection of each publication. What comes later is not for the log to keep: receivers that
/// nobody vouches for choose its text. spec: 06 §20
void log_error(ConductorState& state, NetworkPublication& publication, const sender_event::ReceiverError& event) {
    const std::string subject = fmt::format("publication {} (session {}, stream {})", event.publication_registration_id,
                                            static_cast<std::int32_t>(event.session_id), event.stream_id);
    if (publication.is_first_rejection()) {
        state.errors.record(
            event.code, fmt::format("{} was rejected by receiver {} at {} (group tag {}, destination {}): {}", subject,
                                    event.receiver_id, event.source.to_string(), event.group_tag.value_or(-1),
                                    event.destination_registration_id, event.text));
    } else {
        state.errors.record(event.code, fmt::format("{} was rejected again", subject));
    }
}

}  // namespace

void handle(ConductorState& state, const sender_event::EndpointReleased& event) {
    const SendChannel* const closed = find_send_channel(state, event.endpoint);
    if (EventLog* const log = state.resources.event_log; log != nullptr && closed != nullptr) {
        log->on_event(EventId::send_channel_close, details_of(closed->channel()));
    }
    std::erase_if(state.send_channels, [&](const auto& channel) { return channel->is(event.endpoint); });
}

void handle(ConductorState& state, const sender_event::PublicationReleased& event) {
    const auto is_meant = [&](const auto& publication) { return publication->is(event.publication); };
    if (EventLog* const log = state.resources.event_log) {
        const auto removed = std::ranges::find_if(state.network_publications, is_meant);
        if (removed != state.network_publications.end()) {
            log->on_event(EventId::remove_publication_cleanup, (*removed)->spec().details());
        }
    }
    std::erase_if(state.network_publications, is_meant);
}

void handle(ConductorState& state, const sender_event::ReResolveEndpoint& event) {
    state.internal_in_progress = std::make_unique<EndpointReResolution>(state, event);
}

void handle(ConductorState& state, const sender_event::ReceiverError& event) {
    NetworkPublication* const publication = find_network_publication(state, event.publication_registration_id);
    if (publication == nullptr) {
        return;
    }
    log_error(state, *publication, event);
    state.events.send(command::PublicationErrorEvent{
        .registration_id = event.publication_registration_id,
        .destination_registration_id = event.destination_registration_id,
        .session_id = static_cast<std::int32_t>(event.session_id),
        .stream_id = event.stream_id,
        .receiver_id = event.receiver_id,
        .group_tag = event.group_tag.value_or(-1),
        .address_type = event.source.is_ipv6() ? command::AddressType::ipv6 : command::AddressType::ipv4,
        .source_port = event.source.port(),
        .source_address = event_address_of(event.source),
        .code = event.code,
        .message = event.text});
}

void handle(ConductorState& state, const sender_event::ResponseSetup& event) {
    assign_response_session(state, event.response_correlation_id, event.response_session_id);
}

void handle(ConductorState& state, const sender_event::ResponseConnected& event) {
    on_response_connected(state, event.response_correlation_id);
}

}  // namespace cpperon::driver
