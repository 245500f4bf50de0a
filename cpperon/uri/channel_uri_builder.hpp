/// Writes channel URIs with a typed setter for each parameter:
/// `ChannelUriBuilder{Media::udp}.endpoint("localhost:20121").term_length("128k").linger(5s).build()`.
/// Used by applications and tools; a plain value, one thread at a time. spec: 05 §14.1, §14.4
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cpperon/base/ids.hpp"
#include "cpperon/base/result.hpp"
#include "cpperon/uri/channel_uri.hpp"
#include "cpperon/uri/values.hpp"

namespace cpperon {

/// A size to set: a number of bytes, or text such as `"128k"`.
class SizeParameter {
public:
    template <std::integral T>
    // NOLINTNEXTLINE(google-explicit-constructor): a number is a size
    requires(!std::same_as<T, bool>) SizeParameter(const T bytes) : text_(std::to_string(bytes)) {}

    SizeParameter(const char* text) : text_(text) {}             // NOLINT(google-explicit-constructor)
    SizeParameter(const std::string_view text) : text_(text) {}  // NOLINT(google-explicit-constructor)
    SizeParameter(std::string text) : text_(std::move(text)) {}  // NOLINT(google-explicit-constructor)

    /// As it goes into the URI.
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
    std::string text_;
};

/// A duration to set: a `std::chrono` one, or text such as `"5ms"`.
class DurationParameter {
public:
    template <typename Rep, typename Period>
    DurationParameter(const std::chrono::duration<Rep, Period> duration)  // NOLINT(google-explicit-constructor)
        : text_(std::to_string(std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count())) {}

    DurationParameter(const char* text) : text_(text) {}             // NOLINT(google-explicit-constructor)
    DurationParameter(const std::string_view text) : text_(text) {}  // NOLINT(google-explicit-constructor)
    DurationParameter(std::string text) : text_(std::move(text)) {}  // NOLINT(google-explicit-constructor)

    /// As it goes into the URI.
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
    std::string text_;
};

/// See the head of this file.
///
/// A setter takes any value, and `std::nullopt` takes the parameter out again; nothing is checked before `build`, so
/// that the setters do not throw and chain freely. `build` checks each value by the rules of a driver and prints
/// parameters in a fixed order, then those of unknown keys; `validate` checks how they go together.
class ChannelUriBuilder {
public:
    /// Without media, which have to be set before the URI is built.
    ChannelUriBuilder() = default;

    explicit ChannelUriBuilder(Media media) : media_(media) {}

    /// Starts from a URI, whose unknown parameters are kept.
    explicit ChannelUriBuilder(const ChannelUri& uri);

    /// Starts from the text of a URI. Throws `ChannelUriError`.
    [[nodiscard]] static ChannelUriBuilder from(std::string_view text);

    /// As `from`, but an error is a value: code `invalid_channel`.
    static Result<ChannelUriBuilder> try_from(std::string_view text);

    /// Takes everything out.
    ChannelUriBuilder& clear();

    /// What carries the channel: the one thing that has to be set.
    ChannelUriBuilder& media(std::optional<Media> media);

    /// Whether the URI has the prefix `aeron-spy:`.
    ChannelUriBuilder& spy(bool is_spy);

    // ---- Addresses ----

    /// As text: `<channel tag>,<entity tag>`, either of them alone.
    ChannelUriBuilder& tags(std::optional<std::string_view> tags);
    /// An entity tag demands a channel tag.
    ChannelUriBuilder& tags(std::optional<std::int64_t> channel_tag, std::optional<std::int64_t> entity_tag);
    /// Where the receiver is; port 0 for a subscription: any.
    ChannelUriBuilder& endpoint(std::optional<std::string_view> host_and_port);
    /// An address, a network such as `10.0.0.0/24`, or `{name}`.
    ChannelUriBuilder& network_interface(std::optional<std::string_view> interface);
    /// The publisher's control address.
    ChannelUriBuilder& control_endpoint(std::optional<std::string_view> host_and_port);
    /// `ControlMode::none` takes the mode out.
    ChannelUriBuilder& control_mode(std::optional<ControlMode> mode);
    ChannelUriBuilder& ttl(std::optional<std::int32_t> ttl);  ///< 0 to 255

    // ---- Publications ----

    ChannelUriBuilder& mtu(const std::optional<SizeParameter>& mtu_length);  ///< 64 to 65,504, a multiple of 32
    ChannelUriBuilder& term_length(const std::optional<SizeParameter>& term_length);  ///< 64k to 1g, a power of two
    /// The start of the stream, with the next two: all or none.
    ChannelUriBuilder& initial_term_id(std::optional<std::int32_t> initial_term_id);
    /// The term in which this publication begins.
    ChannelUriBuilder& term_id(std::optional<std::int32_t> term_id);
    ChannelUriBuilder& term_offset(std::optional<std::int64_t> term_offset);  ///< 0 to 1g, a multiple of 32
    /// Sets `term-length`, `init-term-id`, `term-id` and `term-offset` for a start at `position`, a multiple of 32.
    /// spec: 05 §12
    ChannelUriBuilder& initial_position(std::int64_t position, std::int32_t initial_term_id, std::int32_t term_length);
    /// How long a closed publication stays for those who still read.
    ChannelUriBuilder& linger(const std::optional<DurationParameter>& timeout);
    /// False: take the space of the log at once.
    ChannelUriBuilder& sparse(std::optional<bool> is_sparse);
    /// Whether closing tells receivers that the stream ends.
    ChannelUriBuilder& eos(std::optional<bool> signals_eos);
    /// Whether a spy alone makes the publication connected.
    ChannelUriBuilder& spies_simulate_connection(std::optional<bool> simulate);
    /// How far the publisher may be ahead; from the MTU to half a term.
    ChannelUriBuilder& publication_window_length(const std::optional<SizeParameter>& length);
    ChannelUriBuilder& max_resend(std::optional<std::int32_t> count);  ///< 1 to 256
    /// As text: `max`, `min` or `tagged`, and options.
    ChannelUriBuilder& flow_control(std::optional<std::string_view> strategy);
    /// As fast as the slowest receiver with this tag.
    ChannelUriBuilder& tagged_flow_control(std::int64_t group_tag, std::optional<std::int32_t> group_min_size = {},
                                           const std::optional<DurationParameter>& receiver_timeout = {});
    /// As fast as the slowest receiver.
    ChannelUriBuilder& min_flow_control(std::optional<std::int32_t> group_min_size = {},
                                        const std::optional<DurationParameter>& receiver_timeout = {});
    ChannelUriBuilder& response_correlation_id(std::optional<std::int64_t> id);  ///< from -1
    /// `response-correlation-id=prototype`. spec: 05 §13.2
    ChannelUriBuilder& response_prototype();
    /// For programs; no driver looks at it.
    ChannelUriBuilder& response_endpoint(std::optional<std::string_view> host_and_port);

