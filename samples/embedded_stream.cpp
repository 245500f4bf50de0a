/// The main job in one program: an embedded media driver, a publisher thread and a subscriber thread that stream over
/// shared memory or UDP, then two threads that play ping-pong. Prints a progress line a second, then the round-trip
/// times.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "cpperon/cpperon.hpp"
#include "samples/command.hpp"

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds patience{10};

struct Options {
    std::string channel = "aeron:ipc";
    int seconds = 5;
    std::size_t message_length = 32;
    int round_trips = 200'000;
};

/// What the two streaming threads have done so far. Each count has one writer; the main thread only reports them, so
/// relaxed order is enough.
struct Progress {
    alignas(64) std::atomic<std::uint64_t> back_pressure{0};
    alignas(64) std::atomic<std::uint64_t> received{0};
    std::atomic<std::uint64_t> out_of_order{0};
};

void add(std::atomic<std::uint64_t>& count, const std::uint64_t delta) {
    count.store(count.load(std::memory_order_relaxed) + delta, std::memory_order_relaxed);
}

void publish(const cpperon::ExclusivePublication& publication, const std::size_t length,
             const std::atomic<bool>& running, Progress& progress) {
    std::vector<std::byte> message(length);
    std::uint64_t sequence = 0;
    while (running.load(std::memory_order_relaxed)) {
        std::memcpy(message.data(), &sequence, sizeof(sequence));
        const cpperon::OfferResult result = publication.offer(message);
        if (result) {
            ++sequence;
        } else if (result.is_retryable()) {
            add(progress.back_pressure, 1);
            std::this_thread::yield();
        } else {
            throw cpperon::OfferError(result);
        }
    }
}

void receive(const cpperon::Subscription& subscription, const std::atomic<bool>& running, Progress& progress) {
    std::uint64_t expected = 0;
    while (running.load(std::memory_order_relaxed)) {
        std::uint64_t wrong = 0;
        const int fragments = subscription.poll(
            [&](const std::span<const std::byte> message, const cpperon::Header&) {
                std::uint64_t sequence = 0;
                std::memcpy(&sequence, message.data(), sizeof(sequence));
                wrong += sequence == expected ? 0 : 1;
                expected = sequence + 1;
            },
            256);
        if (fragments == 0) {
            std::this_thread::yield();
            continue;
        }
        add(progress.received, static_cast<std::uint64_t>(fragments));
        add(progress.out_of_order, wrong);
    }
}

/// Over UDP it takes a moment until both ends know of each other.
void wait_until_connected(const cpperon::ExclusivePublication& publication) {
    if (!cpperon::await_connected(publication, patience)) {
        throw std::runtime_error(fmt::format("nobody receives {} after {} s", publication.channel(), patience.count()));
    }
}

void stream(cpperon::Aeron& aeron, const Options& options) {
    constexpr std::int32_t stream_id = 1001;
    auto subscription = aeron.add_subscription(options.channel, stream_id);
    auto publication = aeron.add_exclusive_publication(options.channel, stream_id);
    wait_until_connected(publication);

    fmt::print("Streaming messages of {} bytes over {} for {} s\n", options.message_length, options.channel,
               options.seconds);
    Progress progress;
    std::atomic<bool> running{true};
    std::thread subscriber{receive, subscription, std::cref(running), std::ref(progress)};
    std::thread publisher{publish, publication, options.message_length, std::cref(running), std::ref(progress)};

    std::uint64_t received_before = 0;
    std::uint64_t back_pressure_before = 0;
    Clock::time_point before = Clock::now();
    for (int second = 1; second <= options.seconds && !samples::is_stop_requested(); ++second) {
        std::this_thread::sleep_until(before + std::chrono::seconds{1});
        const Clock::time_point now = Clock::now();
        const double elapsed_s = std::chrono::duration<double>(now - before).count();
        const std::uint64_t received = progress.received.load(std::memory_order_relaxed);
        const std::uint64_t back_pressure = progress.back_pressure.load(std::memory_order_relaxed);
        const double rate = static_cast<double>(received - received_before) / elapsed_s;
        fmt::print("{:3} s  {:>12.0f} messages/s  {:>8.1f} MB/s  {:>9} back pressure\n", second, rate,
                   rate * static_cast<double>(options.message_length) / 1e6, back_pressure - back_pressure_before);
        std::fflush(stdout);
        before = now;
        received_before = received;
        back_pressure_before = back_pressure;
    }
    running.store(false, std::memory_order_relaxed);
    publisher.join();
    subscriber.join();

    const std::uint64_t out_of_order = progress.out_of_order.load(std::memory_order_relaxed);
    fmt::print("{} messages received, {} lost or out of order\n\n", progress.received.load(std::memory_order_relaxed),
               out_of_order);
    if (out_of_order != 0) {
        throw std::runtime_error("the stream was not received complete and in order");
    }
}

