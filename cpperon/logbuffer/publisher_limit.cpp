#include "cpperon/logbuffer/publisher_limit.hpp"

#include <algorithm>

#include "cpperon/base/atomic.hpp"

namespace cpperon::logbuffer {

OfferStatus status_at_limit(const LogMetadata& metadata, const std::int64_t position, const std::size_t length,
                            const std::int32_t term_length) noexcept {
    // Any length beyond the longest stream is as good as another: the sum below must not overflow.
    const auto bounded_length = static_cast<std::int64_t>(std::min<std::size_t>(length, std::size_t{1} << 61));
    const std::int64_t remaining = max_possible_position(term_length) - position;
    if (align_frame(bounded_length + frame_header_length) >= remaining) {
        return OfferStatus::max_position_exceeded;
    }
    return is_connected(metadata) ? OfferStatus::back_pressured : OfferStatus::not_connected;
}

bool is_connected(const LogMetadata& metadata) noexcept {
    // acquire [is-connected] <- the driver's conductor or sender, ours or a peer's.
    return load_acquire(metadata.is_connected) == 1;
}

}  // namespace cpperon::logbuffer
