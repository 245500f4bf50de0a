/// `cpperon export`: metrics and a dashboard over HTTP, for as long as it runs.
#include <chrono>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cpperon/base/error.hpp"
#include "tools/command.hpp"
#include "tools/driver_option.hpp"
#include "tools/exporter.hpp"
#include "tools/listen_address.hpp"
#include "tools/signals.hpp"

namespace cpperon::tools {

namespace {

constexpr std::chrono::seconds look_interval{1};

struct Options {
    DriverOption driver;
    std::string listen = "127.0.0.1:9464";
    std::size_t max_streams = 1'000;
};

/// For CLI11: what is wrong, or nothing.
std::string check_listen_address(const std::string& text) {
    try {
        static_cast<void>(parse_listen_address(text));
        return {};
    } catch (const InvalidArgumentError& error) {
        return error.what();
    }
}

int run(const Options& options) {
    const ListenAddress address = parse_listen_address(options.listen);
    Signals signals;  // before the threads of the server: the signals are not theirs
    const Exporter exporter{{.directory = options.driver.directory,
                             .host = address.host,
                             .port = address.port,
                             .max_streams = options.max_streams}};
    fmt::print("Dashboard http://{0}/\nMetrics   http://{0}/metrics\n", address.text(exporter.port()));
    while (signals.pause(look_interval)) {
        if (!exporter.is_serving()) {
            throw Error{ErrorCode::io_error, fmt::format("the server on {} ended: the system refuses connections to it",
                                                         address.text(exporter.port()))};
        }
    }
    return 0;
}

}  // namespace

Action add_export(CLI::App& command) {
    const auto options = std::make_shared<Options>();
    options->driver.add_directory_to(command);
    command.add_option("--listen", options->listen, "Where to serve; port 0 takes any that is free")
        ->check(check_listen_address)
        ->type_name("address:port")
        ->capture_default_str();
    command.add_option("--max-streams", options->max_streams, "How many streams to show at most, the oldest")
        ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}))
        ->type_name("count")
        ->capture_default_str();
    command.footer(
        "Serves /metrics for Prometheus, / a dashboard, /healthz 200 for a driver that is alive and 503 otherwise. The "
        "driver may come, go and come again. There is no encryption and no password: who reaches the port sees "
        "all of it. Ends with SIGINT or SIGTERM.");
    return [options] { return run(*options); };
}

}  // namespace cpperon::tools
