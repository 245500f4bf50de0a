#include "cpperon/shm/broadcast_transmitter.hpp"

#include "cpperon/base/align.hpp"
#include "cpperon/base/atomic.hpp"
#include "cpperon/base/shared_bytes.hpp"

namespace cpperon::shm {

BroadcastTransmitter::BroadcastTransmitter(const std::span<std::byte> section)
    : view_(BroadcastView::over(section)),
      // relaxed: there is no other transmitter.
      tail_(load_relaxed(view_.tail())) {}

BroadcastTransmitResult BroadcastTransmitter::transmit(const std::int32_t type_id,
                                                       const std::span<const std::byte> payload) noexcept {
    if (type_id < 1) {
        return BroadcastTransmitResult::invalid_type_id;
    }
    if (payload.size() > static_cast<std::size_t>(max_message_length())) {
        return BroadcastTransmitResult::message_too_long;
    }
    const auto length = static_cast<std::int32_t>(RecordHeader::length + payload.size());
    const std::int32_t required = align_up(length, record_alignment);
    std::int32_t offset = view_.offset_of(tail_);
    const std::int32_t to_end = view_.capacity - offset;
    const std::int32_t padding = to_end < required ? to_end : 0;

    // release, then a fence [broadcast-intent] -> BroadcastReceiver::is_valid: whoever reads a byte written below also
    // sees that the record it replaced is no longer to be trusted. spec: 01 §5.3
    store_release(view_.tail_intent(), tail_ + padding + required);
    release_fence();

    // relaxed from here on: receivers that read too early find out by the intent.
    if (padding > 0) {
        store_relaxed(view_.length_at(offset), padding);
        store_relaxed(view_.type_id_at(offset), padding_type_id);
        tail_ += padding;
        offset = 0;
    }
    store_relaxed(view_.length_at(offset), length);
    store_relaxed(view_.type_id_at(offset), type_id);
    store_bytes_relaxed(view_.bytes + offset + RecordHeader::length, payload);

    // release [broadcast-latest] -> BroadcastReceiver: a record starts here and is complete.
    store_release(view_.latest(), tail_);
    tail_ += required;
    // release [broadcast-tail] -> BroadcastReceiver::receive_next: everything before it is complete.
    store_release(view_.tail(), tail_);
    return BroadcastTransmitResult::transmitted;
}

}  // namespace cpperon::shm
