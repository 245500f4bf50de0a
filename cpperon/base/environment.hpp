/// Where settings come from when the program does not give them: looked up through a callable, so that tests need not
/// touch the process. spec: 06 §3.1
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cpperon {

/// The value of a variable, or nothing where it is not set.
using EnvironmentLookup = std::function<std::optional<std::string>(std::string_view name)>;

/// Reads the environment of this process. The lookup may be called as long as nobody changes the environment.
[[nodiscard]] EnvironmentLookup process_environment();

/// The variable that a property stands for: `aeron.timer.interval` -> `AERON_TIMER_INTERVAL`. spec: 06 §3.1
[[nodiscard]] std::string environment_name(std::string_view property);

}  // namespace cpperon
