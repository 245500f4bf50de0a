/// What the values of single URI parameters mean, apart from numbers: booleans, tags, control modes, timestamp offsets,
/// flow and congestion control. Pure functions on text, used by the typed parameters, the builder and the driver.
/// Every error names the key, the value and what is allowed. spec: 05 §3.3..3.6, §3.9, §3.10
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "cpperon/base/result.hpp"

namespace cpperon {

/// How a channel with several destinations learns them, or that it carries responses. spec: 05 §4.2
enum class ControlMode : std::uint8_t { none, manual, dynamic, response };

/// The text of a mode; empty for `none`.
[[nodiscard]] std::string_view to_string(ControlMode mode) noexcept;

/// Whether a receiver counts itself as one of a group. spec: 05 §3.4
enum class GroupConsideration : std::uint8_t { infer, force_true, force_false };

/// `infer`, `true` or `false`.
[[nodiscard]] std::string_view to_string(GroupConsideration group) noexcept;

/// Where in a message a timestamp is written: bytes from the start of the payload, or the reserved value of the frame
/// header. A negative offset turns the timestamp off. spec: 05 §3.6
struct TimestampOffset {
    static constexpr std::int64_t reserved_value = -8;
    static constexpr std::int64_t absent_value = -1;

    std::int64_t value = absent_value;

    /// Into the reserved value of the frame header.
    [[nodiscard]] static constexpr TimestampOffset reserved() noexcept { return {.value = reserved_value}; }
    /// False where no timestamp is written.
    [[nodiscard]] constexpr bool is_enabled() const noexcept { return value == reserved_value || value >= 0; }
    [[nodiscard]] bool operator==(const TimestampOffset&) const = default;
};

namespace uri {

/// The error of a value that does not parse: code `generic_error`, text `could not parse <key>=<value> in URI:
/// <reason>`.
[[nodiscard]] ErrorInfo could_not_parse(std::string_view key, std::string_view value, std::string_view reason);

/// Exactly `true` or `false`. spec: 05 §3.4
[[nodiscard]] Result<bool> try_parse_bool(std::string_view key, std::string_view value);

/// `true`, `infer`; any other text forces false and is no error. spec: 05 §3.4
[[nodiscard]] GroupConsideration parse_group(std::string_view value) noexcept;

/// `manual`, `dynamic`, `response`; any other text is `none` and no error. spec: 05 §4.2
[[nodiscard]] ControlMode parse_control_mode(std::string_view value) noexcept;

/// 0 to 255; never an error: what is no number is 0, what is greater is 255. spec: 05 §3.3
[[nodiscard]] std::uint8_t parse_ttl(std::string_view value);

/// The two parts of `tags` as text; an empty view is an absent part. spec: 05 §3.5
struct TagTexts {
    std::string_view channel;
    std::string_view entity;
};
[[nodiscard]] TagTexts split_tags(std::string_view value) noexcept;

/// The channel tag of a `tags` value: errors have the code `invalid_channel`. spec: 05 §3.5
[[nodiscard]] Result<std::optional<std::int64_t>> try_parse_channel_tag(std::string_view value);

/// The entity tag of a `tags` value: errors have the code `generic_error`. -1 is "none". spec: 05 §3.5
[[nodiscard]] Result<std::optional<std::int64_t>> try_parse_entity_tag(std::string_view value);

/// `reserved` or an integer. spec: 05 §3.6
[[nodiscard]] Result<TimestampOffset> try_parse_timestamp_offset(std::string_view key, std::string_view value);

/// What a response publication or a request publication refers to. spec: 05 §13.2
inline constexpr std::int64_t response_correlation_none = -1;
inline constexpr std::int64_t response_correlation_prototype = -2;

/// `prototype` or an integer from -1. spec: 05 §4.3
[[nodiscard]] Result<std::int64_t> try_parse_response_correlation_id(std::string_view value);

enum class FlowControlStrategy : std::uint8_t { max, min, tagged };

/// The value of `fc`; what it does not state is left to the driver's settings. spec: 05 §3.9
struct FlowControl {
    FlowControlStrategy strategy = FlowControlStrategy::max;
    std::optional<std::int64_t> group_tag;
    std::optional<std::int32_t> group_min_size;  ///< receivers required before the publication is connected
    std::optional<std::int64_t> receiver_timeout_ns;
    std::optional<std::int32_t> retransmit_receiver_window_multiple;  ///< > 0

    [[nodiscard]] bool operator==(const FlowControl&) const = default;
};

/// Errors have the code `generic_error`. Only channels with group semantics evaluate it, last of all, when a
/// publication is created; unicast ones do not look at it. spec: 05 §3.9, §4.3
[[nodiscard]] Result<FlowControl> try_parse_flow_control(std::string_view value);

enum class CongestionControl : std::uint8_t { static_window, cubic };

/// `static` or `cubic`. To be evaluated when an image is created, not when its subscription is added. spec: 05 §3.10
[[nodiscard]] Result<CongestionControl> try_parse_congestion_control(std::string_view value);

}  // namespace uri

}  // namespace cpperon
