#include "cpperon/shm/broadcast_layout.hpp"

#include <limits>

#include <fmt/format.h>

#include "cpperon/base/align.hpp"
#include "cpperon/base/error.hpp"

namespace cpperon::shm {

BroadcastView BroadcastView::over(const std::span<std::byte> section) {
    const std::int64_t capacity = static_cast<std::int64_t>(section.size()) - BroadcastTrailer::length;
    if (capacity < record_alignment || !is_power_of_two(capacity) ||
        capacity > std::numeric_limits<std::int32_t>::max() || !is_aligned_for_atomics(section)) {
        detail::throw_error(
            {ErrorCode::invalid_argument,
             fmt::format("a section of {} bytes at {} holds no event broadcast: expected are 8-byte alignment and a "
                         "power of two from {} plus {} bytes",
                         section.size(), fmt::ptr(section.data()), record_alignment, +BroadcastTrailer::length)});
    }
    BroadcastView view;
    view.bytes = section.data();
    view.capacity = static_cast<std::int32_t>(capacity);
    return view;
}

}  // namespace cpperon::shm
