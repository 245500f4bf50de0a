/// What a driver tells its clients: each event with its fields in the order in which they lie in memory. Written by the
/// driver conductor, read by every client conductor, which filters for itself. spec: 02 §4
///
/// Texts are borrowed. In a decoded event they point into the decoded buffer and end with it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "cpperon/base/error.hpp"
#include "cpperon/command/message_type.hpp"

namespace cpperon::command {

/// The most a driver writes into an `ErrorEvent`, message included. spec: 02 §4.2 notes
inline constexpr std::size_t max_error_event_length = 8'192;

// `layout`: see commands.hpp.

/// A command failed. The number of `code` may be one this version has no name for.
struct ErrorEvent {
    static constexpr auto type = EventType::error;

    /// Of the command; with code `channel_endpoint_error` it is a channel status counter id instead. spec: 02 §5
    std::int64_t offending_correlation_id = 0;
    ErrorCode code = ErrorCode::generic_error;
    std::string_view message;

    static constexpr void layout(auto& m, auto& f) {
        f("offending correlation id", m.offending_correlation_id);
        f("code", m.code);
        f("message", m.message);
    }
};

/// A subscription got an image.
struct AvailableImageEvent {
    static constexpr auto type = EventType::available_image;

    std::int64_t correlation_id = 0;  ///< names the image; for IPC and spies the publication's original registration id
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::int64_t subscription_registration_id = 0;
    std::int32_t subscriber_position_id = 0;  ///< counter
    std::string_view log_file_name;
    std::string_view source_identity;  ///< `aeron:ipc`, `ip:port` or `[ip6]:port`

    static constexpr void layout(auto& m, auto& f) {
        f("image correlation id", m.correlation_id);
        f("session id", m.session_id);
        f("stream id", m.stream_id);
        f("subscription registration id", m.subscription_registration_id);
        f("subscriber position id", m.subscriber_position_id);
        f("log file name", m.log_file_name);
        f.align(4);
        f("source identity", m.source_identity);
    }
};

struct PublicationReadyEvent {
    static constexpr auto type = EventType::publication_ready;

    std::int64_t correlation_id = 0;   ///< of the command: the handle's registration id
    std::int64_t registration_id = 0;  ///< the original one, of the first add
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::int32_t position_limit_id = 0;   ///< counter
    std::int32_t channel_status_id = -1;  ///< counter; IPC and spies have none: -1
    std::string_view log_file_name;

    static constexpr void layout(auto& m, auto& f) {
        f("correlation id", m.correlation_id);
        f("registration id", m.registration_id);
        f("session id", m.session_id);
        f("stream id", m.stream_id);
        f("position limit id", m.position_limit_id);
        f("channel status id", m.channel_status_id);
        f("log file name", m.log_file_name);
    }
};

/// Both ids must be equal.
struct ExclusivePublicationReadyEvent {
    static constexpr auto type = EventType::exclusive_publication_ready;

    std::int64_t correlation_id = 0;
    std::int64_t registration_id = 0;
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::int32_t position_limit_id = 0;   ///< counter
    std::int32_t channel_status_id = -1;  ///< counter; IPC and spies have none: -1
    std::string_view log_file_name;

    static constexpr void layout(auto& m, auto& f) { PublicationReadyEvent::layout(m, f); }
};

/// A remove, a destination command or a rejection was done.
struct OperationSuccessEvent {
    static constexpr auto type = EventType::operation_success;

    std::int64_t correlation_id = 0;

    static constexpr void layout(auto& m, auto& f) { f("correlation id", m.correlation_id); }
};

/// A subscription lost an image. Clients go by the two ids alone.
struct UnavailableImageEvent {
    static constexpr auto type = EventType::unavailable_image;

    std::int64_t correlation_id = 0;  ///< names the image
    std::int64_t subscription_registration_id = 0;
    std::int32_t stream_id = 0;
    std::string_view channel;  ///< the subscription's

