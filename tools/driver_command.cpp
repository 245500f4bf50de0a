/// `cpperon driver`: who runs in a directory; `cpperon driver start`: runs one. spec: 06 §4, §24.6
#include <algorithm>
#include <csignal>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cpperon/base/parse_value.hpp"
#include "cpperon/shm/counter_types.hpp"
#include "cpperon/shm/system_counter.hpp"
#include "tools/command.hpp"
#include "tools/driver_option.hpp"
#include "tools/driver_program.hpp"
#include "tools/snapshot.hpp"
#include "tools/text.hpp"

namespace cpperon::tools {

namespace {

struct Options {
    DriverOption driver;
    bool is_json = false;
    bool is_pid_only = false;
};

/// `version=1.53.0 commit=63c11a6914`: drivers say it in the label of a counter; empty for one that does not.
std::string software_of(const DriverSnapshot& snapshot) {
    for (const CounterRow& counter : snapshot.counters) {
        if (counter.type_id == counter_type::system && counter.id == static_cast<int>(SystemCounter::aeron_version)) {
            const std::size_t colon = counter.label.find(": ");
            return colon == std::string::npos ? "" : counter.label.substr(colon + 2);
        }
    }
    return {};
}

std::ptrdiff_t client_count(const DriverSnapshot& snapshot) {
    return std::ranges::count(snapshot.counters, counter_type::client_heartbeat, &CounterRow::type_id);
}

void print(const DriverSnapshot& snapshot) {
    const CncConstants& constants = snapshot.constants;
    fmt::print("Directory       {}\n", snapshot.directory);
    fmt::print("State           {}\n", to_string(snapshot.state));
    fmt::print("Process         {}\n", constants.pid);
    fmt::print("Software        {}\n", printable(software_of(snapshot)));
    fmt::print("CnC version     {}\n", constants.cnc_version.to_string());
    fmt::print("Now             {}\n", local_time(snapshot.taken_ms));
    fmt::print("Started         {}\n", local_time(constants.start_timestamp_ms));
    if (const auto age_ms = snapshot.heartbeat_age_ms()) {
        fmt::print("Last heartbeat  {}, {} ms ago\n", local_time(snapshot.heartbeat_ms), with_separators(*age_ms));
    }
    fmt::print("Clients         {}, dead after {} of silence\n", client_count(snapshot),
               format_duration(constants.client_liveness_timeout.count()));
    fmt::print("Counters        {} of {}\n", snapshot.counters.size(), snapshot.max_counter_id + 1);
    fmt::print("Errors          {}\n", snapshot.errors.size());
    fmt::print("Lossy images    {}\n", snapshot.losses.size());
}

nlohmann::json as_json(const DriverSnapshot& snapshot) {
    nlohmann::json json = driver_as_json(snapshot);
    json.update({{"software", software_of(snapshot)},
                 {"clients", client_count(snapshot)},
                 {"counters", snapshot.counters.size()},
                 {"errors", snapshot.errors.size()},
                 {"lossy_images", snapshot.losses.size()}});
    return json;
}

/// As cpperond with these arguments.
int start_driver(std::vector<std::string> arguments) {
    std::signal(SIGBUS, SIG_DFL);  // cpperond writes its files; how it ends is its own affair
    arguments.insert(arguments.begin(), "cpperon driver start");
    std::vector<char*> argument_values;
    argument_values.reserve(arguments.size());
    for (std::string& argument : arguments) {
        argument_values.push_back(argument.data());
    }
    return run_driver_program(static_cast<int>(argument_values.size()), argument_values.data());
}

}  // namespace

Action add_driver(CLI::App& command) {
    const auto options = std::make_shared<Options>();
    options->driver.add_to(command);
    CLI::Option* const json = command.add_flag("--json", options->is_json, "As one JSON object");
    command.add_flag("-P,--pid", options->is_pid_only, "The process id and nothing else")->excludes(json);
    CLI::App* const start = command.add_subcommand(
        "start", "Run one, in the foreground, as cpperond does and with its arguments: `cpperon driver start --help`");
    start->prefix_command();
    start->set_help_flag();  // it is the driver's to answer
    command.footer(
        "Exit status: 0 for a driver that is alive, 1 for one that is dead or closed; of start, that of cpperond.");
    return [options, start] {
        if (start->parsed()) {
            return start_driver(start->remaining());
        }
        const DriverSnapshot snapshot = take_snapshot(options->driver.open());
        if (options->is_json) {
            fmt::print("{}\n", json_line(as_json(snapshot)));
        } else if (options->is_pid_only) {
            fmt::print("{}\n", snapshot.constants.pid);
        } else {
            print(snapshot);
        }
        return snapshot.state == DriverState::alive ? 0 : 1;
    };
}

}  // namespace cpperon::tools
