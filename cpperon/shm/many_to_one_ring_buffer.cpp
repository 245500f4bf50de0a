#include "cpperon/shm/many_to_one_ring_buffer.hpp"

#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "cpperon/base/align.hpp"
#include "cpperon/base/error.hpp"

namespace cpperon::shm {

namespace {

/// Positions come from shared memory; sums and differences must be defined for any of them.
std::int64_t plus(const std::int64_t position, const std::int64_t length) noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(position) + static_cast<std::uint64_t>(length));
}

std::int64_t minus(const std::int64_t position, const std::int64_t other) noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(position) - static_cast<std::uint64_t>(other));
}

}  // namespace

ManyToOneRingBuffer::ManyToOneRingBuffer(const std::span<std::byte> section)
    : bytes_(section.data()), capacity_(0), max_message_length_(0), index_mask_(0) {
    const std::int64_t capacity = static_cast<std::int64_t>(section.size()) - RingTrailer::length;
    if (capacity < record_alignment || !is_power_of_two(capacity) ||
        capacity > std::numeric_limits<std::int32_t>::max() || !is_aligned_for_atomics(section)) {
        detail::throw_error(
            {ErrorCode::invalid_argument,
             fmt::format("a section of {} bytes at {} holds no command ring: expected are 8-byte alignment and a power "
                         "of two from {} plus {} bytes",
                         section.size(), fmt::ptr(section.data()), record_alignment, +RingTrailer::length)});
    }
    capacity_ = static_cast<std::int32_t>(capacity);
    max_message_length_ = capacity_ == record_alignment ? 0 : capacity_ / 8;
    index_mask_ = (capacity - 1) & ~std::int64_t{record_alignment - 1};
}

RingWriteResult ManyToOneRingBuffer::write(const std::int32_t type_id,
                                           const std::span<const std::byte> payload) noexcept {
    const RingClaim claimed = claim(type_id, payload.size());
    if (!claimed) {
        return claimed.result;
    }
    if (!payload.empty()) {
        std::memcpy(claimed.payload.data(), payload.data(), payload.size());
    }
    const std::int32_t index = claimed.offset - RecordHeader::length;
    const auto length = static_cast<std::int32_t>(RecordHeader::length + payload.size());
    // release [ring-record] -> Consumption::next: payload and type are complete before the length is positive.
    store_release(length_at(index), length);
    return RingWriteResult::written;
}

RingClaim ManyToOneRingBuffer::try_claim(const std::int32_t type_id, const std::int32_t payload_length) noexcept {
    if (payload_length < 0) {
        return {.result = RingWriteResult::message_too_long};
    }
    return claim(type_id, static_cast<std::size_t>(payload_length));
}

