/// The other first program: connects to a media driver, adds a subscription, and prints each message until Ctrl-C.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <fmt/format.h>

#include "cpperon/cpperon.hpp"
#include "samples/command.hpp"
#include "samples/reports.hpp"

namespace {

struct Options {
    std::optional<std::string> directory;
    std::string channel = samples::default_channel;
    std::int32_t stream_id = samples::default_stream_id;
};

void print_message(const std::span<const std::byte> message, const cpperon::Header& header) {
    fmt::print("stream {}, session {}, {} bytes: <<{}>>\n", header.stream_id(), header.session_id(), message.size(),
               samples::as_text(message));
}

void subscribe(const Options& options) {
    auto aeron = cpperon::Aeron::connect({.directory = options.directory, .client_name = "basic subscriber"});
    const auto subscription = aeron.add_subscription(options.channel, options.stream_id, samples::report_images());
    samples::report_ready("Subscribed", subscription);

    // A poll hands over fragments; the assembler makes whole messages of those that do not fit one frame.
    cpperon::FragmentAssembler assembler{print_message};
    cpperon::SleepingIdleStrategy idle{1'000'000};  // 1 ms: cheap, for who is in no hurry
    while (samples::goes_on(aeron)) {
        idle.idle(subscription.poll(assembler, samples::default_fragment_limit));
    }
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    samples::Command command{"basic_subscriber", "Prints each message of a stream as text, until Ctrl-C."};
    command.directory(options.directory);
    command.channel("-c,--channel", options.channel, "Channel to subscribe to");
    command.stream_id("-s,--stream", options.stream_id);
    return command.run(argc, argv, [&] { subscribe(options); });
}
