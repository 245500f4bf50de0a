/// One look at a driver: everything its files say, copied, so that commands work on values and tests need no driver.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "cpperon/shm/cnc_reader.hpp"
#include "cpperon/shm/counter_keys.hpp"

namespace cpperon::tools {

/// One allocated counter.
struct CounterRow {
    std::int32_t id = 0;
    std::int32_t type_id = 0;
    std::int64_t value = 0;
    std::int64_t registration_id = 0;
    std::int64_t owner_id = 0;
    std::int64_t reference_id = 0;
    CounterKey key{};
    std::string label;

    [[nodiscard]] CounterIdentity identity() const noexcept {
        return {.id = id, .type_id = type_id, .registration_id = registration_id};
    }
};

/// One distinct error.
struct ErrorRow {
    std::int32_t count = 0;
    std::int64_t first_ms = 0;  ///< epoch, as `last_ms`
    std::int64_t last_ms = 0;
    std::string text;
};

/// The losses of one image.
struct LossRow {
    std::int64_t count = 0;
    std::int64_t total_bytes_lost = 0;
    std::int64_t first_ms = 0;  ///< epoch, as `last_ms`
    std::int64_t last_ms = 0;
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::string channel;
    std::string source;
};

/// How a driver is, going by its last sign of life.
enum class DriverState {
    alive,
    dead,    ///< no sign of life for longer than a driver may be silent
    closed,  ///< it ended in an orderly way
};

[[nodiscard]] std::string_view to_string(DriverState state) noexcept;

/// What a driver shares about itself.
struct DriverSnapshot {
    std::string directory;
    CncConstants constants;
    std::int64_t taken_ms = 0;      ///< epoch; when this was taken
    std::int64_t heartbeat_ms = 0;  ///< epoch; -1: closed
    DriverState state = DriverState::dead;
    std::int32_t max_counter_id = -1;  ///< the highest id there is room for
    std::vector<CounterRow> counters;  ///< by id
    std::vector<ErrorRow> errors;      ///< oldest first
    std::vector<LossRow> losses;       ///< oldest first

    /// Since the last sign of life; nothing of a closed driver.
    [[nodiscard]] std::optional<std::int64_t> heartbeat_age_ms() const noexcept;
};

/// How long a driver may be silent before it counts as dead: as clients and drivers have it. spec: 06 §5.1
inline constexpr std::chrono::milliseconds driver_silence_limit{10'000};

/// Reads all of it. A loss report that is missing or cannot be read counts as empty: a driver of old may have none.
[[nodiscard]] DriverSnapshot take_snapshot(const CncFile& cnc, EpochClock& clock = SystemEpochClock::instance());

// As JSON objects, with the names of the fields above. Keys of counters come decoded: `session_id`, `stream_id`,
// `channel`, `client_id` and so on, by type.
void to_json(nlohmann::json& json, const CounterRow& counter);
void to_json(nlohmann::json& json, const ErrorRow& error);
void to_json(nlohmann::json& json, const LossRow& loss);
/// Without counters, errors and losses.
[[nodiscard]] nlohmann::json driver_as_json(const DriverSnapshot& snapshot);

}  // namespace cpperon::tools
