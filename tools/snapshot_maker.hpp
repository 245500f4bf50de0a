/// Makes snapshots of drivers that never were, for the tests of what is made of them.
#pragma once

#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "cpperon/shm/counter_keys.hpp"
#include "tools/watched_driver.hpp"

namespace cpperon::tools {

/// A counter of a stream; the label follows from the rest.
struct StreamCounter {
    std::int32_t type_id = 0;
    std::int64_t registration_id = 0;
    std::int64_t reference_id = 0;
    std::int64_t value = 0;
    std::int32_t session_id = -77;
    std::int32_t stream_id = 1'001;
    std::string channel = "aeron:udp?endpoint=localhost:1";
    std::string name = "name";
};

inline CounterRow counter_of(const StreamCounter& counter) {
    const StreamCounterKey key{.registration_id = RegistrationId{counter.registration_id},
                               .session_id = SessionId{counter.session_id},
                               .stream_id = counter.stream_id,
                               .channel = counter.channel};
    return {.type_id = counter.type_id,
            .value = counter.value,
            .registration_id = counter.registration_id,
            .reference_id = counter.reference_id,
            .key = key.encode(),
            .label = fmt::format("{}: {} {} {} {}", counter.name, counter.registration_id, counter.session_id,
                                 counter.stream_id, counter.channel)};
}

/// A driver that lives, and has no counters so far.
struct SnapshotMaker {
    DriverSnapshot snapshot{.directory = "/dev/shm/aeron",
                            .constants = {.cnc_version = {0, 2, 0}, .start_timestamp_ms = 1'500, .pid = 42},
                            .taken_ms = 10'000,
                            .heartbeat_ms = 9'750,
                            .state = DriverState::alive};

    void add(CounterRow row) {
        row.id = static_cast<std::int32_t>(snapshot.counters.size());
        snapshot.counters.push_back(std::move(row));
    }

    void add_stream(const StreamCounter& counter) { add(counter_of(counter)); }

    void add_system(const SystemCounter counter, const std::int64_t value, const std::string& label) {
        add({.type_id = 0,
             .value = value,
             .registration_id = static_cast<std::int64_t>(counter),
             .key = SystemCounterKey{counter}.encode(),
             .label = label});
    }

    [[nodiscard]] DriverLook look() const { return {.directory = snapshot.directory, .snapshot = snapshot}; }
};

}  // namespace cpperon::tools