    // ---- Publications and subscriptions ----

    /// Of the publication; the only one that the subscription receives.
    ChannelUriBuilder& session_id(std::optional<SessionId> session_id);
    /// `session-id=tag:<n>`: the session of the publication with that entity tag. spec: 05 §13.1
    ChannelUriBuilder& tagged_session_id(std::optional<std::int64_t> entity_tag);
    /// For programs; drivers do not look at it.
    ChannelUriBuilder& stream_id(std::optional<std::int32_t> stream_id);
    /// A label for people.
    ChannelUriBuilder& alias(std::optional<std::string_view> alias);
    /// 0: the system's default.
    ChannelUriBuilder& socket_send_buffer_length(const std::optional<SizeParameter>& length);
    /// 0: the system's default.
    ChannelUriBuilder& socket_receive_buffer_length(const std::optional<SizeParameter>& length);
    /// When an untethered subscription that is behind is left behind.
    ChannelUriBuilder& untethered_window_limit_timeout(const std::optional<DurationParameter>& timeout);
    /// How long it may go on reading.
    ChannelUriBuilder& untethered_linger_timeout(const std::optional<DurationParameter>& timeout);
    /// When it may come again.
    ChannelUriBuilder& untethered_resting_timeout(const std::optional<DurationParameter>& timeout);
    /// When the network card or the kernel received the message.
    ChannelUriBuilder& media_receive_timestamp_offset(std::optional<TimestampOffset> offset);
    /// When the driver received it.
    ChannelUriBuilder& channel_receive_timestamp_offset(std::optional<TimestampOffset> offset);
    /// When the driver sent it.
    ChannelUriBuilder& channel_send_timestamp_offset(std::optional<TimestampOffset> offset);
    /// `ats`; drivers that are open source refuse `true`.
    ChannelUriBuilder& asymmetric_transport_security(std::optional<bool> is_enabled);

    // ---- Subscriptions ----

    /// False: step over what is lost.
    ChannelUriBuilder& reliable(std::optional<bool> is_reliable);
    /// Whether to come again after having been left behind.
    ChannelUriBuilder& rejoin(std::optional<bool> is_rejoin);
    /// False: do not hold the publisher back.
    ChannelUriBuilder& tether(std::optional<bool> is_tether);
    /// Whether to count as one of many receivers.
    ChannelUriBuilder& group(std::optional<GroupConsideration> group);
    /// What tagged flow control knows the receiver by.
    ChannelUriBuilder& group_tag(std::optional<std::int64_t> tag);
    ChannelUriBuilder& congestion_control(std::optional<std::string_view> strategy);  ///< `static` or `cubic`
    /// How far the sender may be ahead of the subscriber.
    ChannelUriBuilder& receiver_window_length(const std::optional<SizeParameter>& length);
    /// From the loss to the request, for unicast.
    ChannelUriBuilder& nak_delay(const std::optional<DurationParameter>& delay);

    // ---- Any parameter ----

    /// Sets a parameter by its key; known ones are checked as by their setter.
    ChannelUriBuilder& put(std::string_view key, std::optional<std::string_view> value);

    /// Takes the parameter of `key` over from `uri`, or out if it has none.
    ChannelUriBuilder& copy(std::string_view key, const ChannelUri& uri);

    // ---- The result ----

    /// The URI, or the first value that is not allowed: code `invalid_channel` if the media are missing or the URI gets
    /// too long, otherwise `invalid_argument`. Sizes and durations are printed in their largest exact unit.
    [[nodiscard]] Result<std::string> try_build() const;

    /// As `try_build`, but throws `InvalidArgumentError` or `ChannelUriError`.
    [[nodiscard]] std::string build() const;

    /// As `try_build`, but taken apart.
    [[nodiscard]] Result<ChannelUri> try_build_uri() const;

    /// What is wrong with the URI as a whole, besides what `try_build` finds: no address, an incomplete or
    /// contradictory start position, a publication window that does not fit, timestamps that overlap. Nothing if a
    /// driver would take it. The codes are those a driver would answer.
    [[nodiscard]] std::optional<ErrorInfo> validate() const;

private:
    ChannelUriBuilder& set(std::string_view key, std::optional<std::string> text);

    std::optional<Media> media_;
    bool is_spy_ = false;
    std::vector<ChannelUri::Parameter> parameters_;  ///< as they were given, unchecked
};

}  // namespace cpperon
