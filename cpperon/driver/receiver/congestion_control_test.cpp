#include "cpperon/driver/receiver/congestion_control.hpp"

#include <cstdint>

#include <gtest/gtest.h>

namespace cpperon::driver {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t interval_ns = 100'000;
constexpr CubicWindow::Spec defaults{.max_window_length = 131'072, .mtu_length = 1'408};

// spec: 04-C61
TEST(StaticWindow, IsTheReceiversWindowButAtMostHalfATerm) {
    EXPECT_EQ(effective_window_length(131'072, 16'777'216), 131'072);
    EXPECT_EQ(effective_window_length(131'072, 262'144), 131'072);
    EXPECT_EQ(effective_window_length(131'072, 65'536), 32'768);
    EXPECT_EQ(effective_window_length(std::int64_t{1} << 40, 1'073'741'824), 536'870'912);
}

TEST(StaticWindow, NeverMovesAndNeverForcesAStatusMessage) {
    CongestionControl control{StaticWindow{131'072}};

    const WindowDecision decision =
        control.on_rebuild({.is_loss_found = true, .consumption_position = 5'000, .now_ns = second_ns});

    EXPECT_EQ(decision.window_length, 131'072);
    EXPECT_FALSE(decision.forces_status);
}

// spec: 04-C80
TEST(CubicWindow, StartsWithTenPackets) {
    EXPECT_EQ(CubicWindow{defaults}.window_length(), 14'080);
}

TEST(CubicWindow, StartsWithLessWhereTheLongestWindowIsShorter) {
    EXPECT_EQ((CubicWindow{{.max_window_length = 4'224, .mtu_length = 1'408}}.window_length()), 4'224);
}

// spec: 04-C80
TEST(CubicWindow, ShrinksByAFifthOnLossAndSaysSoAtOnce) {
    CubicWindow window{defaults};

    const WindowDecision decision = window.on_rebuild({.is_loss_found = true, .now_ns = second_ns});

    EXPECT_EQ(decision.window_length, 8 * 1'408);
    EXPECT_TRUE(decision.forces_status);
}

TEST(CubicWindow, FirstGrowthFollowsTheCurveFromItsBeginning) {
    CubicWindow window{defaults};

    EXPECT_EQ(window.on_rebuild({.now_ns = interval_ns}).window_length, 14'080);
    const WindowDecision decision = window.on_rebuild({.now_ns = interval_ns + 1});

    EXPECT_EQ(decision.window_length, 105'600);
    EXPECT_FALSE(decision.forces_status);
}

TEST(CubicWindow, GrowsOverTheInflectionUpToTheLongestWindowAndStaysThere) {
    CubicWindow window{defaults};
    std::int32_t previous = 0;
    for (std::int64_t now_ns = second_ns; now_ns < 8 * second_ns; now_ns += second_ns / 4) {
        const std::int32_t length = window.on_rebuild({.now_ns = now_ns}).window_length;
        EXPECT_GE(length, previous);
        previous = length;
    }
    EXPECT_EQ(previous, 93 * 1'408);
    EXPECT_EQ(window.on_rebuild({.now_ns = 100'000 * second_ns}).window_length, 93 * 1'408);
}

TEST(CubicWindow, ComesBackToWhereItLostAndGrowsBeyond) {
    CubicWindow window{defaults};
    static_cast<void>(window.on_rebuild({.is_loss_found = true, .now_ns = 0}));  // at 10 packets

    // The curve is back at 10 packets after cbrt(10 * 0.2 / 0.4) = 1.71 s.
    EXPECT_EQ(window.on_rebuild({.now_ns = 1'710'000'000}).window_length, 10 * 1'408);
    EXPECT_EQ(window.on_rebuild({.now_ns = 5 * second_ns}).window_length, 24 * 1'408);
}

TEST(CubicWindow, OfOnePacketForcesAStatusMessageWheneverSomethingWasConsumed) {
    CubicWindow window{{.max_window_length = 2'000, .mtu_length = 1'408}};

    EXPECT_FALSE(window.on_rebuild({.consumption_position = 64, .scheduled_position = 64}).forces_status);
    EXPECT_TRUE(window.on_rebuild({.consumption_position = 96, .scheduled_position = 64}).forces_status);
}

TEST(CubicWindow, NeverShrinksBelowOnePacket) {
    CubicWindow window{defaults};
    for (int i = 0; i < 50; ++i) {
        static_cast<void>(window.on_rebuild({.is_loss_found = true, .now_ns = i}));
    }
    EXPECT_EQ(window.window_length(), 1'408);
}

TEST(CubicWindow, NeverExceedsTheLongestWindowEvenIfThatIsShorterThanAPacket) {
    CubicWindow window{{.max_window_length = 32'768, .mtu_length = 65'504}};

    EXPECT_EQ(window.window_length(), 32'768);
}

TEST(CubicWindow, TcpFriendlyOneGrowsFasterThanTheCurveWhereThatIsFlat) {
    CubicWindow::Spec spec = defaults;
    CubicWindow plain{spec};
    spec.is_tcp_friendly = true;
    CubicWindow friendly{spec};
    const RebuildProgress progress{.rtt_ns = 100'000'000, .now_ns = second_ns};

    // 0.8 * 93 + 1/3 * 10 = 77.7; the curve: 93 + trunc(-7.0) = 86.
    EXPECT_EQ(friendly.on_rebuild(progress).window_length, plain.on_rebuild(progress).window_length);

    // With a short round trip TCP would be at its longest window by now.
    CubicWindow other{spec};
    EXPECT_EQ(other.on_rebuild({.rtt_ns = 1'000'000, .now_ns = second_ns}).window_length, 93 * 1'408);
}

}  // namespace
}  // namespace cpperon::driver
