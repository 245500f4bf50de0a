/// Counts of values, in memory that does not grow with them: exact up to 2,047, above to a thousandth of the value.
/// Values are nanoseconds in all commands. One thread.
#pragma once

#include <cstdint>
#include <vector>

namespace cpperon::tools {

/// A number of values that count as the same.
struct HistogramBucket {
    std::int64_t lowest = 0;
    std::int64_t highest = 0;
    std::int64_t count = 0;
};

/// Each power of two is cut into 1,024 buckets of equal width.
class Histogram {
public:
    Histogram();

    /// Negative values count as 0: clocks of several processors may differ.
    void add(std::int64_t value) noexcept;

    [[nodiscard]] std::int64_t count() const noexcept { return count_; }
    /// 0 without values, as all below.
    [[nodiscard]] std::int64_t min() const noexcept;
    [[nodiscard]] std::int64_t max() const noexcept { return max_; }
    [[nodiscard]] double mean() const noexcept;
    [[nodiscard]] double standard_deviation() const noexcept;

    /// The value that this part of all values, 0 to 1, does not exceed: the smallest such, up to the width of a bucket.
    [[nodiscard]] std::int64_t value_at(double part) const noexcept;

    /// The buckets that are not empty, from the lowest.
    [[nodiscard]] std::vector<HistogramBucket> buckets() const;

private:
    std::vector<std::int64_t> counts_;
    std::int64_t count_ = 0;
    std::int64_t min_ = INT64_MAX;
    std::int64_t max_ = 0;
    double sum_ = 0;
    double sum_of_squares_ = 0;
};

/// Parts of all values at which a curve is drawn, from 0 on: five for each time that what is left is halved, as long as
/// there is a value left.
[[nodiscard]] std::vector<double> percentile_ticks(std::int64_t count);

}  // namespace cpperon::tools
