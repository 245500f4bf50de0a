/// The headers of everything that drivers exchange over UDP, as they lie in a datagram: for programs that look at
/// captured traffic. Header-only, so that they serve a program without a driver, too.
///
///     if (const auto setup = wire::try_read<wire::SetupHeader>(datagram)) {
///         show(setup->stream_id, setup->term_length);
///     }
///
/// Little-endian, but for the addresses. A field that its layout does not align is an array of bytes with a function
/// that reads it. What a driver sends is encoded and decoded in `frames.hpp` and `resolution.hpp`. spec: 04 §2, 07 §A.6
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>

#include "cpperon/logbuffer/frame.hpp"

namespace cpperon::wire {

static_assert(std::endian::native == std::endian::little, "frames are little-endian and copied as they are");

inline constexpr std::uint8_t frame_version = 0;

/// What follows the frame header.
enum class FrameType : std::uint16_t {
    padding = 0x00,
    data = 0x01,
    nak = 0x02,
    status_message = 0x03,
    error = 0x04,
    setup = 0x05,
    rtt_measurement = 0x06,
    resolution = 0x07,
    response_setup = 0x0B,
};

// Flags of frames; those of data frames are `logbuffer::frame_flag`s.

namespace status_flag {
inline constexpr std::uint8_t send_setup = 0x80;     ///< asks for a SETUP; the position means nothing
inline constexpr std::uint8_t end_of_stream = 0x40;  ///< the receiver leaves
}  // namespace status_flag
namespace setup_flag {
inline constexpr std::uint8_t send_response = 0x80;  ///< the publisher waits for a response channel
inline constexpr std::uint8_t group = 0x40;          ///< the sender has group semantics
}  // namespace setup_flag
namespace error_flag {
inline constexpr std::uint8_t has_group_tag = 0x08;
}  // namespace error_flag
namespace rtt_flag {
inline constexpr std::uint8_t reply_requested = 0x80;  ///< set in the request, clear in the answer
}  // namespace rtt_flag

/// Before every frame. spec: 04 §2.1
struct FrameHeader {
    std::int32_t frame_length;  ///< with this header, not aligned; 0 for heartbeats only
    std::uint8_t version;
    std::uint8_t flags;  ///< per type
    std::uint16_t type;  ///< `FrameType`
};
static_assert(offsetof(FrameHeader, frame_length) == 0 && offsetof(FrameHeader, version) == 4);
static_assert(offsetof(FrameHeader, flags) == 5 && offsetof(FrameHeader, type) == 6 && sizeof(FrameHeader) == 8);

/// DATA and PAD: the header of the log, which is sent as it is. spec: 04 §2.2
using DataHeader = logbuffer::DataHeader;

/// The same as four words, to be compared or copied. spec: 07 §A.6
struct DataHeaderAsLongs {
    std::array<std::uint64_t, 4> words;
};
static_assert(sizeof(DataHeaderAsLongs) == sizeof(DataHeader));

/// spec: 04 §2.3
struct NakHeader {
    FrameHeader frame;
    std::int32_t session_id;
    std::int32_t stream_id;
    std::int32_t term_id;
    std::int32_t term_offset;
    std::int32_t gap_length;
};
static_assert(offsetof(NakHeader, session_id) == 8 && offsetof(NakHeader, stream_id) == 12);
static_assert(offsetof(NakHeader, term_id) == 16 && offsetof(NakHeader, term_offset) == 20);
static_assert(offsetof(NakHeader, gap_length) == 24 && sizeof(NakHeader) == 28);

/// Followed by a `StatusMessageOptionalHeader` if the frame's length is 44. spec: 04 §2.4
struct StatusMessageHeader {
    FrameHeader frame;
    std::int32_t session_id;
    std::int32_t stream_id;
    std::int32_t consumption_term_id;
    std::int32_t consumption_term_offset;
    std::int32_t receiver_window;
    std::array<std::byte, 8> receiver_id_bytes;

