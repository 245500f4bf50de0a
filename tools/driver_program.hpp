/// The media driver as a program: its command line, signals and exit status. `cpperond` is nothing else. spec: 06 §4
#pragma once

namespace cpperon::tools {

/// Runs a driver until a signal or a client ends it, or does what else the arguments say: those of `main`, the first is
/// the name of the program in messages. The result is the exit status.
[[nodiscard]] int run_driver_program(int argument_count, char** argument_values);

}  // namespace cpperon::tools
