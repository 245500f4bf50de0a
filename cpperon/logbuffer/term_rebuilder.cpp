#include "cpperon/logbuffer/term_rebuilder.hpp"

#include <cstring>

#include "cpperon/base/atomic.hpp"
#include "cpperon/logbuffer/default_frame.hpp"

namespace cpperon::logbuffer {

namespace {

bool fits(const std::size_t term_length, const std::int32_t term_offset, const std::size_t length) noexcept {
    return term_offset >= 0 && term_offset % frame_alignment == 0 && length >= frame_header_length &&
           static_cast<std::size_t>(term_offset) < term_length &&
           length <= term_length - static_cast<std::size_t>(term_offset);
}

bool is_empty_slot(const std::byte* const frame) noexcept {
    // relaxed: the receiver is the only one that writes here, and the cleaner's zeroes were there long before the
    // position could be reached again.
    return load_relaxed(header_at(frame).frame_length) == 0;
}

}  // namespace

bool insert_packet(const std::span<std::byte> term, const std::int32_t term_offset,
                   const std::span<const std::byte> packet) noexcept {
    if (!fits(term.size(), term_offset, packet.size())) {
        return false;
    }
    std::byte* const frame = term.data() + term_offset;
    if (!is_empty_slot(frame)) {
        return false;
    }
    std::memcpy(frame + sizeof(std::int64_t), packet.data() + sizeof(std::int64_t),
                packet.size() - sizeof(std::int64_t));
    std::int64_t first = 0;
    std::memcpy(&first, packet.data(), sizeof first);
    // release [frame-commit] -> readers, gap scan: they stop at the first frame until all behind it are in place.
    store_release(first_word(frame), first);
    return true;
}

bool fill_gap(const DataHeader& default_header, const std::span<std::byte> term, const std::int32_t term_id,
              const Gap& gap) noexcept {
    if (gap.length < frame_header_length || !fits(term.size(), gap.term_offset, static_cast<std::size_t>(gap.length))) {
        return false;
    }
    // From the last slot back: what arrives late fills a gap from behind more often than not.
    for (std::int32_t offset = gap.term_offset + align_frame(gap.length) - frame_alignment; offset >= gap.term_offset;
         offset -= frame_alignment) {
        if (!is_empty_slot(term.data() + offset)) {
            return false;
        }
    }
    write_default_padding(default_header, term.data(), term_id, gap.term_offset, gap.length);
    return true;
}

}  // namespace cpperon::logbuffer
