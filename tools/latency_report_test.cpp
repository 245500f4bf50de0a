#include "tools/latency_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace cpperon::tools {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Histogram up_to(const std::int64_t count) {
    Histogram histogram;
    for (std::int64_t value = 1; value <= count; ++value) {
        histogram.add(value);
    }
    return histogram;
}

TEST(LatencyReport, WritesDurationsWithThreeDigits) {
    EXPECT_EQ(duration_text(0), "0 ns");
    EXPECT_EQ(duration_text(999), "999 ns");
    EXPECT_EQ(duration_text(1'234), "1.23 us");
    EXPECT_EQ(duration_text(56'780), "56.8 us");
    EXPECT_EQ(duration_text(1e8), "100 ms");
    EXPECT_EQ(duration_text(1.5e9), "1.50 s");
}

// Of 1,000 values there is one beyond 99.9 %, and none beyond 99.99 %.
TEST(LatencyReport, HasThePercentilesThatTheValuesTell) {
    const std::string table = percentile_table(up_to(1'000), "latency", nullptr, {});

    EXPECT_THAT(table, HasSubstr("50 %             500            500 ns\n"));
    EXPECT_THAT(table, HasSubstr("99.9 %             999            999 ns\n"));
    EXPECT_THAT(table, Not(HasSubstr("99.99 %")));
    EXPECT_THAT(table, HasSubstr("maximum           1,000           1.00 us\n"));

    const nlohmann::json json = latency_as_json(up_to(1'000));
    EXPECT_EQ(json["count"], 1'000);
    EXPECT_EQ(json["percentiles"].front(), (nlohmann::json{{"percentile", 0.0}, {"latency", 1}}));
    EXPECT_EQ(json["percentiles"].back(), (nlohmann::json{{"percentile", 100.0}, {"latency", 1'000}}));
}

TEST(LatencyReport, SpreadsRarePercentilesOverThePlot) {
    const Histogram histogram = up_to(1'000);

    const PlotSeries series = percentile_series("a", histogram);
    EXPECT_EQ(series.points.front(), (std::pair{1.0, 0.001}));
    EXPECT_EQ(series.points.back(), (std::pair{1'000.0, 1.0}));

    const PlotAxis x = percentile_axis(histogram);
    EXPECT_EQ(x.ticks.back(), (std::pair{1'000.0, std::string{"99.9"}}));
    const PlotAxis y = latency_axis(1'500, 30'000'000);
    EXPECT_EQ(y.ticks.front().second, "1 µs");
    EXPECT_EQ(y.ticks.back().second, "100 ms");
}

}  // namespace
}  // namespace cpperon::tools