void offer(const cpperon::ExclusivePublication& publication, const std::span<const std::byte> message) {
    cpperon::YieldingIdleStrategy idle;
    if (const auto result = cpperon::offer_until_taken(publication, message, patience, &idle); !result) {
        throw cpperon::OfferError{result};
    }
}

/// Sends each message that arrives on one stream back on the other.
void echo(const cpperon::Subscription& subscription, const cpperon::ExclusivePublication& publication,
          const std::atomic<bool>& running) {
    while (running.load(std::memory_order_relaxed)) {
        const int fragments = subscription.poll(
            [&](const std::span<const std::byte> message, const cpperon::Header&) { offer(publication, message); }, 10);
        if (fragments == 0) {
            std::this_thread::yield();
        }
    }
}

void print_percentiles(const std::vector<std::int64_t>& sorted_ns) {
    if (sorted_ns.empty()) {
        return;
    }
    const auto at = [&](const double quantile) {
        const auto index = static_cast<std::size_t>(quantile * static_cast<double>(sorted_ns.size() - 1));
        return static_cast<double>(sorted_ns[index]) / 1e3;
    };
    fmt::print("{:>12}  {:>12}\n", "percentile", "us");
    for (const double quantile : {0.0, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0}) {
        const std::string name = quantile == 0.0   ? "min"
                                 : quantile == 1.0 ? "max"
                                                   : fmt::format("{:g}", quantile * 100);
        fmt::print("{:>12}  {:>12.3f}\n", name, at(quantile));
    }
}

/// Bars over buckets that each reach √2 times as far as the one before.
void print_histogram(const std::vector<std::int64_t>& sorted_ns) {
    constexpr std::size_t width = 50;
    std::vector<std::pair<double, std::size_t>> buckets;
    auto begin = sorted_ns.begin();
    for (double upper_ns = 100.0; begin != sorted_ns.end(); upper_ns *= std::sqrt(2.0)) {
        const auto end = std::upper_bound(begin, sorted_ns.end(), static_cast<std::int64_t>(upper_ns));
        if (end != begin || !buckets.empty()) {
            buckets.emplace_back(upper_ns, static_cast<std::size_t>(end - begin));
        }
        begin = end;
    }
    std::size_t largest = 1;
    for (const auto& [upper_ns, count] : buckets) {
        largest = std::max(largest, count);
    }
    fmt::print("\n{:>12}  {:>9}\n", "up to us", "messages");
    for (const auto& [upper_ns, count] : buckets) {
        const std::size_t length = (count * width + largest - 1) / largest;
        fmt::print("{:>12.3f}  {:>9}  {}\n", upper_ns / 1e3, count, std::string(length, '#'));
    }
}

void ping_pong(cpperon::Aeron& aeron, const Options& options) {
    constexpr std::int32_t ping_stream_id = 1002;
    constexpr std::int32_t pong_stream_id = 1003;
    auto ping_subscription = aeron.add_subscription(options.channel, ping_stream_id);
    auto pong_subscription = aeron.add_subscription(options.channel, pong_stream_id);
    auto ping = aeron.add_exclusive_publication(options.channel, ping_stream_id);
    auto pong = aeron.add_exclusive_publication(options.channel, pong_stream_id);
    wait_until_connected(ping);
    wait_until_connected(pong);

    fmt::print("Ping-pong: {} round trips of {} bytes between two threads\n", options.round_trips,
               options.message_length);
    std::atomic<bool> running{true};
    std::thread echoer{echo, ping_subscription, pong, std::cref(running)};

    const int warm_up = options.round_trips / 10;
    std::vector<std::byte> message(options.message_length);
    std::vector<std::int64_t> round_trips_ns;
    round_trips_ns.reserve(static_cast<std::size_t>(options.round_trips));
    for (int i = 0; i < warm_up + options.round_trips && !samples::is_stop_requested(); ++i) {
        const Clock::time_point start = Clock::now();
        offer(ping, message);
        while (pong_subscription.poll([](std::span<const std::byte>, const cpperon::Header&) {}, 1) == 0) {
            std::this_thread::yield();
        }
        if (i >= warm_up) {
            round_trips_ns.push_back(
                std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count());
        }
    }
    running.store(false, std::memory_order_relaxed);
    echoer.join();

    std::sort(round_trips_ns.begin(), round_trips_ns.end());
    print_percentiles(round_trips_ns);
    print_histogram(round_trips_ns);
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    samples::Command command{"embedded_stream",
                             "Streams messages through an embedded driver, then measures round trips."};
    command.channel("-c,--channel", options.channel, "Channel to use, for example aeron:udp?endpoint=127.0.0.1:20121");
    command.number("--seconds", options.seconds, "How long to stream", 1, 3600);
    command.number("-L,--length", options.message_length, "Bytes in a message", 8, 1376);
    command.number("--round-trips", options.round_trips, "Round trips to measure", 10, 10'000'000);
    return command.run(argc, argv, [&] {
        cpperon::EmbeddedDriver driver;
        auto aeron = cpperon::Aeron::connect({.directory = driver.directory()});
        stream(aeron, options);
        ping_pong(aeron, options);
    });
}
