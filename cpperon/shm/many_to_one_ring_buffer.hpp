/// The to-driver ring buffer: any thread of any client appends commands, the driver conductor consumes them.
/// spec: 01 §4
///
/// Invariants
///   - Positions only grow; `index = position & (capacity - 1)`; records start at multiples of 8 and do not wrap.
///   - All bytes between the tail and the head of the next lap are zero: the consumer zeroes what it consumed before it
///     moves the head.
///   - The length word of a record tells its state: 0 nobody came here yet, negative claimed, positive complete.
///
/// Who may call what
///   - Producers, any number of threads and processes: `write`, `try_claim`, `commit`, `abort`.
///   - The consumer, one thread: `consume`, `controlled_consume`, `unblock`, `set_consumer_heartbeat_ms`.
///   - Anybody: `next_correlation_id` and the queries.
///
/// Other processes may write anything into the section. Each index is masked to a multiple of 8 inside the buffer and
/// each length is checked against what remains of it, so that nonsense costs messages and never memory safety.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "cpperon/base/atomic.hpp"
#include "cpperon/base/controlled_action.hpp"
#include "cpperon/base/field.hpp"
#include "cpperon/shm/record.hpp"
#include "cpperon/shm/ring_layout.hpp"

namespace cpperon::shm {

enum class RingWriteResult {
    written,
    full,              ///< not taken; the consumer must catch up first
    message_too_long,  ///< not taken; above `max_message_length()`: the caller's mistake
    invalid_type_id,   ///< not taken; below 1: the caller's mistake
};

/// Space in the ring that belongs to one producer until it is committed or aborted.
struct RingClaim {
    RingWriteResult result = RingWriteResult::full;  ///< `written` if there is a claim
    std::int32_t offset = 0;                         ///< of the payload; for `commit` and `abort`
    std::span<std::byte> payload;                    ///< to be filled; not to be touched after commit or abort

    explicit operator bool() const noexcept { return result == RingWriteResult::written; }
};

/// A view of the to-driver section; copies refer to the same ring. spec: 01 §4
class ManyToOneRingBuffer {
public:
    /// `section`: records and trailer, 8-byte aligned; its length less 768 must be a power of two from 8. Otherwise
    /// throws `InvalidArgumentError`. The sections of a `CncFile` always fit. The memory must outlive the view.
    explicit ManyToOneRingBuffer(std::span<std::byte> section);

    [[nodiscard]] std::int32_t capacity() const noexcept { return capacity_; }
    /// The longest payload, an eighth of the capacity; none in a ring of 8 bytes.
    [[nodiscard]] std::int32_t max_message_length() const noexcept { return max_message_length_; }

    // Producers.

    /// Copies one message into the ring and makes it visible. Any thread; lock-free. spec: 01 §4.4
    [[nodiscard]] RingWriteResult write(std::int32_t type_id, std::span<const std::byte> payload) noexcept;

    /// Reserves space for a payload to be encoded in place; nothing behind it is consumed until it is committed or
    /// aborted. Any thread; lock-free. spec: 01 §4.4
    [[nodiscard]] RingClaim try_claim(std::int32_t type_id, std::int32_t payload_length) noexcept;

    /// Makes a claim visible to the consumer. False, with nothing done, if `payload_offset` is no open claim, which is
    /// also the case when the consumer has given it up meanwhile (`unblock`).
    [[nodiscard]] bool commit(std::int32_t payload_offset) noexcept;

    /// Gives a claim back; the consumer skips it. False as for `commit`.
    bool abort(std::int32_t payload_offset) noexcept;

    // Consumer.

    /// Hands up to `limit` messages to `handler(std::int32_t type_id, std::span<const std::byte> payload)`, in order.
    /// Returns how many it handed over; 0 also where only padding was skipped, since one call never goes beyond the
    /// end of the buffer. The payload lies in the ring and is valid until the handler returns; a hostile producer may
    /// still be changing it, so validate a copy. If the handler throws, its message counts as consumed. spec: 01 §4.5
    template <typename Handler>
    requires std::is_invocable_v<Handler&, std::int32_t, std::span<const std::byte>>
    int consume(Handler&& handler, int limit);

    /// As `consume`, with a handler that returns a `ControlledAction`. An aborted message is the first one of the next
    /// call and is not counted.
    template <typename Handler>
    requires std::is_invocable_r_v<ControlledAction, Handler&, std::int32_t, std::span<const std::byte>>
    int controlled_consume(Handler&& handler, int limit);

    /// Turns what a dead producer left at the head into padding, so that consumption goes on. To be called when the
    /// head has stood still, with something behind it, for the client liveness timeout. Returns whether it changed
    /// something; a hole with nothing written behind it cannot be filled yet. spec: 01 §4.6
    bool unblock() noexcept;

