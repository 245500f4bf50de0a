/// `cpperon throughput`: how much goes over a stream.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <variant>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cpperon/base/parse_value.hpp"
#include "cpperon/base/this_thread.hpp"
#include "cpperon/cpperon.hpp"
#include "tools/arguments.hpp"
#include "tools/client_option.hpp"
#include "tools/command.hpp"
#include "tools/latency_report.hpp"
#include "tools/plot.hpp"
#include "tools/progress.hpp"
#include "tools/rate_samples.hpp"
#include "tools/run_end.hpp"
#include "tools/stop_signal.hpp"
#include "tools/text.hpp"
#include "tools/throughput.hpp"

namespace cpperon::tools {

namespace {

constexpr std::chrono::milliseconds reading_interval{100};
/// How long a subscriber may get nothing, after the publisher has ended, before what is missing counts as lost.
constexpr std::chrono::seconds silence_limit{1};

struct Options {
    ClientOption client;
    StreamOption stream{"aeron:udp?endpoint=localhost:20121", 1001};
    Traffic traffic;
    std::optional<std::chrono::nanoseconds> duration;
    std::int64_t fragment_limit = 10;
    IdleOption idle;
    std::optional<std::int64_t> publisher_processor;
    std::optional<std::int64_t> subscriber_processor;
    bool publishes = false;
    bool subscribes = false;
    bool is_exclusive = false;
    bool shows_progress = false;
    bool is_json = false;
    std::string plot_path;
};

/// How often a driver lost and repaired something, on all of its streams.
struct RepairCounts {
    std::int64_t naks_sent = 0;
    std::int64_t naks_received = 0;
    std::int64_t retransmits_sent = 0;
    std::int64_t loss_gap_fills = 0;
    std::int64_t flow_control_limits = 0;

    [[nodiscard]] static RepairCounts read(const Aeron& aeron) {
        const auto value = [counters = aeron.counters_reader()](const SystemCounter counter) {
            return system_counter_value(counters, counter).value_or(0);
        };
        return {.naks_sent = value(SystemCounter::naks_sent),
                .naks_received = value(SystemCounter::naks_received),
                .retransmits_sent = value(SystemCounter::retransmits_sent),
                .loss_gap_fills = value(SystemCounter::loss_gap_fills),
                .flow_control_limits = value(SystemCounter::sender_flow_control_limits)};
    }

    friend RepairCounts operator-(const RepairCounts& a, const RepairCounts& b) {
        return {.naks_sent = a.naks_sent - b.naks_sent,
                .naks_received = a.naks_received - b.naks_received,
                .retransmits_sent = a.retransmits_sent - b.retransmits_sent,
                .loss_gap_fills = a.loss_gap_fills - b.loss_gap_fills,
                .flow_control_limits = a.flow_control_limits - b.flow_control_limits};
    }
};

/// What one end came to.
struct EndResult {
    std::int64_t messages = 0;
    std::int64_t bytes = 0;
    std::int64_t elapsed_ns = 0;

    [[nodiscard]] double per_second(const std::int64_t number) const {
        return elapsed_ns > 0 ? static_cast<double>(number) * 1e9 / static_cast<double>(elapsed_ns) : 0;
    }
};

std::int64_t now_ns() noexcept {
    return SystemNanoClock::instance().nano_time();
}

/// One go: the threads of the ends, and what is read of their counts meanwhile.
class Run {
public:
    Run(Client& client, const Options& options) : client_(client), options_(options) {
        if (options.subscribes) {
            subscription_ = client.aeron.add_subscription(options.stream.channel, options.stream.stream_id);
        }
        if (options.publishes) {
            add_publication();
        }
    }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;
    ~Run() { end_both(); }

    /// False if it was stopped before.
    [[nodiscard]] bool await_connected() const {
        const auto is_ready = [this] {
            return is_stop_requested() || ((!options_.publishes || is_publication_connected()) &&
                                           (!options_.subscribes || subscription_.is_connected()));
        };
        if (!await(client_.aeron, is_ready, options_.client.patience)) {
            if (!client_.has_driver()) {
                throw client_.driver_gone_error();
            }
            throw TimeoutError(fmt::format(
                "nobody {} on {}, stream {}, within {}: start the other end, `cpperon throughput {}`, with the same "
                "channel and stream",
                options_.publishes ? "subscribes" : "publishes", options_.stream.channel, options_.stream.stream_id,
                duration_text(static_cast<double>(options_.client.patience.count())),
                options_.publishes ? "--subscribe" : "--publish"));
        }
        return !is_stop_requested();
    }

