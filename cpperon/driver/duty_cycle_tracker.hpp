/// Measures how long an agent's duty cycles take, into two system counters: the longest so far, and how many were over
/// the threshold. Used by the agent's own thread. spec: 06 §2.6
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "cpperon/base/agent.hpp"
#include "cpperon/base/clock.hpp"
#include "cpperon/driver/system_counters.hpp"

namespace cpperon::driver {

/// Where and against what a duty cycle is measured.
struct DutyCycleLimits {
    SystemCounter max_cycle_time;
    SystemCounter threshold_exceeded;
    std::chrono::nanoseconds threshold{std::chrono::milliseconds{100}};
};

class DutyCycleTracker {
public:
    /// The first cycle is measured from `now_ns`. The counters must outlive the object.
    DutyCycleTracker(const DutyCycleLimits& limits, SystemCounters& system_counters, const std::int64_t now_ns) noexcept
        : limits_(limits), system_counters_(system_counters), cycle_start_ns_(now_ns) {}

    /// At the start of a cycle: the one before it took until now.
    void on_cycle_start(const std::int64_t now_ns) noexcept {
        const std::int64_t cycle_time_ns = now_ns - cycle_start_ns_;
        cycle_start_ns_ = now_ns;
        system_counters_.propose_max(limits_.max_cycle_time, cycle_time_ns);
        if (cycle_time_ns > limits_.threshold.count()) {
            system_counters_.increment(limits_.threshold_exceeded);
        }
    }

private:
    DutyCycleLimits limits_;
    SystemCounters& system_counters_;
    std::int64_t cycle_start_ns_;
};

/// The time at which the duty cycle began: what one agent, and all that it steps, take for now. spec: 06 §17
class CycleClock final : public NanoClock {
public:
    /// `clock` must outlive the object.
    explicit CycleClock(NanoClock& clock) noexcept : clock_(clock), now_ns_(clock.nano_time()) {}
    CycleClock(const CycleClock&) = delete;  // one that asks another is no copy of it
    CycleClock& operator=(const CycleClock&) = delete;
    ~CycleClock() override = default;

    /// Asks the clock for the time, once per cycle.
    std::int64_t update() noexcept { return now_ns_ = clock_.nano_time(); }
    [[nodiscard]] std::int64_t nano_time() noexcept override { return now_ns_; }

private:
    NanoClock& clock_;
    std::int64_t now_ns_;
};

/// The first of the agents that one thread steps: takes the time for all of them, so that a message does not wait while
/// each asks for its own.
class CycleClockAgent final : public Agent {
public:
    /// `clock` must outlive the object, and is what the clocks of the other agents ask.
    explicit CycleClockAgent(CycleClock& clock) noexcept : clock_(clock) {}

    int do_work() override {
        clock_.update();
        return 0;
    }
    [[nodiscard]] std::string_view role_name() const noexcept override { return "clock"; }

private:
    CycleClock& clock_;
};

/// An agent under the name of its role, whose duty cycles are measured and given their time.
class TrackedAgent final : public Agent {
public:
    /// The references must outlive the object; `clock` is the one that `agent` reads. `clock_of_next`: what the agents
    /// read that the same thread steps behind this one, if its work takes so long that they need a new time.
    TrackedAgent(std::string_view role_name, Agent& agent, CycleClock& clock, const DutyCycleTracker& tracker,
                 CycleClock* const clock_of_next = nullptr)
        : role_name_(role_name), agent_(agent), clock_(clock), tracker_(tracker), clock_of_next_(clock_of_next) {}

    void on_start() override { agent_.on_start(); }
    int do_work() override {
        tracker_.on_cycle_start(clock_.update());
        const int work_count = agent_.do_work();
        if (clock_of_next_ != nullptr && work_count > 0) {
            clock_of_next_->update();
        }
        return work_count;
    }
    void on_close() override { agent_.on_close(); }
    [[nodiscard]] std::string_view role_name() const noexcept override { return role_name_; }

private:
    std::string role_name_;
    Agent& agent_;
    CycleClock& clock_;
    DutyCycleTracker tracker_;
    CycleClock* clock_of_next_;
};

}  // namespace cpperon::driver
