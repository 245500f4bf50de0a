#include "cpperon/uri/values.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "cpperon/base/parse_value.hpp"
#include "cpperon/uri/keys.hpp"

namespace cpperon {

std::string_view to_string(const ControlMode mode) noexcept {
    switch (mode) {
        case ControlMode::none: return "";
        case ControlMode::manual: return "manual";
        case ControlMode::dynamic: return "dynamic";
        case ControlMode::response: return "response";
    }
    return "";
}

std::string_view to_string(const GroupConsideration group) noexcept {
    switch (group) {
        case GroupConsideration::infer: return "infer";
        case GroupConsideration::force_true: return "true";
        case GroupConsideration::force_false: return "false";
    }
    return "";
}

namespace uri {

namespace {

ErrorInfo invalid_value(std::string message) {
    return {.code = ErrorCode::generic_error, .message = std::move(message)};
}

/// One option of `fc` fails with what is wrong, or changes `control`.
using OptionError = std::optional<std::string>;

constexpr std::size_t max_number_length = 63;
constexpr std::int64_t max_int32 = std::numeric_limits<std::int32_t>::max();

/// How many bytes at the front of `text` are a sign and decimal digits; 0 without digits.
std::size_t number_length(const std::string_view text) noexcept {
    const std::size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    const std::size_t end = std::min(text.find_first_not_of("0123456789", sign), text.size());
    return end == sign ? 0 : end;
}

/// `<tag>`, `<tag>/<count>`, `/<count>`. A tag that does not start as a number is ignored with all that follows, as
/// existing drivers do.
OptionError read_group(const std::string_view text, FlowControl& control) {
    if (text.empty()) {
        return "unrecognised option: 'g:' without a group tag";
    }
    if (text.size() > max_number_length) {
        return "invalid group: longer than 63 bytes";
    }
    const std::size_t tag_length = number_length(text);
    std::string_view rest = text.substr(tag_length);
    if (tag_length > 0) {
        const Result<std::int64_t> tag = try_parse_decimal_int64(text.substr(0, tag_length));
        if (!tag || (!rest.empty() && rest.front() != '/')) {
            return fmt::format("invalid group: '{}' is not a number", text);
        }
        control.group_tag = tag.value();
    }
    if (!rest.empty() && rest.front() == '/') {
        const Result<std::int64_t> count = try_parse_decimal_int64(rest.substr(1));
        if (!count || count.value() < 0 || count.value() > max_int32) {
            return fmt::format("Group count invalid: '{}', 0 to {} is allowed", rest.substr(1), max_int32);
        }
        control.group_min_size = static_cast<std::int32_t>(count.value());
    }
    return std::nullopt;
}

OptionError read_timeout(const std::string_view text, FlowControl& control) {
    if (text.size() > max_number_length) {
        return "invalid timeout: longer than 63 bytes";
    }
    const Result<std::int64_t> timeout_ns = try_parse_duration_ns(text);
    if (!timeout_ns) {
        return fmt::format("invalid timeout: {}", timeout_ns.error().message);
    }
    control.receiver_timeout_ns = timeout_ns.value();
    return std::nullopt;
}

OptionError read_window_multiple(const std::string_view text, FlowControl& control) {
    const Result<std::int64_t> multiple = try_parse_decimal_int64(text);
    if (!multiple || multiple.value() <= 0 || multiple.value() > max_int32) {
        return fmt::format("invalid flow control retransmit receiver window multiple: '{}', 1 to {} is allowed", text,
                           max_int32);
    }
    control.retransmit_receiver_window_multiple = static_cast<std::int32_t>(multiple.value());
    return std::nullopt;
}

OptionError read_option(const std::string_view option, FlowControl& control) {
    const std::size_t colon = option.find(':');
    const std::string_view name = option.substr(0, colon);
    const std::string_view text = colon == std::string_view::npos ? "" : option.substr(colon + 1);
    const bool knows_groups = control.strategy != FlowControlStrategy::max;
    if (colon != std::string_view::npos && name == "rrwm") {
        return read_window_multiple(text, control);
    }
    if (colon != std::string_view::npos && name == "g" && knows_groups) {
        return read_group(text, control);
    }
    if (colon != std::string_view::npos && name == "t" && knows_groups) {
        return read_timeout(text, control);
    }
    return fmt::format("unrecognised option '{}'; {} is allowed", option,
                       knows_groups ? "g:<tag>, g:<tag>/<count>, t:<duration> or rrwm:<n>" : "rrwm:<n>");
}

std::optional<FlowControlStrategy> strategy_of(const std::string_view name) noexcept {
    if (name == "max") {
        return FlowControlStrategy::max;
    }
    if (name == "min") {
        return FlowControlStrategy::min;
    }
    return name == "tagged" ? std::optional(FlowControlStrategy::tagged) : std::nullopt;
}

}  // namespace

ErrorInfo could_not_parse(const std::string_view key, const std::string_view value, const std::string_view reason) {
    return invalid_value(fmt::format("could not parse {}={} in URI: {}", key, value, reason));
}

Result<bool> try_parse_bool(const std::string_view key, const std::string_view value) {
    if (value != "true" && value != "false") {
        return invalid_value(fmt::format("could not parse {}={} as bool from URI: write true or false", key, value));
    }
    return value == "true";
}

GroupConsideration parse_group(const std::string_view value) noexcept {
    if (value == "true") {
        return GroupConsideration::force_true;
    }
    return value == "infer" ? GroupConsideration::infer : GroupConsideration::force_false;
}

ControlMode parse_control_mode(const std::string_view value) noexcept {
    for (const ControlMode mode : {ControlMode::manual, ControlMode::dynamic, ControlMode::response}) {
        if (value == to_string(mode)) {
            return mode;
        }
    }
    return ControlMode::none;
}

std::uint8_t parse_ttl(const std::string_view value) {
    // A number is taken as far as its digits go, and the greatest ttl is also what a negative one wraps to in existing
    // drivers.
    constexpr std::int64_t highest = 255;
    Result<std::int64_t> ttl = try_parse_int64(value);
    if (!ttl) {
        const std::size_t length = number_length(value);
        if (length == 0) {
            return 0;
        }
        ttl = try_parse_decimal_int64(value.substr(0, length));
    }
    const bool is_in_range = ttl.has_value() && ttl.value() >= 0 && ttl.value() <= highest;
    return static_cast<std::uint8_t>(is_in_range ? ttl.value() : highest);
}

TagTexts split_tags(const std::string_view value) noexcept {
    const std::size_t comma = value.find(',');
    return {.channel = value.substr(0, comma),
            .entity = comma == std::string_view::npos ? std::string_view{} : value.substr(comma + 1)};
}

Result<std::optional<std::int64_t>> try_parse_channel_tag(const std::string_view value) {
    const std::string_view text = split_tags(value).channel;
    if (text.empty()) {
        return std::optional<std::int64_t>{};
    }
    const Result<std::int64_t> tag = try_parse_decimal_int64(text);
    if (!tag || tag.value() == -1) {
        return ErrorInfo{.code = ErrorCode::invalid_channel,
                         .message = fmt::format("could not parse channel tag string: {}={}; write <channel "
                                                "tag>[,<entity tag>] as decimal numbers, not -1",
                                                key::tags, value)};
    }
    return std::optional(tag.value());
}

Result<std::optional<std::int64_t>> try_parse_entity_tag(const std::string_view value) {
    const std::string_view text = split_tags(value).entity;
    if (text.empty()) {
        return std::optional<std::int64_t>{};
    }
    const Result<std::int64_t> tag = try_parse_decimal_int64(text);
    if (!tag) {
        return invalid_value(fmt::format("Entity tag invalid: {}={}: {}", key::tags, value, tag.error().message));
    }
    return tag.value() == -1 ? std::optional<std::int64_t>{} : std::optional(tag.value());
}

Result<TimestampOffset> try_parse_timestamp_offset(const std::string_view key, const std::string_view value) {
    if (value == "reserved") {
        return TimestampOffset::reserved();
    }
    const Result<std::int64_t> offset = try_parse_int64(value);
    if (!offset) {
        return invalid_value(fmt::format("Invalid {}={}: write 'reserved' or a number of bytes", key, value));
    }
    return TimestampOffset{.value = offset.value()};
}

Result<std::int64_t> try_parse_response_correlation_id(const std::string_view value) {
    if (value == "prototype") {
        return response_correlation_prototype;
    }
    const Result<std::int64_t> id = try_parse_int64(value);
    if (!id || id.value() < response_correlation_none) {
        return invalid_value(
            fmt::format("invalid {}={}: write 'prototype' or a number from -1", key::response_correlation_id, value));
    }
    return id.value();
}

Result<FlowControl> try_parse_flow_control(const std::string_view value) {
    const std::size_t name_end = value.find(',');
    const std::string_view name = value.substr(0, name_end);
    if (name.empty()) {
        return invalid_value(fmt::format(
            "No flow control strategy name specified: {}={}; max, min or tagged is allowed", key::flow_control, value));
    }
    const std::optional<FlowControlStrategy> strategy = strategy_of(name);
    if (!strategy) {
        return invalid_value(
            fmt::format("Invalid flow control strategy name '{}': {}={}; max, min or tagged is allowed", name,
                        key::flow_control, value));
    }
    FlowControl control{.strategy = *strategy};
    std::string_view rest = name_end == std::string_view::npos ? "" : value.substr(name_end + 1);
    while (!rest.empty()) {
        const std::size_t option_end = std::min(rest.find(','), rest.size());
        if (const OptionError error = read_option(rest.substr(0, option_end), control)) {
            return invalid_value(
                fmt::format("Flow control options invalid: {}={}: {}", key::flow_control, value, *error));
        }
        rest.remove_prefix(std::min(option_end + 1, rest.size()));
    }
    return control;
}

Result<CongestionControl> try_parse_congestion_control(const std::string_view value) {
    if (value == "static") {
        return CongestionControl::static_window;
    }
    if (value == "cubic") {
        return CongestionControl::cubic;
    }
    return could_not_parse(key::congestion_control, value, "write static or cubic");
}

}  // namespace uri

}  // namespace cpperon
