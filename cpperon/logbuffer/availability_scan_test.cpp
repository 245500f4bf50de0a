#include "cpperon/logbuffer/availability_scan.hpp"

#include <gtest/gtest.h>

#include "cpperon/logbuffer/test_log.hpp"

namespace cpperon::logbuffer {
namespace {

// spec: 03-C57
TEST(AvailabilityScan, FindsWhatTheTableOfTheSpecificationSays) {
    const TestLog log;
    log.put_frame(0, 0, 132);
    log.put_frame(0, 160, 1'032);
    log.put_frame(0, 1'216, 1'032);
    log.put_frame(0, 2'272, 532, FrameType::padding);
    const auto scan = [&](const std::int32_t from, const std::int32_t max) {
        return scan_availability(log.at(0, from), 65'536 - from, max);
    };
    EXPECT_EQ(scan(0, 1'408), (Availability{1'216, 0}));
    EXPECT_EQ(scan(0, 100), (Availability{-160, 0}));
    EXPECT_EQ(scan(1'216, 1'408), (Availability{1'088, 512}));
    EXPECT_EQ(scan(2'272, 1'408), (Availability{32, 512}));
    EXPECT_EQ(scan(2'272, 31), (Availability{-32, 0}));
    EXPECT_EQ(scan(2'816, 1'408), (Availability{0, 0}));
    EXPECT_EQ(scan(1'216, 1'056), (Availability{1'056, 0})) << "the padding does not fit any more";
}

TEST(AvailabilityScan, StopsAtClaimsAndAtLengthsThatLeadOutOfTheTerm) {
    const TestLog log;
    log.put_frame(0, 0, 64);
    for (const std::int32_t length : {-64, 1, 31, INT32_MIN, INT32_MAX, 65'536}) {
        log.put_frame(0, 64, length, FrameType::padding);
        EXPECT_EQ(scan_availability(log.at(0, 0), 65'536, 1'408), (Availability{64, 0})) << length;
    }
    log.put_frame(0, 65'472, 64, FrameType::padding);
    EXPECT_EQ(scan_availability(log.at(0, 65'472), 64, 1'408), (Availability{32, 32}));
    log.put_frame(0, 65'504, 32, FrameType::padding);
    EXPECT_EQ(scan_availability(log.at(0, 65'504), 32, 1'408), (Availability{32, 0}));
}

}  // namespace
}  // namespace cpperon::logbuffer
