/// Notices that a concurrent publication stands still although it should move. Used by the driver's conductor at each
/// timer event; logic only. spec: 03 §15.1
#pragma once

#include <cstdint>

namespace cpperon::logbuffer {

/// The log as seen at a timer event.
struct StreamProgress {
    std::int64_t consumer_position = 0;  ///< IPC: of the fastest subscriber; network: `snd-pos`
    std::int64_t producer_position = 0;
    std::int32_t active_term_count = 0;
    std::int32_t position_bits_to_shift = 0;
};

class BlockedWatch {
public:
    BlockedWatch(const std::int64_t start_position, const std::int64_t unblock_timeout_ns,
                 const std::int64_t now_ns) noexcept
        : position_(start_position), time_of_change_ns_(now_ns), unblock_timeout_ns_(unblock_timeout_ns) {}

    /// Whether to try `unblock_log` at the consumer position now: it has not moved for longer than the timeout, and
    /// there is, or may be, something in front of it. Repeats at every call until it moves.
    [[nodiscard]] bool is_blocked(const StreamProgress& progress, std::int64_t now_ns) noexcept;

private:
    std::int64_t position_;
    std::int64_t time_of_change_ns_;
    std::int64_t unblock_timeout_ns_;
};

}  // namespace cpperon::logbuffer
