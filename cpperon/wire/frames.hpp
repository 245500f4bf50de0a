/// The frames that drivers exchange over UDP, as values: encoders and decoders; `headers.hpp` has their layouts and
/// flags. Data frames are those of the log (`logbuffer/frame.hpp`), sent as they are. Used by sender, receiver and name
/// resolver; no I/O. spec: 04 §2
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

#include "cpperon/logbuffer/frame.hpp"
#include "cpperon/wire/headers.hpp"

namespace cpperon::wire {

inline constexpr std::size_t frame_header_length = 8;
inline constexpr std::int32_t max_error_text_length = 1'023;

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
