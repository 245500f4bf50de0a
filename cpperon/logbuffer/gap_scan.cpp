#include "cpperon/logbuffer/gap_scan.hpp"

#include <algorithm>

#include "cpperon/base/thread_sanitizer.hpp"
#include "cpperon/logbuffer/committed_frame.hpp"

namespace cpperon::logbuffer {

GapScan scan_for_gap(const std::span<const std::byte> term, const std::int32_t rebuild_offset,
                     const std::int32_t limit_offset) noexcept {
    const auto term_length = static_cast<std::int32_t>(term.size());
    const std::int32_t limit = std::min(limit_offset, term_length);
    std::int32_t offset = rebuild_offset;
    while (offset < limit) {
        const std::int32_t length = committed_length(term.data() + offset, term_length - offset);
        if (length == 0) {
            break;
        }
        offset += length;
    }
    if (offset >= limit) {
        return {offset, std::nullopt};
    }
    std::int32_t gap_end = offset + frame_alignment;
    // acquire [frame-commit]: as above; a length that is not 0 ends the gap, whatever it is. It may be a word in the
    // middle of a frame that is being inserted: then the gap is found shorter than it is, and it is shrinking anyhow.
    const UncheckedAccesses unchecked;
    while (gap_end < limit && load_acquire(header_at(term.data() + gap_end).frame_length) == 0) {
        gap_end += frame_alignment;
    }
    return {offset, Gap{offset, gap_end - offset}};
}

}  // namespace cpperon::logbuffer
