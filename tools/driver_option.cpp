#include "tools/driver_option.hpp"

#include <CLI/CLI.hpp>

namespace cpperon::tools {

void DriverOption::add_directory_to(CLI::App& command) {
    command.add_option("-d,--directory", directory, "Directory of the driver (default: AERON_DIR, or the user's own)")
        ->type_name("path");
}

void DriverOption::add_to(CLI::App& command) {
    add_directory_to(command);
    command
        .add_option_function<std::int64_t>(
            "-t,--timeout", [this](const std::int64_t ms) { timeout = std::chrono::milliseconds{ms}; },
            "How long to wait for a driver that has not started, in ms (default: 1000)")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{3'600'000}))
        ->type_name("ms");
}

}  // namespace cpperon::tools
