/// What a driver says about itself in its own counters. For clients, tools and users. spec: 06 §18
#pragma once

#include <cstdint>
#include <optional>
#include <type_traits>

#include "cpperon/shm/counter_keys.hpp"
#include "cpperon/shm/counter_types.hpp"
#include "cpperon/shm/counters_reader.hpp"
#include "cpperon/shm/system_counter.hpp"

namespace cpperon {

/// The value of one of the driver's own counters; nothing where the driver does not have it. Does not allocate.
[[nodiscard]] inline std::optional<std::int64_t> system_counter_value(const CountersReader& counters,
                                                                      const SystemCounter counter) noexcept {
    const auto id = static_cast<std::int32_t>(counter);
    return counters.value_of({.id = id, .type_id = counter_type::system, .registration_id = id});
}

/// Calls `handler(SystemCounter, const CounterView&)` for each of the driver's own counters, in order of counter id.
template <typename Handler>
requires std::is_invocable_v<Handler&, SystemCounter, const CounterView&>
void for_each_system_counter(const CountersReader& counters, Handler&& handler) {
    counters.for_each([&handler](const CounterView& counter) {
        if (const auto key = SystemCounterKey::decode(counter.type_id, counter.key)) {
            handler(key->counter, counter);
        }
    });
}

}  // namespace cpperon
