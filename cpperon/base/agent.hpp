/// An agent is an object with a duty cycle: conductors, sender, receiver. Somebody gives it a thread (`AgentRunner`) or
/// steps it (`AgentInvoker`). design §4.2
#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cpperon {

/// Called by one thread at a time: `on_start`, then `do_work` again and again, then `on_close` once if `on_start`
/// returned. Only `on_close` may come on another thread, after the last `do_work` happened.
class Agent {
public:
    virtual ~Agent() = default;

    /// The last step of starting; an agent whose `on_start` throws is neither stepped nor closed.
    virtual void on_start() {}

    /// Does what there is to do now, without waiting. The result is how much that was: with 0 the caller idles. What it
    /// throws goes to the error handler and the agent is stepped again; an `AgentTerminated` ends it.
    virtual int do_work() = 0;

    /// Releases what the agent holds.
    virtual void on_close() {}

    /// Names the thread, cut to 15 bytes there, and log lines. Constant for the agent's life.
    [[nodiscard]] virtual std::string_view role_name() const noexcept = 0;
};

/// Thrown by an agent that has nothing left to do: it is not stepped again. Not an error, no handler hears of it.
class AgentTerminated : public std::exception {
public:
    /// For a log, if it ever gets there.
    [[nodiscard]] const char* what() const noexcept override { return "the agent has ended itself"; }
};

/// Several agents stepped by one thread, in the order given, as one. Their parts of a cycle are never left out: when
/// one throws, the next `do_work` begins behind it. An `AgentTerminated` of one ends all.
class CompositeAgent final : public Agent {
public:
    CompositeAgent(std::string role_name, std::vector<std::shared_ptr<Agent>> agents)
        : role_name_(std::move(role_name)), agents_(std::move(agents)) {}

    /// If one fails, those started before it are closed again.
    void on_start() override;
    int do_work() override;
    /// Closes all, in the order given, whatever they throw; then throws that.
    void on_close() override;
    [[nodiscard]] std::string_view role_name() const noexcept override { return role_name_; }

private:
    void close_first(std::size_t count, std::vector<std::exception_ptr>& failures);

    std::string role_name_;
    std::vector<std::shared_ptr<Agent>> agents_;
    std::size_t next_ = 0;  // where the next do_work begins; not 0 only after an exception
};

}  // namespace cpperon
