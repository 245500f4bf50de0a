/// Receives as fast as it can and prints the rate, until Ctrl-C. What to run beside the streaming publisher.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "cpperon/cpperon.hpp"
#include "samples/command.hpp"
#include "samples/rate_reporter.hpp"
#include "samples/reports.hpp"

namespace {

struct Options {
    std::optional<std::string> directory;
    std::string channel = samples::default_channel;
    std::int32_t stream_id = samples::default_stream_id;
    int fragment_limit = samples::default_fragment_limit;
};

void subscribe(const Options& options) {
    auto aeron = cpperon::Aeron::connect({.directory = options.directory, .client_name = "rate subscriber"});
    const auto subscription = aeron.add_subscription(options.channel, options.stream_id, samples::report_images());
    samples::report_ready("Subscribed", subscription);

    samples::RateReporter rates;
    cpperon::FragmentAssembler assembler{
        [&](const std::span<const std::byte> message, const cpperon::Header&) { rates.on_message(message.size()); }};
    // Spins while messages are close together, and sleeps when nothing comes: no processor is kept busy for nothing.
    cpperon::BackoffIdleStrategy idle;
    while (samples::goes_on(aeron)) {
        idle.idle(subscription.poll(assembler, options.fragment_limit));
    }
    rates.print_total();
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    samples::Command command{"rate_subscriber", "Counts the messages of a stream and prints their rate, until Ctrl-C."};
    command.directory(options.directory);
    command.channel("-c,--channel", options.channel, "Channel to subscribe to");
    command.stream_id("-s,--stream", options.stream_id);
    command.number("-f,--fragment-limit", options.fragment_limit, "Fragments that one poll takes at most", 1, 1 << 20);
    return command.run(argc, argv, [&] { subscribe(options); });
}
