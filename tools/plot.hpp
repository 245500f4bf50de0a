/// Pictures of results as SVG files, drawn by gnuplot, which only has to be there when a picture is asked for.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace cpperon::tools {

/// A line of points.
struct PlotSeries {
    std::string name;
    std::vector<std::pair<double, double>> points;
};

struct PlotAxis {
    std::string label;  ///< with the unit
    bool is_logarithmic = false;
    double from = 0;                                      ///< above 0 where it is logarithmic
    double to = 0;                                        ///< not above `from`: as far as there are points
    std::vector<std::pair<double, std::string>> ticks{};  ///< empty: where gnuplot likes them
};

struct Plot {
    std::string title;
    std::string subtitle;
    PlotAxis x;
    PlotAxis y;
    std::vector<PlotSeries> series;  ///< one at least; without points it is left out
};

/// What gnuplot is told. Pure.
[[nodiscard]] std::string gnuplot_script(const Plot& plot, const std::string& path);

/// Before anything is measured: throws `Error` where gnuplot is missing, and `IoError` where the file cannot be
/// written.
void check_can_plot(const std::string& path);

/// Throws `Error` where gnuplot fails.
void write_svg(const Plot& plot, const std::string& path);

}  // namespace cpperon::tools