    /// Copied out: the layout does not align it.
    [[nodiscard]] std::int64_t receiver_id() const noexcept { return std::bit_cast<std::int64_t>(receiver_id_bytes); }
};
static_assert(offsetof(StatusMessageHeader, session_id) == 8 && offsetof(StatusMessageHeader, stream_id) == 12);
static_assert(offsetof(StatusMessageHeader, consumption_term_id) == 16);
static_assert(offsetof(StatusMessageHeader, consumption_term_offset) == 20);
static_assert(offsetof(StatusMessageHeader, receiver_window) == 24);
static_assert(offsetof(StatusMessageHeader, receiver_id_bytes) == 28 && sizeof(StatusMessageHeader) == 36);

/// At 36 of a status message. spec: 04 §2.4
struct StatusMessageOptionalHeader {
    std::int64_t group_tag;
};
static_assert(sizeof(StatusMessageOptionalHeader) == 8);

/// Followed by the text. spec: 04 §2.5
struct ErrorHeader {
    FrameHeader frame;
    std::int32_t session_id;
    std::int32_t stream_id;
    std::int64_t receiver_id;
    std::int64_t group_tag;  ///< if the flag `has_group_tag` is set
    std::int32_t error_code;
    std::int32_t text_length;
};
static_assert(offsetof(ErrorHeader, session_id) == 8 && offsetof(ErrorHeader, stream_id) == 12);
static_assert(offsetof(ErrorHeader, receiver_id) == 16 && offsetof(ErrorHeader, group_tag) == 24);
static_assert(offsetof(ErrorHeader, error_code) == 32 && offsetof(ErrorHeader, text_length) == 36);
static_assert(sizeof(ErrorHeader) == 40);

/// spec: 04 §2.6
struct SetupHeader {
    FrameHeader frame;
    std::int32_t term_offset;
    std::int32_t session_id;
    std::int32_t stream_id;
    std::int32_t initial_term_id;
    std::int32_t active_term_id;
    std::int32_t term_length;
    std::int32_t mtu_length;
    std::int32_t ttl;
};
static_assert(offsetof(SetupHeader, term_offset) == 8 && offsetof(SetupHeader, session_id) == 12);
static_assert(offsetof(SetupHeader, stream_id) == 16 && offsetof(SetupHeader, initial_term_id) == 20);
static_assert(offsetof(SetupHeader, active_term_id) == 24 && offsetof(SetupHeader, term_length) == 28);
static_assert(offsetof(SetupHeader, mtu_length) == 32 && offsetof(SetupHeader, ttl) == 36);
static_assert(sizeof(SetupHeader) == 40);

/// spec: 04 §2.7
struct RttMeasurementHeader {
    FrameHeader frame;
    std::int32_t session_id;
    std::int32_t stream_id;
    std::int64_t echo_timestamp_ns;
    std::int64_t reception_delta_ns;
    std::int64_t receiver_id;
};
static_assert(offsetof(RttMeasurementHeader, session_id) == 8 && offsetof(RttMeasurementHeader, stream_id) == 12);
static_assert(offsetof(RttMeasurementHeader, echo_timestamp_ns) == 16);
static_assert(offsetof(RttMeasurementHeader, reception_delta_ns) == 24);
static_assert(offsetof(RttMeasurementHeader, receiver_id) == 32 && sizeof(RttMeasurementHeader) == 40);

/// spec: 04 §2.9
struct ResponseSetupHeader {
    FrameHeader frame;
    std::int32_t session_id;
    std::int32_t stream_id;
    std::int32_t response_session_id;
};
static_assert(offsetof(ResponseSetupHeader, session_id) == 8 && offsetof(ResponseSetupHeader, stream_id) == 12);
static_assert(offsetof(ResponseSetupHeader, response_session_id) == 16 && sizeof(ResponseSetupHeader) == 20);

/// Begins each entry of a RES frame, of which there are one or more behind the `FrameHeader`, each padded to a multiple
/// of 8 bytes. spec: 04 §2.8
struct ResolutionHeader {
    std::uint8_t type;  ///< `ResolutionType`
    std::uint8_t flags;
    std::uint16_t udp_port;
    std::array<std::byte, 4> age_bytes;

    /// Copied out: the layout does not align it.
    [[nodiscard]] std::int32_t age_ms() const noexcept { return std::bit_cast<std::int32_t>(age_bytes); }
};
static_assert(offsetof(ResolutionHeader, type) == 0 && offsetof(ResolutionHeader, flags) == 1);
static_assert(offsetof(ResolutionHeader, udp_port) == 2 && offsetof(ResolutionHeader, age_bytes) == 4);
static_assert(sizeof(ResolutionHeader) == 8);

/// Followed by the name.
struct ResolutionHeaderIpv4 {
    ResolutionHeader resolution;
    std::array<std::uint8_t, 4> address;  ///< in network order
    std::int16_t name_length;
};
static_assert(offsetof(ResolutionHeaderIpv4, address) == 8 && offsetof(ResolutionHeaderIpv4, name_length) == 12);
static_assert(sizeof(ResolutionHeaderIpv4) == 14);

/// Followed by the name.
struct ResolutionHeaderIpv6 {
    ResolutionHeader resolution;
    std::array<std::uint8_t, 16> address;  ///< in network order
    std::int16_t name_length;
};
static_assert(offsetof(ResolutionHeaderIpv6, address) == 8 && offsetof(ResolutionHeaderIpv6, name_length) == 24);
static_assert(sizeof(ResolutionHeaderIpv6) == 26);

/// Begins an option of a frame; no frame that is in use has any. spec: 04 §2.1
struct OptionHeader {
    std::uint16_t option_length;
    std::uint16_t type;
};
static_assert(offsetof(OptionHeader, option_length) == 0 && offsetof(OptionHeader, type) == 2);
static_assert(sizeof(OptionHeader) == 4);

/// A copy of the header at the start of `bytes`, at whatever address; nothing where they are too few. What the header
/// says is not checked, nor whether the frame is of that type: `FrameHeader::type` tells.
template <typename Header>
requires std::is_trivially_copyable_v<Header>
[[nodiscard]] std::optional<Header> try_read(const std::span<const std::byte> bytes) noexcept {
    if (bytes.size() < sizeof(Header)) {
        return std::nullopt;
    }
    Header header;
    std::memcpy(&header, bytes.data(), sizeof header);
    return header;
}

}  // namespace cpperon::wire
