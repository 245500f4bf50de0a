/// `cpperon pong`: the end that answers `cpperon ping`.
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cpperon/base/this_thread.hpp"
#include "cpperon/cpperon.hpp"
#include "tools/arguments.hpp"
#include "tools/client_option.hpp"
#include "tools/command.hpp"
#include "tools/ping_pong.hpp"
#include "tools/progress.hpp"
#include "tools/stop_signal.hpp"
#include "tools/text.hpp"

namespace cpperon::tools {

namespace {

struct Options {
    ClientOption client;
    StreamOption ping{default_ping_channel, default_ping_stream_id};
    StreamOption pong{default_pong_channel, default_pong_stream_id};
    std::optional<std::int64_t> count;
    std::int64_t fragment_limit = 10;
    IdleOption idle;
    std::optional<std::int64_t> processor;
    bool shows_progress = false;
    bool is_json = false;
};

int run(const Options& options) {
    listen_for_stop();
    Client client = options.client.connect("cpperon pong");
    const auto ping = client.aeron.add_subscription(options.ping.channel, options.ping.stream_id);
    const auto pong = client.aeron.add_exclusive_publication(options.pong.channel, options.pong.stream_id);
    if (options.processor) {
        keep_this_thread_on(static_cast<int>(*options.processor));
    }
    if (!options.is_json) {
        fmt::print("Answering pings on {}, stream {}, with pongs on {}, stream {}\n", options.ping.channel,
                   options.ping.stream_id, options.pong.channel, options.pong.stream_id);
    }

    EchoCounts counts;
    const auto answered = [&] { return counts.answered.load(std::memory_order_relaxed); };
    const auto dropped = [&] { return counts.dropped.load(std::memory_order_relaxed); };
    {
        const Progress shown{options.shows_progress, [&] {
                                 return fmt::format("pong  {} answered  {} dropped", with_separators(answered()),
                                                    with_separators(dropped()));
                             }};
        const auto idle = options.idle.make();
        echo(client.aeron, ping, pong, *idle, static_cast<int>(options.fragment_limit), counts,
             [&] { return is_stop_requested() || (options.count && answered() >= *options.count); });
    }
    if (client.driver && !is_stop_requested()) {
        // The last pongs are with a driver that is about to end: until the other end has gone, they may be missing.
        static_cast<void>(await(
            client.aeron, [&] { return !pong.is_connected() || is_stop_requested(); }, options.client.patience));
    }
    if (options.is_json) {
        fmt::print("{}\n", nlohmann::json{{"answered", answered()}, {"dropped", dropped()}}.dump());
    } else {
        fmt::print("{} answered, {} dropped because nobody listened for pongs\n", with_separators(answered()),
                   with_separators(dropped()));
    }
    if (client.aeron.is_closed()) {
        throw client.driver_gone_error();
    }
    return 0;
}

}  // namespace

Action add_pong(CLI::App& command) {
    const auto options = std::make_shared<Options>();
    options->client.add_to(command);
    options->ping.add_to(command, "-c,--channel", "-s,--stream", "of pings");
    options->pong.add_to(command, "-C,--pong-channel", "-S,--pong-stream", "of pongs");
    add_number(command, "-n,--count", options->count, "How many to answer (default: until Ctrl-C)", 1,
               1'000'000'000'000);
    add_number(command, "-f,--fragment-limit", options->fragment_limit, "Fragments that one poll takes at most", 1,
               1 << 20);
    options->idle.add_to(command);
    add_processor(command, "--cpu", options->processor, "Keep the answering thread on this processor");
    command.add_flag("--progress", options->shows_progress, "Tell each second how many there were, to a file too");
    command.add_flag("--json", options->is_json, "As one JSON object, at the end");
    return [options] { return run(*options); };
}

}  // namespace cpperon::tools
