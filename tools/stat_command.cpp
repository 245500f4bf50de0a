/// `cpperon stat`: the counters of a driver, once or again and again, on a screen that is redrawn, as lines, or as
/// JSON. spec: 06 §24.1
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cpperon/base/clock.hpp"
#include "tools/arguments.hpp"
#include "tools/command.hpp"
#include "tools/counter_rates.hpp"
#include "tools/driver_option.hpp"
#include "tools/signals.hpp"
#include "tools/stat_view.hpp"
#include "tools/terminal.hpp"
#include "tools/text.hpp"
#include "tools/watched_driver.hpp"

namespace cpperon::tools {

namespace {

constexpr std::size_t rule_length = 70;
constexpr SortOrder sort_orders[] = {SortOrder::id, SortOrder::value, SortOrder::rate, SortOrder::label};

struct Options {
    DriverOption driver;
    StatView view;
    std::chrono::milliseconds update{1'000};
    bool is_once = false;
    bool is_watching = true;
    std::optional<std::int64_t> count;
    bool is_json = false;

    /// How often to look; nothing: until told to stop.
    [[nodiscard]] std::optional<std::int64_t> looks() const {
        return is_once || !is_watching ? std::optional<std::int64_t>{1} : count;
    }
};

/// A driver and how it changes.
struct Watch {
    WatchedDriver driver;
    CounterRates rates{};
    DriverSnapshot snapshot{};

    /// What became of the driver since the look before; empty: nothing.
    [[nodiscard]] std::string look() {
        DriverLook look = driver.look();
        snapshot = *std::move(look.snapshot);
        rates.update(snapshot, SystemNanoClock::instance().nano_time());
        return std::move(look.news);
    }
};

void print(const Watch& watch, const Options& options) {
    if (options.is_json) {
        fmt::print("{}\n", json_line(stat_as_json(watch.snapshot, options.view, watch.rates)));
        return;
    }
    fmt::print("{}\n{:=>{}}\n", stat_heading(watch.snapshot), "", rule_length);
    for (const Line& line : stat_lines(watch.snapshot, options.view, watch.rates)) {
        fmt::print("{}\n", line.text);
    }
}

/// Lines or JSON, for files, pipes and scripts.
void print_repeatedly(const Options& options) {
    Watch watch{.driver = WatchedDriver{options.driver.open()}};
    Signals signals;
    const auto looks = options.looks();
    for (std::int64_t look = 1;; ++look) {
        if (const std::string news = watch.look(); !news.empty()) {
            fmt::print(stderr, "cpperon: {}\n", news);
        }
        print(watch, options);
        std::fflush(stdout);
        if ((looks && look >= *looks) || !signals.pause(options.update)) {
            return;
        }
    }
}

SortOrder next_order(const SortOrder order) {
    return sort_orders[(static_cast<std::size_t>(order) + 1) % std::size(sort_orders)];
}

/// A screen that is redrawn, with keys.
class Screen {
public:
    explicit Screen(Options& options) : options_(options), watch_{.driver = WatchedDriver{options.driver.open()}} {}

    void run() {
        NanoClock& clock = SystemNanoClock::instance();
        std::int64_t next_ns = clock.nano_time();
        std::int64_t looks = 0;
        while (!is_done_) {
            if (clock.nano_time() >= next_ns) {
                if (std::string news = watch_.look(); !news.empty()) {
                    news_ = std::move(news);
                }
                next_ns = clock.nano_time() + std::chrono::nanoseconds{options_.update}.count();
                ++looks;
            }
            paint();
            if (const auto limit = options_.looks(); limit && looks >= *limit) {
                return;
            }
            const std::chrono::nanoseconds left{next_ns - clock.nano_time()};
            switch (signals_.wait(left, terminal_.input())) {
                case Signals::Kind::stop: return;
                case Signals::Kind::suspend: terminal_.suspend(); break;
                case Signals::Kind::resize:
                case Signals::Kind::none: break;
            }
            for (const Key key : terminal_.read_keys()) {
                on_key(key);
            }
        }
    }

private:
    static constexpr std::size_t frame_lines = 2;  // heading and foot

