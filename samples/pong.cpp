/// Sends each message that the ping program sends back to it, until Ctrl-C.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "cpperon/cpperon.hpp"
#include "samples/command.hpp"
#include "samples/reports.hpp"

namespace {

struct Options {
    std::optional<std::string> directory;
    std::string ping_channel = samples::default_ping_channel;
    std::int32_t ping_stream_id = samples::default_ping_stream_id;
    std::string pong_channel = samples::default_pong_channel;
    std::int32_t pong_stream_id = samples::default_pong_stream_id;
    int fragment_limit = samples::default_fragment_limit;
};

void pong(const Options& options) {
    auto aeron = cpperon::Aeron::connect({.directory = options.directory, .client_name = "pong"});
    const auto ping = aeron.add_subscription(options.ping_channel, options.ping_stream_id, samples::report_images());
    samples::report_ready("Pings come", ping);
    const auto pong = aeron.add_exclusive_publication(options.pong_channel, options.pong_stream_id);
    samples::report_ready("Pongs go", pong);

    cpperon::YieldingIdleStrategy idle;
    // Where pongs are not taken, the ping is left in the stream (abort), and the next poll hands it over again.
    const auto echo = [&](const std::span<const std::byte> message, const cpperon::Header&) {
        return pong.offer(message) ? cpperon::ControlledAction::continue_ : cpperon::ControlledAction::abort;
    };
    cpperon::ControlledFragmentAssembler assembler{echo};
    while (samples::goes_on(aeron)) {
        idle.idle(ping.controlled_poll(assembler, options.fragment_limit));
    }
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    samples::Command command{"pong", "Sends each message of the ping program back to it, until Ctrl-C."};
    command.directory(options.directory);
    command.channel("-c,--channel", options.ping_channel, "Channel that pings come on");
    command.stream_id("-s,--stream", options.ping_stream_id, "Stream id of pings");
    command.channel("-C,--pong-channel", options.pong_channel, "Channel that pongs go on");
    command.stream_id("-S,--pong-stream", options.pong_stream_id, "Stream id of pongs");
    command.number("-f,--fragment-limit", options.fragment_limit, "Fragments that one poll takes at most", 1, 1 << 20);
    return command.run(argc, argv, [&] { pong(options); });
}
