/// What a reference driver sent and received (tests/data/wire.pcap) passes our checks, and is what we would have sent.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cpperon/wire/frame_vectors.hpp"
#include "cpperon/wire/validate.hpp"
#include "tests/support/pcap.hpp"

namespace cpperon::wire {
namespace {

using cpperon::test::CapturedDatagram;
using test::Bytes;
using test::encoded;

constexpr std::uint16_t port = 24'325;
constexpr std::int32_t term_length = 65'536;

std::vector<Bytes> captured() {
    std::vector<Bytes> payloads;
    for (CapturedDatagram& datagram : cpperon::test::read_pcap(std::string{CPPERON_TEST_DATA} + "/wire.pcap")) {
        if (datagram.source_port == port || datagram.destination_port == port) {
            payloads.push_back(std::move(datagram.payload));
        }
    }
    return payloads;
}

FrameType type_of(const Bytes& datagram) {
    return static_cast<FrameType>(frame_header(datagram).type);
}

/// The datagram as we would send it; nothing for types that we send as they lie in the log.
std::optional<Bytes> decoded_and_encoded(const Bytes& datagram) {
    switch (type_of(datagram)) {
        case FrameType::nak: return encoded(decode_nak(datagram));
        case FrameType::status_message: return encoded(decode_status_message(datagram));
        case FrameType::error: return encoded(try_decode_error(datagram).value());
        case FrameType::setup: return encoded(decode_setup(datagram));
        case FrameType::rtt_measurement: return encoded(decode_rtt_measurement(datagram));
        case FrameType::response_setup: return encoded(decode_response_setup(datagram));
        case FrameType::resolution:
        case FrameType::padding:
        case FrameType::data: break;
    }
    return std::nullopt;
}

TEST(GoldenCapture, EachDatagramPassesTheFirstCheck) {
    const std::vector<Bytes> datagrams = captured();

    EXPECT_GT(datagrams.size(), 100U);
    for (const Bytes& datagram : datagrams) {
        EXPECT_EQ(check_datagram(datagram), Fault::none) << cpperon::test::to_hex(datagram);
    }
}

// spec: 04-C1
TEST(GoldenCapture, ControlFramesDecodeAndEncodeToTheSameBytes) {
    std::map<FrameType, int> count;
    for (const Bytes& datagram : captured()) {
        if (const std::optional<Bytes> again = decoded_and_encoded(datagram)) {
            EXPECT_EQ(*again, datagram) << cpperon::test::to_hex(datagram);
            ++count[type_of(datagram)];
        }
    }

    EXPECT_GE(count[FrameType::setup], 1);
    EXPECT_GE(count[FrameType::status_message], 10);
}

TEST(GoldenCapture, SetupAndStatusMessagesPassTheirChecks) {
    for (const Bytes& datagram : captured()) {
        if (type_of(datagram) == FrameType::setup) {
            const wire::Setup setup = decode_setup(datagram);
            EXPECT_EQ(check(setup), Fault::none);
            EXPECT_EQ(setup.session_id, -559'038'737);
            EXPECT_EQ(setup.stream_id, 2'002);
            EXPECT_EQ(setup.initial_term_id, 100);
            EXPECT_EQ(setup.term_length, term_length);
        } else if (type_of(datagram) == FrameType::status_message) {
            EXPECT_EQ(check(decode_status_message(datagram), term_length), Fault::none);
        }
    }
}

TEST(GoldenCapture, DataCoversTheStreamUpToItsEndAndHeartbeatsAreOurs) {
    std::int32_t position = 0;
    int heartbeats = 0;
    for (const Bytes& datagram : captured()) {
        if (type_of(datagram) != FrameType::data) {
            continue;
        }
        const DataExtent extent = check_data(datagram, term_length);
        ASSERT_EQ(extent.fault, Fault::none);
        logbuffer::DataHeader header{};
        std::memcpy(&header, datagram.data(), sizeof header);
        EXPECT_EQ(header.term_offset, position) << "nothing was lost on loopback";
        position += extent.length;
        if (extent.is_heartbeat) {
            ++heartbeats;
            EXPECT_EQ(encoded(Heartbeat{.flags = header.flags,
                                        .term_offset = header.term_offset,
                                        .session_id = header.session_id,
                                        .stream_id = header.stream_id,
                                        .term_id = header.term_id}),
                      datagram);
        }
    }

    EXPECT_EQ(position, 3'424) << "where the publication ended";
    EXPECT_GT(heartbeats, 10);
}

}  // namespace
}  // namespace cpperon::wire
