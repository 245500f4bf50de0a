#include "cpperon/wire/frames.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/wire/frame_vectors.hpp"

namespace cpperon::wire {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the vectors
using cpperon::test::from_hex;
using testing::ValuesIn;

// spec: 04-C1
TEST(Frames, NakHasTheBytesOfTheSpecification) {
    EXPECT_EQ(encoded(nak_vector.frame), nak_vector.bytes());
    EXPECT_EQ(decode_nak(nak_vector.bytes()), nak_vector.frame);
}

// spec: 04-C1
TEST(Frames, ResponseSetupHasTheBytesOfTheSpecification) {
    EXPECT_EQ(encoded(response_setup_vector.frame), response_setup_vector.bytes());
    EXPECT_EQ(decode_response_setup(response_setup_vector.bytes()), response_setup_vector.frame);
}

class StatusVector : public testing::TestWithParam<Vector<StatusMessage>> {};
INSTANTIATE_TEST_SUITE_P(Frames, StatusVector, ValuesIn(status_vectors), name_of);

// spec: 04-C1
TEST_P(StatusVector, HasTheBytesOfTheSpecification) {
    EXPECT_EQ(encoded(GetParam().frame), GetParam().bytes());
    EXPECT_EQ(decode_status_message(GetParam().bytes()), GetParam().frame);
}

class SetupVector : public testing::TestWithParam<Vector<Setup>> {};
INSTANTIATE_TEST_SUITE_P(Frames, SetupVector, ValuesIn(setup_vectors), name_of);

// spec: 04-C1
TEST_P(SetupVector, HasTheBytesOfTheSpecification) {
    EXPECT_EQ(encoded(GetParam().frame), GetParam().bytes());
    EXPECT_EQ(decode_setup(GetParam().bytes()), GetParam().frame);
}

class RttVector : public testing::TestWithParam<Vector<RttMeasurement>> {};
INSTANTIATE_TEST_SUITE_P(Frames, RttVector, ValuesIn(rtt_vectors), name_of);

// spec: 04-C1
TEST_P(RttVector, HasTheBytesOfTheSpecification) {
    EXPECT_EQ(encoded(GetParam().frame), GetParam().bytes());
    EXPECT_EQ(decode_rtt_measurement(GetParam().bytes()), GetParam().frame);
}

class HeartbeatVector : public testing::TestWithParam<Vector<Heartbeat>> {};
INSTANTIATE_TEST_SUITE_P(Frames, HeartbeatVector, ValuesIn(heartbeat_vectors), name_of);

// spec: 04-C1
TEST_P(HeartbeatVector, HasTheBytesOfTheSpecification) {
    EXPECT_EQ(encoded(GetParam().frame), GetParam().bytes());
}

// spec: 04-C1
TEST(Frames, ErrorHasTheBytesOfTheSpecification) {
    const Bytes datagram = error_vector.bytes();

    EXPECT_EQ(encoded(error_vector.frame), datagram);
    EXPECT_EQ(try_decode_error(datagram), error_vector.frame);
}

// spec: 04-C1
TEST(Frames, DataIsReadThroughTheHeaderOfTheLog) {
    const Bytes datagram = from_hex(data_hex);
    logbuffer::DataHeader header{};
    std::memcpy(&header, datagram.data(), sizeof header);

    EXPECT_EQ(header.frame_length, 37);
    EXPECT_EQ(header.version, 0);
    EXPECT_EQ(header.flags, logbuffer::frame_flag::unfragmented);
    EXPECT_EQ(header.type, logbuffer::data_type);
    EXPECT_EQ(header.term_offset, 4'096);
    EXPECT_EQ(header.session_id, session_id);
    EXPECT_EQ(header.stream_id, stream_id);
    EXPECT_EQ(header.term_id, term_id);
    EXPECT_EQ(header.reserved_value, 0x0102030405060708);
}

// spec: 04-C1
TEST(Frames, PaddingIsReadThroughTheHeaderOfTheLog) {
    const Bytes datagram = from_hex(padding_hex);
    logbuffer::DataHeader header{};
    std::memcpy(&header, datagram.data(), sizeof header);

    EXPECT_EQ(header.frame_length, 192);
    EXPECT_EQ(header.type, logbuffer::padding_type);
    EXPECT_EQ(header.term_offset, 65'344);
}

TEST(Frames, CommonHeaderIsReadAtAnyAddress) {
    Bytes shifted(1);
    const Bytes datagram = nak_vector.bytes();
    shifted.insert(shifted.end(), datagram.begin(), datagram.end());
    const auto unaligned = std::span<const std::byte>{shifted}.subspan(1);

    EXPECT_EQ(frame_header(unaligned).frame_length, 28);
    EXPECT_EQ(frame_header(unaligned).type, static_cast<std::uint16_t>(FrameType::nak));
    EXPECT_EQ(decode_nak(unaligned), nak_vector.frame);
}

TEST(Frames, StatusMessageHasAGroupTagIfItsLengthIs44AndNotElse) {
    Bytes datagram = encoded(with_group_tag(plain_status));
    datagram.resize(64);

    for (const int frame_length : {0, 36, 40, 43, 45, 48, 64}) {
        datagram[0] = static_cast<std::byte>(frame_length);
        EXPECT_EQ(decode_status_message(datagram), plain_status) << frame_length;
    }
    datagram[0] = std::byte{44};
    EXPECT_EQ(decode_status_message(datagram), with_group_tag(plain_status));
}

TEST(Frames, ErrorWithoutATagStillHasRoomForIt) {
    const ErrorFrame error{.receiver_id = receiver_id, .error_code = 13, .text = "no"};

    const Bytes datagram = encoded(error);

    EXPECT_EQ(datagram.size(), 42U);
    EXPECT_EQ(frame_header(datagram).flags, 0);
    EXPECT_EQ(try_decode_error(datagram), error);
    // A Java driver does not look at the flag: it tells its clients what stands there.
    EXPECT_EQ(try_read<ErrorHeader>(datagram)->group_tag, -1);
}

TEST(Frames, TagOfAnErrorMeansNothingWithoutItsFlag) {
    Bytes datagram = error_vector.bytes();
    datagram[5] = std::byte{0};

    ASSERT_TRUE(try_decode_error(datagram));
    EXPECT_FALSE(try_decode_error(datagram)->group_tag);
}

/// An error frame that says of its text that it has `text_length` bytes.
Bytes error_with_text_length(const std::size_t real_length, const std::int32_t text_length) {
    const std::string text(std::min<std::size_t>(real_length, 1'023), 'x');
    Bytes datagram = encoded(ErrorFrame{.text = text});
    datagram.resize(ErrorFrame::header_length + real_length);
    const auto frame_length = static_cast<std::int32_t>(datagram.size());
    std::memcpy(datagram.data(), &frame_length, sizeof frame_length);
    std::memcpy(datagram.data() + 36, &text_length, sizeof text_length);
    return datagram;
}

// spec: 04-C11
TEST(Frames, ErrorTextHasUpTo1023Bytes) {
    ASSERT_TRUE(try_decode_error(error_with_text_length(1'023, 1'023)));
    EXPECT_EQ(try_decode_error(error_with_text_length(1'023, 1'023))->text.size(), 1'023U);
    EXPECT_TRUE(try_decode_error(error_with_text_length(0, 0)));

    EXPECT_FALSE(try_decode_error(error_with_text_length(1'024, 1'024)));
    EXPECT_FALSE(try_decode_error(error_with_text_length(8, -1)));
    EXPECT_FALSE(try_decode_error(error_with_text_length(8, INT32_MIN)));
    EXPECT_FALSE(try_decode_error(error_with_text_length(8, INT32_MAX)));
}

// spec: 04-C11
TEST(Frames, ErrorTextMustBeWithinTheFrame) {
    EXPECT_TRUE(try_decode_error(error_with_text_length(8, 7)));
    EXPECT_FALSE(try_decode_error(error_with_text_length(8, 9)));

    Bytes short_frame = error_with_text_length(8, 8);
    short_frame[0] = std::byte{47};
    EXPECT_FALSE(try_decode_error(short_frame)) << "the datagram is longer than the frame";
    short_frame[0] = std::byte{0};
    EXPECT_FALSE(try_decode_error(short_frame));
}

TEST(Frames, EncodingTouchesNoByteBehindTheFrame) {
    Bytes bytes(64, std::byte{0xEE});

    const std::size_t length = encode(setup_vectors.front().frame, bytes);

    ASSERT_EQ(length, Setup::length);
    EXPECT_THAT(std::vector(bytes.begin() + Setup::length, bytes.end()), testing::Each(std::byte{0xEE}));
}

}  // namespace
}  // namespace cpperon::wire
