#include "cpperon/logbuffer/term_rebuilder.hpp"

#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "cpperon/logbuffer/gap_scan.hpp"
#include "cpperon/logbuffer/image_reader.hpp"
#include "cpperon/logbuffer/test_log.hpp"

namespace cpperon::logbuffer {
namespace {

class TermRebuilderTest : public testing::Test {
protected:
    TestLog sent;
    TestLog log;
    std::span<std::byte> term = log.view().term(0);

    /// The bytes of the frames that the sender's log holds there, at an odd address, as a datagram may be.
    std::vector<std::byte> packet(const std::int32_t offset, const std::int32_t length) const {
        std::vector<std::byte> bytes(1 + static_cast<std::size_t>(length));
        std::memcpy(bytes.data() + 1, sent.at(0, offset), static_cast<std::size_t>(length));
        return bytes;
    }
    bool insert(const std::int32_t offset, const std::int32_t length) {
        const std::vector<std::byte> bytes = packet(offset, length);
        return insert_packet(term, offset, std::span{bytes}.subspan(1));
    }
};

// spec: 03-C59
TEST_F(TermRebuilderTest, ShowsAPacketOfSeveralFramesAtOnceAndIgnoresItsDuplicate) {
    sent.put_frame(0, 64, 60);
    sent.put_frame(0, 128, 64);
    std::memset(sent.at(0, 96), 0x5a, 28);

    EXPECT_TRUE(insert(64, 128));
    EXPECT_EQ(hex(log.at(0, 64), 128), hex(sent.at(0, 64), 128));

    log.header(0, 128).reserved_value = 1;
    EXPECT_FALSE(insert(64, 128));
    EXPECT_EQ(log.header(0, 128).reserved_value, 1);

    // The first word is what readers wait for.
    ImageReader reader{log.view(), log.subscriber_position, 1};
    log.subscriber_position = 64;
    log.header(0, 64).frame_length = 0;
    EXPECT_EQ(reader.poll([](auto, const Header&) {}, 10), 0);
    log.header(0, 64).frame_length = 60;
    EXPECT_EQ(reader.poll([](auto, const Header&) {}, 10), 2);
}

TEST_F(TermRebuilderTest, RefusesPacketsThatDoNotFitTheTerm) {
    EXPECT_FALSE(insert_packet(term, 65'472, packet(0, 127)));
    EXPECT_FALSE(insert_packet(term, 65'536, packet(0, 63)));
    EXPECT_FALSE(insert_packet(term, -32, packet(0, 63)));
    EXPECT_FALSE(insert_packet(term, 33, packet(0, 63)));
    EXPECT_FALSE(insert_packet(term, 0, packet(0, 8)));
    EXPECT_FALSE(insert_packet(term, 0, {}));
}

// spec: 03-C60
TEST_F(TermRebuilderTest, FillsAGapOnlyWhileItIsEmpty) {
    const DataHeader& header = log.metadata().default_header;
    log.put_frame(0, 192, 32);
    EXPECT_FALSE(fill_gap(header, term, 7, {64, 160}));
    EXPECT_EQ(hex(log.at(0, 64), 128), zeroes(128));

    EXPECT_TRUE(fill_gap(header, term, 7, {64, 128}));
    EXPECT_EQ(hex(log.at(0, 64), 32),
              "80 00 00 00 00 c0 00 00 40 00 00 00 44 33 22 11 "
              "e9 03 00 00 07 00 00 00 00 00 00 00 00 00 00 00");
    EXPECT_FALSE(fill_gap(header, term, 7, {64, 128}));
    EXPECT_FALSE(fill_gap(header, term, 7, {65'504, 64}));
    EXPECT_FALSE(fill_gap(header, term, 7, {-64, 64}));
    EXPECT_FALSE(fill_gap(header, term, 7, {256, 0}));
}

TEST_F(TermRebuilderTest, FindsTheFirstGap) {
    EXPECT_EQ(scan_for_gap(term, 0, 0), (GapScan{0, {}}));
    EXPECT_EQ(scan_for_gap(term, 0, 128), (GapScan{0, Gap{0, 128}}));
    log.put_frame(0, 0, 60);
    log.put_frame(0, 64, 64);
    log.put_frame(0, 256, 64);
    EXPECT_EQ(scan_for_gap(term, 0, 320), (GapScan{128, Gap{128, 128}}));
    EXPECT_EQ(scan_for_gap(term, 64, 128), (GapScan{128, {}}));
    EXPECT_EQ(scan_for_gap(term, 64, 192), (GapScan{128, Gap{128, 64}}));
    EXPECT_EQ(scan_for_gap(term, 256, 65'536), (GapScan{320, Gap{320, 65'216}}));
    log.put_frame(0, 320, 65'216, FrameType::padding);
    EXPECT_EQ(scan_for_gap(term, 256, 65'536), (GapScan{65'536, {}}));
    EXPECT_EQ(scan_for_gap(term, 65'536, 65'536), (GapScan{65'536, {}}));
}

}  // namespace
}  // namespace cpperon::logbuffer
