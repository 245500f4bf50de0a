#include "tools/plot.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpperon::tools {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Plot plot_of(std::vector<PlotSeries> series) {
    return {
        .title = "Title", .subtitle = "below", .x = {.label = "x"}, .y = {.label = "y"}, .series = std::move(series)};
}

TEST(Plot, DrawsEachSeriesThatHasPoints) {
    const std::string script =
        gnuplot_script(plot_of({{"first", {{1, 2}, {3, 4.5}}}, {"empty", {}}, {"last", {{5, 6}}}}), "/tmp/p.svg");

    EXPECT_THAT(script, HasSubstr("$series0 << END\n1 2\n3 4.5\nEND\n"));
    EXPECT_THAT(script, HasSubstr("$series1 << END\n5 6\nEND\n"));
    EXPECT_THAT(script, HasSubstr("title 'first'"));
    EXPECT_THAT(script, HasSubstr("title 'last'"));
    EXPECT_THAT(script, Not(HasSubstr("empty")));
}

// Channels are text from outside, and gnuplot runs what stands in backticks outside of single quotes.
TEST(Plot, TakesNoCommandsFromText) {
    Plot plot = plot_of({{"it's\nexit", {{1, 2}}}});
    plot.subtitle = "`touch /tmp/x`' ; exit";

    const std::string script = gnuplot_script(plot, "a'b.svg");

    EXPECT_THAT(script, HasSubstr("title 'it''s exit'"));
    EXPECT_THAT(script, HasSubstr("set label 1 '`touch /tmp/x`'' ; exit' at"));
    EXPECT_THAT(script, HasSubstr("set output 'a''b.svg'\n"));
}

TEST(Plot, KeepsAnAxisToItsRange) {
    Plot plot = plot_of({{"a", {{1, 2}}}});
    plot.x = {.label = "x", .is_logarithmic = true, .from = 1, .to = 100, .ticks = {{1, "one"}, {10, "ten"}}};

    const std::string script = gnuplot_script(plot, "p.svg");

    EXPECT_THAT(script, HasSubstr("set logscale x\nset xrange [1:100]\nset xtics ('one' 1, 'ten' 10)\n"));
    EXPECT_THAT(script, HasSubstr("set yrange [0:*]\n"));
}

}  // namespace
}  // namespace cpperon::tools