    static constexpr void layout(auto& m, auto& f) {
        f("image correlation id", m.correlation_id);
        f("subscription registration id", m.subscription_registration_id);
        f("stream id", m.stream_id);
        f("channel", m.channel);
    }
};

struct SubscriptionReadyEvent {
    static constexpr auto type = EventType::subscription_ready;

    std::int64_t correlation_id = 0;
    std::int32_t channel_status_id = -1;  ///< counter; IPC and spies have none: -1

    static constexpr void layout(auto& m, auto& f) {
        f("correlation id", m.correlation_id);
        f("channel status id", m.channel_status_id);
    }
};

/// The correlation id of the `AddCounterCommand`, or the client id for a client's heartbeat counter.
struct CounterReadyEvent {
    static constexpr auto type = EventType::counter_ready;

    std::int64_t registration_id = 0;
    std::int32_t counter_id = 0;

    static constexpr void layout(auto& m, auto& f) {
        f("registration id", m.registration_id);
        f("counter id", m.counter_id);
    }
};

struct UnavailableCounterEvent {
    static constexpr auto type = EventType::unavailable_counter;

    std::int64_t registration_id = 0;
    std::int32_t counter_id = 0;

    static constexpr void layout(auto& m, auto& f) { CounterReadyEvent::layout(m, f); }
};

struct ClientTimeoutEvent {
    static constexpr auto type = EventType::client_timeout;

    std::int64_t client_id = 0;

    static constexpr void layout(auto& m, auto& f) { f("client id", m.client_id); }
};

struct StaticCounterEvent {
    static constexpr auto type = EventType::static_counter;

    std::int64_t correlation_id = 0;
    std::int32_t counter_id = 0;

    static constexpr void layout(auto& m, auto& f) {
        f("correlation id", m.correlation_id);
        f("counter id", m.counter_id);
    }
};

/// Who rejected: how to read `PublicationErrorEvent::source_address`. Other numbers are read as `unknown`.
enum class AddressType : std::int16_t { unknown = 0, ipv4 = 1, ipv6 = 2 };

/// A receiver, or an IPC subscriber, rejected the image of a publication. Encoded to at least 72 bytes, as one client
/// demands that. spec: 02 §4.2 notes
struct PublicationErrorEvent {
    static constexpr auto type = EventType::publication_error;

    std::int64_t registration_id = 0;  ///< the publication's original one
    std::int64_t destination_registration_id = -1;
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::int64_t receiver_id = 0;
    std::int64_t group_tag = -1;
    AddressType address_type = AddressType::unknown;
    std::uint16_t source_port = 0;               ///< in host order, unlike in a packet
    std::array<std::byte, 16> source_address{};  ///< in network order; IPv4 in the first four bytes
    ErrorCode code = ErrorCode::image_rejected;
    std::string_view message;

    static constexpr void layout(auto& m, auto& f) {
        f("registration id", m.registration_id);
        f("destination registration id", m.destination_registration_id);
        f("session id", m.session_id);
        f("stream id", m.stream_id);
        f("receiver id", m.receiver_id);
        f("group tag", m.group_tag);
        f("address type", m.address_type);
        f("source port", m.source_port);
        f("source address", m.source_address);
        f("code", m.code);
        f("message", m.message);
        f.pad_to(72);
    }
};

struct NextAvailableSessionIdEvent {
    static constexpr auto type = EventType::next_available_session_id;

    std::int64_t correlation_id = 0;
    std::int32_t session_id = 0;

    static constexpr void layout(auto& m, auto& f) {
        f("correlation id", m.correlation_id);
        f("session id", m.session_id);
    }
};

/// Any event, as `decode_event` finds it.
using Event =
    std::variant<ErrorEvent, AvailableImageEvent, PublicationReadyEvent, OperationSuccessEvent, UnavailableImageEvent,
                 ExclusivePublicationReadyEvent, SubscriptionReadyEvent, CounterReadyEvent, UnavailableCounterEvent,
                 ClientTimeoutEvent, StaticCounterEvent, PublicationErrorEvent, NextAvailableSessionIdEvent>;

}  // namespace cpperon::command