    void play() {
        const RepairCounts before = RepairCounts::read(client_.aeron);
        start_ns_ = now_ns();
        const Progress shown{options_.shows_progress, [this] { return progress_text(); }};
        if (options_.subscribes) {
            receiving_ = std::async(std::launch::async, [this] {
                keep_on(options_.subscriber_processor);
                const auto idle = options_.idle.make();
                receive(subscription_, options_.traffic, static_cast<int>(options_.fragment_limit), *idle, received_,
                        is_receiving_over_);
            });
        }
        if (options_.publishes) {
            publishing_ = std::async(std::launch::async, [this] {
                keep_on(options_.publisher_processor);
                const auto idle = options_.idle.make();
                std::visit(
                    [&](const auto& to) { publish(to, options_.traffic, *idle, published_, is_publishing_over_); },
                    publication_);
            });
        }
        if (options_.publishes) {
            read_until_over(publishing_);
            is_publishing_over_.store(true, std::memory_order_relaxed);
            publishing_.get();
            publishing_ns_ = now_ns() - start_ns_;
        }
        if (options_.subscribes) {
            if (options_.publishes) {
                read_until_drained();
            } else {
                read_until_over(receiving_);
            }
            is_receiving_over_.store(true, std::memory_order_relaxed);
            receiving_.get();
        }
        end_ = is_stop_requested() ? RunEnd::stopped : client_.has_driver() ? RunEnd::complete : RunEnd::driver_gone;
        repairs_ = RepairCounts::read(client_.aeron) - before;
    }

    [[nodiscard]] RunEnd end() const noexcept { return end_; }

    /// Gives the last messages to a driver that ends with this command time to arrive.
    void drain_own_driver() {
        if (!client_.driver || options_.subscribes) {
            return;
        }
        const auto id =
            std::visit([](const auto& to) { return static_cast<std::int64_t>(to.registration_id()); }, publication_);
        std::visit([](auto& to) { to.close(); }, publication_);
        const auto has_gone = [&] {
            return is_stop_requested() ||
                   !client_.aeron.counters_reader().find(counter_type::publisher_limit, id).has_value();
        };
        static_cast<void>(await(client_.aeron, has_gone, options_.client.patience));
    }

    void print() const {
        const std::string lengths = options_.traffic.shortest == options_.traffic.longest
                                        ? std::to_string(options_.traffic.longest)
                                        : fmt::format("{} to {}", options_.traffic.shortest, options_.traffic.longest);
        fmt::print("{}, stream {}\n", options_.stream.channel, options_.stream.stream_id);
        if (options_.publishes) {
            fmt::print("Published by {} publication, messages of {} bytes\n",
                       options_.is_exclusive ? "an exclusive" : "a shared", lengths);
            print_end(publisher_result());
            fmt::print(
                "  offers refused    {} back pressured ({:.3f} per message), {} during rotation of terms, {} not "
                "connected\n",
                with_separators(published_.back_pressured.get()),
                static_cast<double>(published_.back_pressured.get()) /
                    static_cast<double>(std::max<std::int64_t>(published_.messages.get(), 1)),
                with_separators(published_.admin_actions.get()), with_separators(published_.not_connected.get()));
        }
        if (options_.subscribes) {
            fmt::print("Received\n");
            print_end(subscriber_result());
            const auto missing = missing_messages();
            fmt::print("  missing           {}\n",
                       missing ? with_separators(*missing) : "not known: the messages have no numbers");
        }
        fmt::print(
            "The driver, on all of its streams: {} NAKs sent, {} received; {} retransmits; {} gaps given up; flow "
            "control held the sender {} times\n",
            with_separators(repairs_.naks_sent), with_separators(repairs_.naks_received),
            with_separators(repairs_.retransmits_sent), with_separators(repairs_.loss_gap_fills),
            with_separators(repairs_.flow_control_limits));
        fmt::print("{}", line_of(end_));
    }

