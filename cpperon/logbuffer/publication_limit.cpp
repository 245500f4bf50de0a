#include "cpperon/logbuffer/publication_limit.hpp"

#include <algorithm>

namespace cpperon::logbuffer {

std::optional<std::int64_t> IpcPublicationLimit::update(const std::optional<PositionRange>& subscribers,
                                                        TermCleaner& cleaner) noexcept {
    if (subscribers) {
        const std::int64_t proposed = advance_position(subscribers->min, window_length_);
        consumer_position_ = std::max(consumer_position_, subscribers->max);
        if (proposed <= trip_limit_) {
            return std::nullopt;
        }
        cleaner.clean_up_to(subscribers->min);
        limit_ = proposed;
        trip_limit_ = advance_position(proposed, window_length_ / 8);
        return limit_;
    }
    if (limit_ <= consumer_position_) {
        return std::nullopt;
    }
    limit_ = consumer_position_;
    trip_limit_ = consumer_position_;
    cleaner.clean_up_to(consumer_position_);
    return limit_;
}

std::optional<std::int64_t> NetworkPublicationLimit::update(const NetworkConsumers& consumers,
                                                            TermCleaner& cleaner) noexcept {
    const std::int64_t sender_position = consumers.sender_position;
    if (consumers.has_subscribers) {
        const std::int64_t min = std::min(sender_position, consumers.min_spy_position.value_or(sender_position));
        const std::int64_t proposed = advance_position(min, window_length_);
        if (proposed <= limit_) {
            return std::nullopt;
        }
        cleaner.clean_up_to(min - term_length_);
        if (!is_clean_enough_for(proposed, cleaner.position())) {
            return std::nullopt;
        }
        limit_ = proposed;
        return limit_;
    }
    if (limit_ <= sender_position) {
        return std::nullopt;
    }
    limit_ = sender_position;
    cleaner.clean_up_to(sender_position - term_length_);
    return limit_;
}

/// Whether the partition that holds the limit has been zeroed since its last use, three terms earlier, as far as
/// publishers below the limit can get before the cleaner comes by again.
bool NetworkPublicationLimit::is_clean_enough_for(const std::int64_t limit,
                                                  const std::int64_t clean_position) const noexcept {
    const std::int64_t gap = (limit >> shift_) - (clean_position >> shift_);
    return gap < 2 || (gap == 2 && term_offset_of_position(clean_position, term_length_) != 0);
}

}  // namespace cpperon::logbuffer