    /// How many records with an impossible length this object has skipped, for the consumer to report. A record shorter
    /// than its header is skipped as a bare header; one that would pass the end of the buffer takes the rest of the lap
    /// with it.
    [[nodiscard]] std::int64_t malformed_records() const noexcept { return malformed_records_; }

    /// Says that the driver is alive (epoch ms), or has closed (-1). spec: 01 §4.9
    void set_consumer_heartbeat_ms(std::int64_t now_ms) noexcept;

    // Anybody.

    /// Draws an id that no other caller of this ring gets: for clients, commands, resources. spec: 01 §4.8
    [[nodiscard]] std::int64_t next_correlation_id() noexcept;

    /// Epoch ms of the driver's last sign of life; 0 before the first, -1 after a clean stop. spec: 01 §4.9
    [[nodiscard]] std::int64_t consumer_heartbeat_ms() const noexcept;
    [[nodiscard]] std::int64_t producer_position() const noexcept;
    [[nodiscard]] std::int64_t consumer_position() const noexcept;

private:
    class Consumption;

    [[nodiscard]] std::int64_t& trailer(const std::int32_t offset) const noexcept {
        return field_at<std::int64_t>(bytes_ + capacity_ + offset);
    }
    [[nodiscard]] std::int32_t& length_at(const std::int32_t index) const noexcept {
        return field_at<std::int32_t>(bytes_ + index + RecordHeader::length_offset);
    }
    [[nodiscard]] std::int32_t& type_id_at(const std::int32_t index) const noexcept {
        return field_at<std::int32_t>(bytes_ + index + RecordHeader::type_id_offset);
    }
    /// Of the record that holds `position`; a multiple of 8 inside the buffer, whatever the position.
    [[nodiscard]] std::int32_t index_of(const std::int64_t position) const noexcept {
        return static_cast<std::int32_t>(position & index_mask_);
    }
    [[nodiscard]] RingClaim claim(std::int32_t type_id, std::size_t payload_length) noexcept;
    [[nodiscard]] bool is_open_claim(std::int32_t payload_offset) const noexcept;

    // Constant after construction.
    std::byte* bytes_;
    std::int32_t capacity_;
    std::int32_t max_message_length_;
    std::int64_t index_mask_;
    // Consumer only.
    std::int64_t malformed_records_ = 0;
};

/// One pass of the consumer from its head to at most the end of the buffer. However the pass ends, the destructor
/// zeroes what it consumed and moves the head.
class ManyToOneRingBuffer::Consumption {
public:
    struct Record {
        std::int32_t type_id = 0;
        std::span<const std::byte> payload;
        bool is_message = false;  ///< false for padding and what is to be skipped
    };

    explicit Consumption(ManyToOneRingBuffer& ring) noexcept
        : ring_(ring),
          // relaxed: the consumer is the only writer of the head.
          head_(load_relaxed(ring.trailer(RingTrailer::head_position_offset))),
          index_(ring.index_of(head_)) {}
    Consumption(const Consumption&) = delete;
    Consumption& operator=(const Consumption&) = delete;
    ~Consumption() { publish(); }

    /// Moves over the next complete record; false where there is none before the end of the buffer.
    [[nodiscard]] bool next(Record& record) noexcept;

    /// Takes back the last record that `next` gave.
    void retract() noexcept { consumed_ -= last_length_; }

    /// Zeroes what was consumed, then moves the head behind it.
    void publish() noexcept;

private:
    ManyToOneRingBuffer& ring_;
    std::int64_t head_;
    std::int32_t index_;
    std::int32_t consumed_ = 0;
    std::int32_t last_length_ = 0;
};

template <typename Handler>
requires std::is_invocable_v<Handler&, std::int32_t, std::span<const std::byte>>
int ManyToOneRingBuffer::consume(Handler&& handler, const int limit) {
    int messages = 0;
    Consumption consumption{*this};
    Consumption::Record record;
    while (messages < limit && consumption.next(record)) {
        if (record.is_message) {
            ++messages;
            handler(record.type_id, record.payload);
        }
    }
    return messages;
}

template <typename Handler>
requires std::is_invocable_r_v<ControlledAction, Handler&, std::int32_t, std::span<const std::byte>>
int ManyToOneRingBuffer::controlled_consume(Handler&& handler, const int limit) {
    int messages = 0;
    Consumption consumption{*this};
    Consumption::Record record;
    while (messages < limit && consumption.next(record)) {
        if (!record.is_message) {
            continue;
        }
        const ControlledAction action = handler(record.type_id, record.payload);
        if (action == ControlledAction::abort) {
            consumption.retract();
            break;
        }
        ++messages;
        if (action == ControlledAction::break_) {
            break;
        }
        if (action == ControlledAction::commit) {
            consumption.publish();
        }
    }
    return messages;
}

}  // namespace cpperon::shm
