/// The client conductor's way in: what the driver's events mean for requests, resources and images. spec: 02 §10.7
#include <algorithm>
#include <exception>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "cpperon/base/atomic.hpp"
#include "cpperon/client/client_conductor.hpp"
#include "cpperon/client/life_log.hpp"
#include "cpperon/client/source_address.hpp"
#include "cpperon/command/codec.hpp"
#include "cpperon/shm/counters_layout.hpp"

namespace cpperon::client {

int ClientConductor::receive_events() {
    int events = 0;
    while (events < max_events_per_cycle && !is_terminated_) {
        const shm::BroadcastReceiveResult result = events_.receive(
            [&](const std::int32_t type_id, const std::span<const std::byte> payload) { on_event(type_id, payload); });
        if (result == shm::BroadcastReceiveResult::nothing) {
            break;
        }
        if (result == shm::BroadcastReceiveResult::overrun) {
            // What was lost cannot be asked for again: images and counters would stay wrong for ever. spec: 01 §5.4
            terminate({ErrorCode::generic_error,
                       "the client was unable to keep up with the driver's events and has lost some: the client is "
                       "closed; run its conductor more often"});
        }
        ++events;
    }
    return events;
}

void ClientConductor::on_event(const std::int32_t type_id, const std::span<const std::byte> payload) {
    const command::Decoded<command::Event> event = command::decode_event(type_id, payload);
    if (event) {
        std::visit([&](const auto& decoded) { on_event(decoded); }, *event);
    } else if (event.error().reason != command::DecodeError::Reason::unknown_type) {
        report({ErrorCode::malformed_command, command::describe_event_error(type_id, event.error())});
    }
    // Newer drivers may have events that this client does not know.
}

/// The request with this correlation id, if it is of this type: it is not waited for any longer.
template <typename RequestType>
std::optional<RequestType> ClientConductor::take_request(const std::int64_t correlation_id) {
    const auto found = requests_.find(RegistrationId{correlation_id});
    if (found == requests_.end()) {
        return std::nullopt;
    }
    auto* const request = std::get_if<RequestType>(&found->second.request);
    if (request == nullptr) {
        return std::nullopt;
    }
    std::optional<RequestType> taken = std::move(*request);
    requests_.erase(found);
    return taken;
}

// Answers.

void ClientConductor::on_event(const command::ErrorEvent& event) {
    if (event.code == ErrorCode::channel_endpoint_error) {
        on_channel_endpoint_error(event);
        return;
    }
    const auto found = requests_.find(RegistrationId{event.offending_correlation_id});
    if (found == requests_.end()) {
        return;
    }
    const Request request = std::move(found->second.request);
    requests_.erase(found);
    pending_of(request).fail(
        {.code = event.code,
         .message = fmt::format("cannot {}: the driver answers with error {} ({}): {}", describe(request),
                                static_cast<std::int32_t>(event.code), to_string(event.code), event.message),
         .registration_id = pending_of(request).registration_id()});
}

/// Old drivers only: the id is that of a channel status counter, never of a request. spec: 02 §5
void ClientConductor::on_channel_endpoint_error(const command::ErrorEvent& event) {
    const auto report_if_affected = [&](const auto& resources, const std::string_view kind) {
        for (const auto& [id, entry] : resources) {
            if (entry.channel_status_id != no_counter &&
                static_cast<std::int64_t>(entry.channel_status_id) == event.offending_correlation_id) {
                report(
                    {.code = ErrorCode::channel_endpoint_error,
                     .message = fmt::format("the channel '{}' of the {} {} on stream {} has failed: {}", entry.channel,
                                            kind, static_cast<std::int64_t>(id), entry.stream_id, event.message),
                     .registration_id = id});
            }
        }
    };
    report_if_affected(publications_, "publication");
    report_if_affected(exclusive_publications_, "exclusive publication");
    report_if_affected(subscriptions_, "subscription");
}

void ClientConductor::on_event(const command::PublicationReadyEvent& event) {
    on_publication_ready<Publication>(event, publications_, context_.on_new_publication);
}

void ClientConductor::on_event(const command::ExclusivePublicationReadyEvent& event) {
    on_publication_ready<ExclusivePublication>(event, exclusive_publications_, context_.on_new_exclusive_publication);
}

template <typename Handle, typename State, typename Event>
void ClientConductor::on_publication_ready(const Event& event, Publications<State>& publications,
                                           const NewPublicationHandler& on_new) {
    std::optional<AddPublicationRequest<Handle>> request =
        take_request<AddPublicationRequest<Handle>>(event.correlation_id);
    if (!request) {
        return;
    }
    const RegistrationId id{event.correlation_id};
    PublicationSetup setup{.link = link_of_handle(),
                           .counters_owner = cnc_,
                           .counters = counters_,
                           .position_limit = counter_value(event.position_limit_id),
                           .position_limit_id = CounterId{event.position_limit_id},
                           .channel_status = channel_status_of(event.channel_status_id),
                           .channel = request->channel,
                           .stream_id = event.stream_id,
                           .session_id = event.session_id,
                           .registration_id = id,
                           .original_registration_id = RegistrationId{event.registration_id}};
    std::optional<std::string> failure;
    if (setup.position_limit == nullptr) {
        failure = fmt::format("the driver names counter {} as its position limit, which does not exist",
                              event.position_limit_id);
    } else {
        try {
            setup.log = logs_.open(event.registration_id, std::string{event.log_file_name});
        } catch (const std::exception& error) {
            failure = error.what();
        }
    }
    if (failure) {
        const std::string what = describe(Request{*request});
        give_up(Request{*request});
        request->pending->fail({ErrorCode::generic_error, fmt::format("cannot {}: {}", what, *failure)});
        return;
    }

    auto state = make_logged<State>(std::move(setup));
    publications.insert_or_assign(
        id, PublicationEntry<State>{.state = state,
                                    .original_registration_id = RegistrationId{event.registration_id},
                                    .channel_status_id = CounterId{event.channel_status_id},
                                    .channel = request->channel,
                                    .stream_id = event.stream_id});
    // If it was cancelled meanwhile, the state is dropped here, which removes the publication again.
    if (request->pending->succeed(Handle{std::move(state)}) && on_new) {
        call_back([&] { on_new(request->channel, request->stream_id, SessionId{event.session_id}, id); });
    }
}

void ClientConductor::on_event(const command::SubscriptionReadyEvent& event) {
    std::optional<AddSubscriptionRequest> request = take_request<AddSubscriptionRequest>(event.correlation_id);
    if (!request) {
        return;
    }
    const RegistrationId id{event.correlation_id};
    auto handlers = std::make_shared<const ImageHandlers>(std::move(request->handlers));
    auto state =
        make_logged<SubscriptionState>(SubscriptionSetup{.link = link_of_handle(),
                                                         .counters_owner = cnc_,
                                                         .counters = counters_,
                                                         .channel_status = channel_status_of(event.channel_status_id),
                                                         .channel = request->channel,
                                                         .stream_id = request->stream_id,
                                                         .registration_id = id,
                                                         .handlers = handlers});
    // Known before the answer is: its images come with the next events. spec: 02 §13.9
    subscriptions_.insert_or_assign(id, SubscriptionEntry{.state = state,
                                                          .handlers = std::move(handlers),
                                                          .channel_status_id = CounterId{event.channel_status_id},
                                                          .channel = request->channel,
                                                          .stream_id = request->stream_id});
    if (request->pending->succeed(Subscription{std::move(state)}) && context_.on_new_subscription) {
        call_back([&] { context_.on_new_subscription(request->channel, request->stream_id, id); });
    }
}

void ClientConductor::on_event(const command::CounterReadyEvent& event) {
    on_own_counter_ready(event.registration_id, event.counter_id, false);
    if (counters_.contains(event.counter_id)) {
        available_counter_handlers_->dispatch([&](const CounterHandler& handler) {
            call_back([&] { handler(counters_, RegistrationId{event.registration_id}, CounterId{event.counter_id}); });
        });
    }
}

void ClientConductor::on_event(const command::UnavailableCounterEvent& event) {
    if (counters_.contains(event.counter_id)) {
        unavailable_counter_handlers_->dispatch([&](const CounterHandler& handler) {
            call_back([&] { handler(counters_, RegistrationId{event.registration_id}, CounterId{event.counter_id}); });
        });
    }
}

void ClientConductor::on_event(const command::StaticCounterEvent& event) {
    on_own_counter_ready(event.correlation_id, event.counter_id, true);
}

void ClientConductor::on_own_counter_ready(const std::int64_t correlation_id, const std::int32_t counter_id,
                                           const bool is_static) {
    const auto found = requests_.find(RegistrationId{correlation_id});
    if (found == requests_.end() ||
        kind_of(found->second.request) != (is_static ? ResourceKind::static_counter : ResourceKind::counter)) {
        return;
    }
    std::optional<AddCounterRequest> request = take_request<AddCounterRequest>(correlation_id);
    const RegistrationId id{correlation_id};
    std::int64_t* const value = counter_value(counter_id);
    if (value == nullptr) {
        const std::string what = describe(Request{*request});
        give_up(Request{*request});
        request->pending->fail(
            {ErrorCode::generic_error,
             fmt::format("cannot {}: the driver names counter {}, which does not exist", what, counter_id)});
        return;
    }
    auto state = make_logged<CounterHandleState>(
        CounterSetup{.link = link_of_handle(),
                     .counters_owner = cnc_,
                     .value = value,
                     .reader = counters_,
                     .constants = {.registration_id = request->static_registration_id.value_or(id),
                                   .correlation_id = id,
                                   .id = CounterId{counter_id}}});
    counter_entries_.insert_or_assign(id, CounterEntry{.state = state, .is_static = is_static});
    request->pending->succeed(Counter{std::move(state)});
}

void ClientConductor::on_event(const command::OperationSuccessEvent& event) {
    // Answers to removes are not waited for.
    if (const auto rejection = take_request<RejectImageRequest>(event.correlation_id)) {
        rejection->pending->succeed(std::monostate{});
    } else if (auto addition = take_request<AddDestinationRequest>(event.correlation_id)) {
        if (const auto parent = subscriptions_.find(addition->parent.id);
            addition->parent.kind == DestinationParent::Kind::subscription && parent != subscriptions_.end()) {
            parent->second.destinations.emplace_back(RegistrationId{event.correlation_id}, addition->channel);
        }
        if (!addition->pending->succeed(RegistrationId{event.correlation_id})) {
            give_up(Request{*std::move(addition)});  // cancelled meanwhile
        }
    } else if (const auto removal = take_request<RemoveDestinationRequest>(event.correlation_id)) {
        if (removal->parent.kind == DestinationParent::Kind::subscription) {
            forget_receive_destination(*removal);
        }
        removal->pending->succeed(std::monostate{});
    }
}

void ClientConductor::on_event(const command::NextAvailableSessionIdEvent& event) {
    if (const auto request = take_request<NextSessionIdRequest>(event.correlation_id)) {
        request->pending->succeed(SessionId{event.session_id});
    }
}

// Images.

void ClientConductor::on_event(const command::AvailableImageEvent& event) {
    const auto found = subscriptions_.find(RegistrationId{event.subscription_registration_id});
    if (found == subscriptions_.end()) {
        return;
    }
    SubscriptionEntry& entry = found->second;
    const std::shared_ptr<SubscriptionState> state = entry.state.lock();
    if (state == nullptr || state->is_closed()) {
        return;
    }
    const RegistrationId image_id{event.correlation_id};
    const bool is_known = std::any_of(entry.images.begin(), entry.images.end(),
                                      [&](const auto& image) { return image->constants().correlation_id == image_id; });
    if (is_known) {
        return;
    }
    ImageSetup setup{.link = shared_from_this(),
                     .counters_owner = cnc_,
                     .subscriber_position = counter_value(event.subscriber_position_id),
                     .subscriber_position_id = CounterId{event.subscriber_position_id},
                     .source_identity = std::string{event.source_identity},
                     .correlation_id = image_id,
                     .session_id = event.session_id,
                     .subscription = state};
    if (setup.subscriber_position == nullptr) {
        report({ErrorCode::generic_error,
                fmt::format("image {} of subscription {} is left out: the driver names counter {} as its position, "
                            "which does not exist",
                            event.correlation_id, event.subscription_registration_id, event.subscriber_position_id)});
        return;
    }
    try {
        setup.log = logs_.open(event.correlation_id, std::string{event.log_file_name});
    } catch (const std::exception& error) {
        report(
            {ErrorCode::generic_error, fmt::format("image {} of subscription {} is left out: {}", event.correlation_id,
                                                   event.subscription_registration_id, error.what())});
        return;
    }
    auto image = make_logged<ImageState>(std::move(setup));
    if (!state->images().add(image)) {
        return;  // closed meanwhile
    }
    entry.images.push_back(image);
    if (const std::shared_ptr<const ImageHandlers> handlers = entry.handlers; handlers->on_available) {
        call_back([&] { handlers->on_available(Image{image}); });
    }
}

void ClientConductor::on_event(const command::UnavailableImageEvent& event) {
    const auto found = subscriptions_.find(RegistrationId{event.subscription_registration_id});
    if (found == subscriptions_.end()) {
        return;
    }
    SubscriptionEntry& entry = found->second;
    const RegistrationId image_id{event.correlation_id};
    const auto position = std::find_if(entry.images.begin(), entry.images.end(), [&](const auto& image) {
        return image->constants().correlation_id == image_id;
    });
    if (position == entry.images.end()) {
        return;
    }
    const std::shared_ptr<ImageState> image = std::move(*position);
    entry.images.erase(position);
    if (const std::shared_ptr<SubscriptionState> state = entry.state.lock()) {
        state->images().remove(image_id);
    }
    close_image(entry, image);
}

/// The images of a subscription that is closed: the driver does not announce their end. spec: 02 §13.10
void ClientConductor::close_images(SubscriptionEntry& entry) {
    for (const std::shared_ptr<ImageState>& image : std::exchange(entry.images, {})) {
        close_image(entry, image);
    }
}

void ClientConductor::close_image(SubscriptionEntry& entry, const std::shared_ptr<ImageState>& image) {
    image->close();
    if (const std::shared_ptr<const ImageHandlers> handlers = entry.handlers; handlers->on_unavailable) {
        call_back([&] { handlers->on_unavailable(Image{image}); });
    }
}

// Other events.

void ClientConductor::on_event(const command::ClientTimeoutEvent& event) {
    if (event.client_id == client_id_) {
        terminate({ErrorCode::client_timeout,
                   fmt::format("the driver of '{}' has not heard from client {} for its client liveness timeout: the "
                               "client is closed",
                               *context_.directory, client_id_)});
    }
}

void ClientConductor::on_event(const command::PublicationErrorEvent& event) {
    if (context_.on_publication_error) {
        report_publication_error(event, publications_);
        report_publication_error(event, exclusive_publications_);
    }
}

template <typename State>
void ClientConductor::report_publication_error(const command::PublicationErrorEvent& event,
                                               const Publications<State>& publications) {
    std::vector<RegistrationId> affected;
    for (const auto& [id, entry] : publications) {
        if (entry.original_registration_id == RegistrationId{event.registration_id}) {
            affected.push_back(id);
        }
    }
    for (const RegistrationId id : affected) {
        call_back([&] {
            context_.on_publication_error(
                {.registration_id = id,
                 .original_registration_id = RegistrationId{event.registration_id},
                 .destination_registration_id = RegistrationId{event.destination_registration_id},
                 .session_id = SessionId{event.session_id},
                 .stream_id = event.stream_id,
                 .receiver_id = event.receiver_id,
                 .group_tag = event.group_tag,
                 .source_address = source_address_text(event),
                 .code = event.code,
                 .message = std::string{event.message}});
        });
    }
}

std::int64_t* ClientConductor::counter_value(const std::int32_t id) const noexcept {
    if (!counters_.contains(id)) {
        return nullptr;
    }
    std::byte* const values = cnc_->counters_values().data();
    return &field_at<shm::CounterValuesRecord>(values + static_cast<std::size_t>(id) * sizeof(shm::CounterValuesRecord))
                .value;
}

ChannelStatusIndicator ClientConductor::channel_status_of(const std::int32_t id) const noexcept {
    return {.id = CounterId{id}, .value = counter_value(id)};
}

}  // namespace cpperon::client
