/// Time comes from outside: agents are given these clocks, tests move a manual one by hand. design §4.1
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace cpperon {

/// Monotonic time in nanoseconds from an arbitrary start. Implementations may be called from any thread.
class NanoClock {
public:
    virtual ~NanoClock() = default;
    /// Nanoseconds since some moment in the past; never goes back.
    [[nodiscard]] virtual std::int64_t nano_time() noexcept = 0;
};

/// Wall-clock time in milliseconds since 1970-01-01 UTC. Implementations may be called from any thread.
class EpochClock {
public:
    virtual ~EpochClock() = default;
    /// Milliseconds since 1970; may jump when the clock is set.
    [[nodiscard]] virtual std::int64_t epoch_ms() noexcept = 0;
    /// In nanoseconds, for time-stamps in messages.
    [[nodiscard]] virtual std::int64_t epoch_ns() noexcept { return epoch_ms() * 1'000'000; }
};

/// The system's monotonic clock.
class SystemNanoClock final : public NanoClock {
public:
    /// As `NanoClock` says.
    [[nodiscard]] std::int64_t nano_time() noexcept override;
    /// The one that is used where none is given.
    [[nodiscard]] static SystemNanoClock& instance() noexcept;
};

/// The system's wall clock.
class SystemEpochClock final : public EpochClock {
public:
    /// As `EpochClock` says.
    [[nodiscard]] std::int64_t epoch_ms() noexcept override;
    [[nodiscard]] std::int64_t epoch_ns() noexcept override;
    /// The one that is used where none is given.
    [[nodiscard]] static SystemEpochClock& instance() noexcept;
};

/// Both clocks in one, standing still until it is advanced. For tests and simulations; any thread may read it.
class ManualClock final : public NanoClock, public EpochClock {
public:
    explicit ManualClock(std::int64_t epoch_start_ms = 1'700'000'000'000) noexcept : epoch_start_ms_(epoch_start_ms) {}

    /// As `NanoClock` says.
    [[nodiscard]] std::int64_t nano_time() noexcept override { return now_ns_.load(std::memory_order_relaxed); }
    /// As `EpochClock` says.
    [[nodiscard]] std::int64_t epoch_ms() noexcept override {
        return epoch_start_ms_ + now_ns_.load(std::memory_order_relaxed) / 1'000'000;
    }
    [[nodiscard]] std::int64_t epoch_ns() noexcept override {
        return epoch_start_ms_ * 1'000'000 + now_ns_.load(std::memory_order_relaxed);
    }
    /// Moves both times on.
    void advance(std::chrono::nanoseconds by) noexcept { now_ns_.fetch_add(by.count(), std::memory_order_relaxed); }

private:
    std::int64_t epoch_start_ms_;
    // relaxed everywhere: the time orders nothing, agents on other threads only need to see it move.
    std::atomic<std::int64_t> now_ns_{0};
};

}  // namespace cpperon
