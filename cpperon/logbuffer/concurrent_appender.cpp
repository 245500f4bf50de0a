#include "cpperon/logbuffer/concurrent_appender.hpp"

namespace cpperon::logbuffer {

OfferResult ConcurrentAppender::position() const noexcept {
    if (is_closed()) {
        return OfferStatus::closed;
    }
    const Tail tail = look();
    return OfferResult::at(
        position_of(tail_term_id(tail.raw), tail_term_offset(tail.raw, term_length_), shift_, initial_term_id_));
}

OfferResult ConcurrentAppender::position_limit() const noexcept {
    const std::int64_t limit = position_limit_.get();
    if (is_closed()) {
        return OfferStatus::closed;
    }
    // No limit is below 0 but a corrupt one.
    return OfferResult::at(std::max<std::int64_t>(limit, 0));
}

std::int64_t ConcurrentAppender::available_window() const noexcept {
    const OfferResult limit = position_limit();
    const OfferResult here = position();
    return limit && here ? limit.position() - here.position() : 0;
}

bool ConcurrentAppender::is_connected() const noexcept {
    return !is_closed() && logbuffer::is_connected(metadata_);
}

OfferStatus ConcurrentAppender::refuse(const std::int32_t term_count, const std::int64_t raw,
                                       const std::size_t length) noexcept {
    const std::int64_t limit = position_limit_.get();
    if (is_closed()) {
        return OfferStatus::closed;
    }
    const std::int32_t term_id = tail_term_id(raw);
    if (term_count != term_count_of(term_id, initial_term_id_)) {
        return OfferStatus::admin_action;
    }
    const std::int32_t offset = tail_term_offset(raw, term_length_);
    const std::int64_t position = begin_position_of_term(term_count, shift_) + offset;
    if (position < limit && offset == term_length_) {
        // Only what others claimed in vain, beyond the end of the term, lies beyond the limit.
        return leave_term(term_id);
    }
    return status_at_limit(metadata_, position, length, term_length_);
}

OfferResult ConcurrentAppender::on_end_of_term(const std::int32_t index, const std::int64_t raw) noexcept {
    const std::int32_t offset = tail_term_offset(raw, term_length_);
    if (offset < term_length_) {
        // Only one claim begins within the term and ends beyond it: the rest of the term is ours.
        writer_.pad(term_at(index) + offset, term_length_ - offset, tail_term_id(raw), offset);
    }
    return leave_term(tail_term_id(raw));
}

/// The term is full: the next one becomes active, unless this is the last of the stream.
OfferStatus ConcurrentAppender::leave_term(const std::int32_t term_id) noexcept {
    if (position_of(term_id, term_length_, shift_, initial_term_id_) >= max_possible_position(term_length_)) {
        return OfferStatus::max_position_exceeded;
    }
    rotate_log(metadata_, term_count_of(term_id, initial_term_id_), term_id);
    return OfferStatus::admin_action;
}

}  // namespace cpperon::logbuffer
