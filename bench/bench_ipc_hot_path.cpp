/// What does a message over IPC cost its application, offered and polled by one thread?
///
/// Leaves out: the hand-over between two cores (the polling thread wrote the message itself, so it is in its cache),
/// latency, fragmentation, and back pressure, except where the driver cannot keep up.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/machine.hpp"
#include "cpperon/base/this_thread.hpp"
#include "cpperon/client/aeron.hpp"
#include "cpperon/driver/embedded_driver.hpp"
#include "cpperon/logbuffer/offer_result.hpp"

namespace {

constexpr int burst = 64;
constexpr int rounds = 10;

/// Offers `count` messages in bursts and polls each burst back; returns the bytes that came back. Not inlined, so that
/// a profiler can count what happens in here alone.
template <typename AnyPublication>
[[gnu::noinline]] std::int64_t offer_and_poll(const AnyPublication& publication,
                                              const cpperon::Subscription& subscription,
                                              const std::span<const std::byte> message, const std::int64_t count) {
    std::int64_t bytes = 0;
    const auto handler = [&bytes](const std::span<const std::byte> fragment, const cpperon::Header& /*header*/) {
        bytes += static_cast<std::int64_t>(fragment.size());
    };
    for (std::int64_t left = count; left > 0; left -= burst) {
        const int offered = static_cast<int>(std::min<std::int64_t>(burst, left));
        for (int i = 0; i < offered; ++i) {
            for (cpperon::OfferResult result = publication.offer(message); !result;
                 result = publication.offer(message)) {
                if (!result.is_retryable()) {
                    throw cpperon::OfferError{result};
                }
            }
        }
        for (int polled = 0; polled < offered;) {
            polled += subscription.poll(handler, burst);
        }
    }
    return bytes;
}

struct Settings {
    std::int64_t count = 10'000'000;
    std::int64_t warm_up = 4'000'000;
    std::string only;
    int client_cpu = 0;
    int driver_cpu = 1;
    bool json = false;
};

/// Nanoseconds per message in the median of ten rounds, after a warm-up that has touched every page of the log.
template <typename AnyPublication>
double measure(const AnyPublication& publication, const cpperon::Subscription& subscription,
               const std::size_t message_length, const Settings& settings) {
    const std::vector<std::byte> message(message_length);
    while (!publication.is_connected() || !subscription.is_connected()) {
        std::this_thread::yield();
    }
    const auto run = [&](const std::int64_t count) {
        const std::int64_t bytes = offer_and_poll(publication, subscription, message, count);
        if (bytes != count * static_cast<std::int64_t>(message_length)) {
            throw std::runtime_error(fmt::format("{} bytes came back of {} messages", bytes, count));
        }
    };
    run(settings.warm_up);
    std::vector<double> ns_per_message;
    const std::int64_t per_round = std::max<std::int64_t>(settings.count / rounds, 1);
    for (std::int64_t done = 0; done < settings.count; done += per_round) {
        const std::int64_t count = std::min(per_round, settings.count - done);
        const auto start = std::chrono::steady_clock::now();
        run(count);
        const std::chrono::duration<double, std::nano> elapsed = std::chrono::steady_clock::now() - start;
        ns_per_message.push_back(elapsed.count() / static_cast<double>(count));
    }
    std::sort(ns_per_message.begin(), ns_per_message.end());
    return ns_per_message[ns_per_message.size() / 2];
}

struct Case {
    std::string_view name;
    std::function<double(cpperon::Aeron&, const Settings&)> run;
};

// Each case has a stream of its own: a new subscription would also be given what the publication before it has left.

template <std::int32_t stream_id, std::size_t message_length>
double run_exclusive(cpperon::Aeron& aeron, const Settings& settings) {
    const auto subscription = aeron.add_subscription("aeron:ipc", stream_id);
    const auto publication = aeron.add_exclusive_publication("aeron:ipc", stream_id);
    return measure(publication, subscription, message_length, settings);
}

template <std::int32_t stream_id, std::size_t message_length>
double run_concurrent(cpperon::Aeron& aeron, const Settings& settings) {
    const auto subscription = aeron.add_subscription("aeron:ipc", stream_id);
    const auto publication = aeron.add_publication("aeron:ipc", stream_id);
    return measure(publication, subscription, message_length, settings);
}

const std::array cases{
    Case{"exclusive_32", run_exclusive<1'001, 32>},
    Case{"concurrent_32", run_concurrent<1'002, 32>},
    Case{"exclusive_1024", run_exclusive<1'003, 1'024>},
};

void run(const Settings& settings) {
    cpperon::EmbeddedDriver driver{{.threading_mode = cpperon::ThreadingMode::shared,
                                    .shared_idle = {.name = "backoff", .args = ""},
                                    .conductor_cpu_affinity = settings.driver_cpu}};
    // The conductor of the client is started before this thread moves, so it need not share its processor.
    cpperon::Aeron aeron = cpperon::Aeron::connect({.directory = driver.directory()});
    if (settings.client_cpu >= 0) {
        cpperon::keep_this_thread_on(settings.client_cpu);
    }
    nlohmann::json figures;
    for (const Case& one : cases) {
        if (settings.only.empty() || settings.only == one.name) {
            figures[std::string{one.name} + "_ns"] = one.run(aeron, settings);
        }
    }
    const nlohmann::json machine = cpperon::bench::describe_machine();
    if (settings.json) {
        figures["machine"] = machine;
        figures["count"] = settings.count;
        fmt::print("{}\n", figures.dump(2));
        return;
    }
    fmt::print("{}, {} processors, {}, {} messages each\n", machine["kernel"].get<std::string>(),
               machine["processors"].get<unsigned>(), machine["compiler"].get<std::string>(), settings.count);
    for (const auto& [name, ns] : figures.items()) {
        fmt::print("{:<20} {:8.1f} ns per message\n", name.substr(0, name.size() - 3), ns.get<double>());
    }
}

}  // namespace

int main(int argc, char** argv) {
    Settings settings;
    CLI::App app{"What a message over IPC costs its application: one thread offers bursts of 64 and polls them back."};
    app.add_flag("--json", settings.json, "Print one JSON object");
    app.add_option("--count", settings.count, "Messages of each case")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--warm-up", settings.warm_up, "Messages before the first is measured; enough to fill a log")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_option("--case", settings.only, "Run this case alone")
        ->check(CLI::IsMember({"exclusive_32", "concurrent_32", "exclusive_1024"}));
    app.add_option("--client-cpu", settings.client_cpu, "Processor of the client thread; -1: any")
        ->capture_default_str();
    app.add_option("--driver-cpu", settings.driver_cpu, "Processor of the driver thread; -1: any")
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    try {
        run(settings);
    } catch (const std::exception& failure) {
        fmt::print(stderr, "bench_ipc_hot_path: {}\n", failure.what());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
