/// A handle on the value of one counter: a position, a limit, a heartbeat, a count of events. Used by whoever writes
/// the value, in the driver and in a client. spec: 01 §6.7
///
/// Pairing: [counter-value], from every release store here to the acquire loads here, in `CountersReader` and in other
/// processes.
#pragma once

#include <cstdint>

#include "cpperon/base/atomic.hpp"

namespace cpperon::shm {

/// Refers to a value in shared memory, which must outlive it; copies refer to the same value. Default-constructed, it
/// refers to nothing and must not be used. Threads: any, as each function says.
class AtomicCounter {
public:
    AtomicCounter() noexcept = default;
    explicit AtomicCounter(std::int64_t& value) noexcept : value_(&value) {}

    explicit operator bool() const noexcept { return value_ != nullptr; }

    // Any thread.

    // acquire [counter-value] <- set_release, add_release, ours or a peer's.
    [[nodiscard]] std::int64_t get() const noexcept { return load_acquire(*value_); }
    /// For statistics, and for the single writer reading its own value back.
    // relaxed: nothing else is read on the strength of it.
    [[nodiscard]] std::int64_t get_relaxed() const noexcept { return load_relaxed(*value_); }
    /// Several writers. Returns the value before.
    std::int64_t fetch_add(const std::int64_t delta) noexcept { return cpperon::fetch_add(*value_, delta); }
    /// Several writers. True if the value was `expected` and is now `desired`.
    [[nodiscard]] bool compare_exchange(const std::int64_t expected, const std::int64_t desired) noexcept {
        return cpperon::compare_exchange(*value_, expected, desired);
    }

    // The single writer.

    // release [counter-value] -> get: what the value stands for is done.
    void set_release(const std::int64_t value) noexcept { store_release(*value_, value); }
    // relaxed: a statistic that orders nothing.
    void set_relaxed(const std::int64_t value) noexcept { store_relaxed(*value_, value); }
    void add_release(const std::int64_t delta) noexcept { cpperon::add_release(*value_, delta); }
    void increment_release() noexcept { add_release(1); }
    /// Raises the value to `proposed`, if that is more; returns whether it did.
    bool propose_max_release(const std::int64_t proposed) noexcept {
        if (proposed <= get_relaxed()) {
            return false;
        }
        set_release(proposed);
        return true;
    }

private:
    std::int64_t* value_ = nullptr;
};

}  // namespace cpperon::shm
