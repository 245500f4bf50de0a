/// The writing end of the to-clients broadcast: the driver conductor sends events to whoever listens, and waits for
/// nobody. spec: 01 §5
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "cpperon/shm/broadcast_layout.hpp"

namespace cpperon::shm {

enum class BroadcastTransmitResult {
    transmitted,
    message_too_long,  ///< not sent; above `max_message_length()`: the caller's mistake
    invalid_type_id,   ///< not sent; below 1: the caller's mistake
};

/// Transmits into one section. There must be no other transmitter on it.
/// Threads: one. The position is kept here, so that what clients scribble into the trailer does not mislead it.
class BroadcastTransmitter {
public:
    /// `section`: records and trailer, 8-byte aligned; its length less 128 must be a power of two from 8. Otherwise
    /// throws `InvalidArgumentError`. The memory must outlive the object.
    explicit BroadcastTransmitter(std::span<std::byte> section);

    [[nodiscard]] std::int32_t capacity() const noexcept { return view_.capacity; }
    [[nodiscard]] std::int32_t max_message_length() const noexcept { return view_.max_message_length(); }

    /// Sends one event, overwriting the oldest ones. Does not wait or allocate. spec: 01 §5.3
    [[nodiscard]] BroadcastTransmitResult transmit(std::int32_t type_id, std::span<const std::byte> payload) noexcept;

private:
    BroadcastView view_;
    std::int64_t tail_;
};

}  // namespace cpperon::shm
