#include "cpperon/driver/sender/send_timestamp.hpp"

#include <array>
#include <bit>

#include "cpperon/base/shared_bytes.hpp"
#include "cpperon/logbuffer/frame.hpp"

namespace cpperon::driver {

namespace {

using logbuffer::DataHeader;
using Timestamp = std::array<std::byte, sizeof(std::int64_t)>;

/// Where in the frame the time-stamp goes; negative: nowhere.
std::int64_t place_of(const TimestampOffset offset, const std::int32_t frame_length) noexcept {
    if (offset == TimestampOffset::reserved()) {
        return offsetof(DataHeader, reserved_value);
    }
    const std::int64_t payload_length = frame_length - logbuffer::frame_header_length;
    const bool fits = offset.value >= 0 && offset.value <= payload_length - std::int64_t{sizeof(Timestamp)};
    return fits ? logbuffer::frame_header_length + offset.value : -1;
}

}  // namespace

void stamp_departure(const std::span<std::byte> datagram, const TimestampOffset offset,
                     const std::int64_t timestamp_ns) noexcept {
    if (datagram.size() < sizeof(DataHeader)) {
        return;
    }
    const DataHeader& header = logbuffer::header_at(datagram.data());
    const std::int32_t frame_length = header.frame_length;
    if (header.type != logbuffer::data_type || frame_length < logbuffer::frame_header_length ||
        frame_length > static_cast<std::int64_t>(datagram.size())) {
        return;
    }
    const std::int64_t place = place_of(offset, frame_length);
    if (place >= 0) {
        store_bytes_relaxed(datagram.data() + place, std::bit_cast<Timestamp>(timestamp_ns));
    }
}

}  // namespace cpperon::driver
