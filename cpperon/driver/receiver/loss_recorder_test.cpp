#include "cpperon/driver/receiver/loss_recorder.hpp"

#include <array>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "cpperon/shm/loss_report_reader.hpp"

namespace cpperon::driver {
namespace {

constexpr std::int32_t term = 7;

class LossRecorderTest : public ::testing::Test {
protected:
    void lose(const std::int32_t term_id, const std::int32_t term_offset, const std::int64_t length,
              const std::int64_t now_ms = 1'000) {
        recorder.on_gap({.term_id = term_id, .term_offset = term_offset, .length = length}, now_ms);
    }
    int entries() {
        return LossReportReader{std::as_bytes(std::span{memory})}.for_each([this](const LossObservation& loss) {
            last = loss;
            channel = loss.channel;
            source = loss.source;
        });
    }
    void expect_counted(const std::int64_t bytes, const std::int64_t count) {
        EXPECT_EQ(entries(), 1);
        EXPECT_EQ(last.total_bytes_lost, bytes);
        EXPECT_EQ(last.count, count);
    }

    std::array<std::int64_t, 64> memory{};
    shm::LossReport report{std::as_writable_bytes(std::span{memory})};
    LossRecorder recorder{report,
                          {.session_id = -3,
                           .stream_id = 1001,
                           .channel = "aeron:udp?endpoint=localhost:24325",
                           .source = "127.0.0.1:40123"}};
    LossObservation last;
    std::string channel;
    std::string source;
};

TEST_F(LossRecorderTest, ReportsNothingWithoutLoss) {
    EXPECT_EQ(entries(), 0);
}

// spec: 04-C97
TEST_F(LossRecorderTest, CountsEveryByteOnceAsInTheExampleOfTheSpecification) {
    lose(term, 32'000, 320);
    expect_counted(320, 1);

    lose(term, 32'000, 320);
    expect_counted(320, 1);

    lose(term, 32'000, 640);
    expect_counted(640, 2);

    lose(term, 40'000, 64);
    expect_counted(704, 3);
}

// spec: 04-C97
TEST_F(LossRecorderTest, EntrySaysWhoLostWhen) {
    lose(term, 0, 64, 1'000);
    lose(term, 128, 64, 2'500);

    EXPECT_EQ(entries(), 1);
    EXPECT_EQ(last.session_id, -3);
    EXPECT_EQ(last.stream_id, 1001);
    EXPECT_EQ(channel, "aeron:udp?endpoint=localhost:24325");
    EXPECT_EQ(source, "127.0.0.1:40123");
    EXPECT_EQ(last.first_ms, 1'000);
    EXPECT_EQ(last.last_ms, 2'500);
}

TEST_F(LossRecorderTest, GapThatWasFilledFromItsStartIsNotCountedAgain) {
    lose(term, 0, 1'408);

    lose(term, 704, 704);
    expect_counted(1'408, 1);

    lose(term, 704, 1'408);
    expect_counted(2'112, 2);
}

TEST_F(LossRecorderTest, SameOffsetInAnotherTermIsAnotherLoss) {
    lose(term, 0, 64);
    lose(term + 1, 0, 64);

    expect_counted(128, 2);
}

TEST_F(LossRecorderTest, ImageWithoutRoomInTheReportStopsReporting) {
    while (report.create_entry({.bytes_lost = 1, .now_ms = 1})) {
    }
    const int full = entries();

    lose(term, 0, 64);
    lose(term, 64, 64);

    EXPECT_EQ(entries(), full);
}

}  // namespace
}  // namespace cpperon::driver
