/// `cpperon`: one program for the people who run Aeron, with a command for each thing to do. spec: 06 §24
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cpperon/base/error.hpp"
#include "tools/command.hpp"
#include "tools/cut_file.hpp"

namespace {

using namespace cpperon::tools;

struct Entry {
    const char* group;
    const char* name;
    const char* summary;
    AddCommand add;
};

constexpr const char* looking = "Looking at a driver, alive or dead";
constexpr const char* running = "Running a driver";
constexpr const char* trying = "Trying out a machine, a network, a driver";
constexpr const char* about = "About this program";

constexpr Entry entries[] = {
    {looking, "stat", "Counters, with rates, filtered and sorted; once or live", add_stat},
    {looking, "streams", "Each stream with its counters, one line each", add_streams},
    {looking, "backlog", "How far publishers, senders, receivers and subscribers are apart", add_backlog},
    {looking, "errors", "The errors that a driver met", add_errors},
    {looking, "loss", "What images lost", add_loss},
    {looking, "driver", "Who runs in a directory: process, version, start, last sign of life", add_driver},
    {looking, "log", "What is in the log file of a publication or an image", add_log},
    {looking, "export", "Metrics for Prometheus and a dashboard for browsers, over HTTP", add_export},
    {running, "config", "The settings that a driver would have, started here", add_config},
    {running, "terminate", "Ask a driver to end, and see whether it does", add_terminate},
    {trying, "ping", "Measure round trips to `cpperon pong`: percentiles, as a picture too", add_ping},
    {trying, "pong", "Send back what `cpperon ping` sends", add_pong},
    {trying, "throughput", "Measure how many messages per second go over a stream", add_throughput},
    {trying, "doctor", "Check whether this machine is fit for a driver, and what to do", add_doctor},
    {about, "version", "The version of this program", add_version},
};

/// The command line was wrong.
constexpr int status_usage = 2;

}  // namespace

int main(const int argument_count, char** const argument_values) {
    CLI::App app{"Runs, watches and tries out Aeron media drivers.", "cpperon"};
    app.require_subcommand(1);
    app.footer("`cpperon COMMAND --help` tells more of each.");
    Action action;
    for (const Entry& entry : entries) {
        CLI::App* const command = app.add_subcommand(entry.name, entry.summary);
        command->group(entry.group);
        command->parse_complete_callback([&action, run = entry.add(*command)] { action = run; });
    }
    try {
        app.parse(argument_count, argument_values);
    } catch (const CLI::ParseError& outcome) {
        return app.exit(outcome) == EXIT_SUCCESS ? EXIT_SUCCESS : status_usage;
    }

    std::setvbuf(stdout, nullptr, _IOLBF, 0);  // each line at once, into a pipe too
    tell_of_cut_files();
    try {
        return action();
    } catch (const cpperon::Error& error) {
        fmt::print(stderr, "cpperon: {}\n{}", error.what(), error.stack_trace());
    } catch (const std::exception& error) {
        fmt::print(stderr, "cpperon: {}\n", error.what());
    }
    return EXIT_FAILURE;
}
