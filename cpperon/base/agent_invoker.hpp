/// Steps an agent on the caller's thread, for programs that have a loop of their own. design §4.2
#pragma once

#include <memory>
#include <string_view>

#include "cpperon/base/agent.hpp"
#include "cpperon/base/error_handler.hpp"

namespace cpperon {

/// The stepped twin of `AgentRunner`. Threads: one at a time.
class AgentInvoker {
public:
    AgentInvoker(std::shared_ptr<Agent> agent, ErrorHandler on_error);
    AgentInvoker(const AgentInvoker&) = delete;
    AgentInvoker& operator=(const AgentInvoker&) = delete;

    /// Closes. Within the agent's own `do_work` the agent is kept and closed when that has returned.
    ~AgentInvoker();

    /// Calls the agent's `on_start`, throws what it throws; `ClosedError` after a close. A second start has no effect.
    void start();

    /// One duty cycle; the agent's work count. 0 before the start, after the end, and when the agent threw, which goes
    /// to the error handler. Throws `reentrant_call` within the agent's own `do_work`.
    int invoke();

    /// Calls the agent's `on_close` if it was started; what that throws goes to the error handler. A second close has
    /// no effect. Throws `reentrant_call` within the agent's own `do_work`.
    void close();

    /// True from a successful start until the agent ended itself or was closed.
    [[nodiscard]] bool is_running() const noexcept;

    /// True within the agent's `do_work`.
    [[nodiscard]] bool is_working() const noexcept;

    /// The agent's.
    [[nodiscard]] std::string_view role_name() const noexcept;

private:
    struct Session;

    std::shared_ptr<Session> session_;  // outlives the invoker when that is dropped within do_work
};

}  // namespace cpperon
