#include "cpperon/wire/validate.hpp"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cpperon/wire/frame_vectors.hpp"

namespace cpperon::wire {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the vectors
using cpperon::test::from_hex;

constexpr std::int32_t term_length = 65'536;
constexpr std::int32_t one_gib = 1'073'741'824;

/// `length` bytes that begin with a common header.
Bytes datagram_of(const std::size_t length, const FrameHeader& header) {
    Bytes bytes(std::max(length, sizeof header));
    std::memcpy(bytes.data(), &header, sizeof header);
    bytes.resize(length);
    return bytes;
}

Bytes datagram_of(const std::size_t length, const FrameType type) {
    return datagram_of(length, {.frame_length = static_cast<std::int32_t>(length),
                                .version = 0,
                                .flags = 0,
                                .type = static_cast<std::uint16_t>(type)});
}

// ---- The check of every datagram ----

// spec: 04-C2
TEST(CheckDatagram, RefusesWhatIsNoFrame) {
    const FrameHeader nak{.frame_length = 28, .version = 0, .flags = 0, .type = 0x02};
    FrameHeader other_version = nak;
    other_version.version = 1;
    FrameHeader negative = nak;
    negative.frame_length = -1;

    EXPECT_EQ(check_datagram({}), Fault::too_short);
    EXPECT_EQ(check_datagram(datagram_of(7, nak)), Fault::too_short);
    EXPECT_EQ(check_datagram(datagram_of(8, nak)), Fault::too_short) << "for its type";
    EXPECT_EQ(check_datagram(datagram_of(28, other_version)), Fault::unknown_version);
    EXPECT_EQ(check_datagram(datagram_of(28, negative)), Fault::negative_length);
    EXPECT_EQ(check_datagram(datagram_of(28, nak)), Fault::none);
}

// spec: 04-C2
TEST(CheckDatagram, RefusesTypesThatNobodySends) {
    for (const int number : {0x08, 0x09, 0x0A, 0x0C, 0x100, 0x7FFF, 0x8000, 0xFFFF}) {
        const auto type = static_cast<std::uint16_t>(number);
        EXPECT_EQ(check_datagram(datagram_of(64, {.frame_length = 64, .version = 0, .flags = 0, .type = type})),
                  Fault::unknown_type)
            << type;
    }
}

// spec: 04-C3
TEST(CheckDatagram, WantsDataInWholeAlignedDatagrams) {
    for (const FrameType type : {FrameType::data, FrameType::padding}) {
        EXPECT_EQ(check_datagram(datagram_of(31, type)), Fault::too_short);
        EXPECT_EQ(check_datagram(datagram_of(32, type)), Fault::none);
        EXPECT_EQ(check_datagram(datagram_of(33, type)), Fault::data_length_unaligned);
        EXPECT_EQ(check_datagram(datagram_of(48, type)), Fault::data_length_unaligned);
    }
    EXPECT_EQ(check_datagram(from_hex(data_hex)), Fault::none) << "64 bytes, frame length 37";
}

TEST(CheckDatagram, DoesNotCompareTheLengthOfDataWithTheDatagram) {
    EXPECT_EQ(check_datagram(from_hex(padding_hex)), Fault::none);
    EXPECT_EQ(check_datagram(datagram_of(32, {.frame_length = INT32_MAX, .version = 0, .flags = 0, .type = 1})),
              Fault::none);
}

// spec: 04-C4
TEST(CheckDatagram, KnowsTheShortestDatagramOfEachType) {
    const std::vector<std::pair<FrameType, std::size_t>> shortest{
        {FrameType::nak, 28},
        {FrameType::status_message, 36},
        {FrameType::error, 40},
        {FrameType::setup, 40},
        {FrameType::rtt_measurement, 40},
        {FrameType::resolution, 22},
        {FrameType::response_setup, 20},
    };
    for (const auto& [type, length] : shortest) {
        EXPECT_EQ(check_datagram(datagram_of(length - 1, type)), Fault::too_short) << length;
        EXPECT_EQ(check_datagram(datagram_of(length, type)), Fault::none) << length;
    }
}

// spec: 04-C5
TEST(CheckDatagram, RefusesAFrameThatIsLongerThanItsDatagram) {
    Bytes setup = setup_vectors.front().bytes();
    EXPECT_EQ(check_datagram(setup), Fault::none);

    setup[0] = std::byte{41};
    EXPECT_EQ(check_datagram(setup), Fault::length_beyond_datagram);
    setup[0] = std::byte{8};
    EXPECT_EQ(check_datagram(setup), Fault::none) << "a short one is not looked at";
}

// ---- Semantic checks ----

// spec: 04-C6
TEST(CheckStatusMessage, HoldsWindowAndOffsetAgainstTheTerm) {
    const auto checked = [](const std::int32_t offset, const std::int32_t window, const std::int32_t length) {
        return check(StatusMessage{.consumption_term_offset = offset, .receiver_window = window}, length);
    };

    EXPECT_EQ(checked(0, 0, term_length), Fault::none);
    EXPECT_EQ(checked(term_length - 32, term_length / 2, term_length), Fault::none);
    EXPECT_EQ(checked(0, term_length / 2 + 1, term_length), Fault::window_out_of_range);
    EXPECT_EQ(checked(0, -1, term_length), Fault::window_out_of_range);
    EXPECT_EQ(checked(16, 0, term_length), Fault::term_offset_out_of_range);
    EXPECT_EQ(checked(term_length, 0, term_length), Fault::term_offset_out_of_range);
    EXPECT_EQ(checked(-32, 0, term_length), Fault::term_offset_out_of_range);
    EXPECT_EQ(checked(one_gib - 32, one_gib / 2, one_gib), Fault::none) << "no publication matches";
    EXPECT_EQ(checked(0, INT32_MAX, one_gib), Fault::window_out_of_range);
}

// spec: 04-C9
TEST(CheckNak, WantsTheGapWithinItsTerm) {
    const auto checked = [](const std::int32_t offset, const std::int32_t length) {
        return check(Nak{.term_offset = offset, .gap_length = length}, term_length);
    };

    EXPECT_EQ(checked(0, term_length), Fault::none);
    EXPECT_EQ(checked(term_length - 32, 32), Fault::none);
    EXPECT_EQ(checked(term_length - 32, 0), Fault::none);
    EXPECT_EQ(checked(term_length - 32, 33), Fault::gap_out_of_range);
    EXPECT_EQ(checked(32, term_length), Fault::gap_out_of_range);
    EXPECT_EQ(checked(32, INT32_MAX), Fault::gap_out_of_range) << "their sum does not fit 32 bits";
    EXPECT_EQ(checked(0, -32), Fault::gap_out_of_range);
    EXPECT_EQ(checked(16, 32), Fault::term_offset_out_of_range);
    EXPECT_EQ(checked(term_length, 0), Fault::term_offset_out_of_range);
    EXPECT_EQ(checked(-32, 32), Fault::term_offset_out_of_range);
}

struct SetupNumbers {
    std::int32_t term_length = 65'536;
    std::int32_t term_offset = 0;
    std::int32_t mtu_length = 1'408;
};

Fault check_setup(const SetupNumbers& numbers) {
    return check(Setup{
        .term_offset = numbers.term_offset, .term_length = numbers.term_length, .mtu_length = numbers.mtu_length});
}

// spec: 04-C10
TEST(CheckSetup, WantsATermLengthThatLogsHave) {
    EXPECT_EQ(check_setup({.term_length = 65'536}), Fault::none);
    EXPECT_EQ(check_setup({.term_length = one_gib}), Fault::none);
    for (const std::int32_t length : {3 * 65'536, 32'768, 65'535, one_gib + 1, 0, -65'536, INT32_MIN, INT32_MAX}) {
        EXPECT_EQ(check_setup({.term_length = length}), Fault::term_length_not_allowed) << length;
    }
}

// spec: 04-C10
TEST(CheckSetup, WantsAnMtuOfWholeFrames) {
    EXPECT_EQ(check_setup({.mtu_length = 32}), Fault::none);
    EXPECT_EQ(check_setup({.mtu_length = 65'504}), Fault::none);
    for (const std::int32_t length : {1'400, 31, 0, -32, 65'536, INT32_MAX}) {
        EXPECT_EQ(check_setup({.mtu_length = length}), Fault::mtu_not_allowed) << length;
    }
}

TEST(CheckSetup, WantsAFrameOffsetWithinTheTerm) {
    EXPECT_EQ(check_setup({.term_offset = 65'504}), Fault::none);
    for (const std::int32_t offset : {65'536, 16, -32, INT32_MAX - 31}) {
        EXPECT_EQ(check_setup({.term_offset = offset}), Fault::term_offset_out_of_range) << offset;
    }
}

// ---- All frames of a data datagram ----

struct TestFrame {
    std::int32_t frame_length = 0;
    std::int32_t term_offset = 0;
    FrameType type = FrameType::data;
};

/// A datagram of `length` bytes in which each frame begins where the one before it ends.
Bytes packet(const std::size_t length, const std::vector<TestFrame>& frames) {
    Bytes bytes(length);
    std::int64_t at = 0;
    for (const TestFrame& frame : frames) {
        const logbuffer::DataHeader header{.frame_length = frame.frame_length,
                                           .version = 0,
                                           .flags = logbuffer::frame_flag::unfragmented,
                                           .type = static_cast<std::int16_t>(frame.type),
                                           .term_offset = frame.term_offset,
                                           .session_id = session_id,
                                           .stream_id = stream_id,
                                           .term_id = term_id,
                                           .reserved_value = 0};
        std::memcpy(bytes.data() + at, &header, sizeof header);
        at += logbuffer::align_frame(std::int64_t{frame.frame_length});
    }
    return bytes;
}

void expect_valid(const Bytes& datagram, const std::int32_t length) {
    const DataExtent extent = check_data(datagram, term_length);
    EXPECT_EQ(extent.fault, Fault::none) << to_string(extent.fault);
    EXPECT_EQ(extent.length, length);
    EXPECT_FALSE(extent.is_heartbeat);
}

void expect_fault(const Bytes& datagram, const Fault fault) {
    const DataExtent extent = check_data(datagram, term_length);
    EXPECT_EQ(extent.fault, fault) << to_string(extent.fault);
    EXPECT_EQ(extent.length, 0);
}

constexpr FrameType padding = FrameType::padding;

// spec: 04-C12
TEST(CheckData, TakesWholeFramesThatFollowEachOther) {
    expect_valid(packet(448, {{100, 0}, {300, 128}}), 448);
    expect_fault(packet(448, {{100, 0}, {300, 160}}), Fault::frames_not_whole);
}

// spec: 04-C12
TEST(CheckData, RefusesTrailingBytes) {
    expect_fault(packet(160, {{100, 0}, {0, 0}}), Fault::frames_not_whole);
}

// spec: 04-C12
TEST(CheckData, RefusesAnIncompleteFrame) {
    expect_fault(packet(64, {{1'000, 0}}), Fault::frames_not_whole);
}

// It would end the rebuild of an image for good, since nothing can ever be written over it.
TEST(CheckData, RefusesAFrameShorterThanItsHeader) {
    expect_fault(packet(32, {{31, 0}}), Fault::frames_not_whole);
    expect_fault(packet(64, {{32, 0}, {1, 32}}), Fault::frames_not_whole);
    expect_valid(packet(64, {{32, 0}, {32, 32}}), 64);
}

// spec: 04-C12
TEST(CheckData, TakesPaddingOfWhichOnlyTheHeaderCame) {
    expect_valid(packet(96, {{64, 0}, {192, 64, padding}}), 256);
    expect_valid(from_hex(padding_hex), 192);
}

// spec: 04-C12
TEST(CheckData, RefusesPaddingBeyondTheEndOfTheTerm) {
    expect_fault(packet(32, {{192, 65'408, padding}}), Fault::frames_not_whole);
    expect_valid(packet(32, {{128, 65'408, padding}}), 128);
}

// spec: 04-C12
TEST(CheckData, RefusesAZeroLengthThatIsNoHeartbeat) {
    expect_fault(packet(64, {{0, 0}}), Fault::frames_not_whole);
}

// spec: 04-C12
TEST(CheckData, NeverMeetsANegativeLengthInTheFirstFrame) {
    EXPECT_EQ(check_datagram(packet(64, {{-64, 0}})), Fault::negative_length);
    expect_fault(packet(64, {{-64, 0}}), Fault::frames_not_whole);
}

TEST(CheckData, RefusesANegativeLengthInALaterFrame) {
    expect_fault(packet(64, {{32, 0}, {-32, 32}}), Fault::frames_not_whole);
    expect_fault(packet(64, {{32, 0}, {INT32_MIN, 32}}), Fault::frames_not_whole);
}

TEST(CheckData, TellsHeartbeats) {
    for (const Vector<Heartbeat>& vector : heartbeat_vectors) {
        const DataExtent extent = check_data(vector.bytes(), term_length);
        EXPECT_EQ(extent.fault, Fault::none);
        EXPECT_TRUE(extent.is_heartbeat);
        EXPECT_EQ(extent.length, 0);
    }
}

TEST(CheckData, RefusesAFirstOffsetOutsideOfTheTerm) {
    for (const std::int32_t offset : {65'536, 16, 33, -32, INT32_MAX - 31, INT32_MIN}) {
        expect_fault(packet(32, {{32, offset}}), Fault::term_offset_out_of_range);
        expect_fault(packet(32, {{0, offset}}), Fault::term_offset_out_of_range);
    }
    expect_valid(packet(32, {{32, 65'504}}), 32);
}

TEST(CheckData, RefusesFramesBeyondTheEndOfTheTerm) {
    expect_valid(packet(64, {{32, 65'472}, {32, 65'504}}), 64);
    expect_fault(packet(64, {{32, 65'504}, {32, 65'536}}), Fault::frames_not_whole);
    expect_fault(packet(64, {{64, 65'504}}), Fault::frames_not_whole);
}

TEST(CheckData, IsNotMisledByLengthsOfTwoGigabytes) {
    for (const std::int32_t length : {INT32_MAX, INT32_MAX - 31, one_gib + 1}) {
        for (const std::int32_t term : {term_length, one_gib}) {
            EXPECT_EQ(check_data(packet(32, {{length, 0, padding}}), term).fault, Fault::frames_not_whole);
            EXPECT_EQ(check_data(packet(64, {{32, 0}, {length, 32, padding}}), term).fault, Fault::frames_not_whole);
        }
    }
    EXPECT_EQ(check_data(packet(32, {{one_gib, 0, padding}}), one_gib).length, one_gib);
}

TEST(CheckData, RefusesOtherTypesBehindData) {
    expect_fault(packet(64, {{32, 0}, {32, 32, FrameType::nak}}), Fault::frames_not_whole);
    expect_fault(packet(64, {{32, 0}, {32, 32, FrameType{0xFFFF}}}), Fault::frames_not_whole);
}

TEST(CheckData, DoesNotCompareSessionsOrFlagsOfLaterFrames) {
    Bytes datagram = packet(64, {{32, 0}, {32, 32}});
    datagram[32 + 4] = std::byte{7};   // version
    datagram[32 + 5] = std::byte{0};   // flags
    datagram[32 + 12] = std::byte{1};  // session
    datagram[32 + 20] = std::byte{1};  // term

    expect_valid(datagram, 64);
}

TEST(CheckData, TakesPaddingThatCameWhole) {
    expect_valid(packet(96, {{96, 0, padding}}), 96);
}

TEST(CheckData, TakesAllFramesOfALargeDatagramAtAnyAddress) {
    std::vector<TestFrame> frames;
    for (std::int32_t offset = 0; offset < 65'504; offset += 32) {
        frames.push_back({32, offset});
    }
    const Bytes datagram = packet(65'504, frames);
    Bytes shifted(1);
    shifted.insert(shifted.end(), datagram.begin(), datagram.end());

    EXPECT_EQ(check_data(std::span<const std::byte>{shifted}.subspan(1), term_length).length, 65'504);
}

TEST(Fault, EachHasATextOfItsOwn) {
    std::set<std::string_view> texts;
    constexpr auto last = static_cast<std::size_t>(Fault::resolution_address_not_allowed);
    for (std::size_t i = 0; i <= last; ++i) {
        texts.insert(to_string(static_cast<Fault>(i)));
    }

    EXPECT_EQ(texts.size(), last + 1);
    EXPECT_FALSE(texts.contains(to_string(static_cast<Fault>(last + 1))));
}

}  // namespace
}  // namespace cpperon::wire
