/// Looks into a media driver without being its client: its version and sign of life, its counters, errors and losses.
/// The driver does not notice; one that is dead can be read as well.

#include <chrono>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "cpperon/cpperon.hpp"
#include "samples/command.hpp"

namespace {

struct Options {
    std::optional<std::string> directory;
    std::chrono::nanoseconds timeout = std::chrono::seconds{1};
};

/// `2024-05-01 10:11:12.345+0000`
std::string local_time(const std::int64_t epoch_ms) {
    const std::tm time = fmt::localtime(static_cast<std::time_t>(epoch_ms / 1000));
    return fmt::format("{:%Y-%m-%d %H:%M:%S}.{:03}{:%z}", time, epoch_ms % 1000, time);
}

void print_driver(const cpperon::CncFile& cnc) {
    const cpperon::CncConstants& constants = cnc.constants();
    fmt::print("{}: version {}.{}.{}, pid {}, started {}\n", cnc.path(), constants.cnc_version.major,
               constants.cnc_version.minor, constants.cnc_version.patch, constants.pid,
               local_time(constants.start_timestamp_ms));
    const std::int64_t heartbeat_ms = cnc.driver_heartbeat_ms();
    if (heartbeat_ms < 0) {
        fmt::print("the driver was shut down\n");
    } else {
        fmt::print("last sign of life {}: the driver is {}\n", local_time(heartbeat_ms),
                   cnc.is_driver_active(std::chrono::seconds{10}) ? "alive" : "dead");
    }
}

void print_errors_and_losses(const cpperon::CncFile& cnc) {
    const int errors = cnc.for_each_error([](const cpperon::ErrorObservation& error) {
        fmt::print("***\n{} observations from {} to {} for:\n{}\n", error.count, local_time(error.first_ms),
                   local_time(error.last_ms), error.text);
    });
    fmt::print("{} distinct errors\n", errors);
    const int losses = cnc.for_each_loss([](const cpperon::LossObservation& loss) {
        fmt::print("{} losses of {} bytes in all from {} to {}, session {}, stream {}, channel {}, source {}\n",
                   loss.count, loss.total_bytes_lost, local_time(loss.first_ms), local_time(loss.last_ms),
                   loss.session_id, loss.stream_id, loss.channel, loss.source);
    });
    fmt::print("{} streams lost data\n", losses);
}

void print_stats(const Options& options) {
    const cpperon::CncFile cnc = cpperon::CncFile::open(options.directory.value_or(""), options.timeout);
    print_driver(cnc);
    cnc.counters().for_each([](const cpperon::CounterView& counter) {
        fmt::print("{:>5}: {:>20} - {}\n", counter.id, counter.value, counter.label);
    });
    // One counter of many: each has a name.
    const auto bytes = cpperon::system_counter_value(cnc.counters(), cpperon::SystemCounter::bytes_sent);
    fmt::print("{} bytes were sent\n", bytes.value_or(0));
    print_errors_and_losses(cnc);
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    samples::Command command{"driver_stats", "Prints the counters, errors and losses of a media driver."};
    command.directory(options.directory);
    command.duration("-t,--timeout", options.timeout, "How long to wait for a driver that has not started");
    return command.run(argc, argv, [&] { print_stats(options); });
}
