#include "cpperon/driver/duty_cycle_tracker.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

#include <gtest/gtest.h>

#include "cpperon/base/agent.hpp"
#include "cpperon/base/agent_runner.hpp"
#include "cpperon/base/clock.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/driver/test_counters.hpp"

namespace cpperon::driver {
namespace {

using std::chrono_literals::operator""ns;

// spec: 06 §2.6
TEST(DutyCycleTracker, KeepsTheLongestCycleAndCountsThoseAboveTheThreshold) {
    TestCounters section;
    SystemCounters counters{section.manager, {}};
    DutyCycleTracker tracker{{.max_cycle_time = SystemCounter::conductor_max_cycle_time,
                              .threshold_exceeded = SystemCounter::conductor_cycle_time_threshold_exceeded,
                              .threshold = 100ns},
                             counters,
                             1'000};
    const auto longest = [&] { return counters.value(SystemCounter::conductor_max_cycle_time); };
    const auto exceeded = [&] { return counters.value(SystemCounter::conductor_cycle_time_threshold_exceeded); };

    tracker.on_cycle_start(1'100);  // exactly the threshold
    EXPECT_EQ(longest(), 100);
    EXPECT_EQ(exceeded(), 0);

    tracker.on_cycle_start(1'201);
    tracker.on_cycle_start(1'202);
    EXPECT_EQ(longest(), 101);
    EXPECT_EQ(exceeded(), 1);
}

/// Notes the time that it is given.
class AgentWithClock final : public Agent {
public:
    explicit AgentWithClock(CycleClock& clock) : clock_(clock) {}

    int do_work() override {
        seen_ns = clock_.nano_time();
        return work_count;
    }
    [[nodiscard]] std::string_view role_name() const noexcept override { return "agent"; }

    int work_count = 0;
    std::int64_t seen_ns = 0;

private:
    CycleClock& clock_;
};

TEST(TrackedAgent, SharesTheTimeOfItsCycleWithTheNextUnlessItHadWork) {
    class : public NanoClock {
        std::int64_t nano_time() noexcept override { return ++readings_; }
        std::int64_t readings_ = 0;
    } clock;
    TestCounters section;
    SystemCounters counters{section.manager, {}};
    const DutyCycleTracker tracker{{.max_cycle_time = SystemCounter::sender_max_cycle_time,
                                    .threshold_exceeded = SystemCounter::sender_cycle_time_threshold_exceeded},
                                   counters,
                                   0};
    CycleClock shared{clock};
    NanoClock& source = shared;
    CycleClock first_clock{source};
    CycleClock second_clock{source};
    AgentWithClock first{first_clock};
    AgentWithClock second{second_clock};
    CycleClockAgent time_taker{shared};
    TrackedAgent tracked_first{"first", first, first_clock, tracker, &shared};
    TrackedAgent tracked_second{"second", second, second_clock, tracker};
    CompositeAgent thread{"thread", {lend(time_taker), lend(tracked_first), lend(tracked_second)}};

    thread.do_work();
    EXPECT_EQ(first.seen_ns, 2) << "the first reading was the clock's own";
    EXPECT_EQ(second.seen_ns, 2);

    first.work_count = 1;
    thread.do_work();
    EXPECT_EQ(first.seen_ns, 3);
    EXPECT_EQ(second.seen_ns, 4);
}

}  // namespace
}  // namespace cpperon::driver
