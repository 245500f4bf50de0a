/// Gives an agent a thread of its own. Used by the client and by each threaded mode of the driver. design §4.2
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>

#include "cpperon/base/agent.hpp"
#include "cpperon/base/error_handler.hpp"
#include "cpperon/base/idle_strategy.hpp"

namespace cpperon {

/// What may be asked of an agent's thread.
struct AgentThreadSettings {
    /// The processor to stay on. That it cannot be had is told to the error handler, and the agent runs all the same.
    std::optional<int> cpu{};
    /// Called on the new thread with the agent's role, before the agent's `on_start`.
    std::function<void(std::string_view role_name)> on_start{};
};

/// Runs one agent: a cycle of `do_work`, then of the idle strategy, until it is stopped. An exception of the agent goes
/// to the error handler and the agent goes on.
/// Threads: any, at the same time, except where noted.
class AgentRunner {
public:
    /// An agent with another owner, who keeps it until the runner is gone, is lent with `lend(agent)`.
    AgentRunner(std::shared_ptr<Agent> agent, std::unique_ptr<IdleStrategy> idle_strategy, ErrorHandler on_error,
                AgentThreadSettings settings = {});
    AgentRunner(const AgentRunner&) = delete;
    AgentRunner& operator=(const AgentRunner&) = delete;

    /// Closes. On the agent's own thread, where nobody can wait for its end, the agent is only told to stop: it ends
    /// and is closed when its present `do_work` has returned, and is kept until then; a lent one must not be dropped
    /// so.
    ~AgentRunner();

    /// Starts the thread and waits until the agent's `on_start` has returned; throws what it threw, `IoError` if there
    /// is no thread to be had, and `ClosedError` after a close. A second start has no effect.
    void start();

    /// Tells the agent to stop after its present `do_work`, or before the first; does not wait. Also allowed on the
    /// agent's own thread.
    void request_stop() noexcept;

    /// Ends the thread and waits for it; the agent is not closed yet, so that several can be stopped before the first
    /// is closed. Without effect if it never ran or has ended. Throws `reentrant_call` on the agent's own thread.
    void stop();

    /// Stops, then calls the agent's `on_close` on the calling thread; what that throws goes to the error handler. A
    /// second close has no effect. Throws `reentrant_call` on the agent's own thread.
    void close();

    /// False before the start, and from the moment the agent will not be stepped again.
    [[nodiscard]] bool is_running() const noexcept;

    /// True on the agent's own thread.
    [[nodiscard]] bool is_own_thread() const noexcept;

    /// The agent's.
    [[nodiscard]] std::string_view role_name() const noexcept;

private:
    struct Session;

    void refuse_own_thread(std::string_view operation) const;
    void stop_and_join();

    std::shared_ptr<Session> session_;  // shared with the thread, which may outlive the runner
    std::mutex mutex_;                  // guards what follows
    std::thread thread_;
    enum class State { unstarted, started, closed } state_ = State::unstarted;
};

/// An agent to be run that is owned elsewhere.
[[nodiscard]] inline std::shared_ptr<Agent> lend(Agent& agent) noexcept {
    return {std::shared_ptr<Agent>{}, &agent};
}

}  // namespace cpperon
