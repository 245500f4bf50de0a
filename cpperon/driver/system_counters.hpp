/// The counters 0 to 45 that every driver has: allocated at start, written by the agents, never freed. spec: 06 §18
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "cpperon/driver/context.hpp"
#include "cpperon/shm/atomic_counter.hpp"

namespace cpperon::shm {
class CountersManager;
}

namespace cpperon::driver {

/// The id of each, which is also its counter id, key and registration id.
enum class SystemCounter : std::int32_t {
    bytes_sent = 0,
    bytes_received = 1,
    receiver_proxy_fails = 2,
    sender_proxy_fails = 3,
    conductor_proxy_fails = 4,
    naks_sent = 5,
    naks_received = 6,
    status_messages_sent = 7,
    status_messages_received = 8,
    heartbeats_sent = 9,
    heartbeats_received = 10,
    retransmits_sent = 11,
    flow_control_under_runs = 12,
    flow_control_over_runs = 13,
    invalid_packets = 14,
    errors = 15,
    short_sends = 16,
    free_fails = 17,
    sender_flow_control_limits = 18,
    unblocked_publications = 19,
    unblocked_commands = 20,
    possible_ttl_asymmetry = 21,
    controllable_idle_strategy = 22,
    loss_gap_fills = 23,
    client_timeouts = 24,
    resolution_changes = 25,
    conductor_max_cycle_time = 26,
    conductor_cycle_time_threshold_exceeded = 27,
    sender_max_cycle_time = 28,
    sender_cycle_time_threshold_exceeded = 29,
    receiver_max_cycle_time = 30,
    receiver_cycle_time_threshold_exceeded = 31,
    name_resolver_max_time = 32,
    name_resolver_time_threshold_exceeded = 33,
    aeron_version = 34,
    bytes_currently_mapped = 35,
    retransmitted_bytes = 36,
    retransmit_overflow = 37,
    error_frames_received = 38,
    error_frames_sent = 39,
    publications_revoked = 40,
    publication_images_revoked = 41,
    images_rejected = 42,
    control_protocol_version = 43,
    status_messages_rejected = 44,
    native_resource_agent_proxy_fails = 45,
};

inline constexpr std::int32_t system_counter_count = 46;

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
