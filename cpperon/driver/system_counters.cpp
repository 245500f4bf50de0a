#include "cpperon/driver/system_counters.hpp"

#include <chrono>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"
#include "cpperon/base/parse_value.hpp"
#include "cpperon/base/version.hpp"
#include "cpperon/shm/counter_keys.hpp"
#include "cpperon/shm/counter_types.hpp"
#include "cpperon/shm/counters_manager.hpp"

namespace cpperon::driver {

namespace {

/// What the labels that do so say about their driver; empty for the others. spec: 06 §18
std::string about_the_driver(const SystemCounter counter, const SystemCounterLabels& labels) {
    const std::string_view mode = to_string(labels.threading_mode);
    const auto threshold = [](const std::chrono::nanoseconds duration) {
        return fmt::format("threshold={}", format_duration(duration.count()));
    };
    switch (counter) {
        case SystemCounter::errors:
        case SystemCounter::aeron_version: return fmt::format("version={} commit={}", version_text, build_commit());
        case SystemCounter::resolution_changes: return fmt::format("driverName={}", labels.resolver_name);
        case SystemCounter::conductor_max_cycle_time:
        case SystemCounter::sender_max_cycle_time:
        case SystemCounter::receiver_max_cycle_time: return std::string{mode};
        case SystemCounter::conductor_cycle_time_threshold_exceeded:
            return fmt::format("{} {}", threshold(labels.conductor_cycle_threshold), mode);
        case SystemCounter::sender_cycle_time_threshold_exceeded:
            return fmt::format("{} {}", threshold(labels.sender_cycle_threshold), mode);
        case SystemCounter::receiver_cycle_time_threshold_exceeded:
            return fmt::format("{} {}", threshold(labels.receiver_cycle_threshold), mode);
        case SystemCounter::name_resolver_time_threshold_exceeded: return threshold(labels.name_resolver_threshold);
        default: return {};
    }
}

/// Raised by more than one agent. spec: 06 §18
constexpr bool is_shared(const SystemCounter counter) noexcept {
    return counter == SystemCounter::invalid_packets || counter == SystemCounter::errors ||
           counter == SystemCounter::short_sends || counter == SystemCounter::error_frames_sent;
}

}  // namespace

std::string label_of(const SystemCounter counter, const SystemCounterLabels& labels) {
    const std::string details = about_the_driver(counter, labels);
    return details.empty() ? std::string{to_string(counter)} : fmt::format("{}: {}", to_string(counter), details);
}

SystemCounters::SystemCounters(shm::CountersManager& manager, const SystemCounterLabels& labels) : manager_(manager) {
    for (std::int32_t id = 0; id < system_counter_count; ++id) {
        const auto counter = static_cast<SystemCounter>(id);
        const CounterKey key = SystemCounterKey{.counter = counter}.encode();
        const auto allocated = manager.allocate({.type_id = counter_type::system,
                                                 .key = key,
                                                 .label = label_of(counter, labels),
                                                 .registration_id = id,
                                                 .owner_id = -1});
        if (allocated != id) {
            throw InvalidArgumentError(fmt::format(
                "the system counter {} would not get its own id: allocate the system counters before all others", id));
        }
        at(counter) = manager.counter(id);
    }
}

void SystemCounters::add(const SystemCounter counter, const std::int64_t delta) noexcept {
    if (is_shared(counter)) {
        at(counter).fetch_add(delta);
    } else {
        at(counter).add_release(delta);
    }
}

void SystemCounters::free() {
    for (std::int32_t id = 0; id < system_counter_count; ++id) {
        manager_.free(id);
    }
}

}  // namespace cpperon::driver
