#include "cpperon/driver/receiver/loss_detector.hpp"

#include <cstdint>
#include <cstring>
#include <optional>

#include <gtest/gtest.h>

#include "cpperon/logbuffer/test_log.hpp"

namespace cpperon::driver {
namespace {

constexpr std::int32_t term_length = 65'536;
constexpr std::int32_t first_term = 7;
constexpr std::int64_t first_delay_ns = 1'000;
constexpr std::int64_t retry_delay_ns = 100'000;

bool operator==(const ReportedGap& a, const ReportedGap& b) {
    return a.term_id == b.term_id && a.term_offset == b.term_offset && a.length == b.length;
}

class LossDetectorTest : public ::testing::Test {
protected:
    LossDetector::Finding scan(const std::int64_t rebuild_position, const std::int64_t high_water_mark,
                               const std::int64_t now_ns = 0) {
        return detector.scan(log.view(), {.rebuild_position = rebuild_position, .high_water_mark = high_water_mark},
                             now_ns);
    }
    void expect_report(const LossDetector::Finding& finding, const ReportedGap& gap) {
        ASSERT_TRUE(finding.report);
        EXPECT_TRUE(*finding.report == gap)
            << finding.report->term_id << ' ' << finding.report->term_offset << ' ' << finding.report->length;
    }

    logbuffer::TestLog log;
    LossDetector detector{FeedbackDelay::constant(first_delay_ns, 100)};
};

TEST_F(LossDetectorTest, NothingIsMissingUpToTheHighWaterMark) {
    log.put_frame(0, 0, 1'408);
    log.put_frame(0, 1'408, 1'408);

    const auto finding = scan(0, 2'816);

    EXPECT_EQ(finding.rebuild_position, 2'816);
    EXPECT_FALSE(finding.is_loss_found);
    EXPECT_FALSE(finding.report);
}

TEST_F(LossDetectorTest, NothingIsScannedWhereNothingCameYet) {
    EXPECT_EQ(scan(64, 64).rebuild_position, 64);
    EXPECT_EQ(scan(128, 64).rebuild_position, 128);
    EXPECT_FALSE(scan(128, 64).is_loss_found);
}

// spec: 04-C68
TEST_F(LossDetectorTest, GapIsReportedAfterTheFirstDelayAndThenAfterEachRetryDelay) {
    log.put_frame(0, 0, 1'408);
    log.put_frame(0, 2'816, 1'408);
    constexpr ReportedGap gap{.term_id = first_term, .term_offset = 1'408, .length = 1'408};

    const auto found = scan(0, 4'224, 0);
    EXPECT_EQ(found.rebuild_position, 1'408);
    EXPECT_TRUE(found.is_loss_found);
    EXPECT_FALSE(found.report);

    EXPECT_FALSE(scan(1'408, 4'224, first_delay_ns - 1).report);
    const auto reported = scan(1'408, 4'224, first_delay_ns);
    EXPECT_FALSE(reported.is_loss_found);
    expect_report(reported, gap);

    EXPECT_FALSE(scan(1'408, 4'224, first_delay_ns + retry_delay_ns - 1).report);
    expect_report(scan(1'408, 4'224, first_delay_ns + retry_delay_ns), gap);
}

// spec: 04-C67
TEST_F(LossDetectorTest, LostTailIsFoundOnceTheHighWaterMarkIsBeyondIt) {
    log.put_frame(0, 0, 1'408);
    EXPECT_FALSE(scan(0, 1'408, 0).is_loss_found);

    EXPECT_TRUE(scan(1'408, 2'816, 0).is_loss_found);

    expect_report(scan(1'408, 2'816, first_delay_ns), {.term_id = first_term, .term_offset = 1'408, .length = 1'408});
}

TEST_F(LossDetectorTest, GapThatGrowsIsAnotherGapAndWaitsAnew) {
    EXPECT_TRUE(scan(0, 1'408, 0).is_loss_found);

    const auto grown = scan(0, 2'816, first_delay_ns);

    EXPECT_TRUE(grown.is_loss_found);
    EXPECT_FALSE(grown.report);
    expect_report(scan(0, 2'816, 2 * first_delay_ns), {.term_id = first_term, .term_offset = 0, .length = 2'816});
}

TEST_F(LossDetectorTest, OnlyTheFirstGapIsLookedAt) {
    log.put_frame(0, 0, 64);
    log.put_frame(0, 128, 64);
    EXPECT_EQ(scan(0, 320).rebuild_position, 64);

    log.put_frame(0, 64, 64);
    const auto next = scan(64, 320, first_delay_ns);

    EXPECT_EQ(next.rebuild_position, 192);
    EXPECT_TRUE(next.is_loss_found);
    EXPECT_FALSE(next.report);
}

TEST_F(LossDetectorTest, GapEndsWithItsTermWhereTheHighWaterMarkIsInTheNext) {
    static_cast<void>(scan(term_length - 64, term_length + 64, 0));

    const auto finding = scan(term_length - 64, term_length + 64, first_delay_ns);

    expect_report(finding, {.term_id = first_term, .term_offset = term_length - 64, .length = 64});
    EXPECT_EQ(finding.rebuild_position, term_length - 64);
}

TEST_F(LossDetectorTest, RebuildGoesOnInTheNextTerm) {
    log.put_frame(0, term_length - 64, 64);
    log.put_frame(1, 0, 64);

    EXPECT_EQ(scan(term_length - 64, term_length + 64).rebuild_position, term_length);
    EXPECT_EQ(scan(term_length, term_length + 64).rebuild_position, term_length + 64);
}

TEST_F(LossDetectorTest, TermIdsWrapAround) {
    logbuffer::LogParams params = logbuffer::vector_params();
    params.initial_term_id = INT32_MAX;
    const logbuffer::TestLog wrapping{params};

    const auto finding = LossDetector{FeedbackDelay::none()}.scan(
        wrapping.view(), {.rebuild_position = 4 * term_length, .high_water_mark = 4 * term_length + 32}, 0);

    expect_report(finding, {.term_id = INT32_MIN + 3, .term_offset = 0, .length = 32});
}

TEST_F(LossDetectorTest, WithoutDelayAGapIsReportedInEveryScan) {
    detector = LossDetector{FeedbackDelay::none()};

    EXPECT_TRUE(scan(0, 64, 5).report);
    EXPECT_TRUE(scan(0, 64, 5).report);
}

}  // namespace
}  // namespace cpperon::driver
