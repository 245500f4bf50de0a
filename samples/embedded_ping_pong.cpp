/// Ping-pong in one process: an embedded media driver, a thread that sends back, and one that measures round trips.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <future>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cpperon/cpperon.hpp"
#include "samples/command.hpp"
#include "samples/latencies.hpp"
#include "samples/reports.hpp"

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds patience{10};

struct Options {
    std::string ping_channel = samples::default_ping_channel;
    std::int32_t ping_stream_id = samples::default_ping_stream_id;
    std::string pong_channel = samples::default_pong_channel;
    std::int32_t pong_stream_id = samples::default_pong_stream_id;
    std::int64_t messages = samples::default_message_count;
    std::int64_t warm_up_messages = samples::default_warm_up_count;
    std::size_t length = samples::default_message_length;
    int fragment_limit = samples::default_fragment_limit;
};

void echo(const cpperon::Subscription& ping, const cpperon::ExclusivePublication& pong, const Options& options,
          const std::atomic<bool>& is_running) {
    cpperon::ControlledFragmentAssembler assembler{
        [&](const std::span<const std::byte> message, const cpperon::Header&) {
            return pong.offer(message) ? cpperon::ControlledAction::continue_ : cpperon::ControlledAction::abort;
        }};
    cpperon::YieldingIdleStrategy idle;
    while (is_running.load(std::memory_order_relaxed)) {
        idle.idle(ping.controlled_poll(assembler, options.fragment_limit));
    }
}

/// One message there and back; false when Ctrl-C came instead.
bool round_trip(const cpperon::Aeron& aeron, const cpperon::ExclusivePublication& ping,
                const cpperon::Subscription& pong, const std::span<const std::byte> message, const int fragment_limit) {
    cpperon::YieldingIdleStrategy idle;
    if (const auto result = cpperon::offer_until_taken(ping, message, patience, &idle); !result) {
        throw cpperon::OfferError{result};
    }
    std::size_t received = 0;  // bytes: a long message comes in several fragments
    const auto is_back = [&] {
        pong.poll(
            [&](const std::span<const std::byte> fragment, const cpperon::Header&) { received += fragment.size(); },
            fragment_limit);
        return received >= message.size() || samples::is_stop_requested();
    };
    if (!cpperon::await(aeron, is_back, patience, &idle)) {
        throw std::runtime_error(fmt::format("a message did not come back within {} s", patience.count()));
    }
    return !samples::is_stop_requested();
}

void measure(const cpperon::Aeron& aeron, const cpperon::ExclusivePublication& ping, const cpperon::Subscription& pong,
             const Options& options) {
    const std::vector<std::byte> message(options.length);
    for (std::int64_t i = 0; i < options.warm_up_messages; ++i) {
        if (!round_trip(aeron, ping, pong, message, options.fragment_limit)) {
            return;
        }
    }
    fmt::print("Pinging {} messages of {} bytes after {} to warm up\n", options.messages, options.length,
               options.warm_up_messages);

    samples::Latencies latencies{static_cast<std::size_t>(options.messages)};
    std::int64_t count = 0;
    const Clock::time_point start = Clock::now();
    for (Clock::time_point sent = start; count < options.messages; ++count) {
        if (!round_trip(aeron, ping, pong, message, options.fragment_limit)) {
            break;
        }
        const Clock::time_point received = Clock::now();
        latencies.add((received - sent) / std::chrono::nanoseconds{1});
        sent = received;
    }
    const double elapsed_s = std::chrono::duration<double>(Clock::now() - start).count();
    latencies.print_percentiles();
    fmt::print("{:.0f} round trips/s\n", static_cast<double>(count) / elapsed_s);
}

void ping_pong(const Options& options) {
    const cpperon::EmbeddedDriver driver;  // in a directory of its own, which goes with it
    auto aeron = cpperon::Aeron::connect({.directory = driver.directory()});
    const auto ping_end = aeron.add_subscription(options.ping_channel, options.ping_stream_id);
    const auto pong_end = aeron.add_subscription(options.pong_channel, options.pong_stream_id);
    const auto ping = aeron.add_exclusive_publication(options.ping_channel, options.ping_stream_id);
    const auto pong = aeron.add_exclusive_publication(options.pong_channel, options.pong_stream_id);
    samples::report_ready("Pings go", ping);
    samples::report_ready("Pongs go", pong);
    if (!cpperon::await_connected(ping, patience) || !cpperon::await_connected(pong, patience)) {
        throw std::runtime_error(fmt::format("the two ends did not find each other within {} s", patience.count()));
    }

    std::atomic<bool> is_running{true};
    std::future<void> echoing = std::async(std::launch::async, [&] { echo(ping_end, pong, options, is_running); });
    try {
        measure(aeron, ping, pong_end, options);
    } catch (...) {
        is_running = false;
        throw;
    }
    is_running = false;
    echoing.get();
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    samples::Command command{"embedded_ping_pong", "Measures round trips between two threads, with their own driver."};
    command.channel("-c,--channel", options.ping_channel, "Channel of pings");
    command.stream_id("-s,--stream", options.ping_stream_id, "Stream id of pings");
    command.channel("-C,--pong-channel", options.pong_channel, "Channel of pongs");
    command.stream_id("-S,--pong-stream", options.pong_stream_id, "Stream id of pongs");
    command.number("-m,--messages", options.messages, "How many round trips to measure", 1, 100'000'000);
    command.number("-w,--warm-up", options.warm_up_messages, "How many to play before", 0, 100'000'000);
    command.number("-L,--length", options.length, "Bytes in a message", 1, 16 << 20);
    command.number("-f,--fragment-limit", options.fragment_limit, "Fragments that one poll takes at most", 1, 1 << 20);
    return command.run(argc, argv, [&] { ping_pong(options); });
}
