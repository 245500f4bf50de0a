#include "cpperon/uri/channel_uri_builder.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "cpperon/base/parse_value.hpp"
#include "cpperon/uri/keys.hpp"
#include "cpperon/uri/publication_params.hpp"
#include "cpperon/uri/udp_channel_params.hpp"

namespace cpperon {

namespace {

namespace key = uri::key;

using Text = std::optional<std::string>;

ErrorInfo refused(std::string message) {
    return {.code = ErrorCode::invalid_argument, .message = std::move(message)};
}

/// Checks the value of a key and gives what is printed for it.
using Normalise = Result<std::string> (*)(std::string_view key, std::string_view value);

Result<std::string> as_text(const std::string_view key, const std::string_view value) {
    if (value.find_first_of("=?") != std::string_view::npos) {
        return refused(fmt::format("{}={}: '=' and '?' are not allowed in a value", key, value));
    }
    return std::string(value);
}

/// A value that is printed as it is, if `parsed` came of it.
template <typename T>
Result<std::string> if_parsed(const std::string_view value, const Result<T>& parsed) {
    if (!parsed) {
        return refused(parsed.error().message);
    }
    return std::string(value);
}

Result<std::string> invalid_value(const std::string_view key, const std::string_view value,
                                  const std::string_view reason) {
    return refused(fmt::format("invalid {}={}: {}", key, value, reason));
}

/// An integer within bounds, printed as it is.
Result<std::string> integer_within(const std::string_view key, const std::string_view value, const std::int64_t low,
                                   const std::int64_t high) {
    const Result<std::int64_t> parsed = try_parse_int64(value);
    if (!parsed) {
        return invalid_value(key, value, parsed.error().message);
    }
    if (parsed.value() < low || parsed.value() > high) {
        return invalid_value(key, value, fmt::format("{} to {} is allowed", low, high));
    }
    return std::string(value);
}

Result<std::string> as_int32(const std::string_view key, const std::string_view value) {
    return integer_within(key, value, std::numeric_limits<std::int32_t>::min(),
                          std::numeric_limits<std::int32_t>::max());
}

Result<std::string> as_int64(const std::string_view key, const std::string_view value) {
    return integer_within(key, value, std::numeric_limits<std::int64_t>::min(),
                          std::numeric_limits<std::int64_t>::max());
}

Result<std::string> as_ttl(const std::string_view key, const std::string_view value) {
    return integer_within(key, value, 0, std::numeric_limits<std::uint8_t>::max());
}

Result<std::string> as_max_resend(const std::string_view key, const std::string_view value) {
    return integer_within(key, value, 1, uri::max_resend_limit);
}

Result<std::string> as_term_offset(const std::string_view key, const std::string_view value) {
    Result<std::string> text = integer_within(key, value, 0, uri::max_term_length);
    if (text && try_parse_int64(value).value() % uri::frame_alignment != 0) {
        return invalid_value(key, value, fmt::format("a multiple of {} is allowed", uri::frame_alignment));
    }
    return text;
}

/// A size that satisfies `check`.
Result<std::string> checked_size(const std::string_view key, const std::string_view value,
                                 std::optional<ErrorInfo> (*check)(std::int64_t)) {
    const Result<std::int64_t> size = try_parse_size(value);
    if (!size) {
        return invalid_value(key, value, size.error().message);
    }
    if (const std::optional<ErrorInfo> error = check != nullptr ? check(size.value()) : std::nullopt) {
        return refused(error->message);
    }
    return format_size(size.value());
}

Result<std::string> as_size(const std::string_view key, const std::string_view value) {
    return checked_size(key, value, nullptr);
}

Result<std::string> as_mtu(const std::string_view key, const std::string_view value) {
    return checked_size(key, value, &uri::check_mtu_length);
}

Result<std::string> as_term_length(const std::string_view key, const std::string_view value) {
    return checked_size(key, value, &uri::check_term_length);
}

Result<std::string> as_duration(const std::string_view key, const std::string_view value) {
    const Result<std::int64_t> duration_ns = try_parse_duration_ns(value);
    if (!duration_ns) {
        return invalid_value(key, value, duration_ns.error().message);
    }
    return format_duration(duration_ns.value());
}

Result<std::string> as_bool(const std::string_view key, const std::string_view value) {
    return if_parsed(value, uri::try_parse_bool(key, value));
}

Result<std::string> as_group(const std::string_view key, const std::string_view value) {
    if (to_string(uri::parse_group(value)) != value) {
        return invalid_value(key, value, "true, false or infer is allowed");
    }
    return std::string(value);
}

Result<std::string> as_control_mode(const std::string_view key, const std::string_view value) {
    if (uri::parse_control_mode(value) == ControlMode::none) {
        return invalid_value(key, value, "manual, dynamic or response is allowed");
    }
    return std::string(value);
}

Result<std::string> as_tags(const std::string_view key, const std::string_view value) {
    const uri::TagTexts texts = uri::split_tags(value);
    if (texts.channel.empty()) {
        return invalid_value(key, value, "an entity tag demands a channel tag before it");
    }
    const auto channel_tag = uri::try_parse_channel_tag(value);
    if (!channel_tag) {
        return refused(channel_tag.error().message);
    }
    return if_parsed(value, uri::try_parse_entity_tag(value));
}

Result<std::string> as_session_id(const std::string_view key, const std::string_view value) {
    if (!is_tagged(value)) {
        return as_int32(key, value);
    }
    return tag_of(value) ? Result<std::string>(std::string(value))
                         : invalid_value(key, value, "a number is needed after 'tag:'");
}

Result<std::string> as_timestamp_offset(const std::string_view key, const std::string_view value) {
    return if_parsed(value, uri::try_parse_timestamp_offset(key, value));
}

Result<std::string> as_response_correlation_id(std::string_view /*key*/, const std::string_view value) {
    return if_parsed(value, uri::try_parse_response_correlation_id(value));
}

Result<std::string> as_flow_control(std::string_view /*key*/, const std::string_view value) {
    return if_parsed(value, uri::try_parse_flow_control(value));
}

Result<std::string> as_congestion_control(std::string_view /*key*/, const std::string_view value) {
    return if_parsed(value, uri::try_parse_congestion_control(value));
}

struct KnownKey {
    std::string_view key;
    Normalise normalise;
};

/// Every key there is, in the order in which they are printed. spec: 05 §14.1
constexpr std::array known_keys{
    KnownKey{key::tags, as_tags},
    KnownKey{key::endpoint, as_text},
    KnownKey{key::interface, as_text},
    KnownKey{key::control, as_text},
    KnownKey{key::control_mode, as_control_mode},
    KnownKey{key::mtu, as_mtu},
    KnownKey{key::term_length, as_term_length},
    KnownKey{key::initial_term_id, as_int32},
    KnownKey{key::term_id, as_int32},
    KnownKey{key::term_offset, as_term_offset},
    KnownKey{key::session_id, as_session_id},
    KnownKey{key::ttl, as_ttl},
    KnownKey{key::reliable, as_bool},
    KnownKey{key::linger, as_duration},
    KnownKey{key::alias, as_text},
    KnownKey{key::congestion_control, as_congestion_control},
    KnownKey{key::flow_control, as_flow_control},
    KnownKey{key::group_tag, as_int64},
    KnownKey{key::sparse, as_bool},
    KnownKey{key::eos, as_bool},
    KnownKey{key::tether, as_bool},
    KnownKey{key::group, as_group},
    KnownKey{key::rejoin, as_bool},
    KnownKey{key::spies_simulate_connection, as_bool},
    KnownKey{key::socket_send_buffer, as_size},
    KnownKey{key::socket_receive_buffer, as_size},
    KnownKey{key::receiver_window, as_size},
    KnownKey{key::media_receive_timestamp_offset, as_timestamp_offset},
    KnownKey{key::channel_receive_timestamp_offset, as_timestamp_offset},
    KnownKey{key::channel_send_timestamp_offset, as_timestamp_offset},
    KnownKey{key::response_endpoint, as_text},
    KnownKey{key::response_correlation_id, as_response_correlation_id},
    KnownKey{key::nak_delay, as_duration},
    KnownKey{key::untethered_window_limit_timeout, as_duration},
    KnownKey{key::untethered_linger_timeout, as_duration},
    KnownKey{key::untethered_resting_timeout, as_duration},
    KnownKey{key::max_resend, as_max_resend},
    KnownKey{key::stream_id, as_int32},
    KnownKey{key::publication_window, as_size},
    KnownKey{key::asymmetric_transport_security, as_bool},
};
static_assert(known_keys.size() == 40);

/// Its place in `known_keys`, or their count for an unknown key.
std::size_t rank_of(const std::string_view key) noexcept {
    const auto* const found =
        std::find_if(known_keys.begin(), known_keys.end(), [key](const KnownKey& known) { return known.key == key; });
    return static_cast<std::size_t>(found - known_keys.begin());
}

Result<std::string> normalise(const ChannelUri::Parameter& parameter) {
    if (parameter.key.empty() || parameter.key.find_first_of(std::string_view("=|?\0", 4)) != std::string::npos) {
        return refused(
            fmt::format("'{}' cannot be a key: it is empty or has '=', '|', '?' or NUL in it", parameter.key));
    }
    if (parameter.value.empty()) {
        return refused(fmt::format("{} has an empty value: set it to std::nullopt to leave it out", parameter.key));
    }
    if (parameter.value.find_first_of(std::string_view("|\0", 2)) != std::string::npos) {
        return refused(fmt::format("{}={}: '|' and NUL are not allowed in a value", parameter.key, parameter.value));
    }
    const std::size_t rank = rank_of(parameter.key);
    return rank == known_keys.size() ? Result<std::string>(parameter.value)
                                     : known_keys[rank].normalise(parameter.key, parameter.value);
}

Text text_of(const std::optional<std::string_view> value) {
    return value ? Text(*value) : std::nullopt;
}

Text text_of(const std::optional<bool> value) {
    return value ? Text(*value ? "true" : "false") : std::nullopt;
}

template <std::integral T>
requires(!std::same_as<T, bool>) Text text_of(const std::optional<T> value) {
    return value ? Text(std::to_string(*value)) : std::nullopt;
}

template <typename Parameter>
requires(std::same_as<Parameter, SizeParameter> || std::same_as<Parameter, DurationParameter>) Text
    text_of(const std::optional<Parameter>& value) {
    return value ? Text(value->text()) : std::nullopt;
}

Text text_of(const std::optional<TimestampOffset> offset) {
    if (!offset || *offset == TimestampOffset{}) {
        return std::nullopt;
    }
    return *offset == TimestampOffset::reserved() ? "reserved" : std::to_string(offset->value);
}

}  // namespace

ChannelUriBuilder::ChannelUriBuilder(const ChannelUri& uri)
    : media_(uri.media()), is_spy_(uri.is_spy()), parameters_(uri.parameters()) {}

ChannelUriBuilder ChannelUriBuilder::from(const std::string_view text) {
    return ChannelUriBuilder(ChannelUri::parse(text));
}

Result<ChannelUriBuilder> ChannelUriBuilder::try_from(const std::string_view text) {
    const Result<ChannelUri> uri = ChannelUri::try_parse(text);
    if (!uri) {
        return uri.error();
    }
    return ChannelUriBuilder(uri.value());
}

ChannelUriBuilder& ChannelUriBuilder::clear() {
    return *this = ChannelUriBuilder();
}

ChannelUriBuilder& ChannelUriBuilder::media(const std::optional<Media> media) {
    media_ = media;
    return *this;
}

ChannelUriBuilder& ChannelUriBuilder::spy(const bool is_spy) {
    is_spy_ = is_spy;
    return *this;
}

ChannelUriBuilder& ChannelUriBuilder::set(const std::string_view key, std::optional<std::string> text) {
    const auto found = std::find_if(parameters_.begin(), parameters_.end(),
                                    [key](const ChannelUri::Parameter& each) { return each.key == key; });
    if (found != parameters_.end() && text) {
        found->value = *std::move(text);
    } else if (found != parameters_.end()) {
        parameters_.erase(found);
    } else if (text) {
        parameters_.push_back({.key = std::string(key), .value = *std::move(text)});
    }
    return *this;
}

ChannelUriBuilder& ChannelUriBuilder::tags(const std::optional<std::string_view> tags) {
    return set(key::tags, text_of(tags));
}

ChannelUriBuilder& ChannelUriBuilder::tags(const std::optional<std::int64_t> channel_tag,
                                           const std::optional<std::int64_t> entity_tag) {
    if (!entity_tag) {
        return set(key::tags, text_of(channel_tag));
    }
    return set(key::tags, text_of(channel_tag).value_or("") + "," + std::to_string(*entity_tag));
}

ChannelUriBuilder& ChannelUriBuilder::endpoint(const std::optional<std::string_view> host_and_port) {
    return set(key::endpoint, text_of(host_and_port));
}

ChannelUriBuilder& ChannelUriBuilder::network_interface(const std::optional<std::string_view> interface) {
    return set(key::interface, text_of(interface));
}

ChannelUriBuilder& ChannelUriBuilder::control_endpoint(const std::optional<std::string_view> host_and_port) {
    return set(key::control, text_of(host_and_port));
}

ChannelUriBuilder& ChannelUriBuilder::control_mode(const std::optional<ControlMode> mode) {
    const bool is_set = mode.value_or(ControlMode::none) != ControlMode::none;
    return set(key::control_mode, is_set ? Text(to_string(*mode)) : std::nullopt);
}

ChannelUriBuilder& ChannelUriBuilder::ttl(const std::optional<std::int32_t> ttl) {
    return set(key::ttl, text_of(ttl));
}

ChannelUriBuilder& ChannelUriBuilder::mtu(const std::optional<SizeParameter>& mtu_length) {
    return set(key::mtu, text_of(mtu_length));
}

ChannelUriBuilder& ChannelUriBuilder::term_length(const std::optional<SizeParameter>& term_length) {
    return set(key::term_length, text_of(term_length));
}

ChannelUriBuilder& ChannelUriBuilder::initial_term_id(const std::optional<std::int32_t> initial_term_id) {
    return set(key::initial_term_id, text_of(initial_term_id));
}

ChannelUriBuilder& ChannelUriBuilder::term_id(const std::optional<std::int32_t> term_id) {
    return set(key::term_id, text_of(term_id));
}

ChannelUriBuilder& ChannelUriBuilder::term_offset(const std::optional<std::int64_t> term_offset) {
    return set(key::term_offset, text_of(term_offset));
}

ChannelUriBuilder& ChannelUriBuilder::initial_position(const std::int64_t position, const std::int32_t initial_term_id,
                                                       const std::int32_t term_length) {
    // What is wrong with the arguments is found when the URI is built, as with all setters: a term length that is not
    // allowed by its own check, a position by that of the offset.
    this->term_length(term_length);
    this->initial_term_id(initial_term_id);
    if (position < 0 || uri::check_term_length(term_length)) {
        return term_id(initial_term_id).term_offset(position);
    }
    const auto start = uri::StartPosition::from_position(position, initial_term_id, term_length);
    return term_id(start.term_id).term_offset(start.term_offset);
}

ChannelUriBuilder& ChannelUriBuilder::linger(const std::optional<DurationParameter>& timeout) {
    return set(key::linger, text_of(timeout));
}

ChannelUriBuilder& ChannelUriBuilder::sparse(const std::optional<bool> is_sparse) {
    return set(key::sparse, text_of(is_sparse));
}

ChannelUriBuilder& ChannelUriBuilder::eos(const std::optional<bool> signals_eos) {
    return set(key::eos, text_of(signals_eos));
}

ChannelUriBuilder& ChannelUriBuilder::spies_simulate_connection(const std::optional<bool> simulate) {
    return set(key::spies_simulate_connection, text_of(simulate));
}

ChannelUriBuilder& ChannelUriBuilder::publication_window_length(const std::optional<SizeParameter>& length) {
    return set(key::publication_window, text_of(length));
}

ChannelUriBuilder& ChannelUriBuilder::max_resend(const std::optional<std::int32_t> count) {
    return set(key::max_resend, text_of(count));
}

ChannelUriBuilder& ChannelUriBuilder::flow_control(const std::optional<std::string_view> strategy) {
    return set(key::flow_control, text_of(strategy));
}

ChannelUriBuilder& ChannelUriBuilder::tagged_flow_control(const std::int64_t group_tag,
                                                          const std::optional<std::int32_t> group_min_size,
                                                          const std::optional<DurationParameter>& receiver_timeout) {
    std::string text = fmt::format("tagged,g:{}", group_tag);
    text += group_min_size ? fmt::format("/{}", *group_min_size) : "";
    text += receiver_timeout ? fmt::format(",t:{}", receiver_timeout->text()) : "";
    return set(key::flow_control, std::move(text));
}

ChannelUriBuilder& ChannelUriBuilder::min_flow_control(const std::optional<std::int32_t> group_min_size,
                                                       const std::optional<DurationParameter>& receiver_timeout) {
    std::string text = "min";
    text += group_min_size ? fmt::format(",g:/{}", *group_min_size) : "";
    text += receiver_timeout ? fmt::format(",t:{}", receiver_timeout->text()) : "";
    return set(key::flow_control, std::move(text));
}

ChannelUriBuilder& ChannelUriBuilder::response_correlation_id(const std::optional<std::int64_t> id) {
    return set(key::response_correlation_id, text_of(id));
}

ChannelUriBuilder& ChannelUriBuilder::response_prototype() {
    return set(key::response_correlation_id, "prototype");
}

ChannelUriBuilder& ChannelUriBuilder::response_endpoint(const std::optional<std::string_view> host_and_port) {
    return set(key::response_endpoint, text_of(host_and_port));
}

ChannelUriBuilder& ChannelUriBuilder::session_id(const std::optional<SessionId> session_id) {
    return set(key::session_id,
               session_id ? Text(std::to_string(static_cast<std::int32_t>(*session_id))) : std::nullopt);
}

ChannelUriBuilder& ChannelUriBuilder::tagged_session_id(const std::optional<std::int64_t> entity_tag) {
    return set(key::session_id, entity_tag ? Text(fmt::format("tag:{}", *entity_tag)) : std::nullopt);
}

ChannelUriBuilder& ChannelUriBuilder::stream_id(const std::optional<std::int32_t> stream_id) {
    return set(key::stream_id, text_of(stream_id));
}

ChannelUriBuilder& ChannelUriBuilder::alias(const std::optional<std::string_view> alias) {
    return set(key::alias, text_of(alias));
}

ChannelUriBuilder& ChannelUriBuilder::socket_send_buffer_length(const std::optional<SizeParameter>& length) {
    return set(key::socket_send_buffer, text_of(length));
}

ChannelUriBuilder& ChannelUriBuilder::socket_receive_buffer_length(const std::optional<SizeParameter>& length) {
    return set(key::socket_receive_buffer, text_of(length));
}

ChannelUriBuilder& ChannelUriBuilder::untethered_window_limit_timeout(const std::optional<DurationParameter>& timeout) {
    return set(key::untethered_window_limit_timeout, text_of(timeout));
}

ChannelUriBuilder& ChannelUriBuilder::untethered_linger_timeout(const std::optional<DurationParameter>& timeout) {
    return set(key::untethered_linger_timeout, text_of(timeout));
}

ChannelUriBuilder& ChannelUriBuilder::untethered_resting_timeout(const std::optional<DurationParameter>& timeout) {
    return set(key::untethered_resting_timeout, text_of(timeout));
}

ChannelUriBuilder& ChannelUriBuilder::media_receive_timestamp_offset(const std::optional<TimestampOffset> offset) {
    return set(key::media_receive_timestamp_offset, text_of(offset));
}

ChannelUriBuilder& ChannelUriBuilder::channel_receive_timestamp_offset(const std::optional<TimestampOffset> offset) {
    return set(key::channel_receive_timestamp_offset, text_of(offset));
}

ChannelUriBuilder& ChannelUriBuilder::channel_send_timestamp_offset(const std::optional<TimestampOffset> offset) {
    return set(key::channel_send_timestamp_offset, text_of(offset));
}

ChannelUriBuilder& ChannelUriBuilder::asymmetric_transport_security(const std::optional<bool> is_enabled) {
    return set(key::asymmetric_transport_security, text_of(is_enabled));
}

ChannelUriBuilder& ChannelUriBuilder::reliable(const std::optional<bool> is_reliable) {
    return set(key::reliable, text_of(is_reliable));
}

ChannelUriBuilder& ChannelUriBuilder::rejoin(const std::optional<bool> is_rejoin) {
    return set(key::rejoin, text_of(is_rejoin));
}

ChannelUriBuilder& ChannelUriBuilder::tether(const std::optional<bool> is_tether) {
    return set(key::tether, text_of(is_tether));
}

ChannelUriBuilder& ChannelUriBuilder::group(const std::optional<GroupConsideration> group) {
    return set(key::group, group ? Text(to_string(*group)) : std::nullopt);
}

ChannelUriBuilder& ChannelUriBuilder::group_tag(const std::optional<std::int64_t> tag) {
    return set(key::group_tag, text_of(tag));
}

ChannelUriBuilder& ChannelUriBuilder::congestion_control(const std::optional<std::string_view> strategy) {
    return set(key::congestion_control, text_of(strategy));
}

ChannelUriBuilder& ChannelUriBuilder::receiver_window_length(const std::optional<SizeParameter>& length) {
    return set(key::receiver_window, text_of(length));
}

ChannelUriBuilder& ChannelUriBuilder::nak_delay(const std::optional<DurationParameter>& delay) {
    return set(key::nak_delay, text_of(delay));
}

ChannelUriBuilder& ChannelUriBuilder::put(const std::string_view key, const std::optional<std::string_view> value) {
    return set(key, text_of(value));
}

ChannelUriBuilder& ChannelUriBuilder::copy(const std::string_view key, const ChannelUri& uri) {
    return put(key, uri.get(key));
}

Result<ChannelUri> ChannelUriBuilder::try_build_uri() const {
    if (!media_) {
        return ErrorInfo{.code = ErrorCode::invalid_channel,
                         .message = "a channel URI needs media: set Media::udp or Media::ipc"};
    }
    std::vector<ChannelUri::Parameter> ordered = parameters_;
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](const auto& a, const auto& b) { return rank_of(a.key) < rank_of(b.key); });
    ChannelUri uri{*media_};
    uri.set_spy(is_spy_);
    for (const ChannelUri::Parameter& parameter : ordered) {
        const Result<std::string> value = normalise(parameter);
        if (!value) {
            return value.error();
        }
        uri.put(parameter.key, value.value());
    }
    return uri;
}

