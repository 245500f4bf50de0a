#include "cpperon/driver/settings.hpp"

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "cpperon/base/align.hpp"
#include "cpperon/base/parse_value.hpp"

namespace cpperon::driver {

namespace {

template <typename Value, std::size_t count>
using Names = std::array<std::pair<std::string_view, Value>, count>;

/// The first name of a value is the one that is printed.
constexpr Names<uri::FlowControlStrategy, 4> flow_control_names{{
    {"multicast_max", uri::FlowControlStrategy::max},
    {"unicast_max", uri::FlowControlStrategy::max},
    {"multicast_min", uri::FlowControlStrategy::min},
    {"multicast_tagged", uri::FlowControlStrategy::tagged},
}};
constexpr Names<CongestionControlSupplier, 3> congestion_control_names{{
    {"default", CongestionControlSupplier::by_channel},
    {"static", CongestionControlSupplier::static_window},
    {"cubic", CongestionControlSupplier::cubic},
}};

template <typename Value, std::size_t count>
std::string_view name_in(const Names<Value, count>& names, const Value value) noexcept {
    return std::find_if(names.begin(), names.end(), [value](const auto& entry) { return entry.second == value; })
        ->first;
}

template <typename Value, std::size_t count>
std::optional<Value> value_in(const Names<Value, count>& names, const std::string_view name) noexcept {
    const auto* const found =
        std::find_if(names.begin(), names.end(), [name](const auto& entry) { return entry.first == name; });
    return found == names.end() ? std::nullopt : std::optional{found->second};
}

/// `noun` and what its bounds leave. `print` makes text of a bound.
template <typename Print>
std::string within(const std::string_view noun, const Bounds& bounds, const Print& print) {
    const bool has_high = bounds.high < max_int32;
    const bool has_low = bounds.low > any_int32.low;
    if (has_low && has_high) {
        return fmt::format("{} from {} to {}", noun, print(bounds.low), print(bounds.high));
    }
    return has_low ? fmt::format("{} of at least {}", noun, print(bounds.low)) : std::string{noun};
}

}  // namespace

Result<net::PortRange> try_parse_port_range(const std::string_view text) {
    const auto refused = [] {
        return ErrorInfo{ErrorCode::invalid_argument,
                         "a port range is two numbers from 0 to 65535, `low high`, the second not below the first; "
                         "`0 0` lets the system choose"};
    };
    std::istringstream words{std::string{text}};
    std::string low_text;
    std::string high_text;
    std::string rest;
    if (!(words >> low_text >> high_text) || words >> rest) {
        return refused();
    }
    const Result<std::int64_t> low = try_parse_int64(low_text);
    const Result<std::int64_t> high = try_parse_int64(high_text);
    constexpr std::int64_t max_port = 65'535;
    if (!low || !high || *low < 0 || *low > *high || *high > max_port) {
        return refused();
    }
    return net::PortRange{.low = static_cast<std::uint16_t>(*low), .high = static_cast<std::uint16_t>(*high)};
}

bool is_allowed(const std::int64_t value, const Bounds& bounds) noexcept {
    if (value < bounds.low || value > bounds.high) {
        return false;
    }
    switch (bounds.form) {
        case Form::any: return true;
        case Form::power_of_two: return is_power_of_two(value);
        case Form::ring_buffer: return is_power_of_two(value - 768);
        case Form::broadcast_buffer: return is_power_of_two(value - 128);
        case Form::whole_counters: return value % 128 == 0;
        case Form::aligned: return value % 8 == 0;
        case Form::term: return is_power_of_two(value) && value >= 64 * kibibyte && value <= gibibyte;
        case Form::mtu: return value > 32 && value % 32 == 0;
    }
    return false;
}

std::string allowed_sizes(const Bounds& bounds) {
    switch (bounds.form) {
        case Form::any: return within("a size", bounds, format_size);
        case Form::power_of_two: return within("a power of two", bounds, format_size);
        case Form::ring_buffer: return within("a power of two + 768", bounds, format_size);
        case Form::broadcast_buffer: return within("a power of two + 128", bounds, format_size);
        case Form::whole_counters: return within("a multiple of 128", bounds, format_size);
        case Form::aligned: return within("a multiple of 8", bounds, format_size);
        case Form::term: return "a power of two from 64k to 1g";
        case Form::mtu: return "a multiple of 32 from 64 to 65504";
    }
    return {};
}

std::string allowed_integers(const Bounds& bounds) {
    return within("an integer", bounds, [](const std::int64_t bound) { return fmt::to_string(bound); });
}

std::string allowed_durations(const Bounds& bounds) {
    return within("a duration", bounds, format_duration);
}

std::string allowed_milliseconds(const Bounds& bounds) {
    return within("milliseconds or a duration", bounds, [](const std::int64_t bound) { return fmt::to_string(bound); });
}

std::string_view name_of(const uri::FlowControlStrategy value) noexcept {
    return name_in(flow_control_names, value);
}

std::string_view name_of(const CongestionControlSupplier value) noexcept {
    return name_in(congestion_control_names, value);
}

std::string_view name_of(const ThreadNaming value) noexcept {
    return value == ThreadNaming::classic ? "classic" : "new";
}

std::optional<uri::FlowControlStrategy> flow_control_named(const std::string_view name) noexcept {
    return value_in(flow_control_names, name);
}

std::optional<CongestionControlSupplier> congestion_control_named(const std::string_view name) noexcept {
    return value_in(congestion_control_names, name);
}

bool allow_termination(std::span<const std::byte> /*token*/) {
    return true;
}

}  // namespace cpperon::driver
