/// A channel URI taken apart: `aeron:udp?endpoint=localhost:20121|mtu=8k` as prefix, media and parameters, to look up,
/// edit and print. Used by applications, by both clients of a driver and by the driver itself; a plain value, one
/// thread at a time. What the parameters mean is read by the structs of `uri/*_params.hpp`. spec: 05 §2, §15
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cpperon/base/ids.hpp"
#include "cpperon/base/result.hpp"

namespace cpperon {

// What channels begin with, and what the value of `session-id` that names a tag begins with. spec: 07 §A.7

inline constexpr std::string_view ipc_channel = "aeron:ipc";
inline constexpr std::string_view udp_channel_prefix = "aeron:udp";
inline constexpr std::string_view spy_prefix = "aeron-spy:";
inline constexpr std::string_view tag_prefix = "tag:";

/// What carries a channel.
enum class Media : std::uint8_t { udp, ipc };

/// `udp` or `ipc`.
[[nodiscard]] std::string_view to_string(Media media) noexcept;

/// Whom a driver asks to handle a channel: decided by the text's first bytes alone, before it is parsed. spec: 05 §1.1
enum class ChannelKind : std::uint8_t { ipc, spy, udp };

/// Looks at the beginning alone: what follows may be malformed.
[[nodiscard]] ChannelKind channel_kind(std::string_view channel) noexcept;

/// See the head of this file. Keys and values are case-sensitive bytes without escapes; a key names at most one
/// parameter, and parameters keep the order in which they came.
class ChannelUri {
public:
    /// Bytes of a URI after the prefix `aeron-spy:`. spec: 05 §2.1
    static constexpr std::size_t max_length = 4095;

    static constexpr std::string_view scheme = "aeron";
    static constexpr std::string_view spy_prefix = cpperon::spy_prefix;

    /// One key and its value.
    struct Parameter {
        std::string key;
        std::string value;

        [[nodiscard]] bool operator==(const Parameter&) const = default;
    };

    /// Reads a URI, with or without the prefix `aeron-spy:`.
    ///
    /// Of a key given twice, the last counts if it takes part in addressing (`endpoint`, `interface`, `control`,
    /// `control-mode`, `tags`, `ttl`), the first otherwise. A key without `=`, or without a value, is dropped if it
    /// stands at the very end. Unknown keys are kept. `aeron:udp` without parameters is read; a driver refuses it
    /// (`try_parse_for_driver`). All errors have the code `invalid_channel`. spec: 05 §2.1..2.3
    static Result<ChannelUri> try_parse(std::string_view text);

    /// As `try_parse`, but throws `ChannelUriError`.
    static ChannelUri parse(std::string_view text);

    /// Reads the URI of a command as a driver must: no prefix (the handler of spies takes it off before) and `?` after
    /// `aeron:udp`. spec: 05 §2.2
    static Result<ChannelUri> try_parse_for_driver(std::string_view text);

    /// A channel without parameters.
    explicit ChannelUri(Media media) noexcept : media_(media) {}

    /// What carries the channel.
    [[nodiscard]] Media media() const noexcept { return media_; }
    /// Parameters stay.
    void set_media(Media media) noexcept { media_ = media; }
    /// Spies of UDP channels too.
    [[nodiscard]] bool is_udp() const noexcept { return media_ == Media::udp; }
    /// The other media.
    [[nodiscard]] bool is_ipc() const noexcept { return media_ == Media::ipc; }

    /// Whether the URI has the prefix `aeron-spy:`.
    [[nodiscard]] bool is_spy() const noexcept { return is_spy_; }
    /// Adds the prefix, or takes it off.
    void set_spy(bool is_spy) noexcept { is_spy_ = is_spy; }

    /// The value of `key`, if it has one. The view is valid until the next edit.
    [[nodiscard]] std::optional<std::string_view> get(std::string_view key) const noexcept;
    /// The value of `key`, or `otherwise` where it has none.
    [[nodiscard]] std::string_view get_or(std::string_view key, std::string_view otherwise) const noexcept;
    /// Whether `key` has a value.
    [[nodiscard]] bool contains(std::string_view key) const noexcept;

