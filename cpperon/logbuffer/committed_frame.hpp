/// Looks at a frame that somebody else commits, and takes nothing for granted. Used by the driver's algorithms on
/// terms. spec: 03 §5.2
#pragma once

#include <cstddef>
#include <cstdint>

#include "cpperon/base/atomic.hpp"
#include "cpperon/logbuffer/frame.hpp"

namespace cpperon::logbuffer {

/// The aligned length of the committed frame at `frame`, which has `left` bytes to the end of its term; 0 if none is
/// committed there, or if its length is not one that fits: a corrupt length stops whoever walks the term.
[[nodiscard]] inline std::int32_t committed_length(const std::byte* const frame, const std::int32_t left) noexcept {
    // acquire [frame-commit] <- commit, ours or a peer's: the frame is complete.
    const std::int32_t frame_length = load_acquire(header_at(frame).frame_length);
    return frame_length >= frame_header_length && frame_length <= left ? align_frame(frame_length) : 0;
}

}  // namespace cpperon::logbuffer
