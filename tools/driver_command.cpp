/// `cpperon driver`: who runs in a directory. spec: 06 §24.6
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/command.hpp"
#include "tools/driver_option.hpp"
#include "tools/snapshot.hpp"
#include "tools/text.hpp"

namespace cpperon::tools {

namespace {

struct Options {
    DriverOption driver;
    bool is_json = false;
    bool is_pid_only = false;
};

void print(const DriverSnapshot& snapshot) {
    const CncConstants& constants = snapshot.constants;
    fmt::print("Directory       {}\n", snapshot.directory);
    fmt::print("State           {}\n", to_string(snapshot.state));
    fmt::print("Process         {}\n", constants.pid);
    fmt::print("CnC version     {}.{}.{}\n", constants.cnc_version.major, constants.cnc_version.minor,
               constants.cnc_version.patch);
    fmt::print("Now             {}\n", local_time(snapshot.taken_ms));
    fmt::print("Started         {}\n", local_time(constants.start_timestamp_ms));
    if (const auto age_ms = snapshot.heartbeat_age_ms()) {
        fmt::print("Last heartbeat  {}, {} ms ago\n", local_time(snapshot.heartbeat_ms), with_separators(*age_ms));
    }
    fmt::print("Counters        {}\n", snapshot.counters.size());
    fmt::print("Errors          {}\n", snapshot.errors.size());
    fmt::print("Lossy images    {}\n", snapshot.losses.size());
}

}  // namespace

Action add_driver(CLI::App& command) {
    const auto options = std::make_shared<Options>();
    options->driver.add_to(command);
    CLI::Option* const json = command.add_flag("--json", options->is_json, "As one JSON object");
    command.add_flag("-P,--pid", options->is_pid_only, "The process id and nothing else")->excludes(json);
    command.footer("Exit status: 0 for a driver that is alive, 1 for one that is dead or closed.");
    return [options] {
        const DriverSnapshot snapshot = take_snapshot(options->driver.open());
        if (options->is_json) {
            fmt::print("{}\n", json_line(driver_as_json(snapshot)));
        } else if (options->is_pid_only) {
            fmt::print("{}\n", snapshot.constants.pid);
        } else {
            print(snapshot);
        }
        return snapshot.state == DriverState::alive ? 0 : 1;
    };
}

}  // namespace cpperon::tools
