/// Asks a server and gets answers that only it sees: the other end is the response server. spec: 07 §H.2
///
/// 1. A subscription for the answers. It has no endpoint yet: the server's driver is told where to send to.
/// 2. A publication for the requests, which names that subscription: so the server knows whom it answers.

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
    std::string request_channel = samples::default_request_channel;
    std::int32_t request_stream_id = samples::default_request_stream_id;
    std::string response_control_channel = samples::default_response_control_channel;
    std::int32_t response_stream_id = samples::default_response_stream_id;
    std::int64_t messages = samples::default_message_count;
    std::chrono::nanoseconds interval = std::chrono::seconds{1};
    std::chrono::nanoseconds linger{0};
};

void print_answer(const std::span<const std::byte> message, const cpperon::Header& header) {
    fmt::print("answer: stream {}, session {}, {} bytes: <<{}>>\n", header.stream_id(), header.session_id(),
               message.size(), samples::as_text(message));
}

void ask(const Options& options) {
    auto aeron = cpperon::Aeron::connect({.directory = options.directory, .client_name = "response client"});
    const std::string response_channel = cpperon::ChannelUriBuilder::from(options.response_control_channel)
                                             .control_mode(cpperon::ControlMode::response)
                                             .build();
    const auto answers = aeron.add_subscription(response_channel, options.response_stream_id, samples::report_images());
    samples::report_ready("Answers come", answers);
    const std::string request_channel =
        cpperon::ChannelUriBuilder::from(options.request_channel)
            .response_correlation_id(static_cast<std::int64_t>(answers.registration_id()))
            .build();
    const auto requests = aeron.add_publication(request_channel, options.request_stream_id);
    samples::report_ready("Requests go", requests);

    cpperon::FragmentAssembler assembler{print_answer};
    const auto poll_until_stop = [&] {
        answers.poll(assembler, samples::default_fragment_limit);
        return samples::is_stop_requested();
    };
    for (std::int64_t i = 1; i <= options.messages && !samples::is_stop_requested(); ++i) {
        const cpperon::OfferResult result = requests.offer(fmt::format("Hello World! {}", i));
        fmt::print("offering {}/{} - {}\n", i, options.messages, samples::in_words(result));
        if (result.is_unrecoverable()) {
            throw cpperon::OfferError{result};
        }
        static_cast<void>(cpperon::await(aeron, poll_until_stop, options.interval));
    }
    fmt::print("Done sending.\n");
    static_cast<void>(cpperon::await(aeron, poll_until_stop, options.linger));
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    samples::Command command{"response_client", "Sends a request each second and prints the answers."};
    command.directory(options.directory);
    command.channel("-c,--channel", options.request_channel, "Channel of requests");
    command.stream_id("-s,--stream", options.request_stream_id, "Stream id of requests");
    command.channel("-d,--response-control", options.response_control_channel,
                    "Channel with the server's control address");
    command.stream_id("-r,--response-stream", options.response_stream_id, "Stream id of answers");
    command.number("-m,--messages", options.messages, "How many requests to send", 1, INT64_MAX);
    command.duration("-i,--interval", options.interval, "Time from one to the next");
    command.duration("-l,--linger", options.linger, "How long to wait for answers after the last one");
    return command.run(argc, argv, [&] { ask(options); });
}
