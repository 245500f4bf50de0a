/// How fast the counters of a driver change, from one look at it to the next.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "tools/snapshot.hpp"

namespace cpperon::tools {

class CounterRates {
public:
    /// Takes the next look, at `now_ns` of a monotonic clock. The first one at a driver gives no rates.
    void update(const DriverSnapshot& snapshot, std::int64_t now_ns);

    /// Change per second between the last two looks; nothing for a counter that one of them did not have, and
    /// for those that hold moments or maxima: client heartbeats, longest cycle times.
    [[nodiscard]] std::optional<double> of(const CounterRow& counter) const noexcept;

    /// Seconds between the last two looks; nothing before the second.
    [[nodiscard]] std::optional<double> interval_s() const noexcept { return interval_s_; }

private:
    struct Sample {
        CounterIdentity identity;
        CounterKey key{};
        std::int64_t value = 0;
        std::optional<double> rate{};  ///< per second
    };

    std::int64_t driver_pid_ = 0;
    std::int64_t driver_start_ms_ = 0;
    std::int64_t last_ns_ = 0;
    std::optional<double> interval_s_;
    std::unordered_map<std::int32_t, Sample> samples_;  ///< by id
};

}  // namespace cpperon::tools