Result<std::string> ChannelUriBuilder::try_build() const {
    const Result<ChannelUri> uri = try_build_uri();
    if (!uri) {
        return uri.error();
    }
    std::string text = uri.value().to_string();
    const std::size_t length = text.size() - (is_spy_ ? ChannelUri::spy_prefix.size() : 0);
    if (length > ChannelUri::max_length) {
        return ErrorInfo{.code = ErrorCode::invalid_channel,
                         .message = fmt::format("URI length ({}) exceeds max supported length ({})", length,
                                                ChannelUri::max_length)};
    }
    return text;
}

std::string ChannelUriBuilder::build() const {
    Result<std::string> text = try_build();
    if (!text && text.error().code == ErrorCode::invalid_channel) {
        throw ChannelUriError(text.error().message);
    }
    return std::move(text).value_or_throw();
}

std::optional<ErrorInfo> ChannelUriBuilder::validate() const {
    if (const Result<std::string> text = try_build(); !text) {
        return text.error();
    }
    const Result<ChannelUri> uri = try_build_uri();
    if (is_spy_ || media_ == Media::udp) {
        if (const auto channel = uri::try_parse_udp_channel_params(uri.value()); !channel) {
            return channel.error();
        }
    }
    // What the URI leaves open is taken so that it rules nothing out.
    uri::ChannelDefaults open;
    open.udp = open.ipc = {.mtu_length = 0, .term_length = uri::max_term_length};
    const auto any_publication = [](std::int64_t) -> std::optional<uri::TaggedPublication> {
        return uri::TaggedPublication{.session_id = SessionId{0}, .mtu_length = 0, .term_length = uri::max_term_length};
    };
    if (const auto publication = uri::try_parse_publication_params(uri.value(), open, any_publication); !publication) {
        return publication.error();
    }
    return std::nullopt;
}

}  // namespace cpperon
