#include "cpperon/base/clock.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace cpperon {
namespace {

using namespace std::chrono_literals;

TEST(ManualClock, StandsStillUntilItIsAdvanced) {
    ManualClock clock{1'000};

    EXPECT_EQ(clock.nano_time(), 0);
    EXPECT_EQ(clock.epoch_ms(), 1'000);
    EXPECT_EQ(clock.nano_time(), 0);
    clock.advance(1'500us);
    EXPECT_EQ(clock.nano_time(), 1'500'000);
    EXPECT_EQ(clock.epoch_ms(), 1'001);
    clock.advance(500us);
    EXPECT_EQ(clock.epoch_ms(), 1'002);
}

TEST(SystemNanoClock, NeverGoesBack) {
    SystemNanoClock& clock = SystemNanoClock::instance();
    std::int64_t before = clock.nano_time();
    for (int i = 0; i < 1'000; ++i) {
        const std::int64_t now = clock.nano_time();
        ASSERT_GE(now, before);
        before = now;
    }
}

TEST(SystemEpochClock, TellsMillisecondsSince1970) {
    EXPECT_GT(SystemEpochClock::instance().epoch_ms(), 1'600'000'000'000);   // September 2020
    EXPECT_LT(SystemEpochClock::instance().epoch_ms(), 16'000'000'000'000);  // microseconds would be more
}

}  // namespace
}  // namespace cpperon
