#include "tools/driver_option.hpp"

#include <CLI/CLI.hpp>

#include "tools/arguments.hpp"

namespace cpperon::tools {

void DriverOption::add_directory_to(CLI::App& command) {
    command.add_option("-d,--directory", directory, "Directory of the driver (default: AERON_DIR, or the user's own)")
        ->type_name("path");
}

void DriverOption::add_to(CLI::App& command) {
    add_directory_to(command);
    add_milliseconds(command, "-t,--timeout", timeout, "How long to wait for a driver that has not started");
}

}  // namespace cpperon::tools
