/// What a command of `cpperon` is: a function that adds its options to a CLI11 subcommand and returns what to run once
/// the command line was parsed. Commands stand in files of their own, small ones of a kind together; `cpperon.cpp` has
/// the list.
#pragma once

#include <functional>

namespace CLI {  // NOLINT(readability-identifier-naming): it is theirs
class App;
}

namespace cpperon::tools {

/// Runs one command; returns the exit status: 0 for success, 1 where the answer is bad news (a driver that is dead, a
/// check that failed). Errors are thrown, and become status 1 with their text on standard error.
using Action = std::function<int()>;

/// Adds options to the subcommand; the action reads them when it is run.
using AddCommand = Action (*)(CLI::App& command);

// Looking at a driver, alive or dead. Nothing is written to its directory.
Action add_stat(CLI::App& command);
Action add_streams(CLI::App& command);
Action add_backlog(CLI::App& command);
Action add_errors(CLI::App& command);
Action add_loss(CLI::App& command);
Action add_driver(CLI::App& command);
Action add_log(CLI::App& command);
Action add_export(CLI::App& command);

// Settings and lives of drivers.
Action add_config(CLI::App& command);
Action add_terminate(CLI::App& command);

// Trying out: a machine, a network, a driver.
Action add_ping(CLI::App& command);
Action add_pong(CLI::App& command);
Action add_throughput(CLI::App& command);
Action add_doctor(CLI::App& command);

// About this program.
Action add_version(CLI::App& command);

}  // namespace cpperon::tools