    [[nodiscard]] nlohmann::json as_json() const {
        nlohmann::json json{{"channel", options_.stream.channel},
                            {"stream_id", options_.stream.stream_id},
                            {"end", to_string(end_)},
                            {"publisher", nullptr},
                            {"subscriber", nullptr},
                            {"driver",
                             {{"naks_sent", repairs_.naks_sent},
                              {"naks_received", repairs_.naks_received},
                              {"retransmits_sent", repairs_.retransmits_sent},
                              {"loss_gap_fills", repairs_.loss_gap_fills},
                              {"sender_flow_control_limits", repairs_.flow_control_limits}}}};
        if (options_.publishes) {
            json["publisher"] = end_as_json(publisher_result());
            json["publisher"].update({{"is_exclusive", options_.is_exclusive},
                                      {"shortest_message_length", options_.traffic.shortest},
                                      {"longest_message_length", options_.traffic.longest},
                                      {"back_pressured", published_.back_pressured.get()},
                                      {"admin_actions", published_.admin_actions.get()},
                                      {"not_connected", published_.not_connected.get()}});
        }
        if (options_.subscribes) {
            json["subscriber"] = end_as_json(subscriber_result());
            json["subscriber"]["missing"] = nullptr;
            if (const auto missing = missing_messages()) {
                json["subscriber"]["missing"] = *missing;
            }
        }
        return json;
    }

    void plot() const {
        Plot picture{.title = "Messages per second",
                     .subtitle = fmt::format("{}, stream {}", options_.stream.channel, options_.stream.stream_id),
                     .x = {.label = "time [s]"},
                     .y = {.label = "rate [million messages/s]"},
                     .series = {{"published", published_samples_.rates()}, {"received", received_samples_.rates()}}};
        double highest = 0;
        for (const PlotSeries& series : picture.series) {
            for (const auto& [time_s, rate] : series.points) {
                highest = std::max(highest, rate);
            }
        }
        double unit = 1e6;
        if (highest < 1e6) {
            unit = highest < 1e4 ? 1 : 1e3;
            picture.y.label = unit > 1 ? "rate [thousand messages/s]" : "rate [messages/s]";
        }
        for (PlotSeries& series : picture.series) {
            for (auto& [time_s, rate] : series.points) {
                rate /= unit;
            }
        }
        if (std::all_of(picture.series.begin(), picture.series.end(),
                        [](const PlotSeries& series) { return series.points.empty(); })) {
            throw Error(ErrorCode::generic_error, "there is nothing to plot: it ended before there were two readings");
        }
        write_svg(picture, options_.plot_path);
    }

private:
    static void keep_on(const std::optional<std::int64_t>& processor) {
        if (processor) {
            keep_this_thread_on(static_cast<int>(*processor));
        }
    }

    static void print_end(const EndResult& end) {
        fmt::print("  messages          {} in {}\n", with_separators(end.messages),
                   duration_text(static_cast<double>(end.elapsed_ns)));
        fmt::print("  rate              {} messages/s, {:.2f} MB/s\n",
                   with_separators(static_cast<std::int64_t>(end.per_second(end.messages))),
                   end.per_second(end.bytes) / 1e6);
    }

    static nlohmann::json end_as_json(const EndResult& end) {
        return {{"messages", end.messages},
                {"bytes", end.bytes},
                {"elapsed_ns", end.elapsed_ns},
                {"messages_per_s", end.per_second(end.messages)},
                {"bytes_per_s", end.per_second(end.bytes)}};
    }

    void add_publication() {
        const auto& [channel, stream_id] = options_.stream;
        if (options_.is_exclusive) {
            publication_ = client_.aeron.add_exclusive_publication(channel, stream_id);
        } else {
            publication_ = client_.aeron.add_publication(channel, stream_id);
        }
        const std::int64_t limit = std::visit([](const auto& to) { return to.max_message_length(); }, publication_);
        if (options_.traffic.longest > limit) {
            throw InvalidArgumentError(fmt::format("--length is {}, but messages on {} have at most {} bytes",
                                                   options_.traffic.longest, channel, limit));
        }
    }

    [[nodiscard]] bool is_publication_connected() const {
        return std::visit([](const auto& to) { return to.is_connected(); }, publication_);
    }

