/// The data frame: the header before every message, fragment and padding, in a term and on the network alike.
/// Used by publishers, readers and every agent of the driver. spec: 03 §5
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "cpperon/base/align.hpp"

namespace cpperon::logbuffer {

static_assert(std::endian::native == std::endian::little, "logs are little-endian and read in place");

/// Every frame starts at a multiple of this; lengths are rounded up to it when positions move. spec: 03 §1
inline constexpr std::int32_t frame_alignment = 32;

/// What a frame is. Readers take every type but padding for data. spec: 03 §5.1
enum class FrameType : std::int16_t { padding = 0x0000, data = 0x0001 };

/// Bits of `DataHeader::flags`. spec: 03 §5.1
namespace frame_flag {
inline constexpr std::uint8_t begin = 0x80;          ///< first fragment of a message
inline constexpr std::uint8_t end = 0x40;            ///< last fragment of a message
inline constexpr std::uint8_t unfragmented = 0xC0;   ///< begin | end
inline constexpr std::uint8_t end_of_stream = 0x20;  ///< heartbeats only; to be ignored in data
inline constexpr std::uint8_t revoked = 0x10;        ///< heartbeats only
}  // namespace frame_flag

/// Before every data and padding frame, in a term and on the network alike. Little-endian. spec: 03 §5.1
struct DataHeader {
    std::int32_t frame_length;  ///< bytes with this header, before alignment; <= 0 until committed
    std::int8_t version;
    std::uint8_t flags;        ///< `frame_flag`s
    std::int16_t type;         ///< `FrameType`, or what the application stored through a claim
    std::int32_t term_offset;  ///< of this frame in its term
    std::int32_t session_id;
    std::int32_t stream_id;
    std::int32_t term_id;
    std::int64_t reserved_value;  ///< the application's; carried untouched
};
static_assert(offsetof(DataHeader, frame_length) == 0 && offsetof(DataHeader, version) == 4);
static_assert(offsetof(DataHeader, flags) == 5 && offsetof(DataHeader, type) == 6);
static_assert(offsetof(DataHeader, term_offset) == 8 && offsetof(DataHeader, session_id) == 12);
static_assert(offsetof(DataHeader, stream_id) == 16 && offsetof(DataHeader, term_id) == 20);
static_assert(offsetof(DataHeader, reserved_value) == 24 && sizeof(DataHeader) == 32);

/// Length of `DataHeader` in the arithmetic of frame lengths.
inline constexpr std::int32_t frame_header_length = 32;

/// What `FrameType` a header's `type` field holds for padding.
inline constexpr std::int16_t padding_type = static_cast<std::int16_t>(FrameType::padding);
inline constexpr std::int16_t data_type = static_cast<std::int16_t>(FrameType::data);

/// The bytes a frame of `frame_length` takes in its term.
template <std::integral T>
[[nodiscard]] constexpr T align_frame(const T frame_length) noexcept {
    return align_up<T>(frame_length, static_cast<T>(frame_alignment));
}

/// The header at `frame`, which must be 32-byte aligned within a term and at least 32 bytes before the term's end.
[[nodiscard]] inline DataHeader& header_at(std::byte* const frame) noexcept {
    return *static_cast<DataHeader*>(static_cast<void*>(frame));
}

/// The same, to read.
[[nodiscard]] inline const DataHeader& header_at(const std::byte* const frame) noexcept {
    return *static_cast<const DataHeader*>(static_cast<const void*>(frame));
}

/// The first 8 bytes of a frame as one word: length, version, flags and type. Stored at once where a run of frames or a
/// cleaned range becomes visible. spec: 03 §13.2, §14
[[nodiscard]] inline std::int64_t& first_word(std::byte* const frame) noexcept {
    return *static_cast<std::int64_t*>(static_cast<void*>(frame));
}

}  // namespace cpperon::logbuffer
