/// The messages that all peers send and check: content and checksum follow from publisher, index and length.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace interop {

static_assert(std::endian::native == std::endian::little, "words of messages are little-endian");

/// The index in the low 32 bits, the publisher above it; every message begins with it.
inline std::uint64_t first_word(const std::uint32_t publisher, const std::uint32_t index) noexcept {
    return std::uint64_t{publisher} << 32U | index;
}

inline std::uint64_t read_first_word(const std::span<const std::byte> message) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, message.data(), sizeof(word));
    return word;
}

/// `room`: at least 8 bytes; up to 7 bytes behind `length` are written too, where there is room for whole words.
inline void fill(const std::span<std::byte> room, const std::uint64_t first, const std::size_t length) noexcept {
    std::memcpy(room.data(), &first, sizeof(first));
    std::uint64_t word = first * 0x9E37'79B9'7F4A'7C15U;
    for (std::size_t offset = 8; offset < length; offset += 8) {
        word += 0xBF58'476D'1CE4'E5B9U;
        std::memcpy(room.data() + offset, &word, sizeof(word));
    }
}

/// Takes one more message into the checksum of a stream of messages.
inline std::uint64_t mix(std::uint64_t checksum, const std::span<const std::byte> message) noexcept {
    constexpr std::uint64_t prime = 0x100'0000'01B3U;
    std::size_t offset = 0;
    for (; offset + 8 <= message.size(); offset += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, message.data() + offset, sizeof(word));
        checksum = (checksum ^ word) * prime;
    }
    std::uint64_t tail = 0;
    std::memcpy(&tail, message.data() + offset, message.size() - offset);
    checksum = (checksum ^ tail) * prime;
    return (checksum ^ message.size()) * prime;
}

}  // namespace interop
