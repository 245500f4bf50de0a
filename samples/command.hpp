/// The command line of a sample: its options with the letters that users of Aeron know, `--help`, Ctrl-C, and what
/// becomes of errors. Nothing here is about messages: see the sample itself. spec: 07 §H.1
#pragma once

#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cpperon/cpperon.hpp"

namespace samples {

// What all samples agree on, so that each pair meets without options.
inline constexpr const char* default_channel = "aeron:udp?endpoint=localhost:20121";
inline constexpr std::int32_t default_stream_id = 1001;
inline constexpr const char* default_ping_channel = "aeron:udp?endpoint=localhost:20123";
inline constexpr std::int32_t default_ping_stream_id = 1002;
inline constexpr const char* default_pong_channel = "aeron:udp?endpoint=localhost:20124";
inline constexpr std::int32_t default_pong_stream_id = 1003;
inline constexpr const char* default_request_channel = "aeron:udp?endpoint=localhost:20125";
inline constexpr std::int32_t default_request_stream_id = 10'000;
inline constexpr const char* default_response_control_channel = "aeron:udp?control=localhost:20126";
inline constexpr std::int32_t default_response_stream_id = 10'001;
inline constexpr std::int64_t default_message_count = 10'000'000;
inline constexpr std::int64_t default_warm_up_count = 100'000;
inline constexpr std::size_t default_message_length = 32;
inline constexpr int default_fragment_limit = 10;

/// Set by SIGINT and SIGTERM. relaxed everywhere: nothing but the value is handed over.
inline std::atomic<bool> is_stop_signalled{false};
static_assert(std::atomic<bool>::is_always_lock_free, "the signal handler must not lock");

/// True from the first Ctrl-C on: every loop of a sample ends then.
inline bool is_stop_requested() noexcept {
    return is_stop_signalled.load(std::memory_order_relaxed);
}

namespace detail {

struct Suffix {
    std::string_view text;
    std::int64_t factor;
};

/// `64k` with its suffix multiplied out; nothing for any other text, and for what 64 bits do not hold.
inline std::optional<std::int64_t> parse_with_suffix(const std::string_view text,
                                                     const std::span<const Suffix> suffixes) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
    for (const Suffix& suffix : suffixes) {
        std::int64_t product = 0;
        if (error == std::errc{} && rest == suffix.text && !__builtin_mul_overflow(number, suffix.factor, &product)) {
            return product;
        }
    }
    return std::nullopt;
}

inline constexpr Suffix size_suffixes[] = {{"", 1}, {"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30}};
inline constexpr Suffix duration_suffixes[] = {{"ns", 1}, {"us", 1'000}, {"ms", 1'000'000}, {"s", 1'000'000'000}};

}  // namespace detail

/// One program: construct it, give it its options, then `return command.run(argc, argv, [&] { ... });`.
class Command {
public:
    Command(const std::string& name, const std::string& description) : app_(description, name) {
        app_.set_version_flag("-v,--version", fmt::format("{} ({})", name, cpperon::version_full()));
    }

    /// `-p`: where the driver is. Without it `AERON_DIR` says, or it is `/dev/shm/aeron-<user>`.
    void directory(std::optional<std::string>& value) {
        app_.add_option("-p,--directory", value, "Directory of the media driver (default: AERON_DIR, or the user's)");
    }

    CLI::Option* channel(const std::string& names, std::string& value, const std::string& what) {
        return app_.add_option(names, value, what)->check(is_channel())->type_name("URI")->capture_default_str();
    }
    /// May be given several times.
    void channels(const std::string& names, std::vector<std::string>& values, const std::string& what) {
        app_.add_option(names, values, what)->check(is_channel())->type_name("URI")->capture_default_str();
    }

    void stream_id(const std::string& names, std::int32_t& value, const std::string& what = "Stream id") {
        number(names, value, what, INT32_MIN, INT32_MAX);
    }

    /// A whole number, which may end in k, m or g.
    template <typename T>
    void number(const std::string& names, T& value, const std::string& what, const std::int64_t lowest,
                const std::int64_t highest) {
        const auto multiply_out = [lowest, highest](std::string& text) -> std::string {
            const auto number = detail::parse_with_suffix(text, detail::size_suffixes);
            if (!number || *number < lowest || *number > highest) {
                return fmt::format("'{}' is not allowed: give a whole number from {} to {}, which may end in k, m or g",
                                   text, lowest, highest);
            }
            text = std::to_string(*number);
            return {};
        };
        app_.add_option(names, value, what)
            ->transform(CLI::Validator{multiply_out, ""})
            ->type_name("NUMBER")
            ->capture_default_str();
    }

    void duration(const std::string& names, std::chrono::nanoseconds& value, const std::string& what) {
        const auto check = [](const std::string& text) -> std::string {
            const auto number = detail::parse_with_suffix(text, detail::duration_suffixes);
            return number && *number >= 0 ? std::string{}
                                          : fmt::format(
                                                "'{}' is not allowed: give a whole number that ends in ns, us, "
                                                "ms or s, for example 500ms",
                                                text);
        };
        app_.add_option_function<std::string>(
                names,
                [&value](const std::string& text) {
                    value = std::chrono::nanoseconds{*detail::parse_with_suffix(text, detail::duration_suffixes)};
                },
                what)
            ->check(check)
            ->type_name("DURATION")
            ->default_str(fmt::format("{}ms", std::chrono::duration_cast<std::chrono::milliseconds>(value).count()));
    }

    void flag(const std::string& names, bool& value, const std::string& what) { app_.add_flag(names, value, what); }

    /// For what only one sample has.
    [[nodiscard]] CLI::App& app() noexcept { return app_; }

    /// Parses, then calls `work`. The exit status: 0 when all went well or help was asked for, 1 when `work` threw,
    /// 2 when the command line was wrong.
    template <typename Work>
    [[nodiscard]] int run(const int argc, char** const argv, Work&& work) {
        try {
            app_.parse(argc, argv);
        } catch (const CLI::ParseError& outcome) {
            return app_.exit(outcome) == 0 ? 0 : 2;
        }
        std::setvbuf(stdout, nullptr, _IOLBF, 0);  // each line at once, into a file too
        listen_for_signals();
        try {
            std::forward<Work>(work)();
            return 0;
        } catch (const std::exception& error) {
            fmt::print(stderr, "{}: {}\n", app_.get_name(), error.what());
            return 1;
        }
    }

private:
    static std::function<std::string(const std::string&)> is_channel() {
        return [](const std::string& text) -> std::string {
            const auto uri = cpperon::ChannelUri::try_parse(text);
            return uri ? std::string{}
                       : fmt::format("'{}' is no channel ({}): give one like aeron:ipc or {}", text,
                                     uri.error().message, default_channel);
        };
    }

    static void listen_for_signals() {
        struct sigaction action {};
        action.sa_handler = [](int) { is_stop_signalled.store(true, std::memory_order_relaxed); };
        action.sa_flags = static_cast<int>(SA_RESETHAND);  // a second one ends the program at once
        ::sigemptyset(&action.sa_mask);
        ::sigaction(SIGINT, &action, nullptr);
        ::sigaction(SIGTERM, &action, nullptr);
    }

    CLI::App app_;
};

}  // namespace samples
