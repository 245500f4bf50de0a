/// A counter of the application's own, in the driver's counters file for every process to see. Public; added by a
/// client. spec: 07 §A.1, §B.10
///
/// Pairing: [counter-value], from the releasing writes here to acquire loads here, in `CountersReader` and in other
/// processes.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "cpperon/base/exchange.hpp"
#include "cpperon/client/counter_handle_state.hpp"

namespace cpperon {

/// A handle: copies refer to the same counter, which the driver frees when the last copy is dropped, one of them is
/// closed, or the client dies. A static counter is never freed; closing it ends only the handle.
///
/// As with a pointer, `const` protects the handle, not the value. Once closed, and when default-constructed, reads give
/// the last value (0) and writes do nothing. Threads: any, but a handle object itself is assigned to by one. No
/// function waits, allocates or throws, except where it says so.
class Counter {
public:
    Counter() noexcept = default;
    explicit Counter(std::shared_ptr<client::CounterHandleState> state) noexcept : state_(std::move(state)) {}

    // Reading.

    /// Sees what was written before a releasing write.
    // acquire [counter-value]: what the value stands for is visible.
    [[nodiscard]] std::int64_t get() const noexcept {
        const std::int64_t* const value = live_value();
        return value != nullptr ? load_acquire(*value) : final_value();
    }
    /// Cheaper, for statistics.
    // relaxed: for statistics; nothing else is read on the strength of it.
    [[nodiscard]] std::int64_t get_relaxed() const noexcept {
        const std::int64_t* const value = live_value();
        return value != nullptr ? load_relaxed(*value) : final_value();
    }

    // Writing from several threads or processes: sequentially consistent. Those that return a value return the one
    // before.

    /// Replaces the value.
    void set(const std::int64_t value) const noexcept { static_cast<void>(exchange(value)); }
    /// Adds 1.
    std::int64_t increment() const noexcept { return add(1); }
    /// `delta` may be negative.
    std::int64_t add(const std::int64_t delta) const noexcept {
        std::int64_t* const value = live_value();
        return value != nullptr ? fetch_add(*value, delta) : final_value();
    }
    /// Replaces the value.
    std::int64_t exchange(const std::int64_t replacement) const noexcept {
        std::int64_t* const value = live_value();
        return value != nullptr ? cpperon::exchange(*value, replacement) : final_value();
    }
    /// True if the value was `expected` and is now `desired`.
    [[nodiscard]] bool compare_exchange(const std::int64_t expected, const std::int64_t desired) const noexcept {
        std::int64_t* const value = live_value();
        return value != nullptr && cpperon::compare_exchange(*value, expected, desired);
    }

    // Writing from the only thread that writes: cheaper.

    /// Readers that see the value see what was written before it.
    // release [counter-value] -> get: what the value stands for is done.
    void set_release(const std::int64_t replacement) const noexcept {
        if (std::int64_t* const value = live_value()) {
            store_release(*value, replacement);
        }
    }
    /// Orders nothing.
    // relaxed: a statistic that orders nothing.
    void set_relaxed(const std::int64_t replacement) const noexcept {
        if (std::int64_t* const value = live_value()) {
            store_relaxed(*value, replacement);
        }
    }
    /// Adds 1, as `set_release` does.
    void increment_release() const noexcept { add_release(1); }
    /// Adds `delta`, as `set_release` does.
    void add_release(const std::int64_t delta) const noexcept {
        if (std::int64_t* const value = live_value()) {
            cpperon::add_release(*value, delta);
        }
    }
    /// Raises the value to `proposed` if that is more; returns whether it did.
    bool propose_max(const std::int64_t proposed) const noexcept {
        if (closed_or_at_least(proposed)) {
            return false;
        }
        set_release(proposed);
        return true;
    }

    // Identity; readable after close.

    /// Its index in the counters file.
    [[nodiscard]] CounterId id() const noexcept { return constants().id; }
    /// Of a static counter: the one the user chose.
    [[nodiscard]] RegistrationId registration_id() const noexcept { return constants().registration_id; }
    /// A copy of all of it.
    [[nodiscard]] CounterConstants constants() const noexcept;

    /// As the driver records it; `reclaimed` once the driver freed it, `unused` for a default-constructed handle.
    [[nodiscard]] CounterState state() const;
    /// As the driver records it; empty once the driver freed it. Allocates.
    [[nodiscard]] std::string label() const;

    /// True once it or its client was closed.
    [[nodiscard]] bool is_closed() const noexcept { return state_ == nullptr || state_->is_closed(); }
    /// Any thread, any number of times.
    void close() const noexcept;

    /// True when both refer to the same counter of the same client.
    friend bool operator==(const Counter&, const Counter&) noexcept = default;

private:
    friend struct std::hash<Counter>;

    [[nodiscard]] std::int64_t* live_value() const noexcept {
        return state_ != nullptr ? state_->live_value() : nullptr;
    }
    [[nodiscard]] std::int64_t final_value() const noexcept { return state_ != nullptr ? state_->final_value() : 0; }
    [[nodiscard]] bool closed_or_at_least(const std::int64_t bound) const noexcept {
        const std::int64_t* const value = live_value();
        // relaxed: the only writer reads its own value back.
        return value == nullptr || load_relaxed(*value) >= bound;
    }

    std::shared_ptr<client::CounterHandleState> state_;
};

}  // namespace cpperon

template <>
struct std::hash<cpperon::Counter> {
    std::size_t operator()(const cpperon::Counter& counter) const noexcept {
        return std::hash<const void*>{}(counter.state_.get());
    }
};
