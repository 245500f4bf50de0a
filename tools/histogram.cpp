#include "tools/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>

namespace cpperon::tools {

namespace {

constexpr int bits = 10;  // of a value that are kept, behind the first
constexpr std::size_t buckets_per_octave = 1U << bits;
constexpr std::size_t exact_count = 2 * buckets_per_octave;  // values below have a bucket each
constexpr std::size_t bucket_count = exact_count + (63 - (bits + 1)) * buckets_per_octave;

std::size_t index_of(const std::int64_t value) noexcept {
    const auto number = static_cast<std::uint64_t>(value);
    if (number < exact_count) {
        return number;
    }
    const auto shift = static_cast<int>(std::bit_width(number)) - (bits + 1);
    return static_cast<std::size_t>(shift) * buckets_per_octave + (number >> shift);
}

HistogramBucket bucket_at(const std::size_t index, const std::int64_t count) noexcept {
    const std::size_t shift = index < exact_count ? 0 : index / buckets_per_octave - 1;
    const std::uint64_t first = index - shift * buckets_per_octave;
    return {.lowest = static_cast<std::int64_t>(first << shift),
            .highest = static_cast<std::int64_t>(((first + 1) << shift) - 1),
            .count = count};
}

}  // namespace

Histogram::Histogram() : counts_(bucket_count, 0) {}

void Histogram::add(const std::int64_t value) noexcept {
    const std::int64_t positive = std::max<std::int64_t>(value, 0);
    ++counts_[index_of(positive)];
    ++count_;
    min_ = std::min(min_, positive);
    max_ = std::max(max_, positive);
    const auto number = static_cast<double>(positive);
    sum_ += number;
    sum_of_squares_ += number * number;
}

std::int64_t Histogram::min() const noexcept {
    return count_ == 0 ? 0 : min_;
}

double Histogram::mean() const noexcept {
    return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

double Histogram::standard_deviation() const noexcept {
    if (count_ == 0) {
        return 0;
    }
    return std::sqrt(std::max(0.0, sum_of_squares_ / static_cast<double>(count_) - mean() * mean()));
}

std::int64_t Histogram::value_at(const double part) const noexcept {
    // Less a little: 0.999 of 1,000 values are 999 of them, however the product is rounded.
    const double wanted = std::ceil(part * static_cast<double>(count_) - 1e-6);
    if (wanted <= 1) {
        return min();
    }
    std::int64_t before = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        before += counts_[i];
        if (static_cast<double>(before) >= wanted) {
            return std::clamp(bucket_at(i, 0).highest, min_, max_);
        }
    }
    return max_;
}

std::vector<HistogramBucket> Histogram::buckets() const {
    std::vector<HistogramBucket> result;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        if (counts_[i] > 0) {
            result.push_back(bucket_at(i, counts_[i]));
        }
    }
    return result;
}

std::vector<double> percentile_ticks(const std::int64_t count) {
    std::vector<double> result;
    for (int tick = 0;; ++tick) {
        const double rest = std::ldexp(1.0 - 0.1 * (tick % 5), -(tick / 5));
        if (rest * static_cast<double>(count) < 1) {
            return result;
        }
        result.push_back(1.0 - rest);
    }
}

}  // namespace cpperon::tools
