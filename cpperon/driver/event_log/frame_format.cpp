#include "cpperon/driver/event_log/frame_format.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "cpperon/net/socket_address.hpp"
#include "cpperon/wire/headers.hpp"
#include "cpperon/wire/resolution.hpp"

namespace cpperon::driver {

namespace {

template <typename... Values>
void append(std::string& line, const fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(line), format, std::forward<Values>(values)...);
}

std::string_view name_of(const wire::FrameType type) noexcept {
    switch (type) {
        case wire::FrameType::padding: return "PAD";
        case wire::FrameType::data: return "DATA";
        case wire::FrameType::nak: return "NAK";
        case wire::FrameType::status_message: return "SM";
        case wire::FrameType::error: return "ERR";
        case wire::FrameType::setup: return "SETUP";
        case wire::FrameType::rtt_measurement: return "RTT";
        case wire::FrameType::resolution: return "RES";
        case wire::FrameType::response_setup: return "RSP_SETUP";
    }
    return "UNKNOWN";
}

void append_fields(std::string& line, const wire::DataHeader& frame, std::span<const std::byte> /*rest*/) {
    append(line, " sessionId={} streamId={} termId={} termOffset={}", frame.session_id, frame.stream_id, frame.term_id,
           frame.term_offset);
}

void append_fields(std::string& line, const wire::NakHeader& frame, std::span<const std::byte> /*rest*/) {
    append(line, " sessionId={} streamId={} termId={} termOffset={} length={}", frame.session_id, frame.stream_id,
           frame.term_id, frame.term_offset, frame.gap_length);
}

void append_fields(std::string& line, const wire::StatusMessageHeader& frame, const std::span<const std::byte> rest) {
    append(line, " sessionId={} streamId={} termId={} termOffset={} receiverWindowLength={} receiverId={}",
           frame.session_id, frame.stream_id, frame.consumption_term_id, frame.consumption_term_offset,
           frame.receiver_window, frame.receiver_id());
    if (const auto optional = wire::try_read<wire::StatusMessageOptionalHeader>(rest)) {
        append(line, " groupTag={}", optional->group_tag);
    }
}

void append_fields(std::string& line, const wire::ErrorHeader& frame, const std::span<const std::byte> rest) {
    const std::size_t length =
        std::min(rest.size(), static_cast<std::size_t>(std::max<std::int32_t>(frame.text_length, 0)));
    append(line, " sessionId={} streamId={} receiverId={} groupTag={} errorCode={} errorMessage=\"{}\"",
           frame.session_id, frame.stream_id, frame.receiver_id,
           (frame.frame.flags & wire::error_flag::has_group_tag) != 0 ? frame.group_tag : -1, frame.error_code,
           std::string_view{reinterpret_cast<const char*>(rest.data()), length});
}

void append_fields(std::string& line, const wire::SetupHeader& frame, std::span<const std::byte> /*rest*/) {
    append(line, " sessionId={} streamId={} activeTermId={} initialTermId={} termOffset={} termLength={} mtu={} ttl={}",
           frame.session_id, frame.stream_id, frame.active_term_id, frame.initial_term_id, frame.term_offset,
           frame.term_length, frame.mtu_length, frame.ttl);
}

void append_fields(std::string& line, const wire::RttMeasurementHeader& frame, std::span<const std::byte> /*rest*/) {
    append(line, " sessionId={} streamId={} echoTimestampNs={} receptionDelta={} receiverId={}", frame.session_id,
           frame.stream_id, frame.echo_timestamp_ns, frame.reception_delta_ns, frame.receiver_id);
}

void append_fields(std::string& line, const wire::ResponseSetupHeader& frame, std::span<const std::byte> /*rest*/) {
    append(line, " sessionId={} streamId={} responseSessionId={}", frame.session_id, frame.stream_id,
           frame.response_session_id);
}

void append_entry(std::string& line, const wire::ResolutionEntry& entry) {
    const auto& bytes = entry.address;
    const net::SocketAddress address =
        entry.type == wire::ResolutionType::ipv6
            ? net::SocketAddress::ipv6(bytes, entry.port)
            : net::SocketAddress::ipv4({bytes[0], bytes[1], bytes[2], bytes[3]}, entry.port);
    append(line, " [resType={} flags={:08b} port={} ageInMs={} address={} name={}]",
           static_cast<std::uint8_t>(entry.type), entry.flags, entry.port, entry.age_ms, address.host_string(),
           entry.name);
}

template <typename Header>
void append_if_complete(std::string& line, const std::span<const std::byte> bytes) {
    if (const auto header = wire::try_read<Header>(bytes)) {
        append_fields(line, *header, bytes.subspan(sizeof(Header)));
    }
}

}  // namespace

void append_frame_fields(std::string& line, const std::span<const std::byte> bytes) {
    const auto header = wire::try_read<wire::FrameHeader>(bytes);
    if (!header) {
        line += "type=UNKNOWN";
        return;
    }
    const auto type = static_cast<wire::FrameType>(header->type);
    append(line, "type={} flags={:08b} frameLength={}", name_of(type), header->flags, header->frame_length);
    switch (type) {
        case wire::FrameType::padding:
        case wire::FrameType::data: append_if_complete<wire::DataHeader>(line, bytes); break;
        case wire::FrameType::nak: append_if_complete<wire::NakHeader>(line, bytes); break;
        case wire::FrameType::status_message: append_if_complete<wire::StatusMessageHeader>(line, bytes); break;
        case wire::FrameType::error: append_if_complete<wire::ErrorHeader>(line, bytes); break;
        case wire::FrameType::setup: append_if_complete<wire::SetupHeader>(line, bytes); break;
        case wire::FrameType::rtt_measurement: append_if_complete<wire::RttMeasurementHeader>(line, bytes); break;
        case wire::FrameType::response_setup: append_if_complete<wire::ResponseSetupHeader>(line, bytes); break;
        case wire::FrameType::resolution: {
            wire::ResolutionReader reader{bytes};
            while (const auto entry = reader.next()) {
                append_entry(line, *entry);
            }
            break;
        }
    }
}

}  // namespace cpperon::driver
