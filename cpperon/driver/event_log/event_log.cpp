#include "cpperon/driver/event_log/event_log.hpp"

#include <algorithm>

#include "cpperon/base/clock.hpp"
#include "cpperon/shm/ring_layout.hpp"
#include "cpperon/wire/headers.hpp"

namespace cpperon::driver {

namespace {

std::size_t captured_length_of(const std::span<const std::byte> datagram) noexcept {
    const std::optional<wire::FrameHeader> header = wire::try_read<wire::FrameHeader>(datagram);
    const bool has_payload = header && (header->type == static_cast<std::uint16_t>(wire::FrameType::data) ||
                                        header->type == static_cast<std::uint16_t>(wire::FrameType::padding));
    return std::min(datagram.size(), has_payload ? sizeof(wire::DataHeader) : EventLog::max_captured_frame_length);
}

}  // namespace

EventLog::EventLog(const EventSet events, NanoClock& clock, const std::size_t capacity)
    : events_(events),
      clock_(clock),
      memory_((capacity + shm::RingTrailer::length) / sizeof(std::int64_t)),
      ring_(std::as_writable_bytes(std::span{memory_})) {}

std::int64_t EventLog::now_ns() const noexcept {
    return clock_.nano_time();
}

void EventLog::on_command(const std::int32_t type_id, const std::span<const std::byte> payload) noexcept {
    if (const std::optional<EventId> id = event_of(static_cast<command::CommandType>(type_id)); id && is_on(*id)) {
        write_message(*id, payload);
    }
}

void EventLog::on_answer(const std::int32_t type_id, const std::span<const std::byte> payload) noexcept {
    if (const std::optional<EventId> id = event_of(static_cast<command::EventType>(type_id)); id && is_on(*id)) {
        write_message(*id, payload);
    }
}

void EventLog::write_message(const EventId id, const std::span<const std::byte> payload) noexcept {
    if (const Claim claim{*this, id, payload.size(), now_ns(), payload.size()}) {
        std::ranges::copy(payload, claim.out().begin());
    }
}

void EventLog::on_frame(const EventId id, const net::SocketAddress& address, const std::span<const std::byte> datagram,
                        const std::int64_t now_ns) noexcept {
    const std::size_t captured = captured_length_of(datagram);
    if (const Claim claim{*this, id, sizeof(FrameSource) + captured, now_ns, datagram.size()}) {
        std::span<std::byte> out = claim.out();
        put(out, FrameSource{.address = address});
        std::ranges::copy(datagram.first(captured), out.begin());
    }
}

EventLog::Claim::Claim(EventLog& log, const EventId id, const std::size_t captured_length, const std::int64_t now_ns,
                       const std::size_t length) noexcept
    : log_(log),
      claim_(log.ring_.try_claim(static_cast<std::int32_t>(id),
                                 static_cast<std::int32_t>(sizeof(EventRecordHeader) + captured_length))) {
    if (!claim_) {
        // relaxed: a number that orders nothing.
        log_.dropped_.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    out_ = claim_.payload;
    put(out_, EventRecordHeader{.time_ns = now_ns, .length = static_cast<std::int64_t>(length)});
}

EventLog::Claim::~Claim() {
    if (claim_) {
        // Nobody else ends claims of this ring.
        static_cast<void>(log_.ring_.commit(claim_.offset));
    }
}

}  // namespace cpperon::driver
