#include "cpperon/base/agent_invoker.hpp"

#include <utility>

#include <fmt/format.h>

namespace cpperon {

/// What must last until do_work has returned, whatever the agent does to its invoker meanwhile.
struct AgentInvoker::Session {
    enum class State { unstarted, running, ended, closed };

    std::shared_ptr<Agent> agent;
    ErrorHandler on_error;
    State state = State::unstarted;
    bool is_working = false;
    bool is_abandoned = false;  // the invoker was dropped within do_work

    void close() noexcept {
        const State before = std::exchange(state, State::closed);
        if (before != State::running && before != State::ended) {
            return;
        }
        try {
            agent->on_close();
        } catch (...) {
            report_current_exception(on_error);
        }
    }

    int work() noexcept {
        is_working = true;
        int work_count = 0;
        try {
            work_count = agent->do_work();
        } catch (const AgentTerminated&) {
            state = State::ended;
        } catch (...) {
            report_current_exception(on_error);
        }
        is_working = false;
        if (is_abandoned) {
            close();
        }
        return work_count;
    }

    void refuse_within_work(const std::string_view operation) const {
        if (is_working) {
            throw Error(ErrorCode::reentrant_call,
                        fmt::format("the agent '{}' cannot be {} within its own duty cycle; do so after it returned",
                                    agent->role_name(), operation));
        }
    }
};

AgentInvoker::AgentInvoker(std::shared_ptr<Agent> agent, ErrorHandler on_error)
    : session_(std::make_shared<Session>(Session{.agent = std::move(agent), .on_error = std::move(on_error)})) {}

AgentInvoker::~AgentInvoker() {
    if (session_->is_working) {
        session_->is_abandoned = true;
    } else {
        session_->close();
    }
}

void AgentInvoker::start() {
    if (session_->state == Session::State::closed) {
        throw ClosedError(fmt::format("the agent '{}' is closed and cannot be started again", role_name()));
    }
    if (session_->state == Session::State::unstarted) {
        session_->agent->on_start();
        session_->state = Session::State::running;
    }
}

int AgentInvoker::invoke() {
    session_->refuse_within_work("stepped");
    if (!is_running()) {
        return 0;
    }
    const std::shared_ptr<Session> session = session_;  // do_work may end the life of this invoker
    return session->work();
}

void AgentInvoker::close() {
    session_->refuse_within_work("closed");
    session_->close();
}

bool AgentInvoker::is_running() const noexcept {
    return session_->state == Session::State::running;
}

bool AgentInvoker::is_working() const noexcept {
    return session_->is_working;
}

std::string_view AgentInvoker::role_name() const noexcept {
    return session_->agent->role_name();
}

}  // namespace cpperon