RingClaim ManyToOneRingBuffer::claim(const std::int32_t type_id, const std::size_t payload_length) noexcept {
    if (type_id < 1) {
        return {.result = RingWriteResult::invalid_type_id};
    }
    if (payload_length > static_cast<std::size_t>(max_message_length_)) {
        return {.result = RingWriteResult::message_too_long};
    }
    const auto length = static_cast<std::int32_t>(RecordHeader::length + payload_length);
    const std::int32_t required = align_up(length, record_alignment);

    std::int64_t& tail_field = trailer(RingTrailer::tail_position_offset);
    std::int64_t& head_field = trailer(RingTrailer::head_position_offset);
    std::int64_t& head_cache_field = trailer(RingTrailer::head_cache_position_offset);

    // acquire [ring-head-cache] <- below, in any producer: what is free behind this head has been zeroed.
    std::int64_t head = load_acquire(head_cache_field);
    std::int32_t index = 0;
    std::int32_t padding = 0;
    while (true) {
        // acquire [ring-tail] <- the compare_exchange below, of any producer; it keeps the tail behind this head.
        const std::int64_t tail = load_acquire(tail_field);
        if (minus(tail, head) > capacity_ - required) {
            // acquire [ring-head] <- Consumption::publish: the bytes before the head have been zeroed.
            head = load_acquire(head_field);
            if (minus(tail, head) > capacity_ - required) {
                return {.result = RingWriteResult::full};
            }
            // release [ring-head-cache] -> above: passes on what the acquire of the head has made visible.
            store_release(head_cache_field, head);
        }

        index = index_of(tail);
        padding = 0;
        const std::int32_t to_end = capacity_ - index;
        if (required > to_end) {
            if (required > index_of(head)) {
                head = load_acquire(head_field);  // [ring-head], as above
                if (required > index_of(head)) {
                    return {.result = RingWriteResult::full};
                }
                store_release(head_cache_field, head);  // [ring-head-cache], as above
            }
            padding = to_end;
        }
        // seq_cst [ring-tail]: of the producers that saw this tail one wins, and the space is its own.
        if (compare_exchange(tail_field, tail, plus(tail, std::int64_t{required} + padding))) {
            break;
        }
    }

    if (padding > 0) {
        // release: as for the record below; a consumer or an unblock that sees the claim knows its extent.
        store_release(length_at(index), -padding);
        // relaxed: published by the length.
        store_relaxed(type_id_at(index), padding_type_id);
        // release [ring-record] -> Consumption::next
        store_release(length_at(index), padding);
        index = 0;
    }
    // release, then a fence: no byte of the payload may become visible before the claim, or else `unblock` could take
    // it for the header of another record. spec: 01 §4.4
    store_release(length_at(index), -length);
    release_fence();
    // relaxed: published by the length.
    store_relaxed(type_id_at(index), type_id);
    const std::int32_t payload_offset = index + RecordHeader::length;
    return {.result = RingWriteResult::written,
            .offset = payload_offset,
            .payload = {bytes_ + payload_offset, payload_length}};
}

bool ManyToOneRingBuffer::is_open_claim(const std::int32_t payload_offset) const noexcept {
    return payload_offset >= RecordHeader::length && payload_offset <= capacity_ &&
           payload_offset % record_alignment == 0 &&
           // relaxed: the claim is the caller's own.
           load_relaxed(length_at(payload_offset - RecordHeader::length)) < 0;
}

bool ManyToOneRingBuffer::commit(const std::int32_t payload_offset) noexcept {
    if (!is_open_claim(payload_offset)) {
        return false;
    }
    std::int32_t& length_field = length_at(payload_offset - RecordHeader::length);
    const std::int32_t claimed = load_relaxed(length_field);
    // seq_cst [ring-record] -> Consumption::next. An exchange, so that a claim which `unblock` has given up meanwhile
    // is not committed over somebody else's record.
    return claimed < 0 && compare_exchange(length_field, claimed, static_cast<std::int32_t>(minus(0, claimed)));
}

bool ManyToOneRingBuffer::abort(const std::int32_t payload_offset) noexcept {
    if (!is_open_claim(payload_offset)) {
        return false;
    }
    // relaxed: published by the length.
    store_relaxed(type_id_at(payload_offset - RecordHeader::length), padding_type_id);
    return commit(payload_offset);
}

bool ManyToOneRingBuffer::Consumption::next(Record& record) noexcept {
    const std::int32_t index = index_ + consumed_;
    const std::int32_t remaining = ring_.capacity_ - index;
    if (remaining <= 0) {
        return false;
    }
    // acquire [ring-record] <- write, commit, abort, unblock; ours or a peer's: type and payload are complete.
    const std::int32_t length = load_acquire(ring_.length_at(index));
    if (length <= 0) {
        return false;  // 0: nobody came here yet; negative: a producer is still at it
    }
    // relaxed: ordered by the length.
    const std::int32_t type_id = load_relaxed(ring_.type_id_at(index));
    const bool is_padding = type_id == padding_type_id;
    const bool fits = length >= RecordHeader::length && length <= remaining &&
                      (is_padding || length - RecordHeader::length <= ring_.max_message_length_);
    if (!fits) {
        ++ring_.malformed_records_;
    }
    last_length_ = length > remaining ? remaining : align_up(length, record_alignment);
    consumed_ += last_length_;
    record.type_id = type_id;
    record.is_message = fits && !is_padding;
    record.payload = record.is_message
                         ? std::span<const std::byte>{ring_.bytes_ + index + RecordHeader::length,
                                                      static_cast<std::size_t>(length - RecordHeader::length)}
                         : std::span<const std::byte>{};
    return true;
}

