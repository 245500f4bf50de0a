#include "cpperon/base/agent_runner.hpp"

#include <atomic>
#include <exception>
#include <future>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "cpperon/base/this_thread.hpp"

namespace cpperon {

/// What the thread works on. Kept by the runner and by the thread.
struct AgentRunner::Session {
    // Constant after construction.
    const std::shared_ptr<Agent> agent;
    const std::unique_ptr<IdleStrategy> idle_strategy;
    const ErrorHandler on_error;
    const AgentThreadSettings settings;

    // Written by whoever stops, read by the agent's thread. relaxed: the flag hands over nothing but itself; what the
    // agent did becomes visible to the stopping thread with the join.
    std::atomic<bool> is_stop_requested{false};
    // Written by the agent's thread, read by anybody. relaxed: an answer for people, stale as soon as it is given.
    std::atomic<bool> is_running{false};

    // The agent's thread only.
    bool is_abandoned = false;  // the runner was dropped on this thread, nobody else is left to close the agent

    // The session whose agent this thread runs.
    static thread_local const Session* of_this_thread;

    Session(std::shared_ptr<Agent> agent_to_run, std::unique_ptr<IdleStrategy> idle, ErrorHandler error_handler,
            AgentThreadSettings thread_settings)
        : agent(std::move(agent_to_run)),
          idle_strategy(std::move(idle)),
          on_error(std::move(error_handler)),
          settings(std::move(thread_settings)) {}

    void run(std::promise<void> started) noexcept {
        of_this_thread = this;
        try {
            prepare_thread();
            agent->on_start();
        } catch (...) {
            started.set_exception(std::current_exception());
            return;
        }
        is_running.store(true, std::memory_order_relaxed);
        started.set_value();

        while (!is_stop_requested.load(std::memory_order_relaxed) && step()) {
        }
        is_running.store(false, std::memory_order_relaxed);
        if (is_abandoned) {
            close_agent();
        }
    }

    void close_agent() noexcept {
        try {
            agent->on_close();
        } catch (...) {
            report_current_exception(on_error);
        }
    }

private:
    void prepare_thread() {
        name_this_thread(agent->role_name());
        if (settings.cpu) {
            try {
                keep_this_thread_on(*settings.cpu);
            } catch (...) {
                report_current_exception(on_error);
            }
        }
        if (settings.on_start) {
            settings.on_start(agent->role_name());
        }
    }

    /// One duty cycle; false when the agent has ended itself.
    bool step() noexcept {
        int work_count = 0;
        try {
            work_count = agent->do_work();
        } catch (const AgentTerminated&) {
            return false;
        } catch (...) {
            report_current_exception(on_error);
        }
        if (!is_stop_requested.load(std::memory_order_relaxed)) {
            idle_strategy->idle(work_count);
        }
        return true;
    }
};

thread_local const AgentRunner::Session* AgentRunner::Session::of_this_thread = nullptr;

AgentRunner::AgentRunner(std::shared_ptr<Agent> agent, std::unique_ptr<IdleStrategy> idle_strategy,
                         ErrorHandler on_error, AgentThreadSettings settings)
    : session_(std::make_shared<Session>(std::move(agent), std::move(idle_strategy), std::move(on_error),
                                         std::move(settings))) {}

AgentRunner::~AgentRunner() {
    if (is_own_thread()) {
        request_stop();
        thread_.detach();
        session_->is_abandoned = true;
    } else {
        close();
    }
}

void AgentRunner::start() {
    const std::lock_guard lock{mutex_};
    if (state_ == State::closed) {
        throw ClosedError(fmt::format("the agent '{}' is closed and cannot be started again", role_name()));
    }
    if (state_ == State::started) {
        return;
    }
    std::promise<void> started;
    std::future<void> outcome = started.get_future();
    try {
        thread_ = std::thread([session = session_](std::promise<void> promise) { session->run(std::move(promise)); },
                              std::move(started));
    } catch (const std::system_error& error) {
        throw IoError(fmt::format("cannot start a thread for the agent '{}'", role_name()), error.code().value());
    }
    try {
        outcome.get();
    } catch (...) {
        thread_.join();
        state_ = State::closed;
        throw;
    }
    state_ = State::started;
}

void AgentRunner::request_stop() noexcept {
    session_->is_stop_requested.store(true, std::memory_order_relaxed);
}

void AgentRunner::stop() {
    refuse_own_thread("stop");
    const std::lock_guard lock{mutex_};
    stop_and_join();
}

void AgentRunner::close() {
    refuse_own_thread("close");
    const std::lock_guard lock{mutex_};
    stop_and_join();
    if (std::exchange(state_, State::closed) == State::started) {
        session_->close_agent();
    }
}

bool AgentRunner::is_running() const noexcept {
    return session_->is_running.load(std::memory_order_relaxed);
}

bool AgentRunner::is_own_thread() const noexcept {
    return Session::of_this_thread == session_.get();
}

std::string_view AgentRunner::role_name() const noexcept {
    return session_->agent->role_name();
}

void AgentRunner::refuse_own_thread(const std::string_view operation) const {
    if (is_own_thread()) {
        throw Error(ErrorCode::reentrant_call,
                    fmt::format("cannot {} the agent '{}' on its own thread, which would wait for itself; do so on "
                                "another thread, or only request the stop",
                                operation, role_name()));
    }
}

void AgentRunner::stop_and_join() {
    if (thread_.joinable()) {
        request_stop();
        thread_.join();
    }
}

}  // namespace cpperon
