/// How many messages does one driver move over UDP loopback, and how long is one on its way?
///
/// One thread publishes and polls back, the driver has the other processor, and sends every datagram to itself. Leaves
/// out: a real network interface, a second host, and the hand-over to another subscriber thread.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
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

constexpr int burst = 64;
constexpr std::int64_t buffer_length = 2 * 1'024 * 1'024;

struct Settings {
    double seconds = 2.0;
    int rounds = 5;
    int round_trips = 200'000;
    std::uint16_t port = 24'567;
    int client_cpu = 0;
    int driver_cpu = 1;
    std::string idle = "noop";
    std::string only;
    bool no_offload = false;
    bool json = false;
};

/// A stream from this process to itself.
struct Stream {
    cpperon::Subscription subscription;
    cpperon::ExclusivePublication publication;
};

Stream open_stream(cpperon::Aeron& aeron, const Settings& settings, const std::int32_t stream_id) {
    const std::string channel = fmt::format("aeron:udp?endpoint=127.0.0.1:{}", settings.port);
    Stream stream{.subscription = aeron.add_subscription(channel, stream_id),
                  .publication = aeron.add_exclusive_publication(channel, stream_id)};
    const Clock::time_point deadline = Clock::now() + std::chrono::seconds{10};
    while (!stream.publication.is_connected() || !stream.subscription.is_connected()) {
        if (Clock::now() > deadline) {
            throw std::runtime_error("the stream was not connected within 10 s");
        }
        std::this_thread::yield();
    }
    return stream;
}

/// Offers a burst as far as it is taken.
int offer_burst(const cpperon::ExclusivePublication& publication, const std::span<const std::byte> message) {
    for (int offered = 0; offered < burst; ++offered) {
        const cpperon::OfferResult result = publication.offer(message);
        if (!result) {
            if (!result.is_retryable()) {
                throw cpperon::OfferError{result};
            }
            return offered;
        }
    }
    return burst;
}

/// Messages that came back per second, while the stream is kept full.
double measure_rate(const Stream& stream, const std::size_t message_length, const double seconds) {
    const std::vector<std::byte> message(message_length);
    std::int64_t bytes = 0;
    const auto handler = [&bytes](const std::span<const std::byte> fragment, const cpperon::Header& /*header*/) {
        bytes += static_cast<std::int64_t>(fragment.size());
    };
    std::int64_t offered = 0;
    std::int64_t received = 0;
    const Clock::time_point start = Clock::now();
    const Clock::time_point end =
        start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>{seconds});
    Clock::time_point now = start;
    while (now < end) {
        for (int i = 0; i < 64; ++i) {
            offered += offer_burst(stream.publication, message);
            received += stream.subscription.poll(handler, burst);
        }
        now = Clock::now();
    }
    const double rate = static_cast<double>(received) / std::chrono::duration<double>(now - start).count();
    const Clock::time_point deadline = now + std::chrono::seconds{10};
    while (received < offered) {
        received += stream.subscription.poll(handler, burst);
        if (Clock::now() > deadline) {
            throw std::runtime_error(fmt::format("{} of {} messages did not come back", offered - received, offered));
        }
    }
    if (bytes != received * static_cast<std::int64_t>(message_length)) {
        throw std::runtime_error(fmt::format("{} bytes came back of {} messages", bytes, received));
    }
    return rate;
}

/// The times of single messages: offered, and polled until they are back; sorted.
std::vector<std::int64_t> measure_loop(const Stream& stream, const int round_trips) {
    const std::array<std::byte, 32> message{};
    std::vector<std::int64_t> times_ns;
    times_ns.reserve(static_cast<std::size_t>(round_trips));
    const auto handler = [](std::span<const std::byte> /*fragment*/, const cpperon::Header& /*header*/) {};
    const int warm_up = round_trips / 10;
    for (int i = -warm_up; i < round_trips; ++i) {
        const Clock::time_point start = Clock::now();
        while (!stream.publication.offer(message)) {
        }
        while (stream.subscription.poll(handler, 1) == 0) {
        }
        if (i >= 0) {
            times_ns.push_back(std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count());
        }
    }
    std::sort(times_ns.begin(), times_ns.end());
    return times_ns;
}