    void end_both() noexcept {
        is_publishing_over_.store(true, std::memory_order_relaxed);
        is_receiving_over_.store(true, std::memory_order_relaxed);
    }

    void read_counts() {
        const std::int64_t time_ns = now_ns();
        if (options_.publishes && !is_publishing_over_.load(std::memory_order_relaxed)) {
            published_samples_.add(time_ns, published_.messages.get());
        }
        if (options_.subscribes) {
            received_samples_.add(time_ns, received_.messages.get());
        }
    }

    /// Until the thread ends, the time is over, or a stop comes.
    void read_until_over(const std::future<void>& thread) {
        const std::int64_t end_ns = options_.duration ? start_ns_ + options_.duration->count() : INT64_MAX;
        read_counts();
        while (!is_stop_requested() && now_ns() < end_ns) {
            const auto step =
                std::min<std::int64_t>(end_ns - now_ns(), std::chrono::nanoseconds{reading_interval}.count());
            const bool has_ended = thread.wait_for(std::chrono::nanoseconds{step}) == std::future_status::ready;
            read_counts();
            if (has_ended || (options_.publishes && options_.subscribes && has_ended_early(receiving_))) {
                return;
            }
        }
    }

    static bool has_ended_early(const std::future<void>& thread) {
        return thread.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
    }

    /// Until what was published has come, or nothing came for a while.
    void read_until_drained() {
        std::int64_t seen = -1;
        std::int64_t seen_ns = now_ns();
        while (!is_stop_requested() && received_.messages.get() + received_.missing.get() < published_.messages.get()) {
            if (received_.messages.get() != seen) {
                seen = received_.messages.get();
                seen_ns = now_ns();
            } else if (now_ns() - seen_ns > std::chrono::nanoseconds{silence_limit}.count()) {
                return;
            }
            if (receiving_.wait_for(std::chrono::milliseconds{1}) == std::future_status::ready) {
                return;
            }
        }
    }

    [[nodiscard]] std::string progress_text() const {
        const double elapsed_s = static_cast<double>(now_ns() - start_ns_) / 1e9;
        const auto rate = [elapsed_s](const SharedCount& count) {
            return static_cast<double>(count.get()) / elapsed_s;
        };
        std::string text = fmt::format("throughput {:.0f} s", elapsed_s);
        if (options_.publishes) {
            text += fmt::format("  published {}/s  {:.1f} MB/s  back pressured {}",
                                with_separators(static_cast<std::int64_t>(rate(published_.messages))),
                                rate(published_.bytes) / 1e6, with_separators(published_.back_pressured.get()));
        }
        if (options_.subscribes) {
            text += fmt::format("  received {}/s  {:.1f} MB/s  missing {}",
                                with_separators(static_cast<std::int64_t>(rate(received_.messages))),
                                rate(received_.bytes) / 1e6, with_separators(received_.missing.get()));
        }
        return text;
    }

    [[nodiscard]] EndResult publisher_result() const {
        return {published_.messages.get(), published_.bytes.get(), publishing_ns_};
    }
    /// From the first message to the last; on its own from the start, as the two ends are looked at together.
    [[nodiscard]] EndResult subscriber_result() const {
        const std::int64_t first_ns = options_.publishes ? start_ns_ : received_.first_ns.get();
        return {received_.messages.get(), received_.bytes.get(),
                std::max<std::int64_t>(received_.last_ns.get() - first_ns, 0)};
    }
    [[nodiscard]] std::optional<std::int64_t> missing_messages() const {
        if (!options_.publishes) {
            return received_.numbered_missing;
        }
        return received_.numbered_missing.value_or(0) + published_.messages.get() - received_.next_own;
    }