    /// All parameters in their order; valid until the next edit.
    [[nodiscard]] const std::vector<Parameter>& parameters() const noexcept { return parameters_; }

    /// Sets a parameter and gives the value it replaced. Throws `InvalidArgumentError` for what could not be read back:
    /// an empty key or value, `|`, `=` or NUL in the key, `|` or NUL in the value. spec: 05 §2.1, §15
    std::optional<std::string> put(std::string_view key, std::string_view value);

    /// Removes a parameter and gives its value, if there was one.
    std::optional<std::string> remove(std::string_view key);

    /// The first and second part of `tags`; nothing where they are absent, not a number or -1. spec: 05 §3.5
    [[nodiscard]] std::optional<std::int64_t> channel_tag() const;
    /// The second part; as `channel_tag`.
    [[nodiscard]] std::optional<std::int64_t> entity_tag() const;

    /// Whether the text of `control-mode` is `response`. spec: 05 §13.2
    [[nodiscard]] bool has_control_mode_response() const noexcept;

    /// Sets `init-term-id`, `term-id`, `term-offset` and `term-length` so that a publication starts at `position`.
    /// Throws `InvalidArgumentError` if the position is negative or not a multiple of 32, or the term length is not
    /// allowed. spec: 05 §12
    void set_initial_position(std::int64_t position, std::int32_t initial_term_id, std::int32_t term_length);

    /// Puts the port of `resolved_endpoint` in the place of an endpoint's port 0 and keeps the host as it was spelled;
    /// sets the endpoint if there is none. Throws `InvalidArgumentError` if `resolved_endpoint` has no port, or port 0.
    /// spec: 05 §5.7, §15
    void replace_endpoint_wildcard_port(std::string_view resolved_endpoint);

    /// `[aeron-spy:]aeron:<media>[?key=value|...]`, parameters in their order; reads back as an equal URI.
    [[nodiscard]] std::string to_string() const;

    /// Equal in prefix, media and parameters, whatever their order.
    [[nodiscard]] friend bool operator==(const ChannelUri& a, const ChannelUri& b) { return a.is_equal(b); }

private:
    static Result<ChannelUri> read(std::string_view text, bool is_spy, bool for_driver);

    [[nodiscard]] bool is_equal(const ChannelUri& other) const noexcept;

    Media media_;
    bool is_spy_ = false;
    std::vector<Parameter> parameters_;
};

/// `channel` with its `session-id` set. Throws `ChannelUriError`. spec: 05 §15
[[nodiscard]] std::string add_session_id(std::string_view channel, SessionId session_id);

/// `channel` with one parameter set: a new one comes last, one that is there keeps its place. Throws `ChannelUriError`;
/// `InvalidArgumentError` for a key or value that no channel can have. spec: 07 §A.4
[[nodiscard]] std::string set_param(std::string_view channel, std::string_view key, std::string_view value);

/// `channel` with an alias, unless it has one already or `alias` is empty. Throws `ChannelUriError`. spec: 05 §15
[[nodiscard]] std::string add_alias_if_absent(std::string_view channel, std::string_view alias);

/// `channel` with the alias that `transform` makes of its alias (empty if it has none); an empty result removes it.
/// Throws `ChannelUriError`. spec: 05 §15
[[nodiscard]] std::string transform_alias(std::string_view channel,
                                          const std::function<std::string(std::string_view alias)>& transform);

/// A destination on `endpoint` for a multi-destination `channel`: its media, `endpoint` and the channel's interface.
/// Throws `ChannelUriError`. spec: 05 §15
[[nodiscard]] std::string create_destination_uri(std::string_view channel, std::string_view endpoint);

/// `host:123` as `host:0`; nothing if there is no port. spec: 05 §15
[[nodiscard]] std::optional<std::string> replace_port_with_wildcard(std::string_view endpoint);

/// Whether a value of `session-id` refers to an entity tag: `tag:<n>`. spec: 05 §13.1
[[nodiscard]] bool is_tagged(std::string_view value) noexcept;

/// The tag of a tagged value; nothing if it is not tagged or not a number. spec: 05 §15
[[nodiscard]] std::optional<std::int64_t> tag_of(std::string_view value);

}  // namespace cpperon
