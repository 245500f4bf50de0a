#include "cpperon/client/client_conductor.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "cpperon/base/parse_value.hpp"
#include "cpperon/command/codec.hpp"
#include "cpperon/shm/semantic_version.hpp"

namespace cpperon::client {

namespace {

/// What a terminated conductor sleeps at a time: it has nothing to do until it is closed.
constexpr std::chrono::nanoseconds terminated_pause = std::chrono::seconds{1};
/// How long a waiting call of a client in invoker mode pauses when nobody had anything to do.
constexpr std::chrono::nanoseconds invoker_pause = std::chrono::microseconds{50};
/// How often a waiting call looks at its own time-out.
constexpr std::chrono::nanoseconds waiting_pause = std::chrono::milliseconds{5};

/// From this version on a driver can be asked for session ids. spec: 02 §10.5 step 9
constexpr SemanticVersion session_ids_since{1, 0, 0};

}  // namespace

ClientConductor::ClientConductor(Context context, shm::AttachedDriver driver)
    : context_(std::move(context)),
      cnc_(std::make_shared<shm::CncFile>(std::move(driver.cnc))),
      client_id_(driver.client_id),
      inter_service_timeout_ns_(driver.inter_service_timeout_ns),
      driver_timeout_ns_(context_.driver_timeout->count()),
      driver_tells_session_ids_(driver.control_protocol_version >= session_ids_since),
      counters_(cnc_->counters_metadata(), cnc_->counters_values()),
      ring_(cnc_->to_driver_buffer()),
      available_counter_handlers_(std::make_shared<HandlerList<const CountersReader&, RegistrationId, CounterId>>()),
      unavailable_counter_handlers_(std::make_shared<HandlerList<const CountersReader&, RegistrationId, CounterId>>()),
      close_handlers_(std::make_shared<HandlerList<>>()),
      events_(cnc_->to_clients_buffer()),
      commands_(ring_),
      heartbeat_(cnc_->counters_metadata(), cnc_->counters_values(), client_id_, *context_.client_name),
      logs_(*context_.pre_touch_mapped_memory),
      last_service_ns_(context_.nano_clock->nano_time()),
      last_keepalive_ns_(last_service_ns_) {
    // A new receiver is given the newest event once more. It is not for this client, which has asked for nothing yet,
    // but its id might be one that this client is about to draw. spec: 02 §2.1, §13.29
    static_cast<void>(events_.receive([](std::int32_t, std::span<const std::byte>) {}));
    available_counter_handlers_->add(context_.on_available_counter).keep();
    unavailable_counter_handlers_->add(context_.on_unavailable_counter).keep();
    close_handlers_->add(context_.on_close_client).keep();
}

ClientConductor::~ClientConductor() = default;

/// Where the client is going away at this moment, only the conductor is shared: the handle will be closed.
std::shared_ptr<ConductorLink> ClientConductor::link_of_handle() {
    if (std::shared_ptr<void> client = client_.lock()) {
        return {std::move(client), this};
    }
    return shared_from_this();
}

int ClientConductor::do_work() {
    if (is_terminated_ || is_finished_) {
        return 0;
    }
    // Not in callbacks alone: the last handle of the client may also be dropped with a callable that is destroyed here.
    const CallbackScope scope{this};
    const std::int64_t now_ns = context_.nano_clock->nano_time();
    // Before anything else: a process that was stopped for long must not act on what it finds afterwards, because the
    // driver may have given its resources to others. spec: 02 §10.3
    if (now_ns - last_service_ns_ > inter_service_timeout_ns_) {
        terminate({ErrorCode::conductor_service_timeout,
                   fmt::format("the client's conductor was not run for {} ms, {} ms are allowed: the client is closed",
                               (now_ns - last_service_ns_) / 1'000'000, inter_service_timeout_ns_ / 1'000'000)});
        return 1;
    }

    // What a full ring did not take comes before what was asked for later.
    int work_count = send_kept();
    work_count += run_inbox();
    work_count += receive_events();
    if (!is_terminated_ && now_ns - last_service_ns_ > context_.idle_sleep_duration->count()) {
        last_service_ns_ = now_ns;
        check_liveness(now_ns);
        if (!is_terminated_) {
            check_deadlines(now_ns);
        }
    }
    return work_count;
}

/// spec: 02 §10.4
void ClientConductor::check_liveness(const std::int64_t now_ns) {
    if (now_ns - last_keepalive_ns_ <= context_.keepalive_interval.count()) {
        return;
    }
    const std::int64_t driver_heartbeat_ms = ring_.consumer_heartbeat_ms();
    if (driver_heartbeat_ms == -1) {
        terminate({ErrorCode::driver_timeout,
                   fmt::format("the driver of '{}' has shut down: the client is closed", *context_.directory)});
        return;
    }
    const std::int64_t now_ms = context_.epoch_clock->epoch_ms();
    if (now_ms - driver_heartbeat_ms > driver_timeout_ns_ / 1'000'000) {
        terminate({ErrorCode::driver_timeout,
                   fmt::format("the driver of '{}' gave its last sign of life {} ms ago, the driver timeout is {} ms: "
                               "the client is closed",
                               *context_.directory, now_ms - driver_heartbeat_ms, driver_timeout_ns_ / 1'000'000)});
        return;
    }
    switch (heartbeat_.beat(now_ms)) {
        case ClientHeartbeat::Outcome::stored: last_keepalive_ns_ = now_ns; break;
        // The search repeats with each pass, or the first heartbeat would be late. spec: 02 §13.21
        case ClientHeartbeat::Outcome::not_found: break;
        case ClientHeartbeat::Outcome::lost:
            terminate({ErrorCode::driver_timeout,
                       fmt::format("the driver of '{}' has freed the heartbeat counter of client {}: it has given the "
                                   "client up, which is closed",
                                   *context_.directory, client_id_)});
            break;
    }
}

/// The forced close: no commands, and no callbacks but the error handler's. spec: 02 §10.6
void ClientConductor::terminate(const ErrorInfo& cause) {
    if (is_terminated_) {
        return;
    }
    is_terminated_ = true;
    cause_of_end_ = cause;
    // release [client-ended] -> is_closed: the cause is complete.
    is_closed_.store(true, std::memory_order_release);
    ConductorInbox::Contents contents = inbox_.close();
    mark_all_closed();
    refuse_contents(std::move(contents), cause);
    report(cause);
}

/// After the last `do_work`, or instead of it. spec: 02 §10.9
void ClientConductor::on_close() {
    if (std::exchange(is_finished_, true)) {
        return;
    }
    const CallbackScope scope{this};
    if (!is_terminated_) {
        cause_of_end_ = {ErrorCode::closed, "the client was closed"};
        // release [client-ended] -> is_closed
        is_closed_.store(true, std::memory_order_release);
    }
    close_handlers_->dispatch([&](const CloseHandler& handler) { call_back(handler); });

    refuse_contents(inbox_.close(), closed_error());
    // The driver gives up all resources of a client that closes; only a revocation must be told. spec: 07 §B.6
    for (const auto& [id, entry] : exclusive_publications_) {
        const std::shared_ptr<ExclusivePublicationState> state = entry.state.lock();
        if (state != nullptr && state->is_revoking() && state->mark_closed()) {
            send_or_keep({.kind = ResourceKind::exclusive_publication, .id = id, .revoke = true});
        }
    }
    for (const Removal& removal : late_removals_) {
        if (removal.revoke && !is_terminated_) {
            send_or_keep({.kind = removal.kind, .id = removal.id, .revoke = true});
        }
    }
    mark_all_closed();
    for (const Removal& removal : std::exchange(late_removals_, {})) {
        if (removal.on_complete) {
            call_back(removal.on_complete);
        }
    }
    static_cast<void>(send_kept());
    // A full ring does not take it: then the driver finds out by the missing heartbeats.
    static_cast<void>(commands_.write(command::ClientCloseCommand{.client_id = client_id_}));
}

void ClientConductor::mark_all_closed() {
    for (auto& [id, entry] : subscriptions_) {
        if (const std::shared_ptr<SubscriptionState> state = entry.state.lock()) {
            state->mark_closed();
        }
        for (const std::shared_ptr<ImageState>& image : entry.images) {
            image->close();
        }
    }
    for (auto& [id, entry] : publications_) {
        if (const std::shared_ptr<PublicationState> state = entry.state.lock()) {
            state->mark_closed();
        }
    }
    for (auto& [id, entry] : exclusive_publications_) {
        if (const std::shared_ptr<ExclusivePublicationState> state = entry.state.lock()) {
            state->mark_closed();
        }
    }
    for (auto& [id, entry] : counter_entries_) {
        if (const std::shared_ptr<CounterHandleState> state = entry.state.lock()) {
            state->mark_closed();
        }
    }
    subscriptions_.clear();
    publications_.clear();
    exclusive_publications_.clear();
    counter_entries_.clear();
}

/// Fails all requests, sent or not; keeps the removals to be completed when the client closes.
void ClientConductor::refuse_contents(ConductorInbox::Contents unsent, const ErrorInfo& error) {
    // Moved out first: a request that is dropped may drop the handles that its callbacks hold.
    const auto sent = std::exchange(requests_, {});
    for (const auto& [id, request] : sent) {
        pending_of(request.request).fail(error);
    }
    for (auto& item : unsent) {
        if (const auto* const request = std::get_if<Request>(&item)) {
            pending_of(*request).fail(error);
        } else {
            late_removals_.push_back(std::move(*std::get_if<Removal>(&item)));
        }
    }
}

ErrorInfo ClientConductor::closed_error() const {
    return {ErrorCode::closed, cause_of_end_.code == ErrorCode::closed
                                   ? cause_of_end_.message
                                   : fmt::format("the client has ended: {}", cause_of_end_.message)};
}

void ClientConductor::report(const ErrorInfo& error) noexcept {
    const CallbackScope scope{this};
    report_error(context_.on_error, error);
}

void ClientConductor::pause() noexcept {
    if (is_terminated_) {
        inbox_.wait(terminated_pause);
    } else if (requests_.empty() && kept_removes_.empty()) {
        inbox_.wait(*context_.idle_sleep_duration);
    } else {
        inbox_.wait(std::min(next_short_pause_, *context_.idle_sleep_duration));
        next_short_pause_ = std::min(next_short_pause_ * 2, max_short_pause);
    }
}

int ClientConductor::step() {
    return run_alone([&] { return do_work(); });
}

void ClientConductor::close_stepped() {
    if (is_inside_callback()) {
        is_close_requested_.store(true, std::memory_order_relaxed);
        return;
    }
    // acquire [conductor-step]: as step().
    while (is_stepping_.exchange(true, std::memory_order_acquire)) {
        std::this_thread::yield();
    }
    on_close();
    is_stepping_.store(false, std::memory_order_release);
}

void ClientConductor::on_poll(PendingState& /*state*/) {}

void ClientConductor::on_wait(PendingState& state) {
    if (!context_.invoker_mode) {
        state.pause(waiting_pause);
        return;
    }
    if (step_while_waiting() == 0) {
        state.pause(invoker_pause);
    }
}

int ClientConductor::step_while_waiting() {
    if (!context_.invoker_mode) {
        return 0;
    }
    const int work_count = step();
    return work_count + (context_.driver_do_work ? context_.driver_do_work() : 0);
}

std::optional<ErrorInfo> ClientConductor::refuse_waiting() const {
    if (!is_inside_callback()) {
        return std::nullopt;
    }
    return ErrorInfo{ErrorCode::reentrant_call,
                     "a callback of the client must not wait for the client: use the async_ twin of the call"};
}

}  // namespace cpperon::client
