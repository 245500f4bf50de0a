/// The client conductor's way out: requests of calling threads, removals of closed handles. spec: 02 §10.5, §10.8
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cpperon/base/parse_value.hpp"
#include "cpperon/client/client_conductor.hpp"
#include "cpperon/uri/channel_uri.hpp"

namespace cpperon::client {

namespace {

std::optional<ErrorInfo> refuse_channel(const std::string_view channel) {
    if (channel.size() > command::max_channel_length) {
        return ErrorInfo{ErrorCode::invalid_channel, fmt::format("the channel has {} bytes, at most {} are allowed",
                                                                 channel.size(), command::max_channel_length)};
    }
    const Result<ChannelUri> uri = ChannelUri::try_parse(channel);
    return uri ? std::nullopt : std::optional{uri.error()};
}

std::optional<ErrorInfo> refuse_counter(const std::string_view label, const std::span<const std::byte> key) {
    if (label.size() > command::max_counter_label_length) {
        return ErrorInfo{ErrorCode::invalid_argument,
                         fmt::format("the counter's label has {} bytes, at most {} are allowed", label.size(),
                                     command::max_counter_label_length)};
    }
    if (key.size() > command::max_counter_key_length) {
        return ErrorInfo{ErrorCode::invalid_argument,
                         fmt::format("the counter's key has {} bytes, at most {} are allowed", key.size(),
                                     command::max_counter_key_length)};
    }
    return std::nullopt;
}

std::optional<ErrorInfo> refuse_reason(const std::string_view reason) {
    if (reason.size() > command::max_reject_reason_length) {
        return ErrorInfo{ErrorCode::invalid_argument, fmt::format("the reason has {} bytes, at most {} are allowed",
                                                                  reason.size(), command::max_reject_reason_length)};
    }
    return std::nullopt;
}

}  // namespace

// Any thread.

template <typename T>
std::shared_ptr<PendingResult<T>> ClientConductor::make_pending() {
    return std::make_shared<PendingResult<T>>(shared_from_this(), RegistrationId{next_correlation_id()});
}

template <typename Handle>
Pending<Handle> ClientConductor::add_publication(const std::string_view channel, const std::int32_t stream_id) {
    auto pending = make_pending<Handle>();
    if (std::optional<ErrorInfo> refusal = refuse_channel(channel)) {
        pending->fail(std::move(*refusal));
    } else {
        submit(AddPublicationRequest<Handle>{std::string{channel}, stream_id, pending});
    }
    return Pending<Handle>{std::move(pending)};
}

template Pending<Publication> ClientConductor::add_publication(std::string_view channel, std::int32_t stream_id);
template Pending<ExclusivePublication> ClientConductor::add_publication(std::string_view channel,
                                                                        std::int32_t stream_id);

Pending<Subscription> ClientConductor::add_subscription(const std::string_view channel, const std::int32_t stream_id,
                                                        ImageHandlers handlers) {
    auto pending = make_pending<Subscription>();
    if (std::optional<ErrorInfo> refusal = refuse_channel(channel)) {
        pending->fail(std::move(*refusal));
    } else {
        if (!handlers.on_available) {
            handlers.on_available = context_.on_available_image;
        }
        if (!handlers.on_unavailable) {
            handlers.on_unavailable = context_.on_unavailable_image;
        }
        submit(AddSubscriptionRequest{std::string{channel}, stream_id, std::move(handlers), pending});
    }
    return Pending<Subscription>{std::move(pending)};
}

Pending<Counter> ClientConductor::add_counter(const std::int32_t type_id, const std::optional<RegistrationId> static_id,
                                              const std::string_view label, const std::span<const std::byte> key) {
    auto pending = make_pending<Counter>();
    if (std::optional<ErrorInfo> refusal = refuse_counter(label, key)) {
        pending->fail(std::move(*refusal));
    } else {
        submit(AddCounterRequest{type_id, {key.begin(), key.end()}, std::string{label}, static_id, pending});
    }
    return Pending<Counter>{std::move(pending)};
}

Pending<SessionId> ClientConductor::next_session_id(const std::int32_t stream_id) {
    auto pending = make_pending<SessionId>();
    submit(NextSessionIdRequest{stream_id, pending});
    return Pending<SessionId>{std::move(pending)};
}

Pending<std::monostate> ClientConductor::async_reject_image(const ImageRejection& rejection) {
    auto pending = make_pending<std::monostate>();
    if (std::optional<ErrorInfo> refusal = refuse_reason(rejection.reason)) {
        pending->fail(std::move(*refusal));
    } else {
        submit(RejectImageRequest{rejection.image_correlation_id, rejection.position, std::string{rejection.reason},
                                  pending});
    }
    return Pending<std::monostate>{std::move(pending)};
}

Pending<RegistrationId> ClientConductor::async_add_destination(const DestinationParent& parent,
                                                               const std::string_view channel) {
    auto pending = make_pending<RegistrationId>();
    if (std::optional<ErrorInfo> refusal = refuse_channel(channel)) {
        pending->fail(std::move(*refusal));
    } else {
        submit(AddDestinationRequest{parent, std::string{channel}, pending});
    }
    return Pending<RegistrationId>{std::move(pending)};
}

Pending<std::monostate> ClientConductor::async_remove_destination(const DestinationParent& parent,
                                                                  const std::string_view channel) {
    auto pending = make_pending<std::monostate>();
    if (std::optional<ErrorInfo> refusal = refuse_channel(channel)) {
        pending->fail(std::move(*refusal));
    } else {
        submit(RemoveDestinationRequest{parent, std::string{channel}, pending});
    }
    return Pending<std::monostate>{std::move(pending)};
}

Pending<std::monostate> ClientConductor::async_remove_destination(const DestinationParent& parent,
                                                                  const RegistrationId destination_id) {
    auto pending = make_pending<std::monostate>();
    submit(RemoveDestinationRequest{parent, destination_id, pending});
    return Pending<std::monostate>{std::move(pending)};
}

void ClientConductor::submit(Request request) {
    switch (inbox_.post(request)) {
        case ConductorInbox::PostResult::taken: run_inbox_if_stepped(); break;
        case ConductorInbox::PostResult::full:
            pending_of(request).fail(
                {ErrorCode::buffer_full, fmt::format("{} requests wait for the client's conductor already: try again",
                                                     ConductorInbox::request_capacity)});
            break;
        case ConductorInbox::PostResult::closed: pending_of(request).fail(closed_error()); break;
    }
}

void ClientConductor::remove(Removal removal) {
    if (inbox_.post(removal)) {
        run_inbox_if_stepped();
    } else if (removal.on_complete) {
        call_back(removal.on_complete);
    }
}

/// In invoker mode nobody may come for a while, so the calling thread does it, unless it is inside a step already, or
/// another thread is: that one's next cycle does it then. spec: 02 §10.5 step 10
void ClientConductor::run_inbox_if_stepped() {
    if (context_.invoker_mode && !is_inside_callback()) {
        run_alone([&] { return run_inbox(); });
    }
}

// A handle may be dropped anywhere, also where the caller holds locks of its own: so these only put the id down, and
// even in invoker mode the next cycle does the rest.

void ClientConductor::close_publication(const RegistrationId registration_id) noexcept {
    Removal removal{.kind = ResourceKind::publication, .id = registration_id};
    static_cast<void>(inbox_.post(removal));
}

void ClientConductor::close_exclusive_publication(const RegistrationId registration_id, const bool revoke) noexcept {
    Removal removal{.kind = ResourceKind::exclusive_publication, .id = registration_id, .revoke = revoke};
    static_cast<void>(inbox_.post(removal));
}

void ClientConductor::close_subscription(const RegistrationId registration_id) noexcept {
    Removal removal{.kind = ResourceKind::subscription, .id = registration_id};
    static_cast<void>(inbox_.post(removal));
}

void ClientConductor::close_counter(const RegistrationId command_id) noexcept {
    Removal removal{.kind = ResourceKind::counter, .id = command_id};
    static_cast<void>(inbox_.post(removal));
}

void ClientConductor::on_cancel(const RegistrationId registration_id) noexcept {
    Removal removal{.id = registration_id};
    static_cast<void>(inbox_.post(removal));
}

// The conductor.

int ClientConductor::run_inbox() {
    ConductorInbox::Contents contents = inbox_.take();
    for (auto& item : contents) {
        if (auto* const request = std::get_if<Request>(&item)) {
            execute(std::move(*request));
        } else {
            execute(*std::get_if<Removal>(&item));
        }
    }
    return static_cast<int>(contents.size());
}

void ClientConductor::execute(Request request) {
    PendingState& pending = pending_of(request);
    if (pending.is_settled()) {
        return;  // cancelled before it was sent
    }
    if (const auto* session = std::get_if<NextSessionIdRequest>(&request); session && !driver_tells_session_ids_) {
        session->pending->succeed(SessionId{random_.next_i32()});
        return;
    }
    if (refuse_unknown_destination(request)) {
        return;
    }
    switch (send(request)) {
        case shm::RingWriteResult::written:
            requests_.insert_or_assign(
                pending.registration_id(),
                SentRequest{std::move(request), context_.nano_clock->nano_time() + driver_timeout_ns_});
            break;
        case shm::RingWriteResult::full: {
            const ErrorInfo error{
                ErrorCode::driver_buffer_full,
                fmt::format("cannot {}: the driver's command ring is full: try again later", describe(request))};
            pending.fail(error);
            report(error);
            break;
        }
        case shm::RingWriteResult::message_too_long:
        case shm::RingWriteResult::invalid_type_id:
            pending.fail({ErrorCode::invalid_argument,
                          fmt::format("cannot {}: the command is longer than the {} bytes the driver's ring takes",
                                      describe(request), ring_.max_message_length())});
            break;
    }
}

/// The channel of a destination that is to be removed from a subscription; null where its id is none.
const std::string* ClientConductor::receive_destination_channel(const RemoveDestinationRequest& request) const {
    if (const auto* const channel = std::get_if<std::string>(&request.destination)) {
        return channel;
    }
    const auto found = subscriptions_.find(request.parent.id);
    if (found == subscriptions_.end()) {
        return nullptr;
    }
    const auto& destinations = found->second.destinations;
    const auto destination = std::find_if(destinations.begin(), destinations.end(), [&](const auto& candidate) {
        return candidate.first == *std::get_if<RegistrationId>(&request.destination);
    });
    return destination != destinations.end() ? &destination->second : nullptr;
}

bool ClientConductor::refuse_unknown_destination(const Request& request) {
    const auto* const removal = std::get_if<RemoveDestinationRequest>(&request);
    if (removal == nullptr || removal->parent.kind != DestinationParent::Kind::subscription ||
        receive_destination_channel(*removal) != nullptr) {
        return false;
    }
    removal->pending->fail(
        {ErrorCode::invalid_argument,
         fmt::format("cannot {}: it has none with this id; ids are those that adding a destination gave",
                     describe(request))});
    return true;
}

/// It was removed: the one with this id, or one with this channel.
void ClientConductor::forget_receive_destination(const RemoveDestinationRequest& request) {
    const auto found = subscriptions_.find(request.parent.id);
    if (found == subscriptions_.end()) {
        return;
    }
    auto& destinations = found->second.destinations;
    const auto destination = std::find_if(destinations.begin(), destinations.end(), [&](const auto& candidate) {
        const auto* const id = std::get_if<RegistrationId>(&request.destination);
        return id != nullptr ? candidate.first == *id
                             : candidate.second == *std::get_if<std::string>(&request.destination);
    });
    if (destination != destinations.end()) {
        destinations.erase(destination);
    }
}

shm::RingWriteResult ClientConductor::send(const Request& request) {
    const auto correlation_id = static_cast<std::int64_t>(pending_of(request).registration_id());

    struct Sender {
        const ClientConductor& conductor;
        CommandWriter& commands;
        std::int64_t client_id;
        std::int64_t correlation_id;

        [[nodiscard]] shm::RingWriteResult operator()(const AddPublicationRequest<Publication>& r) const noexcept {
            return commands.write(command::AddPublicationCommand{client_id, correlation_id, r.stream_id, r.channel});
        }
        [[nodiscard]] shm::RingWriteResult operator()(
            const AddPublicationRequest<ExclusivePublication>& r) const noexcept {
            return commands.write(
                command::AddExclusivePublicationCommand{client_id, correlation_id, r.stream_id, r.channel});
        }
        [[nodiscard]] shm::RingWriteResult operator()(const AddSubscriptionRequest& r) const noexcept {
            return commands.write(command::AddSubscriptionCommand{.client_id = client_id,
                                                                  .correlation_id = correlation_id,
                                                                  .stream_id = r.stream_id,
                                                                  .channel = r.channel});
        }
        [[nodiscard]] shm::RingWriteResult operator()(const AddCounterRequest& r) const noexcept {
            if (r.static_registration_id) {
                return commands.write(command::AddStaticCounterCommand{
                    client_id, correlation_id, static_cast<std::int64_t>(*r.static_registration_id), r.type_id, r.key,
                    r.label});
            }
            return commands.write(command::AddCounterCommand{client_id, correlation_id, r.type_id, r.key, r.label});
        }
        [[nodiscard]] shm::RingWriteResult operator()(const NextSessionIdRequest& r) const noexcept {
            return commands.write(command::GetNextAvailableSessionIdCommand{client_id, correlation_id, r.stream_id});
        }
        [[nodiscard]] shm::RingWriteResult operator()(const RejectImageRequest& r) const noexcept {
            return commands.write(command::RejectImageCommand{
                client_id, correlation_id, static_cast<std::int64_t>(r.image_correlation_id), r.position, r.reason});
        }
        [[nodiscard]] shm::RingWriteResult operator()(const AddDestinationRequest& r) const noexcept {
            const auto parent_id = static_cast<std::int64_t>(r.parent.id);
            if (r.parent.kind == DestinationParent::Kind::subscription) {
                return commands.write(
                    command::AddReceiveDestinationCommand{client_id, correlation_id, parent_id, r.channel});
            }
            return commands.write(command::AddDestinationCommand{client_id, correlation_id, parent_id, r.channel});
        }
        [[nodiscard]] shm::RingWriteResult operator()(const RemoveDestinationRequest& r) const noexcept {
            const auto parent_id = static_cast<std::int64_t>(r.parent.id);
            if (r.parent.kind == DestinationParent::Kind::subscription) {
                return commands.write(command::RemoveReceiveDestinationCommand{
                    client_id, correlation_id, parent_id, *conductor.receive_destination_channel(r)});
            }
            if (const auto* const id = std::get_if<RegistrationId>(&r.destination)) {
                return commands.write(command::RemoveDestinationByIdCommand{client_id, correlation_id, parent_id,
                                                                            static_cast<std::int64_t>(*id)});
            }
            return commands.write(command::RemoveDestinationCommand{client_id, correlation_id, parent_id,
                                                                    *std::get_if<std::string>(&r.destination)});
        }
    };
    return std::visit(Sender{*this, commands_, client_id_, correlation_id}, request);
}

/// spec: 02 §10.5 step 8, §10.8
void ClientConductor::execute(Removal& removal) {
    if (!close_resource(removal)) {
        const auto found = requests_.find(removal.id);
        if (found != requests_.end()) {
            const ResourceKind kind = kind_of(found->second.request);
            const bool is_counter_meant = removal.kind == ResourceKind::counter && kind == ResourceKind::static_counter;
            if (removal.kind == ResourceKind::none || removal.kind == kind || is_counter_meant) {
                const Request request = std::move(found->second.request);
                requests_.erase(found);
                pending_of(request).fail({ErrorCode::closed, fmt::format("'{}' was cancelled", describe(request))});
                give_up(request);
            }
        }
    }
    if (removal.on_complete) {
        call_back(removal.on_complete);
    }
}

/// False where there is no such resource, or not any more.
bool ClientConductor::close_resource(const Removal& removal) {
    const auto close_publication_in = [&](auto& publications) {
        const auto found = publications.find(removal.id);
        if (found == publications.end()) {
            return false;
        }
        bool revoke = removal.revoke;
        if (const auto state = found->second.state.lock()) {
            // By id, with a handle that is still open somewhere: what its own close would do.
            revoke = revoke || state->is_revoking();
            state->mark_closed();
        }
        publications.erase(found);
        send_or_keep({.kind = removal.kind, .id = removal.id, .revoke = revoke});
        return true;
    };

    switch (removal.kind) {
        case ResourceKind::none:
        case ResourceKind::send_destination: return false;
        case ResourceKind::publication: return close_publication_in(publications_);
        case ResourceKind::exclusive_publication: return close_publication_in(exclusive_publications_);
        case ResourceKind::subscription: {
            const auto found = subscriptions_.find(removal.id);
            if (found == subscriptions_.end()) {
                return false;
            }
            SubscriptionEntry entry = std::move(found->second);
            subscriptions_.erase(found);
            if (const std::shared_ptr<SubscriptionState> state = entry.state.lock()) {
                state->mark_closed();
            }
            send_or_keep({.kind = removal.kind, .id = removal.id});
            close_images(entry);
            return true;
        }
        case ResourceKind::counter:
        case ResourceKind::static_counter: {
            const auto found = counter_entries_.find(removal.id);
            if (found == counter_entries_.end()) {
                return false;
            }
            const CounterEntry entry = std::move(found->second);
            counter_entries_.erase(found);
            if (const std::shared_ptr<CounterHandleState> state = entry.state.lock()) {
                state->mark_closed();
            }
            if (!entry.is_static) {
                send_or_keep({.kind = ResourceKind::counter, .id = removal.id});
            }
            return true;
        }
    }
    return false;
}

/// Nobody waits for the answer any more, but the driver may have made the resource already, or will.
void ClientConductor::give_up(const Request& request) {
    const ResourceKind kind = kind_of(request);
    if (kind == ResourceKind::none || kind == ResourceKind::static_counter) {
        return;
    }
    RemoveCommand command{.kind = kind, .id = pending_of(request).registration_id()};
    if (const auto* const destination = std::get_if<AddDestinationRequest>(&request)) {
        command.parent_id = destination->parent.id;
    }
    send_or_keep(command);
}

bool ClientConductor::try_send(const RemoveCommand& command) noexcept {
    const auto id = static_cast<std::int64_t>(command.id);
    const std::int64_t correlation_id = ring_.next_correlation_id();
    shm::RingWriteResult result = shm::RingWriteResult::written;
    switch (command.kind) {
        case ResourceKind::publication:
        case ResourceKind::exclusive_publication:
            result = commands_.write(command::RemovePublicationCommand{
                client_id_, correlation_id, id,
                command.revoke ? command::RemovePublicationCommand::revoke_flag : std::uint64_t{0}});
            break;
        case ResourceKind::subscription:
            result = commands_.write(command::RemoveSubscriptionCommand{client_id_, correlation_id, id});
            break;
        case ResourceKind::counter:
            result = commands_.write(command::RemoveCounterCommand{client_id_, correlation_id, id});
            break;
        case ResourceKind::send_destination:
            result = commands_.write(command::RemoveDestinationByIdCommand{
                client_id_, correlation_id, static_cast<std::int64_t>(command.parent_id), id});
            break;
        case ResourceKind::none:
        case ResourceKind::static_counter: break;
    }
    return result != shm::RingWriteResult::full;
}

void ClientConductor::send_or_keep(const RemoveCommand& command) {
    if (!kept_removes_.empty() || !try_send(command)) {
        kept_removes_.push_back(command);
    }
}

int ClientConductor::send_kept() {
    int sent = 0;
    while (!kept_removes_.empty() && try_send(kept_removes_.front())) {
        kept_removes_.pop_front();
        ++sent;
    }
    return sent;
}

/// spec: 02 §10.5 step 4
void ClientConductor::check_deadlines(const std::int64_t now_ns) {
    for (auto it = requests_.begin(); it != requests_.end();) {
        if (now_ns <= it->second.deadline_ns) {
            ++it;
            continue;
        }
        const Request request = std::move(it->second.request);
        it = requests_.erase(it);
        give_up(request);
        pending_of(request).fail(
            {ErrorCode::driver_timeout,
             fmt::format("cannot {}: the driver of '{}' has not answered within {}", describe(request),
                         *context_.directory, format_duration(driver_timeout_ns_))});
    }
}

}  // namespace cpperon::client
