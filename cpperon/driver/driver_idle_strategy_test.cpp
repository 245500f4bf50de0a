#include "cpperon/driver/driver_idle_strategy.hpp"

#include <string>

#include <gtest/gtest.h>

#include "cpperon/base/error.hpp"
#include "cpperon/driver/test_counters.hpp"

namespace cpperon::driver {
namespace {

struct RecordingPause final : Pause {
    void spin() noexcept override { calls += 's'; }
    void yield() noexcept override { calls += 'y'; }
    void sleep(const std::int64_t duration_ns) noexcept override { calls += duration_ns == 1'000 ? 'p' : '?'; }
    std::string calls;
};

// spec: 06 §2.4
TEST(ControllableIdleStrategy, DoesWhatTheCounterSaysAtThatTime) {
    TestCounters counters;
    SystemCounters system_counters{counters.manager, {}};
    RecordingPause pause;
    ControllableIdleStrategy strategy{system_counters, pause};

    for (const std::int64_t value : {0, 1, 2, 3, 4, 5, -1, 2}) {
        system_counters.set(SystemCounter::controllable_idle_strategy, value);
        strategy.idle(0);
        strategy.idle(1);  // there was work: no pause
    }

    EXPECT_EQ(pause.calls, "psyppps");
}

TEST(ControllableIdleStrategy, HasItsNameBesideTheOthers) {
    TestCounters counters;
    const SystemCounters system_counters{counters.manager, {}};
    for (const std::string name : {"controllable", "org.agrona.concurrent.ControllableIdleStrategy"}) {
        EXPECT_NO_THROW(check_idle_strategy({.name = name}));
        const auto strategy = make_driver_idle_strategy({.name = name}, system_counters);
        EXPECT_NE(dynamic_cast<ControllableIdleStrategy*>(strategy.get()), nullptr);
    }
    const auto strategy = make_driver_idle_strategy({.name = "noop"}, system_counters);
    EXPECT_NE(dynamic_cast<NoOpIdleStrategy*>(strategy.get()), nullptr);
    EXPECT_THROW(check_idle_strategy({.name = "lazy"}), InvalidArgumentError);
}

}  // namespace
}  // namespace cpperon::driver
