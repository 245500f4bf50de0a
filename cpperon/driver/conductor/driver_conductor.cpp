#include "cpperon/driver/conductor/driver_conductor.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "cpperon/base/clock.hpp"
#include "cpperon/base/shared_bytes.hpp"
#include "cpperon/command/codec.hpp"
#include "cpperon/driver/conductor/agent_events.hpp"
#include "cpperon/driver/conductor/commands.hpp"
#include "cpperon/driver/conductor/ipc_linking.hpp"
#include "cpperon/driver/conductor/network_image.hpp"
#include "cpperon/driver/conductor/network_lifecycle.hpp"
#include "cpperon/driver/conductor/network_publication.hpp"
#include "cpperon/driver/conductor/receive_channel.hpp"
#include "cpperon/driver/conductor/send_channel.hpp"
#include "cpperon/driver/event_log/event_log.hpp"
#include "cpperon/shm/many_to_one_ring_buffer.hpp"

namespace cpperon::driver {

namespace {

/// Commands that are never answered, not even with an error. spec: 02 §3.1
bool is_answered(const std::int32_t type_id) noexcept {
    const auto type = static_cast<command::CommandType>(type_id);
    return type != command::CommandType::client_keepalive && type != command::CommandType::client_close &&
           type != command::CommandType::terminate_driver;
}

std::int64_t liveness_timeout_ms_of(const DriverContext& context) {
    return std::max<std::int64_t>(
        1, std::chrono::duration_cast<std::chrono::milliseconds>(context.client_liveness_timeout).count());
}

/// What went wrong, in the exception being handled.
ErrorInfo current_error() {
    try {
        throw;
    } catch (const Error& error) {
        return {.code = wire_code_of(error.code()), .message = error.what()};
    } catch (const std::exception& error) {
        return {.code = ErrorCode::generic_error, .message = error.what()};
    } catch (...) {
        return {.code = ErrorCode::generic_error, .message = "an exception of unknown type"};
    }
}

}  // namespace

DriverConductor::DriverConductor(const DriverContext& context, const DriverResources resources)
    : state_(context, resources),
      tick_deadline_ns_(state_.now_ns + context.timer_interval.count()),
      command_progress_{.consumer_position = resources.commands.consumer_position(),
                        .time_of_last_change_ns = state_.now_ns} {}

int DriverConductor::do_work() {
    state_.now_ns = state_.resources.nano_clock.nano_time();
    int work_count = 0;
    if (state_.now_ns > tick_deadline_ns_) {
        on_tick();
        ++work_count;
    }
    work_count += process_commands();
    work_count += process_events();
    work_count += track_images(state_);
    work_count += update_network_limits(state_);
    work_count += update_ipc_limits();
    return work_count;
}

void DriverConductor::on_close() {
    state_.in_progress.reset();
    state_.internal_in_progress.reset();
    state_.images.clear();
    state_.network_publications.clear();
    state_.ipc_publications.clear();
    state_.receive_channels.clear();
    state_.send_channels.clear();
    state_.network_subscriptions.clear();
    state_.spy_subscriptions.clear();
    state_.ipc_subscriptions.clear();
    state_.clients = {};
}

// Commands.

int DriverConductor::process_commands() {
    if (state_.in_progress) {
        return advance_command_in_progress();
    }
    const int commands = state_.resources.commands.consume(
        [this](const std::int32_t type_id, const std::span<const std::byte> payload) {
            // A copy: the record belongs to another process, which could change it after it was checked.
            command_copy_.resize(payload.size());
            load_bytes_relaxed(command_copy_, payload.data());
            if (EventLog* const log = state_.resources.event_log) {
                log->on_command(type_id, command_copy_);
            }
            execute(type_id, command_copy_);
        },
        1);
    report_malformed_records();
    return commands;
}

int DriverConductor::advance_command_in_progress() {
    const std::int64_t correlation_id = state_.in_progress->correlation_id();
    bool is_finished = true;
    try {
        is_finished = state_.in_progress->advance();
    } catch (...) {
        const ErrorInfo error = current_error();
        state_.errors.record(error.code, error.message);
        state_.events.send_error(correlation_id, error.code, error.message);
    }
    if (!is_finished) {
        return 0;
    }
    state_.in_progress.reset();
    return 1;
}

void DriverConductor::execute(const std::int32_t type_id, const std::span<const std::byte> payload) {
    const command::Decoded<command::Command> command = command::decode_command(type_id, payload);
    if (!command) {
        refuse_undecodable(type_id, payload, command.error());
        return;
    }
    try {
        std::visit([this](const auto& known) { handle(state_, known); }, *command);
    } catch (...) {
        const ErrorInfo error = current_error();
        state_.errors.record(error.code, error.message);
        answer_with(error, type_id, payload);
    }
}

/// The client gets the details; the log, which nobody can empty, each kind of mistake once. spec: 02 §6.2
void DriverConductor::refuse_undecodable(const std::int32_t type_id, const std::span<const std::byte> payload,
                                         const command::DecodeError& error) {
    if (error.reason == command::DecodeError::Reason::unknown_type) {
        state_.errors.record(ErrorCode::unknown_command_type_id,
                             fmt::format("there is no command with type id {}", type_id));
        return;
    }
    state_.errors.record(ErrorCode::malformed_command,
                         fmt::format("malformed {}: the message does not hold its {}",
                                     to_string(static_cast<command::CommandType>(type_id)), error.field));
    answer_with({.code = ErrorCode::malformed_command, .message = command::describe_command_error(type_id, error)},
                type_id, payload);
}

void DriverConductor::answer_with(const ErrorInfo& error, const std::int32_t type_id,
                                  const std::span<const std::byte> payload) {
    const std::optional<command::CommandIds> ids = command::peek_ids(payload);
    if (ids && is_answered(type_id)) {
        state_.events.send_error(ids->correlation_id, error.code, error.message);
    }
}

void DriverConductor::report_malformed_records() {
    const std::int64_t malformed_records = state_.resources.commands.malformed_records();
    if (std::exchange(malformed_records_, malformed_records) != malformed_records) {
        state_.errors.record(ErrorCode::malformed_command,
                             "a record of impossible length was skipped in the to-driver ring: some process writes to "
                             "it that should not");
    }
}

// Events of the other agents.

int DriverConductor::process_events() {
    if (state_.internal_in_progress) {
        return advance_event_in_progress();
    }
    // What waits stays in the queues, whose lengths have a bound.
    if (state_.sender_events.empty()) {
        state_.resources.sender.events.take_all(state_.sender_events);
    }
    if (state_.receiver_events.empty()) {
        state_.resources.receiver.events.take_all(state_.receiver_events);
    }
    if (state_.sender_events.empty() && state_.receiver_events.empty()) {
        return 0;
    }
    if (state_.sender_events.empty() || (is_receivers_turn_ && !state_.receiver_events.empty())) {
        execute_next(state_.receiver_events);
        is_receivers_turn_ = false;
    } else {
        execute_next(state_.sender_events);
        is_receivers_turn_ = true;
    }
    return 1;
}

template <typename Event>
void DriverConductor::execute_next(std::deque<Event>& events) {
    const Event event = std::move(events.front());
    events.pop_front();
    try {
        std::visit([this](const auto& known) { handle(state_, known); }, event);
    } catch (...) {
        const ErrorInfo error = current_error();
        state_.errors.record(error.code, error.message);
    }
}

int DriverConductor::advance_event_in_progress() {
    bool is_finished = true;
    try {
        is_finished = state_.internal_in_progress->advance();
    } catch (...) {
        const ErrorInfo error = current_error();
        state_.errors.record(error.code, error.message);
    }
    if (!is_finished) {
        return 0;
    }
    state_.internal_in_progress.reset();
    return 1;
}

// Ticks.

void DriverConductor::on_tick() {
    state_.resources.commands.set_consumer_heartbeat_ms(state_.resources.epoch_clock.epoch_ms());
    free_dead_clients();
    tick_ipc_publications();
    tick_network_publications(state_);
    tick_images(state_);
    check_for_blocked_command();
    tick_deadline_ns_ = state_.now_ns + state_.context.timer_interval.count();
}

void DriverConductor::free_dead_clients() {
    const std::int64_t now_ms = state_.resources.epoch_clock.epoch_ms();
    const std::int64_t timeout_ms = liveness_timeout_ms_of(state_.context);
    while (const std::unique_ptr<Client> client = state_.clients.take_dead(now_ms, timeout_ms)) {
        free(*client);
    }
}

/// The order is part of the contract. What the client owns, its counters, goes when the caller drops it. spec: 02 §9.4
void DriverConductor::free(const Client& client) {
    if (!client.is_closed_by_command) {
        state_.resources.system_counters.increment(SystemCounter::client_timeouts);
        state_.events.send(command::ClientTimeoutEvent{.client_id = client.id});
    }
    state_.events.send(
        command::UnavailableCounterEvent{.registration_id = client.id, .counter_id = client.heartbeat.id()});
    for (const PublicationLink& link : client.publications) {
        drop_publication_reference(state_, link.original_registration_id, false);
    }
    for (const UserCounter& counter : client.counters) {
        state_.events.send(command::UnavailableCounterEvent{.registration_id = counter.registration_id,
                                                            .counter_id = counter.counter.id()});
    }
    const auto is_meant = [&](const SubscriptionLink& link) { return link.client_id == client.id; };
    remove_ipc_subscriptions(state_, is_meant);
    remove_network_subscriptions(state_, is_meant);
    remove_spy_subscriptions(state_, is_meant);
}

void DriverConductor::tick_ipc_publications() {
    auto& publications = state_.ipc_publications;
    for (auto publication = publications.rbegin(); publication != publications.rend(); ++publication) {
        (*publication)->on_tick(state_.now_ns);
        if ((*publication)->is_cool_down_over(state_.now_ns)) {
            end_cool_down(**publication);
        }
    }
    if (EventLog* const log = state_.resources.event_log) {
        for (const auto& publication : publications) {
            if (publication->is_end_of_life()) {
                log->on_event(EventId::remove_publication_cleanup, publication->spec().details());
            }
        }
    }
    std::erase_if(publications, [](const auto& publication) { return publication->is_end_of_life(); });
}

void DriverConductor::end_cool_down(IpcPublication& publication) {
    publication.end_cool_down();
    try {
        make_links(state_, prepare_links(state_, publication));
    } catch (...) {
        const ErrorInfo error = current_error();
        state_.errors.record(error.code, error.message);
        publication.prolong_cool_down(state_.now_ns);
    }
}

void DriverConductor::check_for_blocked_command() {
    shm::ManyToOneRingBuffer& commands = state_.resources.commands;
    const std::int64_t consumer_position = commands.consumer_position();
    // While a command is in progress it is this conductor that does not look at what waits behind it.
    const bool is_waiting = !state_.in_progress && commands.producer_position() > consumer_position;
    if (consumer_position != command_progress_.consumer_position || !is_waiting) {
        command_progress_ = {.consumer_position = consumer_position, .time_of_last_change_ns = state_.now_ns};
        return;
    }
    const std::int64_t standstill_ns = state_.now_ns - command_progress_.time_of_last_change_ns;
    if (standstill_ns > state_.context.client_liveness_timeout.count() && commands.unblock()) {
        state_.resources.system_counters.increment(SystemCounter::unblocked_commands);
    }
}

int DriverConductor::update_ipc_limits() {
    return static_cast<int>(std::count_if(state_.ipc_publications.begin(), state_.ipc_publications.end(),
                                          [](const auto& publication) { return publication->update_limit(); }));
}

}  // namespace cpperon::driver
