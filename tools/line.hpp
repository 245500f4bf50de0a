/// A line of a page for people, before it is known whether a terminal shows it.
#pragma once

#include <string>

namespace cpperon::tools {

/// How a line stands out where the terminal can show it.
enum class LineStyle {
    plain,
    heading,
    moving,    ///< what it shows changed since the look before
    alarming,  ///< and that is bad news
};

struct Line {
    std::string text;
    LineStyle style = LineStyle::plain;
};

}  // namespace cpperon::tools
