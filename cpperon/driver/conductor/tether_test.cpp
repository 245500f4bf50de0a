#include "cpperon/driver/conductor/tether.hpp"

#include <cstdint>

#include <gtest/gtest.h>

namespace cpperon::driver {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr TetherTimeouts timeouts{
    .window_limit_timeout_ns = 5 * second_ns, .linger_timeout_ns = 3 * second_ns, .resting_timeout_ns = 10 * second_ns};
constexpr std::int64_t limit = 1000;
constexpr std::int64_t behind = limit;
constexpr std::int64_t in_front = limit + 1;

Tether untethered(const bool is_rejoining) {
    return Tether{false, is_rejoining, 0};
}

TEST(Tether, LimitIsAQuarterOfTheWindowAboveItsLowerEnd) {
    EXPECT_EQ(untethered_limit(100'000, 32'768), 100'000 - 32'768 + 8'192);
}

TEST(Tether, TetheredSubscriberStaysActiveHoweverFarBehind) {
    Tether tether{true, true, 0};

    EXPECT_EQ(tether.on_tick(behind, limit, timeouts, 1000 * second_ns), TetherAction::none);
    EXPECT_EQ(tether.state(), TetherState::active);
}

TEST(Tether, SubscriberInFrontOfTheLimitStartsTheTimeAnew) {
    Tether tether = untethered(true);

    EXPECT_EQ(tether.on_tick(in_front, limit, timeouts, 5 * second_ns), TetherAction::none);
    EXPECT_EQ(tether.on_tick(behind, limit, timeouts, 10 * second_ns), TetherAction::none);
    EXPECT_EQ(tether.on_tick(behind, limit, timeouts, 10 * second_ns + 1), TetherAction::make_unavailable);
}

// spec: 06-C46
TEST(Tether, SlowSubscriberGoesFromActiveOverLingerAndRestingBackToActive) {
    Tether tether = untethered(true);

    EXPECT_EQ(tether.on_tick(behind, limit, timeouts, 5 * second_ns), TetherAction::none);
    EXPECT_EQ(tether.on_tick(behind, limit, timeouts, 6 * second_ns), TetherAction::make_unavailable);
    EXPECT_EQ(tether.state(), TetherState::linger);
    EXPECT_TRUE(tether.counts());
    EXPECT_FALSE(tether.is_available());

    EXPECT_EQ(tether.on_tick(in_front, limit, timeouts, 9 * second_ns), TetherAction::none);
    EXPECT_EQ(tether.state(), TetherState::linger);
    EXPECT_EQ(tether.on_tick(in_front, limit, timeouts, 10 * second_ns), TetherAction::none);
    EXPECT_EQ(tether.state(), TetherState::resting);
    EXPECT_FALSE(tether.counts());

    EXPECT_EQ(tether.on_tick(in_front, limit, timeouts, 20 * second_ns), TetherAction::none);
    EXPECT_EQ(tether.on_tick(in_front, limit, timeouts, 21 * second_ns), TetherAction::rejoin);
    EXPECT_EQ(tether.state(), TetherState::active);
    EXPECT_TRUE(tether.is_available());
}

// spec: 06-C47
TEST(Tether, SubscriberThatDoesNotRejoinIsClosedForGood) {
    Tether tether = untethered(false);

    EXPECT_EQ(tether.on_tick(behind, limit, timeouts, 6 * second_ns), TetherAction::make_unavailable);
    EXPECT_EQ(tether.on_tick(behind, limit, timeouts, 10 * second_ns), TetherAction::free_counter);
    EXPECT_EQ(tether.state(), TetherState::closed);
    EXPECT_FALSE(tether.counts());
    EXPECT_EQ(tether.on_tick(in_front, limit, timeouts, 1000 * second_ns), TetherAction::none);
    EXPECT_EQ(tether.state(), TetherState::closed);
}

TEST(Tether, ResumedSubscriberIsWatchedFromTheTimeItCameBack) {
    Tether tether = untethered(true);
    EXPECT_EQ(tether.on_tick(behind, limit, timeouts, 6 * second_ns), TetherAction::make_unavailable);
    EXPECT_EQ(tether.on_tick(behind, limit, timeouts, 10 * second_ns), TetherAction::none);
    EXPECT_EQ(tether.on_tick(behind, limit, timeouts, 21 * second_ns), TetherAction::rejoin);

    EXPECT_EQ(tether.on_tick(behind, limit, timeouts, 26 * second_ns), TetherAction::none);
    EXPECT_EQ(tether.on_tick(behind, limit, timeouts, 27 * second_ns), TetherAction::make_unavailable);
}

}  // namespace
}  // namespace cpperon::driver
