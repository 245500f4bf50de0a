#include "cpperon/driver/receiver/receive_timestamps.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "cpperon/logbuffer/frame.hpp"

namespace cpperon::driver {
namespace {

using logbuffer::DataHeader;
namespace frame_flag = logbuffer::frame_flag;

constexpr std::int64_t timestamp_ns = 0x0102030405060708;

/// Appends a frame of zeroes.
void append_frame(std::vector<std::byte>& datagram, const std::int32_t payload_length,
                  const std::uint8_t flags = frame_flag::unfragmented,
                  const logbuffer::FrameType type = logbuffer::FrameType::data) {
    const DataHeader header{.frame_length = payload_length + logbuffer::frame_header_length,
                            .flags = flags,
                            .type = static_cast<std::int16_t>(type)};
    const std::size_t begin = datagram.size();
    datagram.resize(begin + static_cast<std::size_t>(logbuffer::align_frame(header.frame_length)));
    std::memcpy(datagram.data() + begin, &header, sizeof header);
}

std::vector<std::byte> frame(const std::int32_t payload_length, const std::uint8_t flags = frame_flag::unfragmented) {
    std::vector<std::byte> datagram;
    append_frame(datagram, payload_length, flags);
    return datagram;
}

std::int64_t word_at(const std::vector<std::byte>& datagram, const std::size_t offset) {
    std::int64_t word = 0;
    std::memcpy(&word, datagram.data() + offset, sizeof word);
    return word;
}

// spec: 04-C86
TEST(ReceiveTimestamps, StandInTheReservedValueOfTheHeader) {
    std::vector<std::byte> datagram = frame(0);

    stamp_arrival(datagram, TimestampOffset::reserved(), timestamp_ns);

    EXPECT_EQ(word_at(datagram, 24), timestamp_ns);
}

TEST(ReceiveTimestamps, StandAtTheirOffsetOfThePayload) {
    std::vector<std::byte> datagram = frame(20);

    stamp_arrival(datagram, {.value = 12}, timestamp_ns);

    EXPECT_EQ(word_at(datagram, 32 + 12), timestamp_ns);
    EXPECT_EQ(word_at(datagram, 24), 0);
}

// spec: 04-C86
TEST(ReceiveTimestamps, LeaveAPayloadAloneThatIsTooShort) {
    for (const std::int32_t length : {0, 7, 19}) {
        std::vector<std::byte> datagram = frame(length);
        const std::vector<std::byte> before = datagram;

        stamp_arrival(datagram, {.value = 12}, timestamp_ns);

        EXPECT_EQ(datagram, before) << length;
    }
}

// spec: 04-C87
TEST(ReceiveTimestamps, StandInFramesThatBeginAMessageOnly) {
    std::vector<std::byte> datagram = frame(8, frame_flag::begin);
    append_frame(datagram, 8, 0);
    append_frame(datagram, 8, frame_flag::end);
    append_frame(datagram, 8, frame_flag::unfragmented);

    stamp_arrival(datagram, {.value = 0}, timestamp_ns);

    EXPECT_EQ(word_at(datagram, 32), timestamp_ns);
    EXPECT_EQ(word_at(datagram, 64 + 32), 0);
    EXPECT_EQ(word_at(datagram, 128 + 32), 0);
    EXPECT_EQ(word_at(datagram, 192 + 32), timestamp_ns);
}

TEST(ReceiveTimestamps, AreNotWrittenIntoPaddingHeartbeatsAndFramesThatLeaveTheDatagram) {
    std::vector<std::byte> padding;
    append_frame(padding, 0, frame_flag::unfragmented, logbuffer::FrameType::padding);
    std::vector<std::byte> heartbeat(32);
    heartbeat[5] = std::byte{frame_flag::unfragmented};
    heartbeat[6] = std::byte{1};
    std::vector<std::byte> cut = frame(64);
    cut.resize(64);

    for (std::vector<std::byte> datagram : {padding, heartbeat, cut, std::vector<std::byte>(31)}) {
        const std::vector<std::byte> before = datagram;

        stamp_arrival(datagram, TimestampOffset::reserved(), timestamp_ns);

        EXPECT_EQ(datagram, before);
    }
}

TEST(ReceiveTimestamps, AreOffByDefault) {
    std::vector<std::byte> datagram = frame(32);
    const std::vector<std::byte> before = datagram;

    stamp_arrival(datagram, {}, timestamp_ns);

    EXPECT_EQ(datagram, before);
}

}  // namespace
}  // namespace cpperon::driver
