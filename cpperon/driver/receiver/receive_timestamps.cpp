#include "cpperon/driver/receiver/receive_timestamps.hpp"

#include <cstring>

#include "cpperon/logbuffer/frame.hpp"

namespace cpperon::driver {

namespace {

using logbuffer::DataHeader;

void stamp_frame(const std::span<std::byte> frame, const TimestampOffset offset,
                 const std::int64_t timestamp_ns) noexcept {
    if (offset == TimestampOffset::reserved()) {
        std::memcpy(frame.data() + offsetof(DataHeader, reserved_value), &timestamp_ns, sizeof timestamp_ns);
        return;
    }
    const std::span<std::byte> payload = frame.subspan(sizeof(DataHeader));
    if (payload.size() >= sizeof timestamp_ns &&
        offset.value <= static_cast<std::int64_t>(payload.size() - sizeof timestamp_ns)) {
        std::memcpy(payload.data() + offset.value, &timestamp_ns, sizeof timestamp_ns);
    }
}

}  // namespace

void stamp_arrival(std::span<std::byte> datagram, const TimestampOffset offset,
                   const std::int64_t timestamp_ns) noexcept {
    if (!offset.is_enabled()) {
        return;
    }
    while (datagram.size() >= sizeof(DataHeader)) {
        DataHeader header;
        std::memcpy(&header, datagram.data(), sizeof header);
        if (header.frame_length < logbuffer::frame_header_length ||
            static_cast<std::size_t>(header.frame_length) > datagram.size() || header.type != logbuffer::data_type) {
            return;
        }
        if ((header.flags & logbuffer::frame_flag::begin) != 0) {
            stamp_frame(datagram.first(static_cast<std::size_t>(header.frame_length)), offset, timestamp_ns);
        }
        const auto aligned = static_cast<std::size_t>(logbuffer::align_frame<std::int64_t>(header.frame_length));
        if (aligned > datagram.size()) {
            return;
        }
        datagram = datagram.subspan(aligned);
    }
}

}  // namespace cpperon::driver
