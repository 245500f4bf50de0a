/// What a datagram must be before anything in it is believed. Each check says what is wrong, for the error log.
/// Used by sender, receiver and name resolver; pure functions on bytes. spec: 04 §3
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "cpperon/wire/frames.hpp"

namespace cpperon::wire {

/// Why something is not believed. Constant text, one per kind.
enum class Fault : std::uint8_t {
    none,
    too_short,  ///< for a header, or for its type
    negative_length,
    unknown_version,
    unknown_type,
    data_length_unaligned,  ///< a data datagram is a multiple of 32 bytes
    length_beyond_datagram,
    term_offset_out_of_range,
    gap_out_of_range,
    window_out_of_range,
    error_text_out_of_range,
    term_length_not_allowed,
    mtu_not_allowed,
    frames_not_whole,  ///< a data datagram is not made of whole, consecutive frames of one term
    unknown_resolution_type,
    resolution_name_out_of_range,
    resolution_entry_incomplete,  ///< it reaches beyond the end of its frame
    resolution_address_not_allowed,
};

[[nodiscard]] std::string_view to_string(Fault fault) noexcept;

/// The check of every datagram, before its type is looked at. spec: 04 §3.1
[[nodiscard]] Fault check_datagram(std::span<const std::byte> datagram) noexcept;

// Per frame; the datagram has passed `check_datagram`. spec: 04 §3.3

[[nodiscard]] Fault check(const Nak& nak, std::int32_t term_length) noexcept;
/// `term_length`: of the matching publication, 1 GiB if there is none.
[[nodiscard]] Fault check(const StatusMessage& status, std::int32_t term_length) noexcept;
[[nodiscard]] Fault check(const Setup& setup) noexcept;

/// The frames of a data datagram, all of them. spec: 04 §3.4
struct DataExtent {
    Fault fault = Fault::none;
    std::int32_t length = 0;  ///< bytes of log that they cover; 0 for a heartbeat
    bool is_heartbeat = false;
};
[[nodiscard]] DataExtent check_data(std::span<const std::byte> datagram, std::int32_t term_length) noexcept;

}  // namespace cpperon::wire
