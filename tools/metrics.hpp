/// What a driver says about itself, as metrics for Prometheus. For `export`. docs/monitoring.md has the table.
#pragma once

#include <chrono>
#include <cstddef>
#include <prometheus/metric_family.h>
#include <vector>

#include "tools/watched_driver.hpp"

namespace cpperon::tools {

/// Those of `metric_table.hpp` that have samples. At most `max_streams` publications and images, the oldest, with all
/// of their subscribers; and of clients, channels, lossy images and counters of other kinds as many each. `duration`:
/// what the look took.
///
/// A driver that is not alive has no streams, channels and clients; its errors and losses are still told.
[[nodiscard]] std::vector<prometheus::MetricFamily> collect_metrics(const DriverLook& look, std::size_t max_streams,
                                                                    std::chrono::nanoseconds duration);

}  // namespace cpperon::tools
