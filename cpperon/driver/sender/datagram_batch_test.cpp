#include "cpperon/driver/sender/datagram_batch.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/logbuffer/test_log.hpp"

namespace cpperon::driver {
namespace {

using logbuffer::FrameType;
using logbuffer::TestLog;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A run without its place in memory.
struct Shape {
    std::uint32_t segment_length;
    std::uint32_t length;

    friend bool operator==(const Shape&, const Shape&) = default;
};

/// Frames in the first term of a log, and what is gathered from them.
class DatagramBatchTest : public ::testing::Test {
protected:
    void append(const std::int32_t frame_length, const int count = 1, const FrameType type = FrameType::data) {
        for (int i = 0; i < count; ++i) {
            log.put_frame(0, tail, frame_length, type);
            tail += logbuffer::align_frame(frame_length);
        }
    }
    void gather(const std::int64_t window, const std::int32_t term_offset = 0) {
        batch.gather({.term = log.view().term(0),
                      .term_offset = term_offset,
                      .window = window,
                      .mtu_length = mtu_length,
                      .max_runs = max_runs});
    }
    [[nodiscard]] std::vector<Shape> shapes() const {
        std::vector<Shape> found;
        for (const net::DatagramRun& run : batch.runs()) {
            found.push_back({run.segment_length, run.length});
        }
        return found;
    }

    TestLog log;
    std::int32_t tail = 0;
    std::int32_t mtu_length = 1'408;
    std::size_t max_runs = 4;
    DatagramBatch batch;
};

TEST_F(DatagramBatchTest, HasNothingWhereNothingIsCommitted) {
    gather(65'536);

    EXPECT_TRUE(batch.is_empty());
    EXPECT_FALSE(batch.is_blocked());
    EXPECT_EQ(batch.covered_length(), 0);
}

TEST_F(DatagramBatchTest, MakesOneRunOfEqualDatagrams) {
    append(1'408, 10);

    gather(65'536);

    EXPECT_THAT(shapes(), ElementsAre(Shape{1'408, 14'080}));
    EXPECT_EQ(batch.runs()[0].data, log.at(0, 0));
    EXPECT_EQ(batch.covered_length(), 14'080);
}

TEST_F(DatagramBatchTest, PacksSmallFramesIntoDatagramsOfTheMtu) {
    append(64, 50);  // 22 of them are a datagram

    gather(65'536);

    EXPECT_THAT(shapes(), ElementsAre(Shape{1'408, 3'200}));
}

TEST_F(DatagramBatchTest, OnlyTheLastDatagramOfARunMayBeShorter) {
    append(1'408, 2);
    append(1'376);
    append(1'408);

    gather(65'536);

    EXPECT_THAT(shapes(), ElementsAre(Shape{1'408, 1'408 * 2 + 1'376}, Shape{1'408, 1'408}));
}

TEST_F(DatagramBatchTest, ALongerDatagramBeginsARun) {
    append(1'376, 2);
    append(1'408, 2);

    gather(65'536);

    EXPECT_THAT(shapes(), ElementsAre(Shape{1'376, 2'752}, Shape{1'408, 2'816}));
}

TEST_F(DatagramBatchTest, StopsAtTheLimitOfRuns) {
    for (const std::int32_t length : {1'280, 1'312, 1'344, 1'376, 1'408}) {
        append(length);
    }
    max_runs = 3;

    gather(65'536);

    EXPECT_THAT(shapes(), ElementsAre(Shape{1'280, 1'280}, Shape{1'312, 1'312}, Shape{1'344, 1'344}));
    EXPECT_EQ(batch.covered_length(), 1'280 + 1'312 + 1'344);
    EXPECT_FALSE(batch.is_blocked());
}

TEST_F(DatagramBatchTest, ARunHasAtMost64Datagrams) {
    mtu_length = 64;
    append(64, 65);

    gather(65'536);

    EXPECT_THAT(shapes(), ElementsAre(Shape{64, 4'096}, Shape{64, 64}));
}

TEST_F(DatagramBatchTest, ARunIsNoLongerThanTheLongestDatagram) {
    mtu_length = 8'192;
    append(8'192, 8);

    gather(65'536);

    EXPECT_THAT(shapes(), ElementsAre(Shape{8'192, 57'344}, Shape{8'192, 8'192}));
}

// spec: 04-C21
TEST_F(DatagramBatchTest, FollowsTheScanTableOfTheSpecification) {
    append(128);
    append(1'024);
    append(320);

    gather(1'408);
    EXPECT_THAT(shapes(), ElementsAre(Shape{1'152, 1'152}));
    EXPECT_TRUE(batch.is_blocked());
    gather(96);
    EXPECT_THAT(shapes(), IsEmpty());
    EXPECT_TRUE(batch.is_blocked());
    gather(160);
    EXPECT_THAT(shapes(), ElementsAre(Shape{128, 128}));
}

// spec: 04-C21
TEST_F(DatagramBatchTest, NeitherExceedsTheMtuNorSplitsAFrame) {
    append(128);
    append(1'024);
    append(256);
    append(1'376);

    gather(65'536);

    EXPECT_THAT(shapes(), ElementsAre(Shape{1'408, 2'784}));
}

// spec: 04-C22
TEST_F(DatagramBatchTest, OfPaddingTheHeaderIsSentAndTheWholeIsCovered) {
    append(64);
    append(192, 1, FrameType::padding);
    append(96);

    gather(65'536);

    EXPECT_THAT(shapes(), ElementsAre(Shape{96, 96}, Shape{96, 96}));
    EXPECT_EQ(batch.runs()[1].data, log.at(0, 256));
    EXPECT_EQ(batch.covered_length(), 352);
}

// spec: 04-C23
TEST_F(DatagramBatchTest, AWindowOf32BytesIsEnoughForPadding) {
    append(192, 1, FrameType::padding);

    gather(31);
    EXPECT_TRUE(batch.is_empty());
    EXPECT_TRUE(batch.is_blocked());
    gather(32);
    EXPECT_THAT(shapes(), ElementsAre(Shape{32, 32}));
    EXPECT_EQ(batch.covered_length(), 192);
    EXPECT_FALSE(batch.is_blocked());
}

TEST_F(DatagramBatchTest, StopsAtTheEndOfTheTerm) {
    log.put_frame(0, 65'472, 64);

    gather(65'536, 65'472);
    EXPECT_THAT(shapes(), ElementsAre(Shape{64, 64}));
    gather(65'536, 65'536);
    EXPECT_TRUE(batch.is_empty());
    EXPECT_FALSE(batch.is_blocked());
}

TEST_F(DatagramBatchTest, VisitsEachDatagram) {
    append(1'376, 2);
    append(64);
    append(1'408);
    gather(65'536);

    std::vector<std::pair<std::ptrdiff_t, std::size_t>> visited;
    batch.for_each_datagram([&](const std::span<std::byte> datagram) {
        visited.emplace_back(datagram.data() - log.at(0, 0), datagram.size());
    });

    EXPECT_THAT(visited, ElementsAre(std::pair{0, 1'376U}, std::pair{1'376, 1'376U}, std::pair{2'752, 64U},
                                     std::pair{2'816, 1'408U}));
}

}  // namespace
}  // namespace cpperon::driver
