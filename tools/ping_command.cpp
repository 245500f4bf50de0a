/// `cpperon ping`: how long messages take there and back.
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cpperon/base/this_thread.hpp"
#include "cpperon/cpperon.hpp"
#include "tools/arguments.hpp"
#include "tools/client_option.hpp"
#include "tools/command.hpp"
#include "tools/latency_report.hpp"
#include "tools/ping_pong.hpp"
#include "tools/plot.hpp"
#include "tools/progress.hpp"
#include "tools/stop_signal.hpp"
#include "tools/text.hpp"

namespace cpperon::tools {

namespace {

struct Options {
    ClientOption client;
    StreamOption ping{default_ping_channel, default_ping_stream_id};
    StreamOption pong{default_pong_channel, default_pong_stream_id};
    Pinger::Amount amount;
    std::chrono::nanoseconds warm_up = std::chrono::seconds{1};
    std::int64_t length = 32;
    std::int64_t fragment_limit = 10;
    IdleOption idle;
    std::optional<std::int64_t> processor;
    std::optional<std::int64_t> pong_processor;
    bool is_with_pong = false;
    bool shows_progress = false;
    bool is_json = false;
    std::string plot_path;
};

/// The other end, on a thread of this process.
class OwnPong {
public:
    OwnPong(Aeron& aeron, const Options& options)
        : ping_(aeron.add_subscription(options.ping.channel, options.ping.stream_id)),
          pong_(aeron.add_exclusive_publication(options.pong.channel, options.pong.stream_id)),
          echoing_(std::async(std::launch::async, [this, &aeron, &options] {
              if (options.pong_processor) {
                  keep_this_thread_on(static_cast<int>(*options.pong_processor));
              }
              const auto idle = options.idle.make();
              EchoCounts counts;
              echo(aeron, ping_, pong_, *idle, static_cast<int>(options.fragment_limit), counts,
                   [this] { return is_done_.load(std::memory_order_relaxed); });
          })) {}
    OwnPong(const OwnPong&) = delete;
    OwnPong& operator=(const OwnPong&) = delete;
    ~OwnPong() { is_done_.store(true, std::memory_order_relaxed); }

