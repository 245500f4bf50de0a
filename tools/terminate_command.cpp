/// `cpperon terminate`: asks a driver to end, and waits to see whether it does: it never answers. spec: 06 §6.2
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cpperon/base/clock.hpp"
#include "cpperon/base/error.hpp"
#include "cpperon/client/aeron.hpp"
#include "tools/arguments.hpp"
#include "tools/command.hpp"
#include "tools/driver_option.hpp"
#include "tools/snapshot.hpp"
#include "tools/text.hpp"

namespace cpperon::tools {

namespace {

struct Options {
    DriverOption driver;
    std::string token;
    std::chrono::milliseconds timeout{10'000};  ///< for the end of the driver; for its start it is the usual one
    bool is_json = false;
};

/// A driver that closes says so in its file at the very end, after its logs are gone. spec: 06 §6.1
bool wait_for_end(const CncFile& cnc, const std::chrono::nanoseconds timeout) {
    constexpr std::chrono::milliseconds interval{10};
    NanoClock& clock = SystemNanoClock::instance();
    const std::int64_t deadline_ns = clock.nano_time() + timeout.count();
    while (cnc.driver_heartbeat_ms() >= 0) {
        if (clock.nano_time() >= deadline_ns) {
            return false;
        }
        std::this_thread::sleep_for(interval);
    }
    return true;
}

int run(const Options& options) {
    const CncFile cnc = options.driver.open();
    const DriverSnapshot snapshot = take_snapshot(cnc);
    if (snapshot.state != DriverState::alive) {
        throw Error(ErrorCode::driver_timeout,
                    fmt::format("there is no driver to be terminated in '{}': the last one, pid {}, is {}",
                                cnc.directory(), snapshot.constants.pid, to_string(snapshot.state)));
    }
    if (!Aeron::request_driver_termination(cnc.directory(), std::as_bytes(std::span{options.token}))) {
        throw Error(ErrorCode::driver_timeout,
                    fmt::format("the files of the driver in '{}' went meanwhile", cnc.directory()));
    }
    const bool has_ended = wait_for_end(cnc, options.timeout);
    if (options.is_json) {
        fmt::print(
            "{}\n",
            json_line({{"directory", cnc.directory()}, {"pid", snapshot.constants.pid}, {"has_ended", has_ended}}));
    } else if (has_ended) {
        fmt::print("The driver in '{}', pid {}, has ended.\n", cnc.directory(), snapshot.constants.pid);
    } else {
        fmt::print(
            "The driver in '{}', pid {}, was asked to end, and is there after {} ms. It may have denied it: it must "
            "run with aeron.driver.termination.validator=allow, or with a validator that takes the token.\n",
            cnc.directory(), snapshot.constants.pid, options.timeout.count());
    }
    return has_ended ? 0 : 1;
}

}  // namespace

Action add_terminate(CLI::App& command) {
    const auto options = std::make_shared<Options>();
    options->driver.add_directory_to(command);
    command.add_option("--token", options->token, "What the driver's termination validator wants to see")
        ->type_name("text");
    add_milliseconds(command, "-t,--timeout", options->timeout, "How long to wait for its end");
    command.add_flag("--json", options->is_json, "As one JSON object");
    command.footer("Exit status: 0 if the driver has ended, 1 if it has not.");
    return [options] { return run(*options); };
}

}  // namespace cpperon::tools
