#include "cpperon/wire/validate.hpp"

#include <cstring>

#include "cpperon/logbuffer/frame.hpp"
#include "cpperon/logbuffer/position.hpp"

namespace cpperon::wire {

namespace {

using logbuffer::frame_alignment;

constexpr std::size_t alignment = frame_alignment;
constexpr std::size_t data_header_length = logbuffer::frame_header_length;
/// A resolution frame holds an entry at least, of which the shortest has an IPv4 address and no name. spec: 04 §3.1
constexpr std::size_t min_resolution_length = frame_header_length + 14;

/// Of the frames whose length is held against the datagram's; 0 for types that nobody may send.
constexpr std::size_t min_length_of(const std::uint16_t type) noexcept {
    switch (static_cast<FrameType>(type)) {
        case FrameType::nak: return Nak::length;
        case FrameType::status_message: return StatusMessage::length;
        case FrameType::error: return ErrorFrame::header_length;
        case FrameType::setup: return Setup::length;
        case FrameType::rtt_measurement: return RttMeasurement::length;
        case FrameType::resolution: return min_resolution_length;
        case FrameType::response_setup: return ResponseSetup::length;
        case FrameType::padding:
        case FrameType::data: break;
    }
    return 0;
}

/// Data goes into the log as it is, with the bytes that align it; its length is not held against the datagram's here,
/// because that of padding reaches beyond.
Fault check_data_datagram(const std::size_t length) noexcept {
    if (length < data_header_length) {
        return Fault::too_short;
    }
    return length % alignment == 0 ? Fault::none : Fault::data_length_unaligned;
}

bool is_frame_offset(const std::int32_t term_offset, const std::int32_t term_length) noexcept {
    return term_offset >= 0 && term_offset < term_length && term_offset % frame_alignment == 0;
}

/// What the walk over a data datagram reads of each frame, in place: frames may begin at any address.
struct FrameFields {
    std::int32_t frame_length;
    std::uint8_t version;
    std::uint8_t flags;
    std::uint16_t type;
    std::int32_t term_offset;
};
static_assert(sizeof(FrameFields) == 12 && offsetof(FrameFields, type) == offsetof(logbuffer::DataHeader, type) &&
              offsetof(FrameFields, term_offset) == offsetof(logbuffer::DataHeader, term_offset));

FrameFields fields_at(const std::byte* const frame) noexcept {
    FrameFields fields;
    std::memcpy(&fields, frame, sizeof(fields));
    return fields;
}

constexpr auto padding_type = static_cast<std::uint16_t>(FrameType::padding);
constexpr auto data_type = static_cast<std::uint16_t>(FrameType::data);

}  // namespace

std::string_view to_string(const Fault fault) noexcept {
    switch (fault) {
        case Fault::none: return "valid";
        case Fault::too_short: return "datagram too short for a header, or for its type";
        case Fault::negative_length: return "frame length negative";
        case Fault::unknown_version: return "frame version unknown";
        case Fault::unknown_type: return "frame type unknown";
        case Fault::data_length_unaligned: return "length of a data datagram is no multiple of 32";
        case Fault::length_beyond_datagram: return "frame length beyond the end of the datagram";
        case Fault::term_offset_out_of_range: return "term offset outside of the term, or no multiple of 32";
        case Fault::gap_out_of_range: return "gap of a NAK outside of its term";
        case Fault::window_out_of_range: return "receiver window negative, or more than half a term";
        case Fault::error_text_out_of_range: return "error text longer than its frame, or than 1023 bytes";
        case Fault::term_length_not_allowed: return "term length of a SETUP not allowed";
        case Fault::mtu_not_allowed: return "MTU of a SETUP not allowed";
        case Fault::frames_not_whole: return "data datagram is not made of whole, consecutive frames of one term";
        case Fault::unknown_resolution_type: return "type of a name resolution entry unknown";
        case Fault::resolution_name_out_of_range:
            return "name of a name resolution entry empty, or longer than 512 bytes";
        case Fault::resolution_entry_incomplete: return "name resolution entry beyond the end of its frame";
        case Fault::resolution_address_not_allowed: return "address of a name resolution entry is not that of a host";
    }
    return "unknown fault";
}

Fault check_datagram(const std::span<const std::byte> datagram) noexcept {
    if (datagram.size() < frame_header_length) {
        return Fault::too_short;
    }
    const FrameHeader header = frame_header(datagram);
    if (header.frame_length < 0) {
        return Fault::negative_length;
    }
    if (header.version != frame_version) {
        return Fault::unknown_version;
    }
    if (header.type <= data_type) {
        return check_data_datagram(datagram.size());
    }
    const std::size_t min_length = min_length_of(header.type);
    if (min_length == 0) {
        return Fault::unknown_type;
    }
    if (datagram.size() < min_length) {
        return Fault::too_short;
    }
    return static_cast<std::size_t>(header.frame_length) <= datagram.size() ? Fault::none
                                                                            : Fault::length_beyond_datagram;
}

Fault check(const Nak& nak, const std::int32_t term_length) noexcept {
    if (!is_frame_offset(nak.term_offset, term_length)) {
        return Fault::term_offset_out_of_range;
    }
    const bool is_inside = nak.gap_length >= 0 && nak.gap_length <= term_length - nak.term_offset;
    return is_inside ? Fault::none : Fault::gap_out_of_range;
}

Fault check(const StatusMessage& status, const std::int32_t term_length) noexcept {
    if (!is_frame_offset(status.consumption_term_offset, term_length)) {
        return Fault::term_offset_out_of_range;
    }
    const bool is_allowed = status.receiver_window >= 0 && status.receiver_window <= term_length / 2;
    return is_allowed ? Fault::none : Fault::window_out_of_range;
}

Fault check(const Setup& setup) noexcept {
    if (!logbuffer::is_valid_term_length(setup.term_length)) {
        return Fault::term_length_not_allowed;
    }
    if (!is_frame_offset(setup.term_offset, setup.term_length)) {
        return Fault::term_offset_out_of_range;
    }
    // A data header alone is enough here, though no driver sends such an MTU.
    const bool is_allowed = setup.mtu_length >= logbuffer::frame_header_length &&
                            setup.mtu_length <= logbuffer::max_mtu_length && setup.mtu_length % frame_alignment == 0;
    return is_allowed ? Fault::none : Fault::mtu_not_allowed;
}

DataExtent check_data(const std::span<const std::byte> datagram, const std::int32_t term_length) noexcept {
    FrameFields frame = fields_at(datagram.data());
    if (!is_frame_offset(frame.term_offset, term_length)) {
        return {.fault = Fault::term_offset_out_of_range};
    }
    if (frame.frame_length == 0 && datagram.size() == Heartbeat::length) {
        return {.is_heartbeat = true};
    }
    // 64 bits: a peer's length may be INT32_MAX, which is rounded up. `offset` counts bytes of log, as padding takes
    // them.
    const auto datagram_length = static_cast<std::int64_t>(datagram.size());
    const std::int64_t max_length = std::int64_t{term_length} - frame.term_offset;
    const std::int64_t term_offset = frame.term_offset;
    std::int64_t offset = 0;
    while (true) {
        const std::int64_t next = offset + logbuffer::align_frame(std::int64_t{frame.frame_length});
        // A frame shorter than its header would end the rebuild of the image for good.
        if (frame.frame_length < logbuffer::frame_header_length || frame.type > data_type ||
            frame.term_offset != term_offset + offset || next > max_length) {
            return {.fault = Fault::frames_not_whole};
        }
        offset = next;
        if (offset >= datagram_length) {
            break;
        }
        frame = fields_at(datagram.data() + offset);
    }
    if (offset > datagram_length && frame.type != padding_type) {
        return {.fault = Fault::frames_not_whole};
    }
    return {.length = static_cast<std::int32_t>(offset)};
}

}  // namespace cpperon::wire
