#include "cpperon/driver/sender/send_timestamp.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include <gtest/gtest.h>

#include "cpperon/logbuffer/frame.hpp"

namespace cpperon::driver {
namespace {

constexpr std::int64_t timestamp_ns = 0x0102030405060708;

/// One frame of zeroes in a datagram.
struct Frame {
    explicit Frame(const std::int32_t frame_length, const logbuffer::FrameType type = logbuffer::FrameType::data) {
        logbuffer::header_at(bytes.data()) = {.frame_length = frame_length, .type = static_cast<std::int16_t>(type)};
    }
    void stamp(const TimestampOffset offset, const std::size_t datagram_length = 96) {
        stamp_departure(std::span{bytes}.first(datagram_length), offset, timestamp_ns);
    }
    [[nodiscard]] std::int64_t at(const std::size_t offset) const {
        std::int64_t value = 0;
        std::memcpy(&value, bytes.data() + offset, sizeof value);
        return value;
    }
    [[nodiscard]] bool is_untouched() const {
        return std::all_of(bytes.begin() + 8, bytes.end(), [](const std::byte byte) { return byte == std::byte{0}; });
    }

    alignas(32) std::array<std::byte, 128> bytes{};
};

// spec: 04-C86
TEST(SendTimestamp, TheReservedValueHoldsIt) {
    Frame frame{37};

    frame.stamp(TimestampOffset::reserved());

    EXPECT_EQ(frame.at(24), timestamp_ns);
    EXPECT_EQ(frame.at(32), 0);
}

TEST(SendTimestamp, IsWrittenIntoThePayloadAtAnyOffset) {
    Frame frame{32 + 20};

    frame.stamp({.value = 3});

    EXPECT_EQ(frame.at(35), timestamp_ns);
    EXPECT_EQ(frame.at(24), 0);
}

// spec: 04-C86
TEST(SendTimestamp, LeavesAPayloadThatIsTooShort) {
    Frame fits{32 + 20};
    Frame too_short{32 + 19};

    fits.stamp({.value = 12});
    too_short.stamp({.value = 12});

    EXPECT_EQ(fits.at(44), timestamp_ns);
    EXPECT_TRUE(too_short.is_untouched());
}

TEST(SendTimestamp, LeavesWhatIsNoWholeDataFrame) {
    Frame padding{96, logbuffer::FrameType::padding};
    Frame heartbeat{0};
    Frame uncommitted{-64};
    Frame beyond{97};

    for (Frame* const frame : {&padding, &heartbeat, &uncommitted, &beyond}) {
        frame->stamp(TimestampOffset::reserved());

        EXPECT_TRUE(frame->is_untouched());
    }
}

TEST(SendTimestamp, LeavesADatagramWithoutAHeader) {
    Frame frame{16};

    frame.stamp(TimestampOffset::reserved(), 16);

    EXPECT_TRUE(frame.is_untouched());
}

TEST(SendTimestamp, IsTurnedOffByANegativeOffset) {
    Frame frame{64};

    frame.stamp({.value = -1});

    EXPECT_TRUE(frame.is_untouched());
}

}  // namespace
}  // namespace cpperon::driver
