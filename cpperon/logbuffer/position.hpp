/// Arithmetic of positions, terms, raw tails and message lengths. The one place where term ids are added and
/// subtracted: they wrap, so it is done on unsigned values. Pure functions for every agent. spec: 03 §4, §6, §7
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>

#include "cpperon/logbuffer/frame.hpp"

namespace cpperon::logbuffer {

inline constexpr std::int32_t partition_count = 3;
inline constexpr std::int32_t min_term_length = 65'536;
inline constexpr std::int32_t max_term_length = 1'073'741'824;
inline constexpr std::int32_t absolute_max_message_length = 16 * 1024 * 1024;
inline constexpr std::int32_t max_mtu_length = 65'504;

/// An end-of-stream position that is not known yet. Nothing may be added to it. spec: 03 §23.36
inline constexpr std::int64_t unknown_position = std::numeric_limits<std::int64_t>::max();

[[nodiscard]] constexpr bool is_valid_term_length(const std::int64_t length) noexcept {
    return length >= min_term_length && length <= max_term_length && is_power_of_two(length);
}

[[nodiscard]] constexpr bool is_valid_page_size(const std::int64_t size) noexcept {
    return size >= 4'096 && size <= 1'073'741'824 && is_power_of_two(size);
}

/// More than a header, at most what a datagram carries, and made of whole frames.
[[nodiscard]] constexpr bool is_valid_mtu_length(const std::int64_t length) noexcept {
    return length > frame_header_length && length <= max_mtu_length && length % frame_alignment == 0;
}

// ---- Terms ----

/// `term_id + delta`, wrapping.
[[nodiscard]] constexpr std::int32_t add_to_term_id(const std::int32_t term_id, const std::int32_t delta) noexcept {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(term_id) + static_cast<std::uint32_t>(delta));
}

/// How many terms lie between the initial one and `term_id`.
[[nodiscard]] constexpr std::int32_t term_count_of(const std::int32_t term_id,
                                                   const std::int32_t initial_term_id) noexcept {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(term_id) - static_cast<std::uint32_t>(initial_term_id));
}

/// Which partition holds the term: 0..2 for any value, so that a count from shared memory can be used as it is.
[[nodiscard]] constexpr std::int32_t index_of_term_count(const std::int32_t term_count) noexcept {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(term_count) % 3U);
}

/// The power of two that the term length is: positions are shifted by it to get term counts.
[[nodiscard]] constexpr std::int32_t position_bits_to_shift(const std::int32_t term_length) noexcept {
    return std::countr_zero(static_cast<std::uint32_t>(term_length));
}

// ---- Positions; `shift` is position_bits_to_shift(term length) ----

[[nodiscard]] constexpr std::int64_t begin_position_of_term(const std::int32_t term_count,
                                                            const std::int32_t shift) noexcept {
    return static_cast<std::int64_t>(term_count) << shift;
}

/// `term_offset` may be the term length: the same position as offset 0 of the next term.
[[nodiscard]] constexpr std::int64_t position_of(const std::int32_t term_id, const std::int32_t term_offset,
                                                 const std::int32_t shift,
                                                 const std::int32_t initial_term_id) noexcept {
    return begin_position_of_term(term_count_of(term_id, initial_term_id), shift) + term_offset;
}

[[nodiscard]] constexpr std::int32_t term_count_of_position(const std::int64_t position,
                                                            const std::int32_t shift) noexcept {
    return static_cast<std::int32_t>(position >> shift);
}

/// Which partition holds the position: 0..2 for any value.
[[nodiscard]] constexpr std::int32_t index_of_position(const std::int64_t position, const std::int32_t shift) noexcept {
    return index_of_term_count(term_count_of_position(position, shift));
}

[[nodiscard]] constexpr std::int32_t term_id_of_position(const std::int64_t position, const std::int32_t shift,
                                                         const std::int32_t initial_term_id) noexcept {
    return add_to_term_id(initial_term_id, term_count_of_position(position, shift));
}

[[nodiscard]] constexpr std::int32_t term_offset_of_position(const std::int64_t position,
                                                             const std::int32_t term_length) noexcept {
    return static_cast<std::int32_t>(position & (static_cast<std::int64_t>(term_length) - 1));
}

/// `position + length`, wrapping: a corrupt counter may hold anything.
[[nodiscard]] constexpr std::int64_t advance_position(const std::int64_t position, const std::int64_t length) noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(position) + static_cast<std::uint64_t>(length));
}

/// The end of the last term, beyond which a stream cannot go.
[[nodiscard]] constexpr std::int64_t max_possible_position(const std::int32_t term_length) noexcept {
    return static_cast<std::int64_t>(term_length) << 31;
}

// ---- Raw tails: term id in the high half, offset in the low half. spec: 03 §4 ----

[[nodiscard]] constexpr std::int64_t pack_tail(const std::int32_t term_id, const std::int32_t term_offset) noexcept {
    return static_cast<std::int64_t>((static_cast<std::uint64_t>(static_cast<std::uint32_t>(term_id)) << 32) |
                                     static_cast<std::uint32_t>(term_offset));
}

[[nodiscard]] constexpr std::int32_t tail_term_id(const std::int64_t raw_tail) noexcept {
    return static_cast<std::int32_t>(raw_tail >> 32);
}

/// The offset to work with: what is stored may exceed the term once it was tripped, and is never written back clamped.
/// Bits below the frame alignment, which no publisher sets, are dropped: a corrupt tail cannot misalign a frame.
[[nodiscard]] constexpr std::int32_t tail_term_offset(const std::int64_t raw_tail,
                                                      const std::int32_t term_length) noexcept {
    const auto stored = static_cast<std::uint32_t>(raw_tail) & ~std::uint32_t{frame_alignment - 1};
    return static_cast<std::int32_t>(std::min(stored, static_cast<std::uint32_t>(term_length)));
}

// ---- Message lengths. spec: 03 §7 ----

/// The payload one frame takes; longer messages are fragmented.
[[nodiscard]] constexpr std::int32_t max_payload_length(const std::int32_t mtu_length) noexcept {
    return mtu_length - frame_header_length;
}

/// The longest message that may be fragmented.
[[nodiscard]] constexpr std::int32_t max_message_length(const std::int32_t term_length) noexcept {
    return std::min(term_length / 8, absolute_max_message_length);
}

/// The bytes a message of `length` takes in its term: one frame, or full frames and a shorter last one.
[[nodiscard]] constexpr std::int64_t framed_length(const std::int64_t length, const std::int32_t max_payload) noexcept {
    if (length <= max_payload) {
        return align_frame<std::int64_t>(length + frame_header_length);
    }
    const std::int64_t last_payload = length % max_payload;
    const std::int64_t full_frames = (length / max_payload) * (std::int64_t{max_payload} + frame_header_length);
    return full_frames + (last_payload > 0 ? align_frame<std::int64_t>(last_payload + frame_header_length) : 0);
}

}  // namespace cpperon::logbuffer
