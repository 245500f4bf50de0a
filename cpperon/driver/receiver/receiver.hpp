/// The agent that takes streams from the network: polls the sockets of all receive endpoints, and has their images
/// filled and answered for. spec: 04 §9.1, 06 §14
#pragma once

#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "cpperon/base/agent.hpp"
#include "cpperon/driver/receiver/receiver_context.hpp"
#include "cpperon/driver/receiver/receiver_messages.hpp"

namespace cpperon::driver {

/// Endpoints, destinations and images belong to the conductor, which must not close before this agent has.
class Receiver final : public Agent {
public:
    /// `context` outlives the agent.
    explicit Receiver(ReceiverContext& context);

    int do_work() override;
    /// The poller lets go of all sockets.
    void on_close() override;
    [[nodiscard]] std::string_view role_name() const noexcept override { return "receiver"; }

private:
    int execute_command();
    int poll();
    int work_on_endpoints();
    void check_control_addresses();

    void execute(const receiver_command::AddEndpoint& command);
    void execute(const receiver_command::RemoveEndpoint& command);
    void execute(const receiver_command::AddInterest& command);
    void execute(const receiver_command::RemoveInterest& command);
    void execute(const receiver_command::RequestSetup& command);
    void execute(const receiver_command::AddDestination& command);
    void execute(const receiver_command::RemoveDestination& command);
    void execute(const receiver_command::AddImage& command);
    void execute(const receiver_command::RemoveImage& command);
    void execute(const receiver_command::ClearCoolDown& command);
    void execute(const receiver_command::ClearInitInProgress& command);
    void execute(const receiver_command::ChangeControlAddress& command);
    void execute(const receiver_command::RejectImage& command);

    ReceiverContext& context_;
    std::deque<ReceiverCommand> commands_;  // taken from the queue, not executed yet
    std::vector<ReceiveEndpoint*> endpoints_;
    std::int64_t time_of_last_re_resolution_check_ns_;
    std::int64_t next_poll_ns_;
};

}  // namespace cpperon::driver
