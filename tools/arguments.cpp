#include "tools/arguments.hpp"

#include <functional>
#include <limits>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cpperon/base/parse_value.hpp"
#include "cpperon/uri/channel_uri.hpp"

namespace cpperon::tools {

namespace {

constexpr std::chrono::nanoseconds longest_duration = std::chrono::hours{24 * 7};

/// CLI11 takes a complaint as text; empty: none.
using Check = std::function<std::string(const std::string&)>;

using Parse = std::function<std::optional<std::int64_t>(const std::string&)>;

std::optional<std::int64_t> parse_length(const std::string& text) {
    const auto length = try_parse_size(text);
    return length ? std::optional{*length} : std::nullopt;
}

Check is_between(const std::int64_t lowest, const std::int64_t highest, const Parse& parse) {
    return [lowest, highest, parse](const std::string& text) -> std::string {
        const auto number = parse(text);
        return number && *number >= lowest && *number <= highest
                   ? std::string{}
                   : fmt::format("'{}' is not allowed: give a whole number from {} to {}, which may end in k, m or g",
                                 text, lowest, highest);
    };
}

std::string is_duration(const std::string& text) {
    const bool has_unit = !text.empty() && text.back() == 's';
    const auto duration_ns = try_parse_duration_ns(text);
    return has_unit && duration_ns && *duration_ns <= longest_duration.count()
               ? std::string{}
               : fmt::format(
                     "'{}' is not allowed: give a whole number that ends in ns, us, ms or s, from 0s to {}s, for "
                     "example 500ms",
                     text, longest_duration / std::chrono::seconds{1});
}

std::string is_channel(const std::string& text) {
    const auto uri = ChannelUri::try_parse(text);
    return uri ? std::string{}
               : fmt::format("'{}' is no channel ({}): give one like aeron:ipc or aeron:udp?endpoint=localhost:20121",
                             text, uri.error().message);
}

std::string is_stream_id(const std::string& text) {
    return try_parse_int32(text)
               ? std::string{}
               : fmt::format("'{}' is not allowed: give a whole number from {} to {}", text,
                             std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max());
}

std::unique_ptr<IdleStrategy> make_idle(const std::string_view text) {
    const std::size_t colon = text.find(':');
    return make_idle_strategy(text.substr(0, colon),
                              colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1));
}

std::string is_idle_strategy(const std::string& text) {
    try {
        static_cast<void>(make_idle(text));
        return {};
    } catch (const std::exception& error) {
        return fmt::format("'{}' is not allowed ({}): give spin, yield, noop, sleep-ns:100us or backoff:10-20-1us-1ms",
                           text, error.what());
    }
}

template <typename T>
CLI::Option* add_checked_number(CLI::App& command, const std::string& names, T& value, const std::string& what,
                                const std::int64_t lowest, const std::int64_t highest, const Parse& parse) {
    return command
        .add_option_function<std::string>(
            names, [&value, parse](const std::string& text) { value = *parse(text); }, what)
        ->check(CLI::Validator{is_between(lowest, highest, parse), ""})
        ->type_name("NUMBER");
}

template <typename T>
CLI::Option* add_checked_duration(CLI::App& command, const std::string& names, T& value, const std::string& what) {
    return command
        .add_option_function<std::string>(
            names, [&value](const std::string& text) { value = std::chrono::nanoseconds{parse_duration_ns(text)}; },
            what)
        ->check(CLI::Validator{is_duration, ""})
        ->type_name("DURATION");
}

}  // namespace

void StreamOption::add_to(CLI::App& command, const std::string& channel_names, const std::string& stream_names,
                          const std::string& what) {
    command.add_option(channel_names, channel, "Channel " + what)
        ->check(CLI::Validator{is_channel, ""})
        ->type_name("URI")
        ->capture_default_str();
    command
        .add_option_function<std::string>(
            stream_names, [this](const std::string& text) { stream_id = *try_parse_int32(text); }, "Stream id")
        ->check(CLI::Validator{is_stream_id, ""})
        ->type_name("NUMBER")
        ->default_str(std::to_string(stream_id));
}

CLI::Option* add_number(CLI::App& command, const std::string& names, std::int64_t& value, const std::string& what,
                        const std::int64_t lowest, const std::int64_t highest) {
    return add_checked_number(command, names, value, what, lowest, highest, parse_count)
        ->default_str(std::to_string(value));
}

CLI::Option* add_number(CLI::App& command, const std::string& names, std::optional<std::int64_t>& value,
                        const std::string& what, const std::int64_t lowest, const std::int64_t highest) {
    return add_checked_number(command, names, value, what, lowest, highest, parse_count);
}

CLI::Option* add_length(CLI::App& command, const std::string& names, std::int64_t& value, const std::string& what,
                        const std::int64_t lowest, const std::int64_t highest) {
    return add_checked_number(command, names, value, what, lowest, highest, parse_length)
        ->default_str(std::to_string(value));
}

std::optional<std::int64_t> parse_count(std::string_view text) {
    std::int64_t factor = 1;
    for (const auto& [suffix, thousands] : {std::pair{'k', 1'000}, {'m', 1'000'000}, {'g', 1'000'000'000}}) {
        if (!text.empty() && text.back() == suffix) {
            factor = thousands;
            text.remove_suffix(1);
            break;
        }
    }
    const auto number = try_parse_decimal_int64(text);
    std::int64_t count = 0;
    if (!number || __builtin_mul_overflow(*number, factor, &count)) {
        return std::nullopt;
    }
    return count;
}

CLI::Option* add_duration(CLI::App& command, const std::string& names, std::chrono::nanoseconds& value,
                          const std::string& what) {
    return add_checked_duration(command, names, value, what)->default_str(format_duration(value.count()));
}

CLI::Option* add_duration(CLI::App& command, const std::string& names, std::optional<std::chrono::nanoseconds>& value,
                          const std::string& what) {
    return add_checked_duration(command, names, value, what);
}

CLI::Option* add_milliseconds(CLI::App& command, const std::string& names, std::chrono::milliseconds& value,
                              const std::string& what, const std::int64_t lowest) {
    return command
        .add_option_function<std::int64_t>(
            names, [&value](const std::int64_t ms) { value = std::chrono::milliseconds{ms}; },
            fmt::format("{}, in ms (default: {})", what, value.count()))
        ->check(CLI::Range(lowest, std::int64_t{3'600'000}))
        ->type_name("ms");
}

void IdleOption::add_to(CLI::App& command) {
    command
        .add_option("-i,--idle", text,
                    "What a measuring thread does that finds nothing to do: spin (best with a processor for each "
                    "thread), yield, noop, sleep-ns:DURATION or backoff:SPINS-YIELDS-MIN-MAX")
        ->check(CLI::Validator{is_idle_strategy, ""})
        ->type_name("STRATEGY")
        ->capture_default_str();
}

std::unique_ptr<IdleStrategy> IdleOption::make() const {
    return make_idle(text);
}

CLI::Option* add_processor(CLI::App& command, const std::string& names, std::optional<std::int64_t>& value,
                           const std::string& what) {
    return add_number(command, names, value, what, 0, 1'023);
}

}  // namespace cpperon::tools
