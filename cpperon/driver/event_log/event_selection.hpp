/// Which events are to be logged, as `aeron.event.log` and `aeron.event.log.disable` say it. Pure. spec: 06 §22
#pragma once

#include <functional>
#include <string_view>

#include "cpperon/driver/event_log/event_id.hpp"

namespace cpperon::driver {

/// Reads a list, separated by commas, of names, numbers, `all`, `admin` (all but frames and dissectors) and legacy
/// masks (`0x…`). What it does not know goes to `on_unknown`, and the rest counts.
[[nodiscard]] EventSet parse_event_selection(std::string_view text,
                                             const std::function<void(std::string_view)>& on_unknown);

}  // namespace cpperon::driver
