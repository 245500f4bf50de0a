/// The driver's conductor: executes the clients' commands one by one, keeps every life cycle, and moves the publishers'
/// limits. spec: 06 §7
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <vector>

#include "cpperon/base/agent.hpp"
#include "cpperon/command/codec.hpp"
#include "cpperon/driver/conductor/conductor_state.hpp"
#include "cpperon/driver/conductor/driver_resources.hpp"
#include "cpperon/driver/context.hpp"

namespace cpperon::driver {

/// An agent: one thread at a time steps it. Never blocks, and maps or deletes no file.
class DriverConductor final : public Agent {
public:
    /// `context`: validated; it and what `resources` refers to must outlive the conductor.
    DriverConductor(const DriverContext& context, DriverResources resources);
    DriverConductor(const DriverConductor&) = delete;
    DriverConductor& operator=(const DriverConductor&) = delete;
    ~DriverConductor() override = default;

    /// One duty cycle: a tick if it is time, at most one step of one command, at most one step of one event of the
    /// other agents, then images and limits. spec: 06 §7.1
    int do_work() override;
    /// Frees every publication, subscription and client: counters are given back, logs go to the store. Tells nobody.
    /// spec: 06 §6.1
    void on_close() override;
    [[nodiscard]] std::string_view role_name() const noexcept override { return "conductor"; }

private:
    /// What is watched for a command that was claimed and never committed. spec: 06 §7.3
    struct CommandProgress {
        std::int64_t consumer_position = 0;
        std::int64_t time_of_last_change_ns = 0;
    };

    int process_commands();
    int advance_command_in_progress();
    void execute(std::int32_t type_id, std::span<const std::byte> payload);
    void refuse_undecodable(std::int32_t type_id, std::span<const std::byte> payload,
                            const command::DecodeError& error);
    void answer_with(const ErrorInfo& error, std::int32_t type_id, std::span<const std::byte> payload);
    void report_malformed_records();

    int process_events();
    int advance_event_in_progress();
    template <typename Event>
    void execute_next(std::deque<Event>& events);

    void on_tick();
    void free_dead_clients();
    void free(const Client& client);
    void tick_ipc_publications();
    void end_cool_down(IpcPublication& publication);
    void check_for_blocked_command();

    int update_ipc_limits();

    ConductorState state_;
    std::int64_t tick_deadline_ns_;
    CommandProgress command_progress_;
    std::int64_t malformed_records_ = 0;
    bool is_receivers_turn_ = false;       // sender and receiver take turns where both have something to say
    std::vector<std::byte> command_copy_;  // reused from command to command
};

}  // namespace cpperon::driver
