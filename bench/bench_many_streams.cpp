/// What does one more stream cost a driver? Memory, time to set it up, how long a message takes when there are many,
/// and how long a duty cycle takes in which nothing is to be done.
///
/// A thousand publications and as many images in one driver, over UDP loopback, on one channel. Leaves out: sockets,
/// which the streams share, and throughput.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/machine.hpp"
#include "cpperon/base/this_thread.hpp"
#include "cpperon/client/aeron.hpp"
#include "cpperon/driver/embedded_driver.hpp"

namespace {

using Clock = std::chrono::steady_clock;

struct Settings {
    int streams = 1'000;
    int rounds = 20;
    int cycles = 20'000;
    std::uint16_t port = 24'568;
    int client_cpu = 0;
    int driver_cpu = 1;
    bool json = false;
};

/// Bytes of memory that this process, which the driver is part of, has touched.
double resident_bytes() {
    std::ifstream file{"/proc/self/statm"};
    std::int64_t total = 0;
    std::int64_t resident = 0;
    if (!(file >> total >> resident)) {
        throw std::runtime_error("cannot read /proc/self/statm");
    }
    return static_cast<double>(resident * ::sysconf(_SC_PAGESIZE));
}

double microseconds_since(const Clock::time_point start) {
    return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

/// A driver, a client of it, and its streams.
class World {
public:
    World(const Settings& settings, const cpperon::ThreadingMode mode)
        : driver_({.threading_mode = mode,
                   .shared_idle = {.name = "noop", .args = ""},
                   .conductor_cpu_affinity = mode == cpperon::ThreadingMode::shared ? settings.driver_cpu : -1}),
          is_stepped_(mode == cpperon::ThreadingMode::invoker) {
        cpperon::Context context{.directory = driver_.directory()};
        if (is_stepped_) {
            context.invoker_mode = true;
            context.driver_do_work = [this] { return driver_.do_work(); };
        }
        aeron_ = cpperon::Aeron::connect(context);
    }

    void add_streams(const Settings& settings) {
        const std::string channel =
            fmt::format("aeron:udp?endpoint=127.0.0.1:{}|term-length=64k|rcv-wnd=32k", settings.port);
        for (std::int32_t i = 0; i < settings.streams; ++i) {
            streams_.push_back({.subscription = aeron_.add_subscription(channel, i),
                                .publication = aeron_.add_exclusive_publication(channel, i)});
        }
        for (const Stream& stream : streams_) {
            wait_until([&] { return stream.publication.is_connected() && stream.subscription.is_connected(); },
                       "a stream to be connected");
        }
    }
    /// One message on each stream, and all of them back.
    void send_one_each() {
        const std::vector<std::byte> message(32);
        const auto handler = [](std::span<const std::byte> /*fragment*/, const cpperon::Header& /*header*/) {};
        std::vector<bool> is_back(streams_.size(), false);
        for (const Stream& stream : streams_) {
            wait_until([&] { return static_cast<bool>(stream.publication.offer(message)); }, "a message to be taken");
        }
        std::size_t missing = streams_.size();
        wait_until(
            [&] {
                for (std::size_t i = 0; i < streams_.size(); ++i) {
                    if (!is_back[i] && streams_[i].subscription.poll(handler, 1) > 0) {
                        is_back[i] = true;
                        --missing;
                    }
                }
                return missing == 0;
            },
            "messages to come back");
    }
    /// Microseconds of each of so many duty cycles of all agents, while nobody publishes. Heartbeats, status messages
    /// and timers are in those in which they are due.
    std::vector<double> idle_cycles(const int count) {
        std::vector<double> times;
        times.reserve(static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i) {
            const Clock::time_point start = Clock::now();
            driver_.do_work();
            times.push_back(microseconds_since(start));
            if (i % 100 == 0) {
                aeron_.do_work();
            }
        }
        return times;
    }

private:
    struct Stream {
        cpperon::Subscription subscription;
        cpperon::ExclusivePublication publication;
    };

    template <typename Condition>
    void wait_until(Condition&& condition, const std::string& what) {
        const Clock::time_point deadline = Clock::now() + std::chrono::seconds{60};
        while (!condition()) {
            if (Clock::now() > deadline) {
                throw std::runtime_error("waited 60 s in vain for " + what);
            }
            if (is_stepped_) {
                driver_.do_work();
                aeron_.do_work();
            } else {
                std::this_thread::yield();
            }
        }
    }

    cpperon::EmbeddedDriver driver_;
    cpperon::Aeron aeron_;
    bool is_stepped_;
    std::vector<Stream> streams_;
};

nlohmann::json run(const Settings& settings) {
    nlohmann::json figures;
    figures["streams"] = settings.streams;
    {
        World world{settings, cpperon::ThreadingMode::shared};
        if (settings.client_cpu >= 0) {
            cpperon::keep_this_thread_on(settings.client_cpu);
        }
        const double before = resident_bytes();
        const Clock::time_point start = Clock::now();
        world.add_streams(settings);
        figures["us_per_stream_to_connect"] = microseconds_since(start) / settings.streams;
        world.send_one_each();
        figures["kib_per_stream"] = (resident_bytes() - before) / 1'024 / settings.streams;
        const Clock::time_point first_round = Clock::now();
        for (int round = 0; round < settings.rounds; ++round) {
            world.send_one_each();
        }
        figures["us_per_message"] = microseconds_since(first_round) / settings.rounds / settings.streams;
    }
    World stepped{settings, cpperon::ThreadingMode::invoker};
    stepped.add_streams(settings);
    stepped.send_one_each();
    std::vector<double> cycles = stepped.idle_cycles(settings.cycles);
    std::ranges::sort(cycles);
    figures["us_per_idle_cycle"] = cycles[cycles.size() / 2];
    figures["us_per_idle_cycle_p99"] = cycles[cycles.size() * 99 / 100];
    figures["us_per_idle_cycle_mean"] =
        std::accumulate(cycles.begin(), cycles.end(), 0.0) / static_cast<double>(cycles.size());
    return figures;
}

}  // namespace

int main(int argc, char** argv) {
    Settings settings;
    CLI::App app{
        "What one more stream costs a driver: memory, time to connect, time of a message among many, time of a duty "
        "cycle."};
    app.add_flag("--json", settings.json, "Print one JSON object");
    app.add_option("--streams", settings.streams, "Publications, and as many images")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    app.add_option("--rounds", settings.rounds, "Messages on each stream")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--cycles", settings.cycles, "Duty cycles in which nobody publishes")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--port", settings.port, "UDP port on 127.0.0.1")->capture_default_str();
    app.add_option("--client-cpu", settings.client_cpu, "Processor of the client thread; -1: any")
        ->capture_default_str();
    app.add_option("--driver-cpu", settings.driver_cpu, "Processor of the driver thread; -1: any")
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    try {
        nlohmann::json figures = run(settings);
        if (settings.json) {
            figures["machine"] = cpperon::bench::describe_machine();
            fmt::print("{}\n", figures.dump(2));
            return 0;
        }
        for (const auto& [name, value] : figures.items()) {
            fmt::print("{:<28} {:>12.1f}\n", name, value.get<double>());
        }
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench_many_streams: {}\n", error.what());
        return 1;
    }
}
