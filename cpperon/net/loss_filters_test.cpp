/// Which datagrams the filters lose: no sockets here. spec: 06 §21
#include "cpperon/net/loss_filters.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/logbuffer/frame.hpp"
#include "cpperon/wire/frames.hpp"

namespace cpperon::net {
namespace {

using Bytes = std::vector<std::byte>;

const SocketAddress peer = SocketAddress::ipv4({10, 0, 0, 7}, 40'123);
constexpr std::int32_t lossy_term = -7;

Bytes frame(const wire::FrameType type, const std::uint8_t flags = 0) {
    const wire::FrameHeader header{
        .frame_length = 32, .version = 0, .flags = flags, .type = static_cast<std::uint16_t>(type)};
    Bytes bytes(32);
    std::memcpy(bytes.data(), &header, sizeof(header));
    return bytes;
}

struct Data {
    std::int32_t term_offset = 0;
    std::int32_t frame_length = 96;
    std::int32_t term_id = lossy_term;
    std::int32_t session_id = 1;
    std::int32_t stream_id = 1'001;
    std::int16_t type = logbuffer::data_type;
};

Bytes datagram(const Data& data) {
    const logbuffer::DataHeader header{.frame_length = data.frame_length,
                                       .version = 0,
                                       .flags = logbuffer::frame_flag::unfragmented,
                                       .type = data.type,
                                       .term_offset = data.term_offset,
                                       .session_id = data.session_id,
                                       .stream_id = data.stream_id,
                                       .term_id = data.term_id};
    const bool is_data = data.type == logbuffer::data_type && data.frame_length > 0;
    Bytes bytes(is_data ? static_cast<std::size_t>(logbuffer::align_frame(data.frame_length)) : sizeof(header));
    std::memcpy(bytes.data(), &header, sizeof(header));
    return bytes;
}

std::vector<bool> fates(LossGenerator generator, const int count) {
    std::vector<bool> fates;
    for (int i = 0; i < count; ++i) {
        fates.push_back(generator.loses_next());
    }
    return fates;
}

TEST(LossGenerator, LosesTheSameForTheSameSeed) {
    EXPECT_EQ(fates({0.5, 42}, 200), fates({0.5, 42}, 200));
    EXPECT_NE(fates({0.5, 42}, 200), fates({0.5, 43}, 200));
}

TEST(LossGenerator, LosesAtItsRate) {
    const std::vector<bool> at_a_tenth = fates({0.1, 42}, 100'000);

    EXPECT_NEAR(static_cast<double>(std::count(at_a_tenth.begin(), at_a_tenth.end(), true)), 10'000, 500);
    EXPECT_THAT(fates({0, 42}, 1'000), testing::Each(false));
    EXPECT_THAT(fates({1, 42}, 1'000), testing::Each(true));
}

TEST(RandomLoss, LosesFramesOfTheTypesInItsMask) {
    RandomLoss data_and_setup{{1, 42}, 0x22};

    EXPECT_TRUE(data_and_setup.loses(frame(wire::FrameType::data), peer));
    EXPECT_TRUE(data_and_setup.loses(frame(wire::FrameType::setup), peer));
    EXPECT_FALSE(data_and_setup.loses(frame(wire::FrameType::padding), peer));
    EXPECT_FALSE(data_and_setup.loses(frame(wire::FrameType::status_message), peer));
    EXPECT_FALSE(data_and_setup.loses(frame(static_cast<wire::FrameType>(0x41)), peer));  // 65 is not 1
}

TEST(RandomLoss, LosesAllTypesWithoutAMask) {
    RandomLoss all{{1, 42}};

    EXPECT_TRUE(all.loses(frame(wire::FrameType::padding), peer));
    EXPECT_TRUE(all.loses(frame(wire::FrameType::response_setup), peer));
    EXPECT_TRUE(all.loses(frame(static_cast<wire::FrameType>(0xFFFF)), peer));
}

TEST(RandomLoss, LeavesWhatHasNoHeader) {
    RandomLoss all{{1, 42}};

    EXPECT_FALSE(all.loses(Bytes(7), peer));
    EXPECT_TRUE(all.loses(Bytes(8), peer));
}

TEST(ClassLoss, TellsDataFromControl) {
    ClassLoss data_only{{1, 42}, {0, 42}};
    ClassLoss control_only{{0, 42}, {1, 42}};
    const std::array data{frame(wire::FrameType::data), frame(wire::FrameType::padding), frame(wire::FrameType::setup),
                          frame(wire::FrameType::rtt_measurement)};
    const std::array control{frame(wire::FrameType::status_message), frame(wire::FrameType::nak),
                             frame(wire::FrameType::error), frame(wire::FrameType::response_setup),
                             frame(wire::FrameType::rtt_measurement, wire::rtt_flag::reply_requested)};

    for (const Bytes& one : data) {
        EXPECT_TRUE(data_only.loses(one, peer));
        EXPECT_FALSE(control_only.loses(one, peer));
    }
    for (const Bytes& one : control) {
        EXPECT_FALSE(data_only.loses(one, peer));
        EXPECT_TRUE(control_only.loses(one, peer));
    }
    EXPECT_FALSE(data_only.loses(Bytes(7), peer));
    EXPECT_FALSE(control_only.loses(Bytes(7), peer));
}

TEST(GapPattern, IsTouchedAtItsEdgesAndNotBesideThem) {
    const GapPattern gap{.first_offset = 1'024, .gap_length = 64};

    EXPECT_FALSE(gap.is_touched_by(0, 1'024));
    EXPECT_TRUE(gap.is_touched_by(0, 1'025));
    EXPECT_TRUE(gap.is_touched_by(1'087, 2'000));
    EXPECT_FALSE(gap.is_touched_by(1'088, 2'000));
    EXPECT_TRUE(gap.is_touched_by(0, 2'000));
}

TEST(GapPattern, RepeatsAsOftenAsItSays) {
    const GapPattern gaps{.first_offset = 1'024, .stride = 1'024, .gap_length = 64, .count = 3};

    EXPECT_TRUE(gaps.is_touched_by(1'024, 1'056));
    EXPECT_FALSE(gaps.is_touched_by(1'088, 2'048));
    EXPECT_TRUE(gaps.is_touched_by(1'088, 2'049));
    EXPECT_TRUE(gaps.is_touched_by(3'072, 3'104));
    EXPECT_TRUE(gaps.is_touched_by(3'135, 4'096));
    EXPECT_FALSE(gaps.is_touched_by(3'136, 8'192));
    EXPECT_FALSE(gaps.is_touched_by(4'096, 4'128));
}

TEST(GapLoss, LosesTheFirstTransmissionOfARange) {
    GapLoss loss{{.term_id = lossy_term, .first_offset = 96, .gap_length = 192}};

    EXPECT_FALSE(loss.loses(datagram({.term_offset = 0}), peer));
    EXPECT_TRUE(loss.loses(datagram({.term_offset = 96}), peer));
    EXPECT_TRUE(loss.loses(datagram({.term_offset = 192}), peer));
    EXPECT_FALSE(loss.loses(datagram({.term_offset = 288}), peer));

    EXPECT_FALSE(loss.loses(datagram({.term_offset = 96}), peer));  // retransmitted
    EXPECT_FALSE(loss.loses(datagram({.term_offset = 192}), peer));
}

TEST(GapLoss, LosesTheRestOfARangeWhenAPartCameAgainBefore) {
    GapLoss loss{{.term_id = lossy_term, .first_offset = 0, .gap_length = 192}};

    EXPECT_TRUE(loss.loses(datagram({.term_offset = 0}), peer));
    EXPECT_FALSE(loss.loses(datagram({.term_offset = 0}), peer));
    EXPECT_TRUE(loss.loses(datagram({.term_offset = 96}), peer));
    EXPECT_FALSE(loss.loses(datagram({.term_offset = 96}), peer));
}

TEST(GapLoss, KnowsSessionsAndStreamsApart) {
    GapLoss loss{{.term_id = lossy_term, .first_offset = 0, .gap_length = 96}};

    EXPECT_TRUE(loss.loses(datagram({.session_id = 1, .stream_id = 1'001}), peer));
    EXPECT_TRUE(loss.loses(datagram({.session_id = -1, .stream_id = 1'001}), peer));
    EXPECT_TRUE(loss.loses(datagram({.session_id = 1, .stream_id = 1'002}), peer));
    EXPECT_FALSE(loss.loses(datagram({.session_id = -1, .stream_id = 1'001}), peer));
}

TEST(GapLoss, LosesPaddingByWhatItStandsFor) {
    GapLoss loss{{.term_id = lossy_term, .first_offset = 1'024, .gap_length = 32}};
    const Data padding{.term_offset = 96, .frame_length = 4'000, .type = logbuffer::padding_type};

    EXPECT_TRUE(loss.loses(datagram(padding), peer));
    EXPECT_FALSE(loss.loses(datagram(padding), peer));
}

TEST(GapLoss, LeavesOtherTermsHeartbeatsAndFrames) {
    GapLoss loss{{.term_id = lossy_term, .first_offset = 0, .gap_length = 96}};

    EXPECT_FALSE(loss.loses(datagram({.term_id = lossy_term + 1}), peer));
    EXPECT_FALSE(loss.loses(datagram({.frame_length = 0}), peer));
    EXPECT_FALSE(loss.loses(datagram({.frame_length = -32}), peer));
    EXPECT_FALSE(loss.loses(frame(wire::FrameType::status_message), peer));
    EXPECT_FALSE(loss.loses(Bytes(31), peer));
    EXPECT_TRUE(loss.loses(datagram({}), peer));
}

TEST(GapLoss, RemembersABoundedCountOfSessions) {
    GapLoss loss{{.term_id = lossy_term, .first_offset = 0, .gap_length = 96}};
    for (std::int32_t i = 0; i < static_cast<std::int32_t>(GapLoss::max_sessions); ++i) {
        ASSERT_TRUE(loss.loses(datagram({.session_id = i}), peer));
    }

    EXPECT_FALSE(loss.loses(datagram({.session_id = 4'096}), peer));
    EXPECT_FALSE(loss.loses(datagram({.session_id = 4'096}), peer));
    EXPECT_FALSE(loss.loses(datagram({.session_id = 0}), peer));
}

}  // namespace
}  // namespace cpperon::net
