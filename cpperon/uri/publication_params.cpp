#include "cpperon/uri/publication_params.hpp"

#include <algorithm>
#include <bit>
#include <string>

#include <fmt/format.h>

#include "cpperon/base/align.hpp"
#include "cpperon/base/parse_value.hpp"
#include "cpperon/uri/keys.hpp"
#include "cpperon/uri/parameter_reader.hpp"
#include "cpperon/uri/untethered_timeouts.hpp"

namespace cpperon::uri {

namespace {

constexpr std::int32_t frame_header_length = 32;

ErrorInfo refused(std::string message) {
    return {.code = ErrorCode::generic_error, .message = std::move(message)};
}

/// Reads into one `PublicationParams`; one function per group of keys, called in the order of spec 05 §8.
class PublicationReader {
public:
    PublicationReader(const ChannelUri& uri, const ChannelDefaults& defaults)
        : uri_(uri), defaults_(defaults), media_defaults_(uri.is_ipc() ? defaults.ipc : defaults.udp), reader_(uri) {
        params_.term_length = media_defaults_.term_length;
        params_.mtu_length = media_defaults_.mtu_length;
    }

    Result<PublicationParams> read(const FindTaggedPublication& find_tagged) {
        read_session_id(find_tagged);
        if (const auto tags = reader_.text(key::tags)) {
            params_.entity_tag = reader_.take(try_parse_entity_tag(*tags)).value_or(std::nullopt);
        }
        params_.linger_timeout_ns = reader_.duration_ns(key::linger).value_or(defaults_.linger_timeout_ns);
        read_term_length();
        read_max_resend();
        read_mtu_length();
        read_publication_window();
        read_start_position();
        params_.is_sparse = reader_.boolean(key::sparse).value_or(defaults_.is_sparse);
        params_.signals_eos = reader_.boolean(key::eos).value_or(true);
        params_.spies_simulate_connection =
            reader_.boolean(key::spies_simulate_connection).value_or(defaults_.spies_simulate_connection);
        if (const auto id = reader_.text(key::response_correlation_id)) {
            params_.response_correlation_id =
                reader_.take(try_parse_response_correlation_id(*id)).value_or(response_correlation_none);
        }
        const UntetheredTimeouts timeouts = read_untethered_timeouts(reader_, defaults_);
        params_.untethered_window_limit_timeout_ns = timeouts.window_limit_ns;
        params_.untethered_linger_timeout_ns = timeouts.linger_ns;
        params_.untethered_resting_timeout_ns = timeouts.resting_ns;
        if (!reader_.is_ok()) {
            return *reader_.error();
        }
        return params_;
    }

private:
    void read_session_id(const FindTaggedPublication& find_tagged) {
        const std::optional<std::string_view> value = reader_.text(key::session_id);
        if (!value) {
            return;
        }
        if (!is_tagged(*value)) {
            if (const std::optional<std::int32_t> session_id = reader_.int32(key::session_id)) {
                params_.session_id = SessionId{*session_id};
            }
            return;
        }
        const Result<std::int64_t> tag = try_parse_int64(value->substr(tag_prefix.size()));
        if (!tag) {
            reader_.fail(could_not_parse(key::session_id, *value, tag.error().message));
            return;
        }
        const std::optional<TaggedPublication> tagged = find_tagged ? find_tagged(tag.value()) : std::nullopt;
        if (!tagged) {
            reader_.fail(refused(fmt::format(
                "{}={} must reference a network publication: none has the entity tag {}; add that one before",
                key::session_id, *value, tag.value())));
            return;
        }
        params_.session_id = tagged->session_id;
        params_.mtu_length = tagged->mtu_length;
        params_.term_length = tagged->term_length;
    }

    void read_term_length() {
        if (const std::optional<std::int64_t> length = reader_.size(key::term_length)) {
            reader_.require(check_term_length(*length));
            params_.has_term_length = true;
            if (reader_.is_ok()) {
                params_.term_length = static_cast<std::int32_t>(*length);
            }
        }
    }

    void read_max_resend() {
        params_.max_resend = defaults_.max_resend;
        if (const std::optional<std::int64_t> count = reader_.size(key::max_resend)) {
            reader_.require(check_max_resend(*count));
            if (reader_.is_ok()) {
                params_.max_resend = static_cast<std::int32_t>(*count);
            }
        }
    }

