/// Ctrl-C as a regular end of commands whose threads are busy until then; those that wait use `signals.hpp`.
#pragma once

namespace cpperon::tools {

/// From here on the first SIGINT or SIGTERM sets a flag; a second one ends the program at once.
void listen_for_stop();

/// Whether one came. Any thread.
[[nodiscard]] bool is_stop_requested() noexcept;

}  // namespace cpperon::tools
