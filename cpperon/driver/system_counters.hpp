/// The counters 0 to 45 that every driver has: allocated at start, written by the agents, never freed. spec: 06 §18
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "cpperon/driver/context.hpp"
#include "cpperon/shm/atomic_counter.hpp"
#include "cpperon/shm/system_counter.hpp"

namespace cpperon::shm {
class CountersManager;
}

namespace cpperon::driver {

/// What the labels say about the driver they belong to.
struct SystemCounterLabels {
    ThreadingMode threading_mode = ThreadingMode::dedicated;
    std::chrono::nanoseconds conductor_cycle_threshold{std::chrono::milliseconds{100}};
    std::chrono::nanoseconds sender_cycle_threshold{std::chrono::milliseconds{100}};
    std::chrono::nanoseconds receiver_cycle_threshold{std::chrono::milliseconds{100}};
    std::chrono::nanoseconds name_resolver_threshold{std::chrono::seconds{5}};
    std::string_view resolver_name;  ///< the driver's own; may be empty
};

/// The label of a system counter, exactly as tools expect it. spec: 06 §18
[[nodiscard]] std::string label_of(SystemCounter counter, const SystemCounterLabels& labels);

/// The counters themselves. Each has one writing agent, but for those that several may raise (errors, invalid packets,
/// short sends, error frames sent); the object knows which and uses the right access.
class SystemCounters {
public:
    /// Allocates the counters in the order of their ids; `manager` must not have given out any yet, otherwise throws
    /// `InvalidArgumentError`. The manager must outlive the object.
    SystemCounters(shm::CountersManager& manager, const SystemCounterLabels& labels);

    /// Adds to a counter. Threads: the counter's writing agent, any for the shared ones.
    void add(SystemCounter counter, std::int64_t delta) noexcept;
    void increment(const SystemCounter counter) noexcept { add(counter, 1); }

    /// Sets a counter. Its writing agent only.
    void set(const SystemCounter counter, const std::int64_t value) noexcept { at(counter).set_release(value); }

    /// Raises a counter to `value` if that is more. Its writing agent only.
    void propose_max(const SystemCounter counter, const std::int64_t value) noexcept {
        at(counter).propose_max_release(value);
    }

    /// Any thread.
    [[nodiscard]] std::int64_t value(const SystemCounter counter) const noexcept {
        return counters_[static_cast<std::size_t>(counter)].get();
    }

    /// Gives all of them back when the driver closes; nothing else may be called afterwards. The conductor's thread, or
    /// whoever closes the driver after that has ended. spec: 06 §6.1
    void free();

private:
    [[nodiscard]] shm::AtomicCounter& at(const SystemCounter counter) noexcept {
        return counters_[static_cast<std::size_t>(counter)];
    }

    shm::CountersManager& manager_;
    std::array<shm::AtomicCounter, system_counter_count> counters_{};
};

}  // namespace cpperon::driver
