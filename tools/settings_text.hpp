/// The driver's settings on paper: for the help of a driver program, for the guides, and as they are in effect. Each
/// from the one table of settings. spec: 06 §3.4, §3.6
#pragma once

#include <string>
#include <string_view>

#include "cpperon/driver/context.hpp"
#include "tools/driver_configuration.hpp"

namespace cpperon::tools {

/// All names, section by section.
[[nodiscard]] std::string settings_overview();

/// What there is to say of each setting that has `filter` in its name, section or meaning, in any case; empty where
/// none has.
[[nodiscard]] std::string explain_settings(std::string_view filter);

/// All of them, as a table per section in Markdown, and for a man page.
[[nodiscard]] std::string settings_as_markdown();
[[nodiscard]] std::string settings_as_man_page();

/// Prints the settings with which a driver would start, as a properties file with a comment at each that
/// `configuration` or the environment has, or as JSON: `{"settings": {"aeron.dir": {"value": …, "source": …, "given":
/// …}}}`. Warns of unknown names. Returns 0; throws `InvalidArgumentError` behind what it printed where no driver would
/// start with them.
int print_configuration(const DriverConfiguration& configuration, bool as_json);

}  // namespace cpperon::tools
