/// The reading end of the to-clients broadcast: a client conductor follows the driver's events at its own pace and
/// finds out when it was overrun. spec: 01 §5.4
///
/// The transmitter overwrites without looking. A record is therefore copied out first and delivered only if the tail
/// intent, read after the copy, shows that nothing of it can have been overwritten meanwhile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "cpperon/shm/broadcast_layout.hpp"

namespace cpperon::shm {

enum class BroadcastReceiveResult {
    nothing,    ///< no new event
    delivered,  ///< the handler was given one event
    overrun,    ///< events were lost for ever: the client's view of the driver is no longer right
};

/// Follows one section. Reads only, so a read-only mapping does. Threads: one per object; any number of objects.
class BroadcastReceiver {
public:
    /// Starts with the newest complete event, which may be older than this receiver: events for others, or for an
    /// earlier life, must be tolerated. `section` as for `BroadcastTransmitter`.
    explicit BroadcastReceiver(std::span<std::byte> section);

    /// Copies the next event out and hands it to `handler(std::int32_t type_id, std::span<const std::byte> payload)`;
    /// the payload is valid until the handler returns and starts at a multiple of 8. Does not wait; allocates only
    /// where an event is longer than all before it and than 4,096 bytes.
    template <typename Handler>
    requires std::is_invocable_v<Handler&, std::int32_t, std::span<const std::byte>>
    [[nodiscard]] BroadcastReceiveResult receive(Handler&& handler) {
        const BroadcastReceiveResult result = receive_next();
        if (result == BroadcastReceiveResult::delivered) {
            handler(type_id_, std::span<const std::byte>{copy_.data(), static_cast<std::size_t>(payload_length_)});
        }
        return result;
    }

    /// How often events were lost.
    [[nodiscard]] std::int64_t lapped_count() const noexcept { return lapped_count_; }

private:
    [[nodiscard]] BroadcastReceiveResult receive_next();
    [[nodiscard]] bool is_valid(std::int64_t position) const noexcept;
    [[nodiscard]] BroadcastReceiveResult resynchronise() noexcept;

    BroadcastView view_;
    std::int64_t next_;
    std::int64_t lapped_count_ = 0;
    // The event that was copied last.
    std::int32_t type_id_ = 0;
    std::int32_t payload_length_ = 0;
    std::vector<std::byte> copy_;
};

}  // namespace cpperon::shm
