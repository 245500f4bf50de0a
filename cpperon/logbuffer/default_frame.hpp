/// Padding that the driver writes in the place of a publisher. Used by gap filler and unblocker. spec: 03 §13.3, §15.2
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "cpperon/base/atomic.hpp"
#include "cpperon/logbuffer/frame.hpp"

namespace cpperon::logbuffer {

/// Makes the slot at `term_offset` of `term` a padding frame of `frame_length`, after the log's default header.
inline void write_default_padding(const DataHeader& default_header, std::byte* const term, const std::int32_t term_id,
                                  const std::int32_t term_offset, const std::int32_t frame_length) noexcept {
    std::byte* const frame = term + term_offset;
    DataHeader header = default_header;
    header.type = padding_type;
    header.term_offset = term_offset;
    header.term_id = term_id;
    // All but the length, which readers watch.
    constexpr std::size_t rest = offsetof(DataHeader, version);
    std::memcpy(frame + rest, reinterpret_cast<const std::byte*>(&header) + rest, sizeof header - rest);
    // release [frame-commit] -> readers, scans: the header is complete before the length is positive.
    store_release(header_at(frame).frame_length, frame_length);
}

}  // namespace cpperon::logbuffer
