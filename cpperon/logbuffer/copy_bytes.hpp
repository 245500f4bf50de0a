/// Copies payloads: short ones inline, where a call of the library's memcpy would cost more than the copy itself.
/// Used by appenders on the hot path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace cpperon::logbuffer {

namespace detail {

// Where the message is a constant, GCC warns about the branches for other lengths, which it has not yet found dead.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Warray-bounds"
#pragma GCC diagnostic ignored "-Wstringop-overread"
#endif

/// Copies `width` to `2 * width` bytes as two blocks that may overlap. The copy of constant length becomes a move.
template <std::size_t width>
inline void copy_two_blocks(std::byte* const to, const std::byte* const from, const std::size_t length) noexcept {
    struct Block {
        std::byte bytes[width];  // NOLINT(modernize-avoid-c-arrays): one register
    };
    Block first;
    Block last;
    std::memcpy(&first, from, width);
    std::memcpy(&last, from + (length - width), width);
    std::memcpy(to, &first, width);
    std::memcpy(to + (length - width), &last, width);
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

}  // namespace detail

/// Above this the library's memcpy, with its wider registers, wins.
inline constexpr std::size_t max_inline_copy_length = 64;

/// Writes exactly `length` bytes, reads no other; the ranges do not overlap.
inline void copy_bytes(std::byte* const to, const std::byte* const from, const std::size_t length) noexcept {
    if (length > 32) {
        if (length > max_inline_copy_length) {
            std::memcpy(to, from, length);
        } else {
            detail::copy_two_blocks<32>(to, from, length);
        }
    } else if (length >= 16) {
        detail::copy_two_blocks<16>(to, from, length);
    } else if (length >= 8) {
        detail::copy_two_blocks<8>(to, from, length);
    } else if (length >= 4) {
        detail::copy_two_blocks<4>(to, from, length);
    } else if (length > 0) {
        // One, two or three bytes: the middle one is the first or the last where there is none of its own.
        const std::byte first = from[0];
        const std::byte middle = from[length / 2];
        const std::byte last = from[length - 1];
        to[0] = first;
        to[length / 2] = middle;
        to[length - 1] = last;
    }
}

}  // namespace cpperon::logbuffer