void ManyToOneRingBuffer::Consumption::publish() noexcept {
    if (consumed_ == 0) {
        return;
    }
    std::memset(ring_.bytes_ + index_, 0, static_cast<std::size_t>(consumed_));
    head_ = plus(head_, consumed_);
    // release [ring-head] -> claim: a producer that may use the space finds it zeroed.
    store_release(ring_.trailer(RingTrailer::head_position_offset), head_);
    index_ += consumed_;
    consumed_ = 0;
    last_length_ = 0;
}

bool ManyToOneRingBuffer::unblock() noexcept {
    // acquire [ring-head], [ring-tail]: a consistent enough picture; the head is this thread's own.
    const std::int64_t head = load_acquire(trailer(RingTrailer::head_position_offset));
    const std::int64_t tail = load_acquire(trailer(RingTrailer::tail_position_offset));
    if (head == tail) {
        return false;
    }
    const std::int32_t consumer_index = index_of(head);
    const std::int32_t producer_index = index_of(tail);

    // Makes what lies at the head one padding record.
    const auto pad = [this, consumer_index](const std::int32_t length) {
        // relaxed: published by the length.
        store_relaxed(type_id_at(consumer_index), padding_type_id);
        // release [ring-record] -> Consumption::next
        store_release(length_at(consumer_index), length);
    };

    // acquire [ring-record] <- a producer that may still be alive
    const std::int32_t length = load_acquire(length_at(consumer_index));
    if (length < 0) {
        const std::int32_t remaining = capacity_ - consumer_index;
        pad(length < -remaining ? remaining : -length);
        return true;
    }
    if (length > 0) {
        return false;
    }
    const std::int32_t limit = producer_index > consumer_index ? producer_index : capacity_;
    for (std::int32_t i = consumer_index + record_alignment; i < limit; i += record_alignment) {
        if (load_acquire(length_at(i)) == 0) {
            continue;
        }
        // Somebody wrote behind the hole. Look back: if all of it is still zero, its producer did not wake up while we
        // were looking.
        for (std::int32_t j = i - record_alignment; j >= consumer_index; j -= record_alignment) {
            if (load_acquire(length_at(j)) != 0) {
                return false;
            }
        }
        pad(i - consumer_index);
        return true;
    }
    return false;
}

void ManyToOneRingBuffer::set_consumer_heartbeat_ms(const std::int64_t now_ms) noexcept {
    // release [consumer-heartbeat] -> consumer_heartbeat_ms, in clients and tools
    store_release(trailer(RingTrailer::consumer_heartbeat_offset), now_ms);
}

std::int64_t ManyToOneRingBuffer::next_correlation_id() noexcept {
    // seq_cst: no order is needed, only that each caller gets another number; the helper has one strength.
    return fetch_add(trailer(RingTrailer::correlation_counter_offset), 1);
}

std::int64_t ManyToOneRingBuffer::consumer_heartbeat_ms() const noexcept {
    // acquire [consumer-heartbeat] <- set_consumer_heartbeat_ms, our driver's or another's
    return load_acquire(trailer(RingTrailer::consumer_heartbeat_offset));
}

std::int64_t ManyToOneRingBuffer::producer_position() const noexcept {
    // acquire [ring-tail] <- claim
    return load_acquire(trailer(RingTrailer::tail_position_offset));
}

std::int64_t ManyToOneRingBuffer::consumer_position() const noexcept {
    // acquire [ring-head] <- Consumption::publish
    return load_acquire(trailer(RingTrailer::head_position_offset));
}

}  // namespace cpperon::shm
