/// One subscription that receives from several places: destinations are added to it, and may be removed again, while it
/// is polled.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cpperon/cpperon.hpp"
#include "samples/command.hpp"
#include "samples/reports.hpp"

namespace {

struct Options {
    std::optional<std::string> directory;
    std::vector<std::string> destinations{samples::default_channel};
    std::int32_t stream_id = samples::default_stream_id;
};

void print_message(const std::span<const std::byte> message, const cpperon::Header& header) {
    fmt::print("stream {}, session {}, from {}: <<{}>>\n", header.stream_id(), header.session_id(),
               cpperon::Image::of(header).source_identity(), samples::as_text(message));
}

void subscribe(const Options& options) {
    auto aeron = cpperon::Aeron::connect({.directory = options.directory, .client_name = "multi-destination"});
    const std::string channel =
        cpperon::ChannelUriBuilder{cpperon::Media::udp}.control_mode(cpperon::ControlMode::manual).build();
    const auto subscription = aeron.add_subscription(channel, options.stream_id, samples::report_images());
    samples::report_ready("Subscribed", subscription);

    std::vector<cpperon::RegistrationId> destinations;
    for (const std::string& destination : options.destinations) {
        destinations.push_back(subscription.add_destination(destination));
        fmt::print("receiving from {}\n", destination);
    }

    cpperon::FragmentAssembler assembler{print_message};
    cpperon::BackoffIdleStrategy idle;
    while (samples::goes_on(aeron)) {
        idle.idle(subscription.poll(assembler, samples::default_fragment_limit));
    }

    // Closing the subscription would do it too; what a program no longer wants to hear is removed like this.
    for (const cpperon::RegistrationId destination : destinations) {
        subscription.remove_destination(destination);
    }
    fmt::print("removed {} destinations\n", destinations.size());
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    samples::Command command{"multi_destination_subscription",
                             "Prints the messages that come from several channels to one subscription, until Ctrl-C."};
    command.directory(options.directory);
    command.channels("-c,--channel", options.destinations, "Where to receive from; may be given several times");
    command.stream_id("-s,--stream", options.stream_id);
    return command.run(argc, argv, [&] { subscribe(options); });
}
