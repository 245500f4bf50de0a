#include "cpperon/driver/sender/live_receivers.hpp"

#include <gtest/gtest.h>

namespace cpperon::driver {
namespace {

TEST(LiveReceivers, ForgetsThoseThatWereLastHeardOfAtOrBeforeATime) {
    LiveReceivers receivers;
    receivers.on_heard(1, 100);

    receivers.remove_silent_since(99);
    EXPECT_FALSE(receivers.is_empty());
    receivers.remove_silent_since(100);
    EXPECT_TRUE(receivers.is_empty());
}

// spec: 04-C32
TEST(LiveReceivers, WhatOneSaysDoesNotKeepAnotherAlive) {
    LiveReceivers receivers;
    receivers.on_heard(1, 100);
    receivers.on_heard(2, 100);
    receivers.on_heard(1, 200);

    receivers.remove_silent_since(150);

    EXPECT_FALSE(receivers.remove(2));
    EXPECT_TRUE(receivers.remove(1));
    EXPECT_TRUE(receivers.is_empty());
}

TEST(LiveReceivers, LooksAgainAfterTheOldestWasHeardOfAnew) {
    LiveReceivers receivers;
    receivers.on_heard(1, 100);
    receivers.on_heard(1, 200);

    receivers.remove_silent_since(150);
    EXPECT_FALSE(receivers.is_empty());
    receivers.on_heard(2, 160);
    receivers.remove_silent_since(170);
    EXPECT_FALSE(receivers.remove(2));
    receivers.remove_silent_since(200);
    EXPECT_TRUE(receivers.is_empty());
}

TEST(LiveReceivers, RemovingAnUnknownOneSaysSo) {
    LiveReceivers receivers;

    EXPECT_FALSE(receivers.remove(1));
}

TEST(LiveReceivers, KeepsNoMoreInMindThanThereIsRoomForUntilSomeFallSilent) {
    LiveReceivers receivers;
    for (std::size_t i = 0; i < max_receivers_per_publication; ++i) {
        ASSERT_TRUE(receivers.on_heard(static_cast<std::int64_t>(i), 100));
    }

    EXPECT_FALSE(receivers.on_heard(-1, 200));
    EXPECT_FALSE(receivers.remove(-1));
    EXPECT_TRUE(receivers.on_heard(7, 200));
    receivers.remove_silent_since(150);
    EXPECT_TRUE(receivers.on_heard(-1, 200));
}

}  // namespace
}  // namespace cpperon::driver
