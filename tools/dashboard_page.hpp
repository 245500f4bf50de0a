/// The dashboard of `export`, one page that needs nothing else. Made of the files in tools/dashboard/ when the program
/// is built.
#pragma once

#include <string_view>

namespace cpperon::tools {

/// HTML with styles, scripts and charts in it.
[[nodiscard]] std::string_view dashboard_page() noexcept;

}  // namespace cpperon::tools
