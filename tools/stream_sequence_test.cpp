#include "tools/stream_sequence.hpp"

#include <gtest/gtest.h>

namespace cpperon::tools {
namespace {

void receive(SequenceTracker& tracker, const std::int64_t run_id, const std::int64_t sequence) {
    const SequenceHeader header{.run_id = run_id, .sequence = sequence};
    tracker.on_message(std::as_bytes(std::span{&header, 1}));
}

TEST(SequenceTracker, CountsWhatWasJumpedOver) {
    SequenceTracker tracker;
    for (const std::int64_t sequence : {5, 6, 9, 10, 12}) {
        receive(tracker, 1, sequence);
    }

    EXPECT_EQ(tracker.missing(), 3);
}

TEST(SequenceTracker, KeepsPublishersApart) {
    SequenceTracker tracker;
    for (const std::int64_t sequence : {0, 1, 2}) {
        receive(tracker, 1, sequence);
        receive(tracker, 2, 100 + 2 * sequence);
    }

    EXPECT_EQ(tracker.missing(), 2);
    EXPECT_EQ(tracker.next_of(1), 3);
    EXPECT_EQ(tracker.next_of(2), 105);
    EXPECT_EQ(tracker.next_of(3), 0);
}

TEST(SequenceTracker, KnowsNothingOfOtherMessages) {
    SequenceTracker tracker;
    const SequenceHeader header{.magic = 1};
    tracker.on_message(std::as_bytes(std::span{&header, 1}));
    tracker.on_message({});

    EXPECT_EQ(tracker.missing(), std::nullopt);
}

}  // namespace
}  // namespace cpperon::tools
