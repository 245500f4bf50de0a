/// Reads datagrams as lines of hex, and says of each, as a line of JSON, what it is, whether our checks pass it, and
/// whether it is byte for byte what we would have sent for what we read in it; with the fields, to be compared with
/// what others read in it. spec: 04 §2, §3
#include "cpperon/wire/frames.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cpperon/logbuffer/frame.hpp"
#include "cpperon/wire/resolution.hpp"
#include "cpperon/wire/validate.hpp"
#include "tests/interop/cpp/json.hpp"
#include "tests/support/hex.hpp"

namespace interop {
namespace {

using namespace cpperon;  // NOLINT(google-build-using-namespace)
using Bytes = std::vector<std::byte>;

/// Of a publication with the longest terms: the streams' own are not known here.
constexpr std::int32_t max_term_length = 1'073'741'824;

/// What was read in one datagram, and what we would have sent for it.
struct Reading {
    std::string_view kind{};
    std::vector<Json> frames{};
    Bytes again{};
    wire::Fault fault = wire::Fault::none;
};

/// Names and sizes of fields are those of Wireshark's dissector, which takes all ids as unsigned.
Json ids(const std::string_view prefix, Facts facts, const std::int32_t session_id, const std::int32_t stream_id) {
    return facts.add(fmt::format("{}.session_id", prefix), static_cast<std::uint32_t>(session_id))
        .add(fmt::format("{}.stream_id", prefix), static_cast<std::uint32_t>(stream_id))
        .json();
}

template <typename Frame>
Bytes encoded(const Frame& frame) {
    Bytes bytes(wire::ErrorFrame::max_length);
    bytes.resize(wire::encode(frame, bytes));
    return bytes;
}

Reading read_nak(const std::span<const std::byte> datagram) {
    const wire::Nak nak = wire::decode_nak(datagram);
    Facts facts;
    facts.add("nak.term_id", static_cast<std::uint32_t>(nak.term_id))
        .add("nak.term_offset", nak.term_offset)
        .add("nak.length", nak.gap_length);
    return {"NAK", {ids("nak", facts, nak.session_id, nak.stream_id)}, encoded(nak), wire::check(nak, max_term_length)};
}

Reading read_status(const std::span<const std::byte> datagram) {
    const wire::StatusMessage status = wire::decode_status_message(datagram);
    Facts facts;
    facts.add("sm.flags", status.flags)
        .add("sm.consumption_term_id", static_cast<std::uint32_t>(status.consumption_term_id))
        .add("sm.consumption_term_offset", status.consumption_term_offset)
        .add("sm.receiver_window", status.receiver_window)
        .add("sm.receiver_id", static_cast<std::uint64_t>(status.receiver_id));
    std::string_view kind = status.group_tag ? "SM with a group tag" : "SM";
    if ((status.flags & wire::status_flag::send_setup) != 0) {
        kind = "SM that asks for a SETUP";
    } else if ((status.flags & wire::status_flag::end_of_stream) != 0) {
        kind = "SM of one that leaves";
    }
    return {kind,
            {ids("sm", facts, status.session_id, status.stream_id)},
            encoded(status),
            wire::check(status, max_term_length)};
}

Reading read_setup(const std::span<const std::byte> datagram) {
    const wire::Setup setup = wire::decode_setup(datagram);
    Facts facts;
    facts.add("setup.flags", setup.flags)
        .add("setup.term_offset", setup.term_offset)
        .add("setup.initial_term_id", static_cast<std::uint32_t>(setup.initial_term_id))
        .add("setup.active_term_id", static_cast<std::uint32_t>(setup.active_term_id))
        .add("setup.term_length", setup.term_length)
        .add("setup.mtu", setup.mtu_length)
        .add("setup.ttl", setup.ttl);
    return {(setup.flags & wire::setup_flag::send_response) != 0 ? "SETUP that waits for a response" : "SETUP",
            {ids("setup", facts, setup.session_id, setup.stream_id)},
            encoded(setup),
            wire::check(setup)};
}

Reading read_measurement(const std::span<const std::byte> datagram) {
    const wire::RttMeasurement measurement = wire::decode_rtt_measurement(datagram);
    Facts facts;
    facts.add("rtt.flags", measurement.flags)
        .add("rtt.echo_timestamp", static_cast<std::uint64_t>(measurement.echo_timestamp_ns))
        .add("rtt.reception_delta", static_cast<std::uint64_t>(measurement.reception_delta_ns))
        .add("rtt.receiver_id", static_cast<std::uint64_t>(measurement.receiver_id));
    return {(measurement.flags & wire::rtt_flag::reply_requested) != 0 ? "RTTM question" : "RTTM answer",
            {ids("rtt", facts, measurement.session_id, measurement.stream_id)},
            encoded(measurement)};
}

// The dissector predates the fields of what follows: none are named.

Reading read_error(const std::span<const std::byte> datagram) {
    const auto error = wire::try_decode_error(datagram);
    if (!error) {
        return {.kind = "ERR", .fault = wire::Fault::error_text_out_of_range};
    }
    return {.kind = error->group_tag ? "ERR with a group tag" : "ERR", .again = encoded(*error)};
}

Reading read_response_setup(const std::span<const std::byte> datagram) {
    return {.kind = "RSP_SETUP", .again = encoded(wire::decode_response_setup(datagram))};
}

Reading read_resolution(const std::span<const std::byte> datagram) {
    Reading reading{.kind = "RES of a neighbor"};
    Bytes buffer(datagram.size() + 8);
    wire::ResolutionPacker packer{buffer};
    wire::ResolutionReader entries{datagram};
    while (const auto entry = entries.next()) {
        if (entry->is_self()) {
            reading.kind = "RES of oneself";
        }
        packer.try_add(*entry);
    }
    reading.fault = entries.fault();
    reading.again.assign(packer.frame().begin(), packer.frame().end());
    return reading;
}

/// Heartbeats, and frames of the log, of which a datagram has one or more.
Reading read_data(const std::span<const std::byte> datagram) {
    const wire::DataExtent extent = wire::check_data(datagram, max_term_length);
    Reading reading{.fault = extent.fault};
    for (std::size_t offset = 0; extent.fault == wire::Fault::none && offset < datagram.size();) {
        const auto header = wire::try_read<wire::DataHeader>(datagram.subspan(offset)).value();
        const bool is_padding = wire::frame_header(datagram.subspan(offset)).type == 0;
        const bool has_ended = (header.flags & logbuffer::frame_flag::end_of_stream) != 0;
        // The dissector knows a heartbeat by its flags, too, which have become more since.
        const std::string prefix = is_padding ? "pad" : extent.is_heartbeat && !has_ended ? "heartbeat" : "data";
        Facts facts;
        facts.add(prefix + ".frame_length", header.frame_length)
            .add(prefix + ".flags", header.flags)
            .add(prefix + ".term_offset", header.term_offset)
            .add(prefix + ".term_id", static_cast<std::uint32_t>(header.term_id));
        reading.frames.push_back(ids(prefix, facts, header.session_id, header.stream_id));
        if (extent.is_heartbeat) {
            reading.kind = has_ended ? "heartbeat of a stream that has ended" : "heartbeat";
            reading.again = encoded(wire::Heartbeat{.flags = header.flags,
                                                    .term_offset = header.term_offset,
                                                    .session_id = header.session_id,
                                                    .stream_id = header.stream_id,
                                                    .term_id = header.term_id});
            break;
        }
        reading.kind = is_padding ? "PAD" : "DATA";
        const wire::DataHeader again{.frame_length = header.frame_length,
                                     .version = wire::frame_version,
                                     .flags = header.flags,
                                     .type = header.type,
                                     .term_offset = header.term_offset,
                                     .session_id = header.session_id,
                                     .stream_id = header.stream_id,
                                     .term_id = header.term_id,
                                     .reserved_value = header.reserved_value};
        const std::size_t start = reading.again.size();
        const auto length = static_cast<std::size_t>(header.frame_length);
        const std::size_t aligned = (length + 31) / 32 * 32;
        // Of padding the header alone is sent.
        reading.again.resize(start + (is_padding ? sizeof again : aligned));
        std::memcpy(&reading.again[start], &again, sizeof again);
        if (!is_padding) {
            const auto payload = datagram.subspan(offset + sizeof again, length - sizeof again);
            std::copy(payload.begin(), payload.end(),
                      reading.again.begin() + static_cast<std::ptrdiff_t>(start + sizeof again));
        }
        offset = is_padding ? datagram.size() : offset + aligned;
    }
    return reading;
}

Reading read(const std::span<const std::byte> datagram) {
    if (const wire::Fault fault = wire::check_datagram(datagram); fault != wire::Fault::none) {
        return {.kind = "nothing that we know", .fault = fault};
    }
    switch (static_cast<wire::FrameType>(wire::frame_header(datagram).type)) {
        case wire::FrameType::padding:
        case wire::FrameType::data: return read_data(datagram);
        case wire::FrameType::nak: return read_nak(datagram);
        case wire::FrameType::status_message: return read_status(datagram);
        case wire::FrameType::error: return read_error(datagram);
        case wire::FrameType::setup: return read_setup(datagram);
        case wire::FrameType::rtt_measurement: return read_measurement(datagram);
        case wire::FrameType::resolution: return read_resolution(datagram);
        case wire::FrameType::response_setup: return read_response_setup(datagram);
    }
    return {.kind = "nothing that we know", .fault = wire::Fault::unknown_type};
}

}  // namespace
}  // namespace interop

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        const interop::Bytes datagram = cpperon::test::from_hex(line);
        const interop::Reading reading = interop::read(datagram);
        std::cout << interop::Facts{}
                         .add("kind", reading.kind)
                         .add("fault", reading.fault == cpperon::wire::Fault::none ? std::string_view{}
                                                                                   : to_string(reading.fault))
                         .add("again", std::string_view{cpperon::test::to_hex(reading.again)})
                         .add("frames", reading.frames)
                         .json()
                         .text
                  << '\n';
    }
}
