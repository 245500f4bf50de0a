/// Throughput in one process: an embedded media driver, a thread that publishes as fast as it can, and one that counts
/// what arrives. With --exclusive the publication is one that only this thread writes to.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <future>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cpperon/cpperon.hpp"
#include "samples/command.hpp"
#include "samples/rate_reporter.hpp"
#include "samples/reports.hpp"

namespace {

constexpr std::chrono::seconds patience{10};

struct Options {
    std::string channel = samples::default_channel;
    std::int32_t stream_id = samples::default_stream_id;
    std::int64_t messages = samples::default_message_count;
    std::size_t length = samples::default_message_length;
    int fragment_limit = samples::default_fragment_limit;
    std::chrono::nanoseconds linger{0};
    bool shows_progress = false;
    bool is_exclusive = false;
};

template <cpperon::AnyPublication Publication>
void publish(const Publication& publication, const Options& options, const std::atomic<bool>& is_running) {
    const std::vector<std::byte> message(options.length);
    cpperon::YieldingIdleStrategy idle;
    std::int64_t refusals = 0;
    std::int64_t taken = 0;
    while (taken < options.messages && is_running.load(std::memory_order_relaxed)) {
        const cpperon::OfferResult result = publication.offer(message);
        if (result) {
            ++taken;
        } else if (result.is_retryable()) {
            ++refusals;
            idle.idle(0);
        } else {
            throw cpperon::OfferError{result};
        }
    }
    fmt::print("Publisher back pressure ratio {:.6f}\n",
               static_cast<double>(refusals) / static_cast<double>(std::max<std::int64_t>(taken, 1)));
}

void count(const cpperon::Subscription& subscription, const Options& options, const std::atomic<bool>& is_running) {
    samples::RateReporter rates{options.shows_progress};
    cpperon::FragmentAssembler assembler{
        [&](const std::span<const std::byte> message, const cpperon::Header&) { rates.on_message(message.size()); }};
    cpperon::YieldingIdleStrategy idle;
    while (rates.messages() < static_cast<std::uint64_t>(options.messages) &&
           is_running.load(std::memory_order_relaxed)) {
        idle.idle(subscription.poll(assembler, options.fragment_limit));
    }
    rates.print_total();
}

/// One go. Whichever thread fails, or Ctrl-C, ends both.
template <cpperon::AnyPublication Publication>
void stream(const cpperon::Aeron& aeron, const Publication& publication, const cpperon::Subscription& subscription,
            const Options& options) {
    std::atomic<bool> is_running{true};
    const auto start = [&](auto work) {
        return std::async(std::launch::async, [&is_running, work] {
            try {
                work();
            } catch (...) {
                is_running = false;
                throw;
            }
        });
    };
    std::future<void> counting = start([&] { count(subscription, options, is_running); });
    std::future<void> publishing = start([&] { publish(publication, options, is_running); });
    const auto has_ended = [&] {
        return samples::is_stop_requested() || counting.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
    };
    while (!has_ended() && !aeron.is_closed()) {
        static_cast<void>(cpperon::await(aeron, has_ended, std::chrono::hours{1}));
    }
    is_running = false;
    publishing.get();
    counting.get();
}

bool asks_for_more() {
    fmt::print("Execute again? (y/n): ");
    std::fflush(stdout);
    std::string answer;
    return !samples::is_stop_requested() && std::getline(std::cin, answer) && (answer == "y" || answer == "Y");
}

template <cpperon::AnyPublication Publication>
void stream_repeatedly(const cpperon::Aeron& aeron, const Publication& publication,
                       const cpperon::Subscription& subscription, const Options& options) {
    samples::report_ready("Streaming", publication);
    if (options.length > static_cast<std::size_t>(publication.max_message_length())) {
        throw cpperon::InvalidArgumentError(fmt::format("--length is {}, but this publication takes up to {} bytes",
                                                        options.length, publication.max_message_length()));
    }
    if (!cpperon::await_connected(publication, patience)) {
        throw std::runtime_error(fmt::format("the two ends did not find each other within {} s", patience.count()));
    }
    do {
        fmt::print("Streaming {} messages of {} bytes\n", options.messages, options.length);
        stream(aeron, publication, subscription, options);
    } while (asks_for_more());
    samples::linger(aeron, options.linger);
}

void run(const Options& options) {
    const cpperon::EmbeddedDriver driver;
    auto aeron = cpperon::Aeron::connect({.directory = driver.directory()});
    const auto subscription = aeron.add_subscription(options.channel, options.stream_id);
    if (options.is_exclusive) {
        stream_repeatedly(aeron, aeron.add_exclusive_publication(options.channel, options.stream_id), subscription,
                          options);
    } else {
        stream_repeatedly(aeron, aeron.add_publication(options.channel, options.stream_id), subscription, options);
    }
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    samples::Command command{"throughput", "Streams from thread to thread through a driver of its own, and counts."};
    command.channel("-c,--channel", options.channel, "Channel to stream on, for example aeron:ipc");
    command.stream_id("-s,--stream", options.stream_id);
    command.number("-m,--messages", options.messages, "How many to stream", 1, INT64_MAX);
    command.number("-L,--length", options.length, "Bytes in a message", 1, 16 << 20);
    command.number("-f,--fragment-limit", options.fragment_limit, "Fragments that one poll takes at most", 1, 1 << 20);
    command.duration("-l,--linger", options.linger, "How long to stay after the last one");
    command.flag("-P,--progress", options.shows_progress, "Print the rate each second");
    command.flag("-x,--exclusive", options.is_exclusive, "Use an exclusive publication");
    return command.run(argc, argv, [&] { run(options); });
}
