#include "cpperon/logbuffer/blocked_watch.hpp"

#include "cpperon/logbuffer/position.hpp"

namespace cpperon::logbuffer {

bool BlockedWatch::is_blocked(const StreamProgress& progress, const std::int64_t now_ns) noexcept {
    const std::int64_t position = progress.consumer_position;
    const bool is_possibly_blocked =
        progress.active_term_count != term_count_of_position(position, progress.position_bits_to_shift) ||
        progress.producer_position > position;
    if (position == position_ && is_possibly_blocked) {
        return now_ns - time_of_change_ns_ > unblock_timeout_ns_;
    }
    position_ = position;
    time_of_change_ns_ = now_ns;
    return false;
}

}  // namespace cpperon::logbuffer
