/// The frames that drivers exchange over UDP: layouts, flags, encoders. Data frames are those of the log
/// (`logbuffer/frame.hpp`), sent as they are. Used by sender, receiver and name resolver; no I/O. spec: 04 §2
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

#include "cpperon/logbuffer/frame.hpp"

namespace cpperon::wire {

static_assert(std::endian::native == std::endian::little, "frames are little-endian and copied as they are");

inline constexpr std::uint8_t frame_version = 0;
inline constexpr std::size_t frame_header_length = 8;
inline constexpr std::int32_t max_error_text_length = 1'023;

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
static_assert(sizeof(FrameHeader) == 8 && offsetof(FrameHeader, flags) == 5 && offsetof(FrameHeader, type) == 6);

/// The first header of a datagram of at least 8 bytes.
[[nodiscard]] inline FrameHeader frame_header(const std::span<const std::byte> datagram) noexcept {
    FrameHeader header;
    std::memcpy(&header, datagram.data(), sizeof(header));
    return header;
}

// What each control frame says, as values. `decode_…` reads a datagram that `check_datagram` has passed for that type;
// `encode` writes to `out`, which must hold `length` bytes, and returns the bytes written.

/// spec: 04 §2.3
struct Nak {
    static constexpr std::size_t length = 28;
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::int32_t term_id = 0;
    std::int32_t term_offset = 0;
    std::int32_t gap_length = 0;

    friend bool operator==(const Nak&, const Nak&) noexcept = default;
};

/// spec: 04 §2.4
struct StatusMessage {
    static constexpr std::size_t length = 36;
    static constexpr std::size_t length_with_group_tag = 44;
    std::uint8_t flags = 0;  ///< `status_flag`s
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::int32_t consumption_term_id = 0;
    std::int32_t consumption_term_offset = 0;
    std::int32_t receiver_window = 0;
    std::int64_t receiver_id = 0;
    std::optional<std::int64_t> group_tag;  ///< present iff the frame's length is 44

    friend bool operator==(const StatusMessage&, const StatusMessage&) noexcept = default;
};

/// spec: 04 §2.5
struct ErrorFrame {
    static constexpr std::size_t header_length = 40;
    static constexpr std::size_t max_length = header_length + max_error_text_length;
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::int64_t receiver_id = 0;
    std::optional<std::int64_t> group_tag;
    std::int32_t error_code = 0;
    std::string_view text;  ///< at most `max_error_text_length` bytes; decoded: a view of the datagram

    friend bool operator==(const ErrorFrame&, const ErrorFrame&) noexcept = default;
};

/// spec: 04 §2.6
struct Setup {
    static constexpr std::size_t length = 40;
    std::uint8_t flags = 0;  ///< `setup_flag`s
    std::int32_t term_offset = 0;
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::int32_t initial_term_id = 0;
    std::int32_t active_term_id = 0;
    std::int32_t term_length = 0;
    std::int32_t mtu_length = 0;
    std::int32_t ttl = 0;

    friend bool operator==(const Setup&, const Setup&) noexcept = default;
};

/// spec: 04 §2.7
struct RttMeasurement {
    static constexpr std::size_t length = 40;
    std::uint8_t flags = 0;  ///< `rtt_flag`s
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::int64_t echo_timestamp_ns = 0;
    std::int64_t reception_delta_ns = 0;
    std::int64_t receiver_id = 0;

    friend bool operator==(const RttMeasurement&, const RttMeasurement&) noexcept = default;
};

/// spec: 04 §2.9
struct ResponseSetup {
    static constexpr std::size_t length = 20;
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::int32_t response_session_id = 0;

    friend bool operator==(const ResponseSetup&, const ResponseSetup&) noexcept = default;
};

[[nodiscard]] Nak decode_nak(std::span<const std::byte> datagram) noexcept;
[[nodiscard]] StatusMessage decode_status_message(std::span<const std::byte> datagram) noexcept;
[[nodiscard]] Setup decode_setup(std::span<const std::byte> datagram) noexcept;
[[nodiscard]] RttMeasurement decode_rtt_measurement(std::span<const std::byte> datagram) noexcept;
[[nodiscard]] ResponseSetup decode_response_setup(std::span<const std::byte> datagram) noexcept;
/// Nothing unless its text lies within the datagram and the allowed length. spec: 04 §3.3
[[nodiscard]] std::optional<ErrorFrame> try_decode_error(std::span<const std::byte> datagram) noexcept;

std::size_t encode(const Nak& nak, std::span<std::byte> out) noexcept;
std::size_t encode(const StatusMessage& status, std::span<std::byte> out) noexcept;
std::size_t encode(const ErrorFrame& error, std::span<std::byte> out) noexcept;
std::size_t encode(const Setup& setup, std::span<std::byte> out) noexcept;
std::size_t encode(const RttMeasurement& measurement, std::span<std::byte> out) noexcept;
std::size_t encode(const ResponseSetup& setup, std::span<std::byte> out) noexcept;

/// A heartbeat: a data frame of length 0. `flags`: `logbuffer::frame_flag`s. spec: 04 §2.2
struct Heartbeat {
    static constexpr std::size_t length = 32;
    std::uint8_t flags = logbuffer::frame_flag::unfragmented;
    std::int32_t term_offset = 0;
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::int32_t term_id = 0;
};
std::size_t encode(const Heartbeat& heartbeat, std::span<std::byte> out) noexcept;

}  // namespace cpperon::wire
