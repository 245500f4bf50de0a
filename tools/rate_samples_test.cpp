#include "tools/rate_samples.hpp"

#include <gtest/gtest.h>

namespace cpperon::tools {
namespace {

TEST(RateSamples, GiveTheRateBetweenTwoReadings) {
    RateSamples samples;
    EXPECT_TRUE(samples.rates().empty());
    samples.add(1'000'000'000, 10);
    samples.add(1'500'000'000, 60);
    samples.add(2'500'000'000, 60);

    const std::vector<std::pair<double, double>> expected{{0.25, 100.0}, {1.0, 0.0}};
    EXPECT_EQ(samples.rates(), expected);
}

TEST(RateSamples, StayFewHoweverLongItTakes) {
    RateSamples samples;
    for (std::int64_t second = 0; second < 100'000; ++second) {
        samples.add(second * 1'000'000'000, second * 7);
    }

    const auto rates = samples.rates();

    EXPECT_LT(rates.size(), RateSamples::limit);
    EXPECT_GT(rates.size(), RateSamples::limit / 4);
    EXPECT_GT(rates.back().first, 99'000);
    for (const auto& [time_s, rate] : rates) {
        ASSERT_DOUBLE_EQ(rate, 7.0);
    }
}

}  // namespace
}  // namespace cpperon::tools
