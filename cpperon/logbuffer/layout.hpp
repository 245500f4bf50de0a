/// The metadata page at the end of a log: what its driver, publishers and readers share beside the terms.
/// Used by every agent that maps a log. spec: 03 §2.2, §3
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "cpperon/base/align.hpp"
#include "cpperon/logbuffer/frame.hpp"
#include "cpperon/logbuffer/position.hpp"

namespace cpperon::logbuffer {

/// The metadata take this much at the very end of the file, whatever the page size.
inline constexpr std::int32_t metadata_length = 4'096;

/// Who writes the log. spec: 03 §3
enum class LogType : std::uint8_t { concurrent_publication = 0, exclusive_publication = 1, image = 2 };

/// Flags of one byte hold 0 or 1. Fields above the line "immutable" change while the log is in use and are touched
/// through the atomic helpers; those below are written before the log is announced and never again, but for
/// `is_publication_revoked`.
struct LogMetadata {
    // Written by publishers (by the driver when it unblocks), read by publishers and the conductor. spec: 03 §20
    std::array<std::int64_t, partition_count> raw_tails;
    std::int32_t active_term_count;
    std::array<std::byte, 100> padding_1;
    // Written by the driver, read by clients.
    std::int64_t end_of_stream_position;
    std::int32_t is_connected;
    std::int32_t active_transport_count;
    std::array<std::byte, 112> padding_2;
    // Immutable after announcement.
    std::int64_t correlation_id;
    std::int32_t initial_term_id;
    std::int32_t default_frame_header_length;
    std::int32_t mtu_length;
    std::int32_t term_length;
    std::int32_t page_size;
    std::int32_t publication_window_length;
    std::int32_t receiver_window_length;
    std::int32_t socket_send_buffer_length;
    std::int32_t os_default_socket_send_buffer_length;
    std::int32_t os_max_socket_send_buffer_length;
    std::int32_t socket_receive_buffer_length;
    std::int32_t os_default_socket_receive_buffer_length;
    std::int32_t os_max_socket_receive_buffer_length;
    std::int32_t max_resend;
    DataHeader default_header;
    std::array<std::byte, 96> default_header_filler;
    std::int64_t entity_tag;
    std::int64_t response_correlation_id;
    std::int64_t linger_timeout_ns;
    std::int64_t untethered_window_limit_timeout_ns;
    std::int64_t untethered_resting_timeout_ns;
    std::uint8_t group;
    std::uint8_t is_response;
    std::uint8_t rejoin;
    std::uint8_t reliable;
    std::uint8_t sparse;
    std::uint8_t signal_eos;
    std::uint8_t spies_simulate_connection;
    std::uint8_t tether;
    std::uint8_t is_publication_revoked;  ///< written by the driver while the log is in use: release, acquire
    std::uint8_t type;                    ///< `LogType`
    std::array<std::byte, 2> padding_3;
    std::array<std::byte, 8> untethered_linger_timeout_bytes;  ///< an int64 that is only 4-byte aligned

    /// Copied out: the layout does not align it.
    [[nodiscard]] std::int64_t untethered_linger_timeout_ns() const noexcept {
        std::int64_t value = 0;
        std::memcpy(&value, untethered_linger_timeout_bytes.data(), sizeof value);
        return value;
    }
    /// Copied in.
    void set_untethered_linger_timeout_ns(const std::int64_t value) noexcept {
        std::memcpy(untethered_linger_timeout_bytes.data(), &value, sizeof value);
    }
};
static_assert(offsetof(LogMetadata, raw_tails) == 0 && offsetof(LogMetadata, active_term_count) == 24);
static_assert(offsetof(LogMetadata, end_of_stream_position) == 128 && offsetof(LogMetadata, is_connected) == 136);
static_assert(offsetof(LogMetadata, active_transport_count) == 140 && offsetof(LogMetadata, correlation_id) == 256);
static_assert(offsetof(LogMetadata, initial_term_id) == 264);
static_assert(offsetof(LogMetadata, default_frame_header_length) == 268 && offsetof(LogMetadata, mtu_length) == 272);
static_assert(offsetof(LogMetadata, term_length) == 276 && offsetof(LogMetadata, page_size) == 280);
static_assert(offsetof(LogMetadata, publication_window_length) == 284);
static_assert(offsetof(LogMetadata, receiver_window_length) == 288);
static_assert(offsetof(LogMetadata, socket_send_buffer_length) == 292);
static_assert(offsetof(LogMetadata, os_default_socket_send_buffer_length) == 296);
static_assert(offsetof(LogMetadata, os_max_socket_send_buffer_length) == 300);
static_assert(offsetof(LogMetadata, socket_receive_buffer_length) == 304);
static_assert(offsetof(LogMetadata, os_default_socket_receive_buffer_length) == 308);
static_assert(offsetof(LogMetadata, os_max_socket_receive_buffer_length) == 312);
static_assert(offsetof(LogMetadata, max_resend) == 316 && offsetof(LogMetadata, default_header) == 320);
static_assert(offsetof(LogMetadata, entity_tag) == 448 && offsetof(LogMetadata, response_correlation_id) == 456);
static_assert(offsetof(LogMetadata, linger_timeout_ns) == 464);
static_assert(offsetof(LogMetadata, untethered_window_limit_timeout_ns) == 472);
static_assert(offsetof(LogMetadata, untethered_resting_timeout_ns) == 480 && offsetof(LogMetadata, group) == 488);
static_assert(offsetof(LogMetadata, is_response) == 489 && offsetof(LogMetadata, rejoin) == 490);
static_assert(offsetof(LogMetadata, reliable) == 491 && offsetof(LogMetadata, sparse) == 492);
static_assert(offsetof(LogMetadata, signal_eos) == 493 && offsetof(LogMetadata, spies_simulate_connection) == 494);
static_assert(offsetof(LogMetadata, tether) == 495 && offsetof(LogMetadata, is_publication_revoked) == 496);
static_assert(offsetof(LogMetadata, type) == 497 && offsetof(LogMetadata, untethered_linger_timeout_bytes) == 500);
// The fields end at 508; the type is rounded up to its alignment by 4 bytes that are always zero.
static_assert(offsetof(LogMetadata, untethered_linger_timeout_bytes) + 8 == 508 && sizeof(LogMetadata) == 512);

/// The length of the whole file: three terms, filler up to a page, and the metadata at the end. spec: 03 §2.2
[[nodiscard]] constexpr std::int64_t log_length(const std::int32_t term_length, const std::int32_t page_size) noexcept {
    return align_up<std::int64_t>(std::int64_t{partition_count} * term_length + metadata_length, page_size);
}

}  // namespace cpperon::logbuffer