    Client& client_;
    const Options& options_;
    Subscription subscription_;
    std::variant<Publication, ExclusivePublication> publication_;
    PublisherCounts published_;
    SubscriberCounts received_;
    // relaxed: nothing but the value is handed over; what the threads counted comes with the end of their futures.
    std::atomic<bool> is_publishing_over_{false};
    std::atomic<bool> is_receiving_over_{false};
    RateSamples published_samples_;
    RateSamples received_samples_;
    RepairCounts repairs_;
    RunEnd end_ = RunEnd::complete;
    std::int64_t start_ns_ = 0;
    std::int64_t publishing_ns_ = 0;
    std::future<void> publishing_;  // their destructors wait for the threads
    std::future<void> receiving_;
};

int run(const Options& options) {
    if (!options.plot_path.empty()) {
        check_can_plot(options.plot_path);
    }
    listen_for_stop();
    Client client = options.client.connect("cpperon throughput");
    Run stream{client, options};
    if (!stream.await_connected()) {
        fmt::print(stderr, "cpperon: stopped before the other end was there\n");
        return 1;
    }
    stream.play();
    if (options.is_json) {
        fmt::print("{}\n", stream.as_json().dump());
    } else {
        stream.print();
    }
    if (!options.plot_path.empty()) {
        stream.plot();
    }
    if (stream.end() == RunEnd::driver_gone) {
        throw client.driver_gone_error();
    }
    stream.drain_own_driver();
    return 0;
}

/// `64`, `64-1k`.
std::string read_lengths(const std::string& text, Traffic& traffic) {
    constexpr std::int64_t lowest = sizeof(SequenceHeader);
    constexpr std::int64_t highest = 16 << 20;
    const std::size_t dash = text.find('-');
    const auto shortest = try_parse_size(text.substr(0, dash));
    const auto longest = dash == std::string::npos ? shortest : try_parse_size(text.substr(dash + 1));
    if (!shortest || !longest || *shortest < lowest || *longest > highest || *shortest > *longest) {
        return fmt::format(
            "'{}' is not allowed: give a whole number from {} to {}, which may end in k, m or g, or two with - between "
            "them, the smaller one first",
            text, lowest, highest);
    }
    traffic.shortest = *shortest;
    traffic.longest = *longest;
    return {};
}

}  // namespace

Action add_throughput(CLI::App& command) {
    const auto options = std::make_shared<Options>();
    options->client.add_to(command);
    options->stream.add_to(command, "-c,--channel", "-s,--stream", "to stream on");
    CLI::Option* const publish = command.add_flag("--publish", options->publishes, "Only publish");
    command.add_flag("--subscribe", options->subscribes, "Only subscribe; ends with those who publish")
        ->excludes(publish);
    command.add_flag("-x,--exclusive", options->is_exclusive, "Use an exclusive publication");
    command.add_option("-L,--length", "Bytes in a message, or a range of them: 64-1k")
        ->check(CLI::Validator{[options](const std::string& text) { return read_lengths(text, options->traffic); }, ""})
        ->type_name("LENGTH")
        ->default_str(std::to_string(options->traffic.longest));
    add_number(command, "-m,--messages", options->traffic.messages, "How many messages", 1, 1'000'000'000'000'000);
    add_duration(command, "-T,--duration", options->duration, "How long (default where it publishes, without -m: 10s)");
    add_number(command, "-r,--rate", options->traffic.rate,
               "Messages per second, at most; what back pressure delayed is caught up (default: as many as it takes)",
               1, 1'000'000'000);
    add_number(command, "-f,--fragment-limit", options->fragment_limit, "Fragments that one poll takes at most", 1,
               1 << 20);
    options->idle.add_to(command);
    add_processor(command, "--publisher-cpu", options->publisher_processor, "Keep the publishing thread on it");
    add_processor(command, "--subscriber-cpu", options->subscriber_processor, "Keep the receiving thread on it");
    command.add_flag("--progress", options->shows_progress, "Tell each second how far it is, to a file too");
    command.add_flag("--json", options->is_json, "As one JSON object");
    command.add_option("--plot", options->plot_path, "Draw the rate over time, as an SVG file (needs gnuplot)")
        ->type_name("path");
    command.footer(
        "Ctrl-C ends it with what was measured so far. MB are millions of bytes, of messages alone. Exit status: 1 "
        "where the other end does not come, or the driver goes away, else 0.");
    return [options] {
        if (!options->publishes && !options->subscribes) {
            options->publishes = true;
            options->subscribes = true;
        }
        if (options->publishes && !options->traffic.messages && !options->duration) {
            options->duration = std::chrono::seconds{10};
        }
        options->traffic.run_id = static_cast<std::int64_t>(std::random_device{}());
        return run(*options);
    };
}

}  // namespace cpperon::tools
