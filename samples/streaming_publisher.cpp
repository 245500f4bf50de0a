/// Offers as fast as the stream takes it, and counts how often it did not. With --exclusive, messages are written in
/// place, into claimed space of a publication that nobody else writes to: the cheapest way.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cpperon/cpperon.hpp"
#include "samples/command.hpp"
#include "samples/rate_reporter.hpp"
#include "samples/reports.hpp"

namespace {

struct Options {
    std::optional<std::string> directory;
    std::string channel = samples::default_channel;
    std::int32_t stream_id = samples::default_stream_id;
    std::int64_t messages = samples::default_message_count;
    std::size_t length = samples::default_message_length;
    std::chrono::nanoseconds linger{0};
    bool has_random_length = false;
    bool shows_progress = false;
    bool is_exclusive = false;
};

/// Copies the message into the stream.
cpperon::OfferResult send(const cpperon::Publication& publication, const std::span<std::byte> message,
                          const std::int64_t number) {
    std::memcpy(message.data(), &number, sizeof(number));
    return publication.offer(message);
}

/// Makes the message in the stream. A claim that is not committed is aborted: readers step over it.
cpperon::OfferResult send(const cpperon::ExclusivePublication& publication, const std::span<std::byte> message,
                          const std::int64_t number) {
    cpperon::BufferClaim claim = publication.try_claim(message.size());
    if (claim) {
        std::memcpy(claim.data().data(), &number, sizeof(number));
        claim.commit();
    }
    return claim.result();
}

template <cpperon::AnyPublication Publication>
void stream(const Options& options, const cpperon::Aeron& aeron, const Publication& publication) {
    samples::report_ready("Streaming", publication);
    const auto longest = static_cast<std::size_t>(options.is_exclusive ? publication.max_payload_length()
                                                                       : publication.max_message_length());
    if (options.length > longest) {
        throw cpperon::InvalidArgumentError(
            fmt::format("--length is {}, but this publication takes up to {} bytes at once", options.length, longest));
    }

    std::vector<std::byte> message(options.length);
    std::minstd_rand random{std::random_device{}()};
    std::uniform_int_distribution<std::size_t> random_length{sizeof(std::int64_t), options.length};
    cpperon::BusySpinIdleStrategy idle;
    std::int64_t refusals = 0;
    samples::RateReporter rates{options.shows_progress};
    for (std::int64_t number = 0; number < options.messages && !samples::is_stop_requested();) {
        const std::size_t length = options.has_random_length ? random_length(random) : options.length;
        const cpperon::OfferResult result = send(publication, std::span{message}.first(length), number);
        if (result) {
            rates.on_message(length);
            ++number;
        } else if (result.is_retryable()) {
            ++refusals;
            idle.idle(0);
        } else {
            throw cpperon::OfferError{result};
        }
    }
    rates.print_total();
    fmt::print("Publisher back pressure ratio {:.6f}: {} offers were refused for {} that were taken\n",
               static_cast<double>(refusals) / static_cast<double>(std::max<std::uint64_t>(rates.messages(), 1)),
               refusals, rates.messages());
    samples::linger(aeron, options.linger);
}

void publish(const Options& options) {
    auto aeron = cpperon::Aeron::connect({.directory = options.directory, .client_name = "streaming publisher"});
    if (options.is_exclusive) {
        stream(options, aeron, aeron.add_exclusive_publication(options.channel, options.stream_id));
    } else {
        stream(options, aeron, aeron.add_publication(options.channel, options.stream_id));
    }
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    samples::Command command{"streaming_publisher", "Publishes numbered messages as fast as the stream takes them."};
    command.directory(options.directory);
    command.channel("-c,--channel", options.channel, "Channel to publish on");
    command.stream_id("-s,--stream", options.stream_id);
    command.number("-m,--messages", options.messages, "How many to publish", 1, INT64_MAX);
    command.number("-L,--length", options.length, "Bytes in a message", sizeof(std::int64_t), 16 << 20);
    command.duration("-l,--linger", options.linger, "How long to stay after the last one");
    command.flag("-r,--random-length", options.has_random_length, "Let lengths vary from 8 to --length");
    command.flag("-P,--progress", options.shows_progress, "Print the rate each second");
    command.flag("-x,--exclusive", options.is_exclusive, "Claim space in an exclusive publication");
    return command.run(argc, argv, [&] { publish(options); });
}
