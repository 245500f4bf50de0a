/// The layouts of headers against the bytes that spec 04 §2 prints.
#include "cpperon/wire/headers.hpp"

#include <ostream>
#include <span>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "cpperon/wire/frame_vectors.hpp"

namespace cpperon::wire {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the vectors
using cpperon::test::from_hex;

/// A header with the size that spec 07 §A.6 gives it, and a reader of it that says whether it read something.
struct SizedHeader {
    std::string_view name;
    std::size_t declared_size;
    std::size_t size;
    bool (*can_be_read)(std::span<const std::byte> bytes);

    friend void PrintTo(const SizedHeader& value, std::ostream* const out) { *out << value.name; }
};

template <typename Header>
SizedHeader header(const std::string_view name, const std::size_t declared_size) {
    return {name, declared_size, sizeof(Header),
            [](const std::span<const std::byte> bytes) { return try_read<Header>(bytes).has_value(); }};
}

const std::vector<SizedHeader> headers{
    header<FrameHeader>("Frame", 8),
    header<DataHeader>("Data", 32),
    header<DataHeaderAsLongs>("DataAsLongs", 32),
    header<SetupHeader>("Setup", 40),
    header<NakHeader>("Nak", 28),
    header<StatusMessageHeader>("StatusMessage", 36),
    header<StatusMessageOptionalHeader>("StatusMessageOptional", 8),
    header<ErrorHeader>("Error", 40),
    header<RttMeasurementHeader>("RttMeasurement", 40),
    header<ResponseSetupHeader>("ResponseSetup", 20),
    header<ResolutionHeader>("Resolution", 8),
    header<ResolutionHeaderIpv4>("ResolutionIpv4", 14),
    header<ResolutionHeaderIpv6>("ResolutionIpv6", 26),
    header<OptionHeader>("Option", 4),
};

class HeaderTable : public testing::TestWithParam<SizedHeader> {};
INSTANTIATE_TEST_SUITE_P(Headers, HeaderTable, testing::ValuesIn(headers), name_of);

TEST_P(HeaderTable, HasTheDeclaredSizeAndIsReadFromThatManyBytes) {
    const SizedHeader& row = GetParam();
    const Bytes bytes(row.declared_size + 1);

    EXPECT_EQ(row.size, row.declared_size);
    EXPECT_TRUE(row.can_be_read(std::span{bytes}.first(row.declared_size)));
    EXPECT_TRUE(row.can_be_read(std::span{bytes}.subspan(1))) << "at an odd address";
    EXPECT_FALSE(row.can_be_read(std::span{bytes}.first(row.declared_size - 1)));
    EXPECT_FALSE(row.can_be_read({}));
}

template <typename Header>
Header read(const Bytes& bytes) {
    return try_read<Header>(bytes).value();
}

FrameType type_of(const FrameHeader& frame) {
    return static_cast<FrameType>(frame.type);
}

// spec: 04-C1
TEST(Headers, OfANak) {
    const auto nak = read<NakHeader>(nak_vector.bytes());

    EXPECT_EQ(type_of(nak.frame), FrameType::nak);
    EXPECT_EQ(nak.frame.frame_length, 28);
    EXPECT_EQ(nak.session_id, session_id);
    EXPECT_EQ(nak.stream_id, stream_id);
    EXPECT_EQ(nak.term_id, term_id);
    EXPECT_EQ(nak.term_offset, 4'096);
    EXPECT_EQ(nak.gap_length, 1'408);
}

// spec: 04-C1
TEST(Headers, OfEachStatusMessage) {
    for (const auto& vector : status_vectors) {
        const Bytes bytes = vector.bytes();
        const auto status = read<StatusMessageHeader>(bytes);
        const auto optional = try_read<StatusMessageOptionalHeader>(std::span{bytes}.subspan(sizeof status));

        EXPECT_EQ(type_of(status.frame), FrameType::status_message) << vector;
        EXPECT_EQ(status.frame.flags, vector.frame.flags) << vector;
        EXPECT_EQ(status.session_id, vector.frame.session_id) << vector;
        EXPECT_EQ(status.stream_id, vector.frame.stream_id) << vector;
        EXPECT_EQ(status.consumption_term_id, vector.frame.consumption_term_id) << vector;
        EXPECT_EQ(status.consumption_term_offset, vector.frame.consumption_term_offset) << vector;
        EXPECT_EQ(status.receiver_window, vector.frame.receiver_window) << vector;
        EXPECT_EQ(status.receiver_id(), receiver_id) << vector;
        EXPECT_EQ(optional.has_value(), vector.frame.group_tag.has_value()) << vector;
        EXPECT_EQ(optional ? optional->group_tag : 0, vector.frame.group_tag.value_or(0)) << vector;
    }
}

// spec: 04-C1
TEST(Headers, OfAnError) {
    const auto error = read<ErrorHeader>(error_vector.bytes());

    EXPECT_EQ(type_of(error.frame), FrameType::error);
    EXPECT_EQ(error.frame.flags, error_flag::has_group_tag);
    EXPECT_EQ(error.session_id, session_id);
    EXPECT_EQ(error.stream_id, stream_id);
    EXPECT_EQ(error.receiver_id, receiver_id);
    EXPECT_EQ(error.group_tag, group_tag);
    EXPECT_EQ(error.error_code, 13);
    EXPECT_EQ(error.text_length, 8);
}

// spec: 04-C1
TEST(Headers, OfEachSetup) {
    for (const auto& vector : setup_vectors) {
        const auto setup = read<SetupHeader>(vector.bytes());

        EXPECT_EQ(type_of(setup.frame), FrameType::setup) << vector;
        EXPECT_EQ(setup.frame.flags, vector.frame.flags) << vector;
        EXPECT_EQ(setup.term_offset, 4'096) << vector;
        EXPECT_EQ(setup.session_id, session_id) << vector;
        EXPECT_EQ(setup.stream_id, stream_id) << vector;
        EXPECT_EQ(setup.initial_term_id, term_id) << vector;
        EXPECT_EQ(setup.active_term_id, term_id) << vector;
        EXPECT_EQ(setup.term_length, 16 * 1024 * 1024) << vector;
        EXPECT_EQ(setup.mtu_length, 1'408) << vector;
        EXPECT_EQ(setup.ttl, vector.frame.ttl) << vector;
    }
}

// spec: 04-C1
TEST(Headers, OfEachRttMeasurement) {
    for (const auto& vector : rtt_vectors) {
        const auto measurement = read<RttMeasurementHeader>(vector.bytes());

        EXPECT_EQ(type_of(measurement.frame), FrameType::rtt_measurement) << vector;
        EXPECT_EQ(measurement.frame.flags, vector.frame.flags) << vector;
        EXPECT_EQ(measurement.session_id, session_id) << vector;
        EXPECT_EQ(measurement.stream_id, stream_id) << vector;
        EXPECT_EQ(measurement.echo_timestamp_ns, 1'000'000'000) << vector;
        EXPECT_EQ(measurement.reception_delta_ns, 0) << vector;
        EXPECT_EQ(measurement.receiver_id, receiver_id) << vector;
    }
}

// spec: 04-C1
TEST(Headers, OfAResponseSetup) {
    const auto setup = read<ResponseSetupHeader>(response_setup_vector.bytes());

    EXPECT_EQ(type_of(setup.frame), FrameType::response_setup);
    EXPECT_EQ(setup.session_id, session_id);
    EXPECT_EQ(setup.stream_id, stream_id);
    EXPECT_EQ(setup.response_session_id, 0x55667788);
}

// spec: 04-C1
TEST(Headers, OfEachResolutionEntry) {
    const Bytes ipv4_frame = resolution_vectors[0].bytes();
    const auto ipv4 = try_read<ResolutionHeaderIpv4>(std::span{ipv4_frame}.subspan(sizeof(FrameHeader))).value();
    EXPECT_EQ(type_of(read<FrameHeader>(ipv4_frame)), FrameType::resolution);
    EXPECT_EQ(ipv4.resolution.type, 1);
    EXPECT_EQ(ipv4.resolution.flags, 0x80);
    EXPECT_EQ(ipv4.resolution.udp_port, 8'050);
    EXPECT_EQ(ipv4.resolution.age_ms(), 0);
    EXPECT_EQ(ipv4.address, (std::array<std::uint8_t, 4>{10, 1, 2, 3}));
    EXPECT_EQ(ipv4.name_length, 8);

    const Bytes ipv6_frame = resolution_vectors[1].bytes();
    const auto ipv6 = try_read<ResolutionHeaderIpv6>(std::span{ipv6_frame}.subspan(sizeof(FrameHeader))).value();
    EXPECT_EQ(ipv6.resolution.type, 2);
    EXPECT_EQ(ipv6.resolution.flags, 0);
    EXPECT_EQ(ipv6.resolution.udp_port, 8'050);
    EXPECT_EQ(ipv6.resolution.age_ms(), 1'500);
    EXPECT_EQ(ipv6.address, (std::array<std::uint8_t, 16>{0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
    EXPECT_EQ(ipv6.name_length, 5);
}

// spec: 04-C1
TEST(Headers, OfDataAsFieldsAndAsLongs) {
    const Bytes bytes = from_hex(data_hex);
    const auto data = read<DataHeader>(bytes);
    const auto longs = read<DataHeaderAsLongs>(bytes);

    EXPECT_EQ(data.frame_length, 37);
    EXPECT_EQ(data.term_id, term_id);
    EXPECT_EQ(data.reserved_value, 0x0102030405060708);
    EXPECT_EQ(longs.words, (std::array<std::uint64_t, 4>{0x0001C000'00000025, 0x11223344'00001000, 0xFFFFFFF9'000003E9,
                                                         0x0102030405060708}));
}

}  // namespace
}  // namespace cpperon::wire