    void read_mtu_length() {
        if (const std::optional<std::int64_t> length = reader_.size(key::mtu)) {
            reader_.require(check_mtu_length(*length));
            params_.has_mtu_length = true;
            if (reader_.is_ok()) {
                params_.mtu_length = static_cast<std::int32_t>(*length);
            }
        }
    }

    void read_publication_window() {
        params_.publication_window_length =
            default_publication_window(media_defaults_.window_length, params_.term_length);
        const std::optional<std::int64_t> length = reader_.size(key::publication_window);
        if (!length) {
            return;
        }
        const std::string value(uri_.get_or(key::publication_window, ""));
        if (*length < params_.mtu_length) {
            reader_.fail(refused(fmt::format("{}={} cannot be less than the mtu={}; {} to {} is allowed",
                                             key::publication_window, value, params_.mtu_length, params_.mtu_length,
                                             params_.term_length / 2)));
        } else if (*length > params_.term_length / 2) {
            reader_.fail(refused(fmt::format("{}={} must not exceed half the term-length={}; {} to {} is allowed",
                                             key::publication_window, value, params_.term_length, params_.mtu_length,
                                             params_.term_length / 2)));
        } else {
            params_.publication_window_length = static_cast<std::int32_t>(*length);
        }
    }

    void read_start_position() {
        const bool has_initial_term_id = uri_.contains(key::initial_term_id);
        const bool has_term_id = uri_.contains(key::term_id);
        const std::optional<std::string_view> offset_text = reader_.text(key::term_offset);
        const std::optional<std::int32_t> initial_term_id = reader_.int32(key::initial_term_id);
        const std::optional<std::int32_t> term_id = reader_.int32(key::term_id);
        if (!reader_.is_ok() || !(has_initial_term_id || has_term_id || offset_text)) {
            return;
        }
        if (!(initial_term_id && term_id && offset_text)) {
            reader_.fail(refused(fmt::format("{}, {} and {} must be used as a complete set: give all three or none",
                                             key::initial_term_id, key::term_id, key::term_offset)));
            return;
        }
        const Result<std::int64_t> offset = try_parse_int64(*offset_text);
        if (!offset) {
            reader_.fail(could_not_parse(key::term_offset, *offset_text, offset.error().message));
            return;
        }
        const auto difference = static_cast<std::int32_t>(static_cast<std::uint32_t>(*term_id) -
                                                          static_cast<std::uint32_t>(*initial_term_id));
        if (difference < 0) {
            reader_.fail(refused(fmt::format(
                "Param difference greater than 2^31 - 1: {}={} {}={}; {} must not precede {}", key::initial_term_id,
                *initial_term_id, key::term_id, *term_id, key::term_id, key::initial_term_id)));
        } else if (offset.value() < 0 || offset.value() > params_.term_length) {
            reader_.fail(refused(fmt::format("{}={} is out of range: 0 to {}={} is allowed", key::term_offset,
                                             *offset_text, key::term_length, params_.term_length)));
        } else if (offset.value() % frame_alignment != 0) {
            reader_.fail(refused(fmt::format("{}={} must be a multiple of FRAME_ALIGNMENT, {}", key::term_offset,
                                             *offset_text, frame_alignment)));
        } else {
            params_.start_position = StartPosition{.initial_term_id = *initial_term_id,
                                                   .term_id = *term_id,
                                                   .term_offset = static_cast<std::int32_t>(offset.value())};
        }
    }