template <typename Value>
Value median(std::vector<Value> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

cpperon::DriverContext driver_context(const Settings& settings) {
    return {.threading_mode = cpperon::ThreadingMode::shared,
            .shared_idle = {.name = settings.idle, .args = ""},
            .conductor_cpu_affinity = settings.driver_cpu,
            .receiver_window_length = buffer_length,
            .socket_receive_buffer_length = buffer_length,
            .socket_send_buffer_length = buffer_length,
            .segmentation_offload = !settings.no_offload,
            .receive_offload = !settings.no_offload};
}

void run(const Settings& settings) {
    cpperon::EmbeddedDriver driver{driver_context(settings)};
    // The conductor of the client is started before this thread moves, so it need not share its processor.
    cpperon::Aeron aeron = cpperon::Aeron::connect({.directory = driver.directory()});
    if (settings.client_cpu >= 0) {
        cpperon::keep_this_thread_on(settings.client_cpu);
    }
    nlohmann::json figures;
    const auto rate_of = [&](const std::string& name, const std::int32_t stream_id, const std::size_t length) {
        if (!settings.only.empty() && settings.only != name) {
            return;
        }
        const Stream stream = open_stream(aeron, settings, stream_id);
        static_cast<void>(measure_rate(stream, length, settings.seconds / 2));  // touches every page of the logs
        std::vector<double> rates;
        for (int round = 0; round < settings.rounds; ++round) {
            rates.push_back(measure_rate(stream, length, settings.seconds));
        }
        figures["msgs_per_s_" + name] = median(rates);
    };
    rate_of("1344", 1'001, 1'344);
    rate_of("32", 1'002, 32);
    if (settings.only.empty() || settings.only == "loop") {
        const Stream stream = open_stream(aeron, settings, 1'003);
        std::vector<std::int64_t> p50s;
        std::vector<std::int64_t> p99s;
        for (int round = 0; round < settings.rounds; ++round) {
            const std::vector<std::int64_t> times_ns = measure_loop(stream, settings.round_trips);
            p50s.push_back(times_ns[times_ns.size() / 2]);
            p99s.push_back(times_ns[times_ns.size() * 99 / 100]);
        }
        figures["loop_p50_ns"] = median(p50s);
        figures["loop_p99_ns"] = median(p99s);
    }
    const nlohmann::json machine = cpperon::bench::describe_machine();
    if (settings.json) {
        figures["offload"] = !settings.no_offload;
        figures["machine"] = machine;
        fmt::print("{}\n", figures.dump(2));
        return;
    }
    fmt::print("{}, {} processors, {}, commit {}, offload {}, median of {} rounds\n",
               machine["kernel"].get<std::string>(), machine["processors"].get<unsigned>(),
               machine["compiler"].get<std::string>(), machine["commit"].get<std::string>(),
               settings.no_offload ? "off" : "on", settings.rounds);
    for (const auto& [name, value] : figures.items()) {
        fmt::print("{:<20} {:>14.0f}\n", name, value.get<double>());
    }
}

}  // namespace

int main(int argc, char** argv) {
    Settings settings;
    CLI::App app{"How many messages one driver moves over UDP loopback, and how long one is on its way."};
    app.add_flag("--json", settings.json, "Print one JSON object");
    app.add_flag("--no-offload", settings.no_offload, "Without segmentation and receive offload (GSO, GRO)");
    app.add_option("--seconds", settings.seconds, "Of each round of the streams")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--rounds", settings.rounds, "The median of so many rounds is given")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--round-trips", settings.round_trips, "Messages of each round of the loop")
        ->check(CLI::Range(100, 100'000'000))
        ->capture_default_str();
    app.add_option("--port", settings.port, "UDP port on 127.0.0.1")->capture_default_str();
    app.add_option("--case", settings.only, "Run this case alone")->check(CLI::IsMember({"1344", "32", "loop"}));
    app.add_option("--idle", settings.idle, "Idle strategy of the driver")->capture_default_str();
    app.add_option("--client-cpu", settings.client_cpu, "Processor of the client thread; -1: any")
        ->capture_default_str();
    app.add_option("--driver-cpu", settings.driver_cpu, "Processor of the driver thread; -1: any")
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    try {
        run(settings);
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench_udp_stream: {}\n", error.what());
        return 1;
    }
}
