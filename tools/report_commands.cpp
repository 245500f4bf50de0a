/// `cpperon streams`, `backlog` and `loss`: one look at a driver, one report. spec: 06 §24.3 to §24.5
#include <memory>
#include <unistd.h>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/command.hpp"
#include "tools/driver_option.hpp"
#include "tools/reports.hpp"
#include "tools/text.hpp"

namespace cpperon::tools {

namespace {

struct Options {
    DriverOption driver;
    bool is_json = false;
    bool is_csv = false;
};

std::shared_ptr<Options> add_options(CLI::App& command) {
    auto options = std::make_shared<Options>();
    options->driver.add_to(command);
    command.add_flag("--json", options->is_json, "As one JSON object");
    return options;
}

/// `name`: of the rows.
void print_json(const DriverSnapshot& snapshot, const char* const name, nlohmann::json rows) {
    fmt::print("{}\n", json_line({{"driver", driver_as_json(snapshot)}, {name, std::move(rows)}}));
}

}  // namespace

Action add_streams(CLI::App& command) {
    const auto options = add_options(command);
    return [options] {
        const DriverSnapshot snapshot = take_snapshot(options->driver.open());
        const std::vector<StreamGroup> streams = group_streams(snapshot);
        if (options->is_json) {
            print_json(snapshot, "streams", streams_as_json(streams));
        } else {
            fmt::print("{}", streams_as_text(streams));
        }
        return 0;
    };
}

Action add_backlog(CLI::App& command) {
    const auto options = add_options(command);
    return [options] {
        const DriverSnapshot snapshot = take_snapshot(options->driver.open());
        const std::vector<StreamParties> streams = parties_by_stream(snapshot);
        if (options->is_json) {
            print_json(snapshot, "streams", parties_as_json(streams, {}));
        } else {
            fmt::print("{}", backlog_as_text(streams));
        }
        return 0;
    };
}

Action add_loss(CLI::App& command) {
    const auto options = add_options(command);
    command.add_flag("--csv", options->is_csv, "Comma-separated values, on a terminal too");
    command.footer(
        "On a terminal a table, elsewhere comma-separated values with a header and a last line that counts.");
    return [options] {
        const DriverSnapshot snapshot = take_snapshot(options->driver.open());
        if (options->is_json) {
            print_json(snapshot, "losses", snapshot.losses);
        } else if (options->is_csv || ::isatty(STDOUT_FILENO) != 1) {
            fmt::print("{}", losses_as_csv(snapshot.losses));
        } else {
            fmt::print("{}", losses_as_table(snapshot.losses));
        }
        return 0;
    };
}

}  // namespace cpperon::tools
