#include "cpperon/logbuffer/unblocker.hpp"

#include <algorithm>
#include <limits>

#include "cpperon/base/atomic.hpp"
#include "cpperon/logbuffer/default_frame.hpp"
#include "cpperon/logbuffer/tail.hpp"

namespace cpperon::logbuffer {

namespace {

/// The term that blocks, and what was claimed of it.
struct BlockedTerm {
    const DataHeader& default_header;
    std::byte* bytes;
    std::int32_t length;
    std::int32_t term_id;
    std::int32_t tail_offset;

    [[nodiscard]] std::int32_t frame_length_at(const std::int32_t offset) const noexcept {
        // acquire [frame-commit], [frame-claim] <- publishers, ours or a peer's.
        return load_acquire(header_at(bytes + offset).frame_length);
    }
    void pad(const std::int32_t offset, const std::int32_t frame_length) const noexcept {
        write_default_padding(default_header, bytes, term_id, offset, frame_length);
    }
};

bool is_empty_between(const BlockedTerm& term, const std::int32_t begin, const std::int32_t end) noexcept {
    for (std::int32_t offset = end - frame_alignment; offset >= begin; offset -= frame_alignment) {
        if (term.frame_length_at(offset) != 0) {
            return false;
        }
    }
    return true;
}

enum class Outcome { no_action, padded, padded_to_end_of_term };

Outcome unblock_term(const BlockedTerm& term, const std::int32_t offset) noexcept {
    const std::int32_t frame_length = term.frame_length_at(offset);
    if (frame_length > 0) {
        return Outcome::no_action;
    }
    if (frame_length < 0) {
        // Begun, not committed. A corrupt length must not lead readers out of the term.
        const std::int32_t claimed = -std::max(frame_length, -std::numeric_limits<std::int32_t>::max());
        if (claimed < frame_header_length || claimed > term.length - offset) {
            return Outcome::no_action;
        }
        term.pad(offset, claimed);
        return Outcome::padded;
    }
    // Claimed, not begun: the claim reaches to the next frame that is, or to the end of the term if the tail is there.
    std::int32_t end = offset + frame_alignment;
    while (end < term.tail_offset && term.frame_length_at(end) == 0) {
        end += frame_alignment;
    }
    if (end < term.tail_offset) {
        // Whatever lies before the frame that was found must still be empty, or its publisher lives.
        if (!is_empty_between(term, offset, end)) {
            return Outcome::no_action;
        }
        term.pad(offset, end - offset);
        return Outcome::padded;
    }
    if (term.tail_offset == term.length && term.tail_offset > offset && term.frame_length_at(offset) == 0) {
        term.pad(offset, term.length - offset);
        return Outcome::padded_to_end_of_term;
    }
    return Outcome::no_action;
}

}  // namespace

bool unblock_log(const LogView& log, const std::int64_t blocked_position) noexcept {
    LogMetadata& metadata = log.metadata();
    const std::int32_t blocked_count = term_count_of_position(blocked_position, log.position_bits_to_shift());
    const std::int32_t blocked_offset =
        term_offset_of_position(blocked_position, log.term_length()) & ~(frame_alignment - 1);
    // acquire [term-rotation] <- publishers.
    const std::int32_t active_count = load_acquire(metadata.active_term_count);

    if (blocked_offset == 0 && active_count == add_to_term_id(blocked_count, -1)) {
        // The term before is full, but nobody rotated.
        const auto index = static_cast<std::size_t>(index_of_term_count(active_count));
        rotate_log(metadata, active_count, tail_term_id(load_acquire(metadata.raw_tails[index])));
        return true;
    }

    const std::int32_t index = index_of_term_count(blocked_count);
    // acquire [tail] <- publishers' claims.
    const std::int64_t raw_tail = load_acquire(metadata.raw_tails[static_cast<std::size_t>(index)]);
    const BlockedTerm term{metadata.default_header, log.term(index).data(), log.term_length(), tail_term_id(raw_tail),
                           tail_term_offset(raw_tail, log.term_length())};
    const Outcome outcome = unblock_term(term, blocked_offset);
    if (outcome == Outcome::padded_to_end_of_term) {
        rotate_log(metadata, blocked_count, term.term_id);
    }
    return outcome != Outcome::no_action;
}

}  // namespace cpperon::logbuffer
