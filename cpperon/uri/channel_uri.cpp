#include "cpperon/uri/channel_uri.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "cpperon/base/parse_value.hpp"
#include "cpperon/uri/keys.hpp"
#include "cpperon/uri/publication_params.hpp"
#include "cpperon/uri/values.hpp"

namespace cpperon {

namespace {

namespace key = uri::key;

constexpr std::string_view scheme_prefix = "aeron:";
constexpr char nul = '\0';

ErrorInfo invalid_channel(std::string message) {
    return {.code = ErrorCode::invalid_channel, .message = std::move(message)};
}

[[noreturn]] void refuse_argument(std::string message) {
    detail::throw_error({.code = ErrorCode::invalid_argument, .message = std::move(message)});
}

/// Whether the last parameter of that key counts, instead of the first. spec: 05 §2.3
bool last_counts(const std::string_view key) noexcept {
    static constexpr std::array keys{key::endpoint,     key::interface, key::control,
                                     key::control_mode, key::tags,      key::ttl};
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

/// Takes the media and the `?` off the front of `text`, which is what follows `aeron:`. spec: 05 §2.2 steps 3 to 5
std::optional<Media> read_media(std::string_view& text, const bool for_driver) noexcept {
    const std::string_view name = text.substr(0, 3);
    const bool has_parameters = text.size() > 3 && text[3] == '?';
    const bool ends_here = text.size() == 3;
    text.remove_prefix(std::min<std::size_t>(text.size(), 4));
    if (name == "udp" && (has_parameters || (ends_here && !for_driver))) {
        return Media::udp;
    }
    if (name == "ipc" && (has_parameters || ends_here)) {
        return Media::ipc;
    }
    return std::nullopt;
}

template <typename Parameters>
auto find_parameter(Parameters& parameters, const std::string_view key) noexcept {
    return std::find_if(parameters.begin(), parameters.end(), [key](const auto& each) { return each.key == key; });
}

ChannelUri parse_or_throw(const std::string_view text) {
    return ChannelUri::parse(text);
}

}  // namespace

std::string_view to_string(const Media media) noexcept {
    return media == Media::udp ? "udp" : "ipc";
}

ChannelKind channel_kind(const std::string_view channel) noexcept {
    if (channel.starts_with("aeron:ipc")) {
        return ChannelKind::ipc;
    }
    return channel.starts_with(ChannelUri::spy_prefix) ? ChannelKind::spy : ChannelKind::udp;
}

Result<ChannelUri> ChannelUri::try_parse(std::string_view text) {
    const bool is_spy = text.starts_with(spy_prefix);
    if (is_spy) {
        text.remove_prefix(spy_prefix.size());
    }
    return read(text, is_spy, false);
}

ChannelUri ChannelUri::parse(const std::string_view text) {
    Result<ChannelUri> uri = try_parse(text);
    if (!uri) {
        throw ChannelUriError(uri.error().message);
    }
    return std::move(uri).value();
}

Result<ChannelUri> ChannelUri::try_parse_for_driver(const std::string_view text) {
    return read(text, false, true);
}

Result<ChannelUri> ChannelUri::read(const std::string_view text, const bool is_spy, const bool for_driver) {
    if (text.size() > max_length) {
        return invalid_channel(fmt::format("URI length ({}) exceeds max supported length ({}): {}", text.size(),
                                           max_length, text.substr(0, max_length)));
    }
    if (text.find(nul) != std::string_view::npos) {
        return invalid_channel(fmt::format("NUL byte at index {} of URI: no byte of a URI may be 0", text.find(nul)));
    }
    std::string_view rest = text;
    rest.remove_prefix(std::min(rest.size(), scheme_prefix.size()));
    const std::optional<Media> media = text.starts_with(scheme_prefix) ? read_media(rest, for_driver) : std::nullopt;
    if (!media) {
        return invalid_channel(fmt::format(
            "invalid URI scheme or transport: '{}'; write aeron:udp?key=value|... or aeron:ipc[?key=value|...]", text));
    }

    ChannelUri uri{*media};
    uri.is_spy_ = is_spy;
    while (!rest.empty()) {
        const std::size_t key_end = rest.find_first_of("=|");
        if (key_end == std::string_view::npos) {
            break;  // an unfinished key at the very end is dropped
        }
        const std::string_view key = rest.substr(0, key_end);
        if (rest[key_end] == '|') {
            return invalid_channel(
                fmt::format("invalid end of key in URI '{}': '{}' is followed by '|'; write key=value", text, key));
        }
        if (key.empty()) {
            return invalid_channel(fmt::format("empty key not allowed in URI '{}'; write key=value", text));
        }
        rest.remove_prefix(key_end + 1);
        const std::size_t value_end = rest.find('|');
        const std::string_view value = rest.substr(0, value_end);
        const bool is_at_end = value_end == std::string_view::npos;
        if (value.empty() && !is_at_end) {
            return invalid_channel(
                fmt::format("empty value not allowed in URI '{}': '{}' has none; leave the key out", text, key));
        }
        rest.remove_prefix(is_at_end ? rest.size() : value_end + 1);

        const auto known = find_parameter(uri.parameters_, key);
        if (known == uri.parameters_.end()) {
            if (!value.empty()) {
                uri.parameters_.push_back({.key = std::string(key), .value = std::string(value)});
            }
        } else if (last_counts(key)) {
            if (value.empty()) {
                uri.parameters_.erase(known);
            } else {
                known->value = value;
            }
        }
    }
    return uri;
}

std::optional<std::string_view> ChannelUri::get(const std::string_view key) const noexcept {
    const auto found = find_parameter(parameters_, key);
    return found == parameters_.end() ? std::nullopt : std::optional<std::string_view>(found->value);
}

std::string_view ChannelUri::get_or(const std::string_view key, const std::string_view otherwise) const noexcept {
    return get(key).value_or(otherwise);
}

bool ChannelUri::contains(const std::string_view key) const noexcept {
    return get(key).has_value();
}

std::optional<std::string> ChannelUri::put(const std::string_view key, const std::string_view value) {
    if (key.empty() || key.find_first_of(std::string_view("=|\0", 3)) != std::string_view::npos) {
        refuse_argument(fmt::format("'{}' cannot be a key of a URI: it is empty or has '=', '|' or NUL in it", key));
    }
    if (value.empty() || value.find_first_of(std::string_view("|\0", 2)) != std::string_view::npos) {
        refuse_argument(fmt::format(
            "'{}' cannot be the value of {} in a URI: it is empty (remove the key instead) or has '|' or NUL in it",
            value, key));
    }
    const auto found = find_parameter(parameters_, key);
    if (found == parameters_.end()) {
        parameters_.push_back({.key = std::string(key), .value = std::string(value)});
        return std::nullopt;
    }
    return std::exchange(found->value, std::string(value));
}

std::optional<std::string> ChannelUri::remove(const std::string_view key) {
    const auto found = find_parameter(parameters_, key);
    if (found == parameters_.end()) {
        return std::nullopt;
    }
    std::string value = std::move(found->value);
    parameters_.erase(found);
    return value;
}

std::optional<std::int64_t> ChannelUri::channel_tag() const {
    const Result<std::optional<std::int64_t>> tag = uri::try_parse_channel_tag(get_or(key::tags, ""));
    return tag ? tag.value() : std::nullopt;
}

std::optional<std::int64_t> ChannelUri::entity_tag() const {
    const Result<std::optional<std::int64_t>> tag = uri::try_parse_entity_tag(get_or(key::tags, ""));
    return tag ? tag.value() : std::nullopt;
}

bool ChannelUri::has_control_mode_response() const noexcept {
    return get(key::control_mode) == "response";
}

void ChannelUri::set_initial_position(const std::int64_t position, const std::int32_t initial_term_id,
                                      const std::int32_t term_length) {
    if (const std::optional<ErrorInfo> error = uri::check_term_length(term_length)) {
        refuse_argument(error->message);
    }
    if (position < 0 || position % uri::frame_alignment != 0) {
        refuse_argument(
            fmt::format("position not multiple of FRAME_ALIGNMENT or negative: {}; a multiple of {} from 0 "
                        "is allowed",
                        position, uri::frame_alignment));
    }
    const auto start = uri::StartPosition::from_position(position, initial_term_id, term_length);
    put(key::term_length, fmt::format("{}", term_length));
    put(key::initial_term_id, fmt::format("{}", start.initial_term_id));
    put(key::term_id, fmt::format("{}", start.term_id));
    put(key::term_offset, fmt::format("{}", start.term_offset));
}

void ChannelUri::replace_endpoint_wildcard_port(const std::string_view resolved_endpoint) {
    const std::size_t port_at = resolved_endpoint.rfind(':');
    if (port_at == std::string_view::npos) {
        refuse_argument(fmt::format("'{}' is no resolved endpoint: it has no port", resolved_endpoint));
    }
    if (resolved_endpoint.ends_with(":0")) {
        refuse_argument(fmt::format("'{}' is no resolved endpoint: its port is 0", resolved_endpoint));
    }
    const std::optional<std::string_view> endpoint = get(key::endpoint);
    if (!endpoint) {
        put(key::endpoint, resolved_endpoint);
    } else if (endpoint->ends_with(":0")) {
        const std::string host(endpoint->substr(0, endpoint->size() - 2));
        put(key::endpoint, host + std::string(resolved_endpoint.substr(port_at)));
    }
}

std::string ChannelUri::to_string() const {
    std::string text = fmt::format("{}{}{}", is_spy_ ? spy_prefix : "", scheme_prefix, cpperon::to_string(media_));
    char separator = '?';
    for (const Parameter& each : parameters_) {
        text += separator;
        text += each.key;
        text += '=';
        text += each.value;
        separator = '|';
    }
    return text;
}

bool ChannelUri::is_equal(const ChannelUri& other) const noexcept {
    // Keys are unique on both sides, so that equal counts and one inclusion suffice.
    return media_ == other.media_ && is_spy_ == other.is_spy_ && parameters_.size() == other.parameters_.size() &&
           std::all_of(parameters_.begin(), parameters_.end(),
                       [&other](const Parameter& each) { return other.get(each.key) == each.value; });
}

std::string add_session_id(const std::string_view channel, const SessionId session_id) {
    ChannelUri uri = parse_or_throw(channel);
    uri.put(key::session_id, fmt::format("{}", static_cast<std::int32_t>(session_id)));
    return uri.to_string();
}

std::string set_param(const std::string_view channel, const std::string_view key, const std::string_view value) {
    ChannelUri uri = parse_or_throw(channel);
    uri.put(key, value);
    return uri.to_string();
}

std::string add_alias_if_absent(const std::string_view channel, const std::string_view alias) {
    ChannelUri uri = parse_or_throw(channel);
    if (alias.empty() || uri.contains(key::alias)) {
        return std::string(channel);
    }
    uri.put(key::alias, alias);
    return uri.to_string();
}

std::string transform_alias(const std::string_view channel,
                            const std::function<std::string(std::string_view alias)>& transform) {
    ChannelUri uri = parse_or_throw(channel);
    const std::string alias = transform(uri.get_or(key::alias, ""));
    if (alias.empty()) {
        uri.remove(key::alias);
    } else {
        uri.put(key::alias, alias);
    }
    return uri.to_string();
}

std::string create_destination_uri(const std::string_view channel, const std::string_view endpoint) {
    const ChannelUri original = parse_or_throw(channel);
    ChannelUri destination{original.media()};
    destination.put(key::endpoint, endpoint);
    if (const std::optional<std::string_view> interface = original.get(key::interface)) {
        destination.put(key::interface, *interface);
    }
    return destination.to_string();
}

std::optional<std::string> replace_port_with_wildcard(const std::string_view endpoint) {
    const std::size_t port_at = endpoint.rfind(':');
    if (port_at == std::string_view::npos) {
        return std::nullopt;
    }
    return std::string(endpoint.substr(0, port_at)) + ":0";
}

bool is_tagged(const std::string_view value) noexcept {
    return value.starts_with(tag_prefix);
}

std::optional<std::int64_t> tag_of(const std::string_view value) {
    if (!is_tagged(value)) {
        return std::nullopt;
    }
    const Result<std::int64_t> tag = try_parse_int64(value.substr(tag_prefix.size()));
    return tag ? std::optional<std::int64_t>(tag.value()) : std::nullopt;
}

}  // namespace cpperon
