#include "tools/time_option.hpp"

#include <charconv>
#include <ctime>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"

namespace cpperon::tools {

namespace {

constexpr std::int64_t ms_per_second = 1'000;

struct Unit {
    std::string_view name;
    std::int64_t ms;
};

constexpr Unit units[] = {
    {"s", ms_per_second}, {"min", 60 * ms_per_second}, {"h", 3'600 * ms_per_second}, {"d", 86'400 * ms_per_second}};

/// `.345`: its milliseconds, and the text behind it.
std::int64_t take_fraction(const char*& rest) {
    std::int64_t ms = 0;
    if (*rest != '.' && *rest != ',') {
        return ms;
    }
    ++rest;
    for (std::int64_t digit_ms = 100; *rest >= '0' && *rest <= '9'; ++rest, digit_ms /= 10) {
        ms += (*rest - '0') * digit_ms;
    }
    return ms;
}

std::optional<std::int64_t> parse_date(const std::string& text) {
    for (const char* const format : {"%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"}) {
        std::tm time{};
        const char* rest = ::strptime(text.c_str(), format, &time);
        if (rest == nullptr) {
            continue;
        }
        const std::int64_t fraction_ms = take_fraction(rest);
        if (*rest == '\0') {
            time.tm_isdst = -1;
            return static_cast<std::int64_t>(std::mktime(&time)) * ms_per_second + fraction_ms;
        }
        std::tm zone{};
        const char* const end = ::strptime(rest, "%z", &zone);
        if (end != nullptr && *end == '\0') {
            return (static_cast<std::int64_t>(::timegm(&time)) - zone.tm_gmtoff) * ms_per_second + fraction_ms;
        }
    }
    return std::nullopt;
}

}  // namespace

std::int64_t parse_moment(const std::string& text, const std::int64_t now_ms) {
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, problem] = std::from_chars(text.data(), end, number);
    if (problem == std::errc{} && number >= 0) {
        if (rest == end) {
            return number;
        }
        constexpr std::int64_t longest_ago = 1'000'000;  // of any unit; nothing overflows
        for (const Unit& unit : units) {
            if (std::string_view{rest, static_cast<std::size_t>(end - rest)} == unit.name && number <= longest_ago) {
                return now_ms - number * unit.ms;
            }
        }
    }
    if (const auto date_ms = parse_date(text)) {
        return *date_ms;
    }
    throw InvalidArgumentError(
        fmt::format("'{}' is no moment; allowed are '2024-05-01 10:11:12.345+0000' with as much of it as is needed, "
                    "a time ago as 90s, 15min, 2h or 1d, and milliseconds since 1970",
                    text));
}

}  // namespace cpperon::tools
