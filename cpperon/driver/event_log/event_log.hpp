/// Where the agents of a driver leave what they do, for one reader that prints it: a bounded ring in the memory of the
/// process. Where events are logged an agent has a pointer to it, otherwise a null pointer. spec: 06 §22
///
/// Threads: any number may log at the same time, lock-free and without allocating; one reads. An event that finds the
/// ring full is dropped and counted.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "cpperon/driver/event_log/event_details.hpp"
#include "cpperon/driver/event_log/event_id.hpp"
#include "cpperon/driver/event_log/event_record.hpp"
#include "cpperon/net/socket_address.hpp"
#include "cpperon/shm/many_to_one_ring_buffer.hpp"

namespace cpperon {
class NanoClock;
}  // namespace cpperon

namespace cpperon::driver {

class EventLog {
public:
    static constexpr std::size_t default_capacity = 8'388'608;
    /// Of a datagram; enough for everything that is printed of it. Of data it is the header.
    static constexpr std::size_t max_captured_frame_length = 2'048;

    /// Logs these events and no others. `clock` outlives the object. `capacity`: a power of two.
    EventLog(EventSet events, NanoClock& clock, std::size_t capacity = default_capacity);
    EventLog(const EventLog&) = delete;
    EventLog& operator=(const EventLog&) = delete;

    // Any thread.

    [[nodiscard]] bool is_on(const EventId id) const noexcept { return events_.contains(id); }
    [[nodiscard]] std::int64_t now_ns() const noexcept;

    /// A command that a client sent: what its record holds.
    void on_command(std::int32_t type_id, std::span<const std::byte> payload) noexcept;
    /// What the clients were told.
    void on_answer(std::int32_t type_id, std::span<const std::byte> payload) noexcept;
    /// A datagram. `now_ns`: so that the datagrams of a batch need not each ask for the time.
    void on_frame(EventId id, const net::SocketAddress& address, std::span<const std::byte> datagram,
                  std::int64_t now_ns) noexcept;
    /// Anything else, if it is on.
    template <typename Details>
    void on_event(const EventId id, const Details& details) noexcept {
        if (!is_on(id)) {
            return;
        }
        const std::size_t length = encoded_length_of(details);
        if (Claim claim{*this, id, length, now_ns(), length}) {
            encode_details(details, claim.out());
        }
    }

    // The reader.

    /// Hands up to `limit` events to `handler(EventId, std::span<const std::byte> record)`, in the order in which they
    /// came; the record is valid until the handler returns. Returns how many; 0 also where only the end of the ring was
    /// skipped.
    template <typename Handler>
    int consume(Handler&& handler, const int limit) {
        return ring_.consume([&handler](const std::int32_t type_id,
                                        const std::span<const std::byte> record) { handler(EventId{type_id}, record); },
                             limit);
    }
    /// How many were dropped since the last call.
    [[nodiscard]] std::int64_t take_dropped() noexcept {
        // relaxed: a number that orders nothing.
        return dropped_.exchange(0, std::memory_order_relaxed);
    }
    /// Nothing is left to be read.
    [[nodiscard]] bool is_empty() const noexcept { return ring_.producer_position() == ring_.consumer_position(); }

private:
    /// A record that is being written, with its header; complete at its end. False where there was no room.
    class Claim {
    public:
        Claim(EventLog& log, EventId id, std::size_t captured_length, std::int64_t now_ns, std::size_t length) noexcept;
        Claim(const Claim&) = delete;
        Claim& operator=(const Claim&) = delete;
        ~Claim();

        [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(claim_); }
        /// Behind the header.
        [[nodiscard]] std::span<std::byte> out() const noexcept { return out_; }

    private:
        EventLog& log_;
        shm::RingClaim claim_;
        std::span<std::byte> out_;
    };

    void write_message(EventId id, std::span<const std::byte> payload) noexcept;

    // Constant after construction.
    EventSet events_;
    NanoClock& clock_;
    // Between those who log and the reader.
    std::vector<std::int64_t> memory_;
    shm::ManyToOneRingBuffer ring_;
    alignas(64) std::atomic<std::int64_t> dropped_{0};
};

}  // namespace cpperon::driver