    /// Throws what ended it, if something did.
    void close() {
        is_done_.store(true, std::memory_order_relaxed);
        echoing_.get();
    }

private:
    std::atomic<bool> is_done_{false};  // relaxed: nothing but the value is handed over
    Subscription ping_;
    ExclusivePublication pong_;
    std::future<void> echoing_;  // its destructor waits for the thread
};

std::string mode_text(const Options& options) {
    return options.amount.rate ? fmt::format("at {} per second", with_separators(*options.amount.rate))
                               : std::string{"one at a time"};
}

double rate_of(const RoundTrips& trips) {
    return trips.elapsed_ns > 0 ? static_cast<double>(trips.received()) * 1e9 / static_cast<double>(trips.elapsed_ns)
                                : 0;
}

void print(const Options& options, const RoundTrips& trips) {
    const bool has_rate = options.amount.rate.has_value();
    fmt::print("Pings on {}, stream {}; pongs on {}, stream {}\n", options.ping.channel, options.ping.stream_id,
               options.pong.channel, options.pong.stream_id);
    fmt::print("{} round trips of {} bytes, {}, in {} ({}/s)\n\n", with_separators(trips.received()), options.length,
               mode_text(options), duration_text(static_cast<double>(trips.elapsed_ns)),
               with_separators(static_cast<std::int64_t>(rate_of(trips))));
    if (trips.received() > 0) {
        fmt::print("{}\n",
                   has_rate ? percentile_table(trips.from_due, "from when due", &trips.from_sending, "from when sent")
                            : percentile_table(trips.from_due, "latency", nullptr, {}));
        fmt::print("mean {}, standard deviation {}\n", duration_text(trips.from_due.mean()),
                   duration_text(trips.from_due.standard_deviation()));
    }
    if (trips.sent > trips.received()) {
        fmt::print("{} of {} pings had not come back at the end\n", with_separators(trips.sent - trips.received()),
                   with_separators(trips.sent));
    }
    fmt::print("{}", line_of(trips.end));
    fmt::print("{}\n",
               has_rate ? "Counted from when each ping was due, so that a stall counts for all pings that it delayed."
                        : "Each ping waited for the pong before it: a stall counts once, however many pings it "
                          "would have delayed at a fixed rate (see --rate).");
}

nlohmann::json as_json(const Options& options, const RoundTrips& trips) {
    const auto stream = [](const StreamOption& of) {
        return nlohmann::json{{"channel", of.channel}, {"stream_id", of.stream_id}};
    };
    nlohmann::json json{{"ping", stream(options.ping)},
                        {"pong", stream(options.pong)},
                        {"message_length", options.length},
                        {"rate_per_s", nullptr},
                        {"idle", options.idle.text},
                        {"end", to_string(trips.end)},
                        {"sent", trips.sent},
                        {"received", trips.received()},
                        {"elapsed_ns", trips.elapsed_ns},
                        {"round_trips_per_s", rate_of(trips)},
                        {"is_corrected_for_coordinated_omission", options.amount.rate.has_value()},
                        {"latency_ns", latency_as_json(trips.from_due)},
                        {"latency_from_sending_ns", latency_as_json(trips.from_sending)}};
    if (options.amount.rate) {
        json["rate_per_s"] = *options.amount.rate;
    }
    return json;
}

void plot(const Options& options, const RoundTrips& trips) {
    Plot picture{.title = fmt::format("Round trips of {} bytes, {}", options.length, mode_text(options)),
                 .subtitle = options.ping.channel + "  →  " + options.pong.channel,
                 .x = percentile_axis(trips.from_due),
                 .y = latency_axis(trips.from_sending.min(), trips.from_due.max()),
                 .series = {}};
    if (options.amount.rate) {
        picture.series = {percentile_series("from when due", trips.from_due),
                          percentile_series("from when sent", trips.from_sending)};
    } else {
        picture.series = {percentile_series("from when sent", trips.from_due)};
    }
    write_svg(picture, options.plot_path);
}

/// Warms up, then measures. Nothing was measured where the warm-up did not come to its end.
RoundTrips measure(const Options& options, const Pinger& pinger) {
    PingProgress progress;
    const auto start = std::chrono::steady_clock::now();
    std::atomic<bool> is_warm{false};
    const Progress shown{
        options.shows_progress, [&] {
            const double elapsed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
            return fmt::format("{} {:.0f} s  {} round trips  slowest {}",
                               is_warm.load(std::memory_order_relaxed) ? "ping" : "warming up", elapsed_s,
                               with_separators(progress.received.load(std::memory_order_relaxed)),
                               duration_text(static_cast<double>(progress.max_ns.load(std::memory_order_relaxed))));
        }};
    if (options.processor) {  // not before the thread that shows progress is there: it would be kept there too
        keep_this_thread_on(static_cast<int>(*options.processor));
    }
    if (options.warm_up.count() > 0) {
        const RoundTrips warm_up = pinger.play({.duration = options.warm_up}, progress);
        if (warm_up.end != RunEnd::complete) {
            return {.end = warm_up.end};
        }
    }
    is_warm.store(true, std::memory_order_relaxed);
    return pinger.play(options.amount, progress);
}

int run(const Options& options) {
    if (!options.plot_path.empty()) {
        check_can_plot(options.plot_path);
    }
    listen_for_stop();
    Client client = options.client.connect("cpperon ping");
    std::optional<OwnPong> own_pong;
    if (options.is_with_pong) {
        own_pong.emplace(client.aeron, options);
    }
    const auto pong = client.aeron.add_subscription(options.pong.channel, options.pong.stream_id);
    const auto ping = client.aeron.add_exclusive_publication(options.ping.channel, options.ping.stream_id);
    if (options.length > ping.max_message_length()) {
        throw InvalidArgumentError(fmt::format("--length is {}, but messages on {} have at most {} bytes",
                                               options.length, options.ping.channel, ping.max_message_length()));
    }
    const auto has_pong = [&] { return is_stop_requested() || (ping.is_connected() && pong.is_connected()); };
    if (!await(client.aeron, has_pong, options.client.patience)) {
        if (!client.has_driver()) {
            throw client.driver_gone_error();
        }
        throw TimeoutError(fmt::format(
            "nobody answers pings on {}, stream {}, with pongs on {}, stream {}, within {}: start `cpperon pong` with "
            "the same channels and streams, or add --with-pong",
            options.ping.channel, options.ping.stream_id, options.pong.channel, options.pong.stream_id,
            duration_text(static_cast<double>(options.client.patience.count()))));
    }
    const auto idle = options.idle.make();
    RoundTrips trips = measure(options, {.aeron = client.aeron,
                                         .ping = ping,
                                         .pong = pong,
                                         .idle = *idle,
                                         .length = static_cast<std::size_t>(options.length),
                                         .fragment_limit = static_cast<int>(options.fragment_limit),
                                         .patience = options.client.patience});
    if (own_pong) {
        own_pong->close();
    }
    if (trips.end == RunEnd::unanswered && !client.has_driver()) {
        trips.end = RunEnd::driver_gone;
    }
    if (options.is_json) {
        fmt::print("{}\n", as_json(options, trips).dump());
    } else {
        print(options, trips);
    }
    if (!options.plot_path.empty() && trips.received() > 0) {
        plot(options, trips);
    }
    if (trips.end == RunEnd::driver_gone) {
        throw client.driver_gone_error();
    }
    if (trips.end == RunEnd::unanswered) {
        throw TimeoutError(fmt::format("no pong came any more for {}: the other end has gone, or is too slow (--wait)",
                                       duration_text(static_cast<double>(options.client.patience.count()))));
    }
    return 0;
}

}  // namespace

Action add_ping(CLI::App& command) {
    const auto options = std::make_shared<Options>();
    options->client.add_to(command);
    options->ping.add_to(command, "-c,--channel", "-s,--stream", "of pings");
    options->pong.add_to(command, "-C,--pong-channel", "-S,--pong-stream", "of pongs");
    CLI::Option* const with_pong =
        command.add_flag("--with-pong", options->is_with_pong, "Answer them too, on a thread of this command");
    CLI::Option* const messages = add_number(command, "-m,--messages", options->amount.messages,
                                             "How many round trips to measure", 1, 1'000'000'000'000);
    CLI::Option* const duration = add_duration(command, "-T,--duration", options->amount.duration,
                                               "How long to measure (default, without -m: 10s)");
    add_duration(command, "-w,--warm-up", options->warm_up, "How long to play before, one at a time");
    add_number(command, "-r,--rate", options->amount.rate,
               "Pings per second, sent at their time whatever is under way (default: one at a time)", 1, 100'000'000);
    add_length(command, "-L,--length", options->length, "Bytes in a message", sizeof(PingHeader), 16 << 20);
    add_number(command, "-f,--fragment-limit", options->fragment_limit, "Fragments that one poll takes at most", 1,
               1 << 20);
    options->idle.add_to(command);
    add_processor(command, "--cpu", options->processor, "Keep the pinging thread on this processor");
    add_processor(command, "--pong-cpu", options->pong_processor, "Keep the thread of --with-pong on this processor")
        ->needs(with_pong);
    command.add_flag("--progress", options->shows_progress, "Tell each second how far it is, to a file too");
    command.add_flag("--json", options->is_json, "As one JSON object");
    command.add_option("--plot", options->plot_path, "Draw the percentiles, as an SVG file (needs gnuplot)")
        ->type_name("path");
    command.footer(
        "Ctrl-C ends it with what was measured so far. Exit status: 0 when all that was sent came back or it was "
        "stopped, 1 otherwise.");
    return [options, messages, duration] {
        if (messages->empty() && duration->empty()) {
            options->amount.duration = std::chrono::seconds{10};
        }
        return run(*options);
    };
}

}  // namespace cpperon::tools
