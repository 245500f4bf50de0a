/// The first program to read: connects to a media driver, adds a publication, and offers one message a second.

#include <chrono>
#include <cstdint>
#include <optional>
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
    std::int64_t messages = samples::default_message_count;
    std::chrono::nanoseconds interval = std::chrono::seconds{1};
    std::chrono::nanoseconds linger{0};
};

void publish(const Options& options) {
    auto aeron = cpperon::Aeron::connect({.directory = options.directory, .client_name = "basic publisher"});
    const auto publication = aeron.add_publication(options.channel, options.stream_id);
    samples::report_ready("Publishing", publication);

    cpperon::StatusTracker tracker;
    for (std::int64_t i = 1; i <= options.messages && !samples::is_stop_requested(); ++i) {
        // An offer never waits: it is taken, or there is a reason why not. Here a message that is refused is lost; the
        // streaming publisher shows how to try again.
        const cpperon::OfferResult result = publication.offer(fmt::format("Hello World! {}", i));
        fmt::print("offering {}/{} - {}\n", i, options.messages, samples::in_words(result));
        if (const auto news = tracker.observe(result)) {
            fmt::print("the publication is {} now\n", cpperon::to_string(*news));
        }
        if (result.is_unrecoverable()) {
            throw cpperon::OfferError{result};
        }
        if (i < options.messages) {
            static_cast<void>(cpperon::await(aeron, samples::is_stop_requested, options.interval));
        }
    }
    fmt::print("Done sending.\n");
    samples::linger(aeron, options.linger);
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    samples::Command command{"basic_publisher", "Offers a numbered text each second and says what becomes of it."};
    command.directory(options.directory);
    command.channel("-c,--channel", options.channel, "Channel to publish on");
    command.stream_id("-s,--stream", options.stream_id);
    command.number("-m,--messages", options.messages, "How many to offer", 1, INT64_MAX);
    command.duration("-i,--interval", options.interval, "Time from one to the next");
    command.duration("-l,--linger", options.linger, "How long to stay after the last one");
    return command.run(argc, argv, [&] { publish(options); });
}
