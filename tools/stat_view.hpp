/// What `stat` shows of a driver at one moment: as lines for people, and as JSON. spec: 06 §24.1
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tools/counter_filter.hpp"
#include "tools/counter_rates.hpp"
#include "tools/line.hpp"
#include "tools/snapshot.hpp"

namespace cpperon::tools {

enum class SortOrder {
    id,
    value,  ///< largest first; of streams the position
    rate,   ///< fastest first
    label,  ///< of streams the channel
};

[[nodiscard]] std::string_view to_string(SortOrder order) noexcept;

/// Which counters or streams, and in which order.
struct StatView {
    CounterFilter filter{};
    SortOrder order = SortOrder::id;
    std::optional<std::size_t> top{};  ///< the first ones only
    bool is_watched = false;           ///< there is room for rates
    bool is_by_stream = false;         ///< a stream is shown if the filter takes one of its counters
};

/// `2024-05-01 10:11:12.345+0000 - Aeron Stat (CnC v0.2.0), pid 4470, heartbeat age 65108ms`, and whether the driver is
/// dead or closed.
[[nodiscard]] std::string stat_heading(const DriverSnapshot& snapshot);

/// Without the heading. A counter is `id: value - label`, as the reference's tool prints it; of what is watched, with
/// the rate before the label.
[[nodiscard]] std::vector<Line> stat_lines(const DriverSnapshot& snapshot, const StatView& view,
                                           const CounterRates& rates);

/// One object with the driver, and the counters or streams.
[[nodiscard]] nlohmann::json stat_as_json(const DriverSnapshot& snapshot, const StatView& view,
                                          const CounterRates& rates);

}  // namespace cpperon::tools
