/// Measures round trips: sends a message, waits until the pong program has sent it back, and so on.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
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

constexpr std::chrono::seconds patience{10};

struct Options {
    std::optional<std::string> directory;
    std::string ping_channel = samples::default_ping_channel;
    std::int32_t ping_stream_id = samples::default_ping_stream_id;
    std::string pong_channel = samples::default_pong_channel;
    std::int32_t pong_stream_id = samples::default_pong_stream_id;
    std::int64_t messages = samples::default_message_count;
    std::int64_t warm_up_messages = samples::default_warm_up_count;
    std::size_t length = samples::default_message_length;
    int fragment_limit = samples::default_fragment_limit;
};

std::int64_t now_ns() noexcept {
    return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds{1};
}

/// Plays `count` round trips, one after the other. `on_round_trip` is told how long each took.
template <typename OnRoundTrip>
void play(const Options& options, const cpperon::Aeron& aeron, const cpperon::ExclusivePublication& ping,
          const cpperon::Subscription& pong, const std::int64_t count, OnRoundTrip&& on_round_trip) {
    std::int64_t received = 0;
    cpperon::FragmentAssembler assembler{[&](const std::span<const std::byte> message, const cpperon::Header&) {
        std::int64_t sent_ns = 0;
        std::memcpy(&sent_ns, message.data(), sizeof(sent_ns));
        on_round_trip(now_ns() - sent_ns);
        ++received;
    }};
    std::vector<std::byte> message(options.length);
    cpperon::YieldingIdleStrategy idle;
    for (std::int64_t sent = 1; sent <= count && !samples::is_stop_requested(); ++sent) {
        const std::int64_t sent_ns = now_ns();
        std::memcpy(message.data(), &sent_ns, sizeof(sent_ns));
        if (const auto result = cpperon::offer_until_taken(ping, message, patience, &idle); !result) {
            throw cpperon::OfferError{result};
        }
        const auto is_answered = [&] {
            pong.poll(assembler, options.fragment_limit);
            return received == sent || samples::is_stop_requested();
        };
        if (!cpperon::await(aeron, is_answered, patience, &idle)) {
            throw std::runtime_error(fmt::format("message {} did not come back within {} s", sent, patience.count()));
        }
    }
}

void ping(const Options& options) {
    auto aeron = cpperon::Aeron::connect({.directory = options.directory, .client_name = "ping"});
    const auto pong = aeron.add_subscription(options.pong_channel, options.pong_stream_id, samples::report_images());
    samples::report_ready("Pongs come", pong);
    const auto ping = aeron.add_exclusive_publication(options.ping_channel, options.ping_stream_id);
    samples::report_ready("Pings go", ping);
    if (!cpperon::await_connected(pong, patience) || !cpperon::await_connected(ping, patience)) {
        throw std::runtime_error(fmt::format("no pong program answers on {}, stream {}, within {} s: start it first",
                                             options.pong_channel, options.pong_stream_id, patience.count()));
    }

    const std::int64_t start_ns = now_ns();
    play(options, aeron, ping, pong, options.warm_up_messages, [](std::int64_t) {});
    fmt::print("Warmed up with {} messages in {:.0f} ms\n", options.warm_up_messages,
               static_cast<double>(now_ns() - start_ns) / 1e6);

    fmt::print("Pinging {} messages of {} bytes\n", options.messages, options.length);
    samples::Latencies latencies{static_cast<std::size_t>(options.messages)};
    play(options, aeron, ping, pong, options.messages, [&](const std::int64_t ns) { latencies.add(ns); });
    latencies.print_percentiles();
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    samples::Command command{"ping", "Measures round trips to the pong program and prints their percentiles."};
    command.directory(options.directory);
    command.channel("-c,--channel", options.ping_channel, "Channel that pings go on");
    command.stream_id("-s,--stream", options.ping_stream_id, "Stream id of pings");
    command.channel("-C,--pong-channel", options.pong_channel, "Channel that pongs come on");
    command.stream_id("-S,--pong-stream", options.pong_stream_id, "Stream id of pongs");
    command.number("-m,--messages", options.messages, "How many round trips to measure", 1, 100'000'000);
    command.number("-w,--warm-up", options.warm_up_messages, "How many to play before", 0, 100'000'000);
    command.number("-L,--length", options.length, "Bytes in a message", sizeof(std::int64_t), 16 << 20);
    command.number("-f,--fragment-limit", options.fragment_limit, "Fragments that one poll takes at most", 1, 1 << 20);
    return command.run(argc, argv, [&] { ping(options); });
}
