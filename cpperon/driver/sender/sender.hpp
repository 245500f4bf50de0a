/// The agent that puts streams on the network: steps all publications, and listens to what their receivers say.
/// spec: 04 §6.1, 06 §14
#pragma once

#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "cpperon/base/agent.hpp"
#include "cpperon/driver/rotation.hpp"
#include "cpperon/driver/sender/sender_context.hpp"
#include "cpperon/driver/sender/sender_messages.hpp"

namespace cpperon::driver {

/// Endpoints and publications belong to the conductor, which must not destroy them before this agent has closed.
class Sender final : public Agent {
public:
    /// `context` outlives the agent.
    explicit Sender(SenderContext& context);

    int do_work() override;
    /// The poller lets go of all sockets.
    void on_close() override;
    [[nodiscard]] std::string_view role_name() const noexcept override { return "sender"; }

private:
    int execute_command();
    [[nodiscard]] std::int64_t send();
    [[nodiscard]] bool is_poll_due(std::int64_t bytes_sent) const noexcept;
    [[nodiscard]] std::int64_t poll();
    void check_names();

    void execute(sender_command::AddEndpoint& command);
    void execute(sender_command::RemoveEndpoint& command);
    void execute(sender_command::AddPublication& command);
    void execute(sender_command::RemovePublication& command);
    void execute(sender_command::AddDestination& command);
    void execute(sender_command::RemoveDestination& command);
    void execute(sender_command::RemoveDestinationById& command);
    void execute(sender_command::ChangeAddress& command);

    SenderContext& context_;
    std::deque<SenderCommand> commands_;  // taken from the queue, not executed yet
    std::vector<SendEndpoint*> endpoints_;
    std::vector<PublicationSender*> publications_;
    Rotation rotation_;
    std::int32_t sending_cycles_since_poll_ = 0;
    std::int64_t time_of_last_poll_ns_;
    std::int64_t time_of_last_name_check_ns_;
};

}  // namespace cpperon::driver