    void on_key(const Key key) {
        const std::size_t page = page_lines();
        switch (key) {
            case Key::quit: is_done_ = true; break;
            case Key::sort: options_.view.order = next_order(options_.view.order); break;
            case Key::streams:
                options_.view.is_by_stream = !options_.view.is_by_stream;
                first_line_ = 0;
                break;
            case Key::up: first_line_ -= std::min<std::size_t>(first_line_, 1); break;
            case Key::down: ++first_line_; break;
            case Key::page_up: first_line_ -= std::min(first_line_, page); break;
            case Key::page_down: first_line_ += page; break;
            case Key::home: first_line_ = 0; break;
            case Key::other: break;
        }
    }

    [[nodiscard]] static std::size_t page_lines() {
        const std::size_t lines = Terminal::size().lines;
        return lines > frame_lines ? lines - frame_lines : 1;
    }

    void paint() {
        std::vector<Line> content = stat_lines(watch_.snapshot, options_.view, watch_.rates);
        const std::size_t page = page_lines();
        first_line_ = std::min(first_line_, content.size() > page ? content.size() - page : 0);
        const std::size_t end = std::min(content.size(), first_line_ + page);

        std::vector<Line> lines;
        lines.push_back(
            {.text = stat_heading(watch_.snapshot),
             .style = watch_.snapshot.state == DriverState::alive ? LineStyle::heading : LineStyle::alarming});
        std::move(content.begin() + static_cast<std::ptrdiff_t>(first_line_),
                  content.begin() + static_cast<std::ptrdiff_t>(end), std::back_inserter(lines));
        lines.push_back({.text = fmt::format(
                             "lines {}-{} of {}  q quit  s sort: {}  t {}  arrows, space scroll{}{}",
                             content.empty() ? 0 : first_line_ + 1, end, content.size(), to_string(options_.view.order),
                             options_.view.is_by_stream ? "counters" : "streams", news_.empty() ? "" : "  | ", news_),
                         .style = LineStyle::heading});
        terminal_.paint(lines);
    }

    Options& options_;
    Watch watch_;
    Signals signals_{};  // before the terminal: a signal must not come between its start and its end
    Terminal terminal_{};
    std::size_t first_line_ = 0;
    std::string news_{};
    bool is_done_ = false;
};

SortOrder sort_order(const std::string& name) {
    const auto* const found =
        std::ranges::find_if(sort_orders, [&](const SortOrder order) { return to_string(order) == name; });
    return found == std::ranges::end(sort_orders) ? SortOrder::id : *found;
}

int run(Options& options) {
    options.view.is_watched = options.looks() != 1;
    const bool is_live = !options.is_json && options.view.is_watched && Terminal::is_there();
    if (is_live) {
        Screen{options}.run();
    } else {
        print_repeatedly(options);
    }
    return 0;
}

}  // namespace

Action add_stat(CLI::App& command) {
    const auto options = std::make_shared<Options>();
    options->driver.add_to(command);
    add_milliseconds(command, "-u,--update", options->update, "Time between two looks", 1);
    command.add_flag("--once", options->is_once, "Look once, print it and end");
    command.add_option("-w,--watch", options->is_watching, "With false, as --once")->type_name("bool");
    command.add_option("-n,--count", options->count, "End after so many looks")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000'000}))
        ->type_name("number");
    command.add_flag("--json", options->is_json, "As JSON objects, one line for each look");
    command.add_flag("--streams", options->view.is_by_stream,
                     "By stream: positions, rates, windows, back pressure, losses");
    command
        .add_option_function<std::string>(
            "--sort", [raw = options.get()](const std::string& name) { raw->view.order = sort_order(name); },
            "id, value, rate or label (default: id); of streams the value is the position")
        ->check(CLI::IsMember({"id", "value", "rate", "label"}))
        ->type_name("order");
    command.add_option("--top", options->view.top, "Only the first so many, as sorted")
        ->check(CLI::Range(1, 1'000'000))
        ->type_name("number");
    options->view.filter.add_to(command);
    command.footer(
        "On a terminal the screen is redrawn, until q or Ctrl-C; elsewhere lines are printed. A driver that ends and "
        "one that comes after it are noticed.");
    return [options] { return run(*options); };
}

}  // namespace cpperon::tools
