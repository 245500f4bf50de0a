#include "tools/latency_report.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/text.hpp"

namespace cpperon::tools {

namespace {

struct Percentile {
    const char* name;
    double percent;
};

constexpr std::array percentiles = {
    Percentile{"minimum", 0},       Percentile{"25 %", 25},           Percentile{"50 %", 50},
    Percentile{"75 %", 75},         Percentile{"90 %", 90},           Percentile{"95 %", 95},
    Percentile{"99 %", 99},         Percentile{"99.9 %", 99.9},       Percentile{"99.99 %", 99.99},
    Percentile{"99.999 %", 99.999}, Percentile{"99.9999 %", 99.9999}, Percentile{"maximum", 100},
};

/// Whether so few values have one that lies beyond it.
bool is_told_by(const Percentile& percentile, const std::int64_t count) {
    return percentile.percent == 100 || (1 - percentile.percent / 100) * static_cast<double>(count) >= 0.999;
}

}  // namespace

std::string duration_text(const double duration_ns) {
    struct Unit {
        double ns;
        const char* name;
    };
    constexpr Unit units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}};
    for (const Unit& unit : units) {
        if (duration_ns >= unit.ns) {
            const double number = duration_ns / unit.ns;
            return fmt::format("{:.{}f} {}", number, number < 10 ? 2 : number < 100 ? 1 : 0, unit.name);
        }
    }
    return fmt::format("{:.0f} ns", duration_ns);
}

std::string percentile_table(const Histogram& first, const std::string& first_name, const Histogram* const second,
                             const std::string& second_name) {
    std::string result = fmt::format("{:>12}  {:>14}  {:>16}", "percentile", "round trips", first_name);
    result += second != nullptr ? fmt::format("  {:>16}\n", second_name) : "\n";
    for (const Percentile& percentile : percentiles) {
        if (!is_told_by(percentile, first.count())) {
            continue;
        }
        const double part = percentile.percent / 100;
        const auto up_to = std::max<std::int64_t>(
            1, static_cast<std::int64_t>(std::ceil(part * static_cast<double>(first.count()) - 1e-6)));
        result += fmt::format("{:>12}  {:>14}  {:>16}", percentile.name, with_separators(up_to),
                              duration_text(static_cast<double>(first.value_at(part))));
        result += second != nullptr
                      ? fmt::format("  {:>16}\n", duration_text(static_cast<double>(second->value_at(part))))
                      : "\n";
    }
    return result;
}

nlohmann::json latency_as_json(const Histogram& histogram) {
    nlohmann::json list = nlohmann::json::array();
    for (const Percentile& percentile : percentiles) {
        if (is_told_by(percentile, histogram.count())) {
            list.push_back(
                {{"percentile", percentile.percent}, {"latency", histogram.value_at(percentile.percent / 100)}});
        }
    }
    return {{"count", histogram.count()}, {"min", histogram.min()},
            {"mean", histogram.mean()},   {"standard_deviation", histogram.standard_deviation()},
            {"max", histogram.max()},     {"percentiles", std::move(list)}};
}

PlotSeries percentile_series(const std::string& name, const Histogram& histogram) {
    PlotSeries series{.name = name, .points = {}};
    for (const double part : percentile_ticks(histogram.count())) {
        series.points.emplace_back(1 / (1 - part), static_cast<double>(histogram.value_at(part)) / 1e3);
    }
    if (histogram.count() > 0) {
        series.points.emplace_back(static_cast<double>(histogram.count()), static_cast<double>(histogram.max()) / 1e3);
    }
    return series;
}

PlotAxis percentile_axis(const Histogram& histogram) {
    PlotAxis axis{.label = "percentile of all round trips [%]",
                  .is_logarithmic = true,
                  .from = 1,
                  .to = std::max(static_cast<double>(histogram.count()), 2.0),
                  .ticks = {{1, "0"}, {2, "50"}}};
    std::string nines = "90";
    for (double x = 10; x <= axis.to; x *= 10) {
        axis.ticks.emplace_back(x, nines);
        if (nines == "90") {
            nines = "99";
        } else {
            nines += nines == "99" ? ".9" : "9";
        }
    }
    return axis;
}

PlotAxis latency_axis(const std::int64_t lowest_ns, const std::int64_t highest_ns) {
    constexpr std::array units = {"ns", "µs", "ms", "s", "ks"};
    const auto decade = [](const std::int64_t ns, const double step) {
        return static_cast<int>(std::floor(std::log10(static_cast<double>(std::max<std::int64_t>(ns, 1))) + step));
    };
    const int first = decade(lowest_ns, 0);
    const int last = decade(highest_ns, 1);
    PlotAxis axis{.label = "latency",
                  .is_logarithmic = true,
                  .from = 0.999 * std::pow(10, first - 3),
                  .to = 1.001 * std::pow(10, last - 3),
                  .ticks = {}};
    for (int power = first; power <= last && power < 15; ++power) {
        axis.ticks.emplace_back(std::pow(10, power - 3), fmt::format("{:.0f} {}", std::pow(10, power % 3),
                                                                     units[static_cast<std::size_t>(power / 3)]));
    }
    return axis;
}

}  // namespace cpperon::tools
