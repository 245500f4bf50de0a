/// Round-trip times, and their percentiles as a table.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

namespace samples {

/// Keeps every value, which is exact, and small enough for some ten million of them.
class Latencies {
public:
    explicit Latencies(const std::size_t expected_count) { values_ns_.reserve(expected_count); }

    void add(const std::int64_t value_ns) { values_ns_.push_back(value_ns); }

    /// Five lines for each time that the distance to 100 % is halved, in microseconds.
    void print_percentiles() {
        if (values_ns_.empty()) {
            return;
        }
        std::sort(values_ns_.begin(), values_ns_.end());
        const std::size_t count = values_ns_.size();
        fmt::print("{:>12}  {:>14}  {:>10}  {:>14}\n", "us", "percentile", "count", "1/(1-p)");
        for (int tick = 0;; ++tick) {
            const int halvings = tick / 5;
            const double rest = std::ldexp(1.0 - 0.1 * (tick % 5), -halvings);
            const auto up_to = static_cast<std::size_t>(std::ceil((1.0 - rest) * static_cast<double>(count)));
            if (up_to >= count) {
                break;
            }
            const std::size_t index = up_to > 0 ? up_to - 1 : 0;
            fmt::print("{:>12.3f}  {:>14.10f}  {:>10}  {:>14.2f}\n", static_cast<double>(values_ns_[index]) / 1e3,
                       1.0 - rest, index + 1, 1.0 / rest);
        }
        fmt::print("{:>12.3f}  {:>14.10f}  {:>10}\n", static_cast<double>(values_ns_.back()) / 1e3, 1.0, count);
        print_summary();
    }

private:
    void print_summary() const {
        double sum = 0;
        double sum_of_squares = 0;
        for (const std::int64_t value_ns : values_ns_) {
            const double us = static_cast<double>(value_ns) / 1e3;
            sum += us;
            sum_of_squares += us * us;
        }
        const auto count = static_cast<double>(values_ns_.size());
        const double mean = sum / count;
        const double deviation = std::sqrt(std::max(0.0, sum_of_squares / count - mean * mean));
        fmt::print("mean {:.3f} us, standard deviation {:.3f} us, {} round trips\n", mean, deviation,
                   values_ns_.size());
    }

    std::vector<std::int64_t> values_ns_;
};

}  // namespace samples
