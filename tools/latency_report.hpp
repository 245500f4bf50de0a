/// Latencies for people, programs and as a picture.
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "tools/histogram.hpp"
#include "tools/plot.hpp"

namespace cpperon::tools {

/// `870 ns`, `12.3 us`, `4.56 ms`, `1.02 s`: three digits.
[[nodiscard]] std::string duration_text(double duration_ns);

/// A table of percentiles with a column for each of the histograms, which are of the same events; `second` may be null.
[[nodiscard]] std::string percentile_table(const Histogram& first, const std::string& first_name,
                                           const Histogram* second, const std::string& second_name);

/// `count`, `min`, `mean`, `standard_deviation`, `max`, and `percentiles`: an array of `percentile` (0 to 100) and
/// `latency`. All in ns.
[[nodiscard]] nlohmann::json latency_as_json(const Histogram& histogram);

/// One line of a plot of percentiles: x is 1/(1-p), which spreads the rare ones, y is in us.
[[nodiscard]] PlotSeries percentile_series(const std::string& name, const Histogram& histogram);

/// The axes of such a plot of these round trips.
[[nodiscard]] PlotAxis percentile_axis(const Histogram& histogram);
[[nodiscard]] PlotAxis latency_axis(std::int64_t lowest_ns, std::int64_t highest_ns);

}  // namespace cpperon::tools
