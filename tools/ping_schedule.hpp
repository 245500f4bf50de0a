/// When a ping is to go. Pure; used by the pinging thread.
///
/// One at a time: as soon as the one before is back. A pong that takes long then delays the pings behind it, and none
/// of them tells of the wait: what would have been many slow round trips at the rate of an application counts as one.
/// This is called coordinated omission. At a fixed rate the time of each ping is known beforehand, whatever becomes of
/// those before it, so that its latency can be counted from when it was due.
#pragma once

#include <cstdint>
#include <optional>

namespace cpperon::tools {

class PingSchedule {
public:
    /// `rate`: pings per second, above 0; nothing: one at a time.
    PingSchedule(const std::int64_t start_ns, const std::optional<std::int64_t> rate) noexcept
        : start_ns_(start_ns), rate_(rate) {}

    /// When the next ping was due, if it is by now. `in_flight`: pings that are not back.
    [[nodiscard]] std::optional<std::int64_t> due(const std::int64_t now_ns, const std::int64_t in_flight) noexcept {
        if (!rate_) {
            if (in_flight > 0) {
                return std::nullopt;
            }
            due_ns_ = due_ns_.value_or(now_ns);
            return due_ns_;
        }
        const std::int64_t due_ns =
            start_ns_ + sent_ / *rate_ * 1'000'000'000 + sent_ % *rate_ * 1'000'000'000 / *rate_;
        return due_ns <= now_ns ? std::optional{due_ns} : std::nullopt;
    }

    void on_sent() noexcept {
        ++sent_;
        due_ns_.reset();
    }

    [[nodiscard]] std::int64_t sent() const noexcept { return sent_; }

private:
    std::int64_t start_ns_;
    std::optional<std::int64_t> rate_;
    std::int64_t sent_ = 0;
    std::optional<std::int64_t> due_ns_{};  // one at a time: since when it could have gone
};

}  // namespace cpperon::tools
