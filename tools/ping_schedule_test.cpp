#include "tools/ping_schedule.hpp"

#include <gtest/gtest.h>

namespace cpperon::tools {
namespace {

TEST(PingSchedule, SendsOneAtATime) {
    PingSchedule schedule{100, std::nullopt};

    EXPECT_EQ(schedule.due(150, 0), 150);
    EXPECT_EQ(schedule.due(170, 0), 150) << "the first try counts where the stream took none";
    schedule.on_sent();
    EXPECT_EQ(schedule.due(1'000'000, 1), std::nullopt);
    EXPECT_EQ(schedule.due(1'000'005, 0), 1'000'005);
}

// What was due during a stall keeps its time: the wait is part of its latency.
TEST(PingSchedule, KeepsItsRateWhateverIsInFlight) {
    PingSchedule schedule{1'000, 3};

    EXPECT_EQ(schedule.due(999, 0), std::nullopt);
    for (const std::int64_t due_ns : {1'000LL, 333'334'333LL, 666'667'666LL, 1'000'001'000LL}) {
        EXPECT_EQ(schedule.due(due_ns - 1, 9), std::nullopt);
        EXPECT_EQ(schedule.due(5'000'000'000, 9), due_ns);
        schedule.on_sent();
    }
    EXPECT_EQ(schedule.sent(), 4);
}

}  // namespace
}  // namespace cpperon::tools