    const ChannelUri& uri_;
    const ChannelDefaults& defaults_;
    const ChannelDefaults::Publication& media_defaults_;
    ParameterReader reader_;
    PublicationParams params_;
};

}  // namespace

std::int64_t StartPosition::position(const std::int32_t term_length) const noexcept {
    const std::uint32_t term_count = static_cast<std::uint32_t>(term_id) - static_cast<std::uint32_t>(initial_term_id);
    return std::int64_t{term_count} * term_length + term_offset;
}

StartPosition StartPosition::from_position(const std::int64_t position, const std::int32_t initial_term_id,
                                           const std::int32_t term_length) noexcept {
    const int bits_to_shift = std::countr_zero(static_cast<std::uint32_t>(term_length));
    const auto term_count = static_cast<std::uint32_t>(static_cast<std::uint64_t>(position) >> bits_to_shift);
    return {.initial_term_id = initial_term_id,
            .term_id = static_cast<std::int32_t>(term_count + static_cast<std::uint32_t>(initial_term_id)),
            .term_offset = static_cast<std::int32_t>(position & (term_length - 1))};
}

PublicationParams PublicationParams::as_prototype() const {
    PublicationParams prototype = *this;
    prototype.term_length = min_term_length;
    prototype.publication_window_length = std::min(publication_window_length, min_term_length / 2);
    return prototype;
}

Result<PublicationParams> try_parse_publication_params(const ChannelUri& uri, const ChannelDefaults& defaults,
                                                       const FindTaggedPublication& find_tagged) {
    return PublicationReader(uri, defaults).read(find_tagged);
}

std::optional<ErrorInfo> check_can_join(const PublicationParams& params, const LivePublication& live,
                                        const Media media) {
    const auto differs = [](const std::string_view what, const auto given, const auto existing) {
        return refused(
            fmt::format("existing publication has different '{}': existing={} requested={}; give the same or "
                        "leave it out",
                        what, existing, given));
    };
    if (params.session_id && *params.session_id != live.session_id) {
        return differs(key::session_id, static_cast<std::int32_t>(*params.session_id),
                       static_cast<std::int32_t>(live.session_id));
    }
    if (params.has_mtu_length && params.mtu_length != live.mtu_length) {
        return differs(key::mtu, params.mtu_length, live.mtu_length);
    }
    if (params.has_term_length && params.term_length != live.term_length) {
        return differs(key::term_length, params.term_length, live.term_length);
    }
    if (params.start_position) {
        const StartPosition& start = *params.start_position;
        if (start.initial_term_id != live.start_position.initial_term_id) {
            return differs(key::initial_term_id, start.initial_term_id, live.start_position.initial_term_id);
        }
        if (start.term_id != live.start_position.term_id) {
            return differs(key::term_id, start.term_id, live.start_position.term_id);
        }
        if (start.term_offset != live.start_position.term_offset) {
            return differs(key::term_offset, start.term_offset, live.start_position.term_offset);
        }
    }
    if (media == Media::udp && params.spies_simulate_connection != live.spies_simulate_connection) {
        return refused(fmt::format(
            "existing publication has different spies simulate connection: existing={} requested={}; it is compared "
            "even where the URI leaves {} to the driver's setting",
            live.spies_simulate_connection, params.spies_simulate_connection, key::spies_simulate_connection));
    }
    return std::nullopt;
}

std::optional<ErrorInfo> check_mtu_length(const std::int64_t mtu_length) {
    if (mtu_length <= frame_header_length || mtu_length > max_mtu_length) {
        return refused(
            fmt::format("mtuLength must be a > HEADER_LENGTH and <= MAX_UDP_PAYLOAD_LENGTH: {}={}; multiples "
                        "of {} from {} to {} are allowed",
                        key::mtu, mtu_length, frame_alignment, frame_header_length + frame_alignment, max_mtu_length));
    }
    if (mtu_length % frame_alignment != 0) {
        return refused(fmt::format("mtuLength must be a multiple of FRAME_ALIGNMENT, {}: {}={}", frame_alignment,
                                   key::mtu, mtu_length));
    }
    return std::nullopt;
}

std::optional<ErrorInfo> check_term_length(const std::int64_t term_length) {
    if (term_length < min_term_length) {
        return refused(fmt::format("term length less than min length of {}: {}={}", min_term_length, key::term_length,
                                   term_length));
    }
    if (term_length > max_term_length) {
        return refused(fmt::format("term length greater than max length of {}: {}={}", max_term_length,
                                   key::term_length, term_length));
    }
    if (!is_power_of_two(term_length)) {
        return refused(fmt::format("term length not a power of 2: {}={}", key::term_length, term_length));
    }
    return std::nullopt;
}

std::optional<ErrorInfo> check_max_resend(const std::int64_t max_resend) {
    if (max_resend < 1 || max_resend > max_resend_limit) {
        return refused(
            fmt::format("invalid {}={}, must be > 0 and <= {}", key::max_resend, max_resend, max_resend_limit));
    }
    return std::nullopt;
}

std::int32_t default_publication_window(const std::int32_t configured, const std::int32_t term_length) noexcept {
    const std::int32_t half_a_term = term_length / 2;
    return configured > 0 && configured < half_a_term ? configured : half_a_term;
}

}  // namespace cpperon::uri
