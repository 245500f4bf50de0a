#include "cpperon/logbuffer/availability_scan.hpp"

#include <algorithm>

#include "cpperon/logbuffer/committed_frame.hpp"

namespace cpperon::logbuffer {

Availability scan_availability(const std::byte* const frame, const std::int32_t left,
                               const std::int32_t max_length) noexcept {
    const std::int32_t limit = std::min(max_length, left);
    Availability found;
    do {
        const std::byte* const next = frame + found.available;
        std::int32_t length = committed_length(next, left - found.available);
        if (length == 0) {
            break;
        }
        std::int32_t padding = 0;
        if (header_at(next).type == padding_type) {
            padding = length - frame_header_length;
            length = frame_header_length;
        }
        if (length > limit - found.available) {
            if (found.available == 0) {
                found.available = -length;
            }
            break;
        }
        found.available += length;
        found.padding = padding;
    } while (found.padding == 0 && found.available < limit);
    return found;
}

}  // namespace cpperon::logbuffer
