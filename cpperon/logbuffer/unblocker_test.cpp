#include "cpperon/logbuffer/unblocker.hpp"

#include <gtest/gtest.h>

#include "cpperon/logbuffer/blocked_watch.hpp"
#include "cpperon/logbuffer/concurrent_appender.hpp"
#include "cpperon/logbuffer/tail.hpp"
#include "cpperon/logbuffer/test_log.hpp"

namespace cpperon::logbuffer {
namespace {

// spec: 03-C50
TEST(Unblocker, TurnsAnAbandonedClaimIntoPadding) {
    TestLog log;
    log.stand_at(7, 64);
    ConcurrentAppender appender{log.view(), log.limit, log.params.session_id, log.params.stream_id};
    FrameClaim claim;
    ASSERT_TRUE(appender.try_claim(100, claim));

    EXPECT_TRUE(unblock_log(log.view(), 64));

    EXPECT_EQ(hex(log.at(0, 64), 24), "84 00 00 00 00 c0 00 00 40 00 00 00 44 33 22 11 e9 03 00 00 07 00 00 00");
    EXPECT_FALSE(unblock_log(log.view(), 64));
}

// spec: 03-C50
TEST(Unblocker, WaitsUntilSomethingFollowsAClaimThatWasNeverBegun) {
    const TestLog log;
    log.stand_at(7, 480);
    EXPECT_FALSE(unblock_log(log.view(), 224));
    EXPECT_EQ(hex(log.at(0, 224), 256), zeroes(256));

    log.stand_at(7, 544);
    log.put_frame(0, 480, 64);
    EXPECT_TRUE(unblock_log(log.view(), 224));
    EXPECT_EQ(hex(log.at(0, 224), 12), "00 01 00 00 00 c0 00 00 e0 00 00 00");
}

// spec: 03-C50
TEST(Unblocker, PadsToTheEndOfTheTermAndRotates) {
    const TestLog log;
    log.metadata().raw_tails[0] = pack_tail(7, 65'664);

    EXPECT_TRUE(unblock_log(log.view(), 544));

    EXPECT_EQ(log.header(0, 544).frame_length, 64'992);
    EXPECT_EQ(log.header(0, 544).type, padding_type);
    EXPECT_EQ(log.tail(1), 0x0000000800000000U);
    EXPECT_EQ(log.metadata().active_term_count, 1);
}

// spec: 03-C50, 03-C56
TEST(Unblocker, RotatesATermThatIsFull) {
    const TestLog log;
    log.stand_at(7, 65'536);
    log.put_frame(0, 65'472, 64);

    EXPECT_TRUE(unblock_log(log.view(), 65'536));

    EXPECT_EQ(log.tail(1), 0x0000000800000000U);
    EXPECT_EQ(log.metadata().active_term_count, 1);
    EXPECT_EQ(producer_position(log.view()), 65'536);
    EXPECT_FALSE(unblock_log(log.view(), 65'536)) << "nothing is claimed in the new term";
}

// spec: 03-C52
TEST(Unblocker, LeavesCommittedFramesInFrontOfASlowSubscriberAlone) {
    const TestLog log;
    log.stand_at(7, 128);
    log.put_frame(0, 0, 64);
    EXPECT_FALSE(unblock_log(log.view(), 0));
    EXPECT_EQ(log.header(0, 0).frame_length, 64);
    EXPECT_EQ(log.header(0, 0).type, data_type);
}

TEST(Unblocker, LeavesTheLastSlotOfATermAloneIfNothingIsClaimed) {
    const TestLog log;
    log.stand_at(7, 65'504);
    EXPECT_FALSE(unblock_log(log.view(), 65'504));
    EXPECT_EQ(hex(log.at(0, 65'504), 32), zeroes(32));
}

TEST(Unblocker, LeavesCorruptLengthsAlone) {
    const TestLog log;
    log.stand_at(7, 1'024);
    for (const std::int32_t length : {INT32_MIN, -1, -31, -65'536}) {
        log.header(0, 64).frame_length = length;
        EXPECT_FALSE(unblock_log(log.view(), 64)) << length;
        EXPECT_EQ(log.header(0, 64).frame_length, length);
    }
}

// spec: 03-C51
TEST(BlockedWatch, WaitsForLongerThanTheTimeoutWithoutProgress) {
    BlockedWatch watch{0, 15, 100};
    const auto at = [](const std::int64_t consumer, const std::int64_t producer) {
        return StreamProgress{consumer, producer, static_cast<std::int32_t>(consumer >> 16), 16};
    };
    EXPECT_FALSE(watch.is_blocked(at(0, 0), 1'000)) << "nothing is in front: the time starts anew";
    EXPECT_FALSE(watch.is_blocked(at(0, 64), 1'015));
    EXPECT_TRUE(watch.is_blocked(at(0, 64), 1'016));
    EXPECT_TRUE(watch.is_blocked(at(0, 64), 1'017)) << "again at each timer event";
    EXPECT_FALSE(watch.is_blocked(at(32, 64), 1'018));
    EXPECT_FALSE(watch.is_blocked(at(32, 64), 1'033));
    EXPECT_TRUE(watch.is_blocked(at(32, 64), 1'034));
    EXPECT_FALSE(watch.is_blocked(at(64, 64), 1'035));
}

// spec: 03-C56
TEST(BlockedWatch, SeesAStreamThatIsIdleAtTheEndOfATerm) {
    BlockedWatch watch{65'536, 15, 0};
    const StreamProgress progress{65'536, 65'536, 0, 16};
    EXPECT_FALSE(watch.is_blocked(progress, 15));
    EXPECT_TRUE(watch.is_blocked(progress, 16));
}

}  // namespace
}  // namespace cpperon::logbuffer
