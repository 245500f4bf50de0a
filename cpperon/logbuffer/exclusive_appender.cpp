#include "cpperon/logbuffer/exclusive_appender.hpp"

#include <algorithm>
#include <cstring>

namespace cpperon::logbuffer {

ExclusiveAppender::ExclusiveAppender(const LogView& log, const std::int64_t& position_limit,
                                     const std::int32_t session_id, const std::int32_t stream_id) noexcept
    : term_length_(log.term_length()),
      max_payload_length_(log.max_payload_length()),
      position_limit_(position_limit),
      writer_(session_id, stream_id),
      metadata_(log.metadata()),
      terms_(log.terms()),
      max_message_length_(log.max_message_length()),
      shift_(log.position_bits_to_shift()),
      initial_term_id_(log.initial_term_id()) {
    // acquire [term-rotation] <- the driver, or an earlier appender of this log: the tail of that term has been set.
    const std::int32_t term_count = load_acquire(metadata_.active_term_count);
    enter_term(term_count);
    // acquire [tail] <- as above.
    const std::int64_t raw_tail = load_acquire(*raw_tail_);
    term_id_ = tail_term_id(raw_tail);
    term_offset_ = tail_term_offset(raw_tail, term_length_);
    term_begin_position_ = begin_position_of_term(term_count, shift_);
}

OfferResult ExclusiveAppender::append_padding(const std::size_t length) noexcept {
    [[maybe_unused]] const ExclusiveUse::Scope use{use_};
    if (length > static_cast<std::size_t>(max_message_length_)) {
        return OfferStatus::message_too_long;
    }
    if (is_refused()) {
        return refuse(length);
    }
    const std::int32_t frame_length = static_cast<std::int32_t>(length) + frame_header_length;
    const std::int32_t end = move_tail(align_frame(frame_length));
    if (end > term_length_) {
        return on_end_of_term();
    }
    writer_.pad(term_ + term_offset_, frame_length, term_id_, term_offset_);
    return advance_to(end);
}

OfferResult ExclusiveAppender::offer_block(const std::span<const std::byte> block) noexcept {
    [[maybe_unused]] const ExclusiveUse::Scope use{use_};
    if (is_closed()) {
        return OfferStatus::closed;
    }
    if (term_offset_ >= term_length_) {
        if (is_last_term()) {
            return OfferStatus::max_position_exceeded;
        }
        enter_next_term();
    }
    if (is_refused()) {
        return refuse(block.size());
    }
    if (!is_next_block(block)) {
        return OfferStatus::invalid_argument;
    }
    const std::int32_t end = move_tail(static_cast<std::int32_t>(block.size()));
    std::byte* const frame = term_ + term_offset_;
    std::memcpy(frame + sizeof(std::int64_t), block.data() + sizeof(std::int64_t), block.size() - sizeof(std::int64_t));
    std::int64_t first = 0;
    std::memcpy(&first, block.data(), sizeof first);
    // release [frame-commit] -> readers: they stop at the first frame until all frames behind it are in place.
    store_release(first_word(frame), first);
    return advance_to(end);
}

OfferResult ExclusiveAppender::position() const noexcept {
    if (is_closed()) {
        return OfferStatus::closed;
    }
    return OfferResult::at(std::max<std::int64_t>(term_begin_position_ + term_offset_, 0));
}

OfferResult ExclusiveAppender::position_limit() const noexcept {
    const std::int64_t limit = position_limit_.get();
    if (is_closed()) {
        return OfferStatus::closed;
    }
    // No limit is below 0 but a corrupt one.
    return OfferResult::at(std::max<std::int64_t>(limit, 0));
}

std::int64_t ExclusiveAppender::available_window() const noexcept {
    const OfferResult limit = position_limit();
    const OfferResult here = position();
    return limit && here ? limit.position() - here.position() : 0;
}

bool ExclusiveAppender::is_connected() const noexcept {
    return !is_closed() && logbuffer::is_connected(metadata_);
}

OfferStatus ExclusiveAppender::refuse(const std::size_t length) const noexcept {
    return is_closed() ? OfferStatus::closed
                       : status_at_limit(metadata_, term_begin_position_ + term_offset_, length, term_length_);
}

OfferResult ExclusiveAppender::on_end_of_term() noexcept {
    if (term_offset_ < term_length_) {
        writer_.pad(term_ + term_offset_, term_length_ - term_offset_, term_id_, term_offset_);
    }
    if (is_last_term()) {
        term_offset_ = term_length_;
        return OfferStatus::max_position_exceeded;
    }
    enter_next_term();
    return OfferStatus::admin_action;
}

bool ExclusiveAppender::is_last_term() const noexcept {
    return term_begin_position_ + term_length_ >= max_possible_position(term_length_);
}

void ExclusiveAppender::enter_next_term() noexcept {
    term_id_ = add_to_term_id(term_id_, 1);
    term_offset_ = 0;
    term_begin_position_ += term_length_;
    const std::int32_t term_count = term_count_of(term_id_, initial_term_id_);
    enter_term(term_count);
    // relaxed: published by the count below.
    store_relaxed(*raw_tail_, pack_tail(term_id_, 0));
    // release [term-rotation] -> conductor: the next tail is set before the count leads it there.
    store_release(metadata_.active_term_count, term_count);
}

void ExclusiveAppender::enter_term(const std::int32_t term_count) noexcept {
    const auto index = static_cast<std::size_t>(index_of_term_count(term_count));
    term_ = terms_ + (index << shift_);
    raw_tail_ = &metadata_.raw_tails[index];
}

/// Whole frames only, the first of which continues this stream here.
bool ExclusiveAppender::is_next_block(const std::span<const std::byte> block) const noexcept {
    if (block.empty() || block.size() % frame_alignment != 0 ||
        block.size() > static_cast<std::size_t>(term_length_ - term_offset_)) {
        return false;
    }
    DataHeader header{};
    std::memcpy(&header, block.data(), sizeof header);
    if (header.term_offset != term_offset_ || header.session_id != session_id() || header.stream_id != stream_id() ||
        header.term_id != term_id_ || header.type != data_type) {
        return false;
    }
    // Readers will walk these lengths: they must lead exactly to the end of the block.
    std::size_t offset = 0;
    while (offset < block.size()) {
        std::int32_t frame_length = 0;
        std::memcpy(&frame_length, block.data() + offset, sizeof frame_length);
        if (frame_length < frame_header_length || static_cast<std::size_t>(frame_length) > block.size() - offset) {
            return false;
        }
        offset += align_frame(static_cast<std::size_t>(frame_length));
    }
    return true;
}

}  // namespace cpperon::logbuffer
