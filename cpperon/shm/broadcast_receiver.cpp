#include "cpperon/shm/broadcast_receiver.hpp"

#include "cpperon/base/align.hpp"
#include "cpperon/base/atomic.hpp"
#include "cpperon/base/shared_bytes.hpp"

namespace cpperon::shm {

namespace {

constexpr std::size_t initial_copy_length = 4'096;

}  // namespace

BroadcastReceiver::BroadcastReceiver(const std::span<std::byte> section)
    : view_(BroadcastView::over(section)),
      // acquire [broadcast-latest] <- BroadcastTransmitter::transmit, ours or a reference driver's
      next_(load_acquire(view_.latest())),
      copy_(initial_copy_length) {}

bool BroadcastReceiver::is_valid(const std::int64_t position) const noexcept {
    // acquire [broadcast-intent] <- BroadcastTransmitter::transmit
    const std::int64_t intent = load_acquire(view_.tail_intent());
    // Unsigned: the trailer may hold anything.
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(intent) - static_cast<std::uint64_t>(position)) <
           view_.capacity;
}

BroadcastReceiveResult BroadcastReceiver::resynchronise() noexcept {
    ++lapped_count_;
    // acquire [broadcast-tail]: go on with what will be transmitted next.
    next_ = load_acquire(view_.tail());
    return BroadcastReceiveResult::overrun;
}

BroadcastReceiveResult BroadcastReceiver::receive_next() {
    std::int64_t cursor = next_;
    // acquire [broadcast-tail] <- BroadcastTransmitter::transmit: records before the tail are complete.
    if (load_acquire(view_.tail()) <= cursor) {
        return BroadcastReceiveResult::nothing;
    }
    const bool was_lapped = !is_valid(cursor);
    if (was_lapped) {
        // acquire [broadcast-latest] <- BroadcastTransmitter::transmit
        cursor = load_acquire(view_.latest());
    }

    std::int32_t offset = view_.offset_of(cursor);
    // relaxed: may be half overwritten, and is only trusted if the cursor is still valid after the copy.
    std::int32_t length = load_relaxed(view_.length_at(offset));
    std::int32_t type_id = load_relaxed(view_.type_id_at(offset));
    if (type_id == padding_type_id) {
        if (length != view_.capacity - offset) {
            return resynchronise();
        }
        cursor = static_cast<std::int64_t>(static_cast<std::uint64_t>(cursor) + static_cast<std::uint64_t>(length));
        offset = 0;
        length = load_relaxed(view_.length_at(0));
        type_id = load_relaxed(view_.type_id_at(0));
    }
    if (length < RecordHeader::length || length > RecordHeader::length + view_.max_message_length() ||
        length > view_.capacity - offset || type_id == padding_type_id) {
        return resynchronise();
    }
    next_ = static_cast<std::int64_t>(static_cast<std::uint64_t>(cursor) +
                                      static_cast<std::uint64_t>(align_up(length, record_alignment)));
    if (was_lapped) {
        ++lapped_count_;
        return BroadcastReceiveResult::overrun;  // next_ is behind the newest record, which is not delivered
    }

    payload_length_ = length - RecordHeader::length;
    type_id_ = type_id;
    const auto payload_length = static_cast<std::size_t>(payload_length_);
    if (copy_.size() < payload_length) {
        copy_.resize(payload_length);
    }
    load_bytes_relaxed(std::span{copy_}.first(payload_length), view_.bytes + offset + RecordHeader::length);

    // The loads of the copy are done before the intent is read again. [broadcast-intent]
    acquire_fence();
    if (!is_valid(cursor)) {
        ++lapped_count_;
        return BroadcastReceiveResult::overrun;
    }
    return BroadcastReceiveResult::delivered;
}

}  // namespace cpperon::shm
