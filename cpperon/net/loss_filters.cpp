#include "cpperon/net/loss_filters.hpp"

#include <algorithm>
#include <cstring>

#include "cpperon/logbuffer/frame.hpp"
#include "cpperon/wire/frames.hpp"

namespace cpperon::net {

namespace {

bool has_header(const std::span<const std::byte> datagram) noexcept {
    return datagram.size() >= wire::frame_header_length;
}

/// Goes from the end that publishes to the end that subscribes.
bool is_data_class(const wire::FrameHeader& header) noexcept {
    switch (static_cast<wire::FrameType>(header.type)) {
        case wire::FrameType::padding:
        case wire::FrameType::data:
        case wire::FrameType::setup: return true;
        case wire::FrameType::rtt_measurement: return (header.flags & wire::rtt_flag::reply_requested) == 0;
        default: return false;
    }
}

std::uint64_t key_of(const logbuffer::DataHeader& header) noexcept {
    return std::uint64_t{static_cast<std::uint32_t>(header.stream_id)} << 32U |
           static_cast<std::uint32_t>(header.session_id);
}

}  // namespace

bool LossGenerator::loses_next() noexcept {
    const double uniform = static_cast<double>(random_.next_u64() >> 11U) * 0x1p-53;  // [0, 1)
    return uniform < rate_;
}

bool RandomLoss::loses(const std::span<const std::byte> datagram, const SocketAddress& /*peer*/) {
    if (!has_header(datagram)) {
        return false;
    }
    const unsigned int bit = std::min<unsigned int>(wire::frame_header(datagram).type, 63);
    return (frame_types_ >> bit & 1U) != 0 && generator_.loses_next();
}

bool ClassLoss::loses(const std::span<const std::byte> datagram, const SocketAddress& /*peer*/) {
    if (!has_header(datagram)) {
        return false;
    }
    return is_data_class(wire::frame_header(datagram)) ? data_.loses_next() : control_.loses_next();
}

bool GapPattern::is_touched_by(const std::int64_t begin, const std::int64_t end) const noexcept {
    // The first gap that ends behind `begin`: it is touched, or none is.
    const std::int64_t before_its_end = begin - first_offset - gap_length;
    const std::int64_t index = before_its_end < 0 ? 0 : before_its_end / stride + 1;
    return index < count && first_offset + index * stride < end;
}

bool GapLoss::loses(const std::span<const std::byte> datagram, const SocketAddress& /*peer*/) {
    if (datagram.size() < sizeof(logbuffer::DataHeader)) {
        return false;
    }
    logbuffer::DataHeader header;
    std::memcpy(&header, datagram.data(), sizeof(header));
    const bool is_data = header.type == logbuffer::data_type || header.type == logbuffer::padding_type;
    if (!is_data || header.frame_length <= 0 || header.term_id != gaps_.term_id) {
        return false;
    }
    // A padding frame stands for more bytes than its datagram has.
    const std::int64_t length =
        std::max(static_cast<std::int64_t>(datagram.size()), logbuffer::align_frame<std::int64_t>(header.frame_length));
    const std::int64_t end = header.term_offset + length;
    const auto known = lost_until_.find(key_of(header));
    const std::int64_t begin =
        known == lost_until_.end() ? header.term_offset : std::max<std::int64_t>(header.term_offset, known->second);
    if (begin >= end || !gaps_.is_touched_by(begin, end)) {
        return false;
    }
    if (known != lost_until_.end()) {
        known->second = end;
        return true;
    }
    return lost_until_.size() < max_sessions && lost_until_.emplace(key_of(header), end).second;
}

}  // namespace cpperon::net
