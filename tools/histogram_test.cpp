#include "tools/histogram.hpp"

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace cpperon::tools {
namespace {

TEST(Histogram, HasNothingWithoutValues) {
    const Histogram histogram;

    EXPECT_EQ(histogram.count(), 0);
    EXPECT_EQ(histogram.min(), 0);
    EXPECT_EQ(histogram.max(), 0);
    EXPECT_EQ(histogram.value_at(0.5), 0);
    EXPECT_EQ(histogram.mean(), 0);
    EXPECT_EQ(histogram.standard_deviation(), 0);
    EXPECT_TRUE(histogram.buckets().empty());
}

TEST(Histogram, IsExactForSmallValues) {
    Histogram histogram;
    for (std::int64_t value = 1; value <= 1'000; ++value) {
        histogram.add(value);
    }

    EXPECT_EQ(histogram.value_at(0), 1);
    EXPECT_EQ(histogram.value_at(0.5), 500);
    EXPECT_EQ(histogram.value_at(0.999), 999);
    EXPECT_EQ(histogram.value_at(0.9991), 1'000);
    EXPECT_EQ(histogram.value_at(1), 1'000);
    EXPECT_DOUBLE_EQ(histogram.mean(), 500.5);
    EXPECT_NEAR(histogram.standard_deviation(), 288.675, 0.001);
}

TEST(Histogram, IsExactToAThousandthForAnyValue) {
    std::mt19937_64 random{7};
    std::vector<std::int64_t> values{0, 2'047, 2'048, 2'049, 4'095, 4'096, INT64_MAX - 1, INT64_MAX};
    for (int i = 0; i < 10'000; ++i) {
        values.push_back(static_cast<std::int64_t>(random() >> (1 + random() % 63)));
    }
    Histogram histogram;
    for (const std::int64_t value : values) {
        histogram.add(value);
    }
    std::sort(values.begin(), values.end());

    for (std::size_t i = 0; i < values.size(); ++i) {
        const double part = static_cast<double>(i + 1) / static_cast<double>(values.size());
        const std::int64_t value = histogram.value_at(part);
        ASSERT_GE(value, values[i]);
        ASSERT_LE(value - values[i], values[i] / 1'000) << "of " << values[i];
    }
}

TEST(Histogram, ListsItsBuckets) {
    Histogram histogram;
    for (const std::int64_t value : {5, 5, 4'097, -3}) {
        histogram.add(value);
    }

    const std::vector<HistogramBucket> buckets = histogram.buckets();

    ASSERT_EQ(buckets.size(), 3U);
    EXPECT_EQ(buckets[0].lowest, 0);
    EXPECT_EQ(buckets[1].count, 2);
    EXPECT_EQ(buckets[2].lowest, 4'096);
    EXPECT_EQ(buckets[2].highest, 4'099);
    EXPECT_EQ(histogram.min(), 0);
    EXPECT_EQ(histogram.max(), 4'097);
}

TEST(Histogram, TicksEndWhereValuesDo) {
    EXPECT_TRUE(percentile_ticks(0).empty());
    EXPECT_EQ(percentile_ticks(1), std::vector<double>{0.0});
    const std::vector<double> ticks = percentile_ticks(1'024);
    ASSERT_EQ(ticks.size(), 51U);
    EXPECT_DOUBLE_EQ(ticks[5], 0.5);
    EXPECT_DOUBLE_EQ(ticks.back(), 1.0 - 1.0 / 1'024);
}

}  // namespace
}  // namespace cpperon::tools
