/// What a client asks of a driver: each command with its fields in the order in which they lie in memory. Written by
/// the client conductor, read by the driver conductor. spec: 02 §3
///
/// Texts and bytes are borrowed. In a decoded command they point into the decoded buffer and end with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "cpperon/command/message_type.hpp"

namespace cpperon::command {

/// An id that is absent, or the correlation id of a command that expects no reply. spec: 02 §1, §2.3
inline constexpr std::int64_t null_id = -1;

/// Limits of texts, in bytes. The codec carries any length: the client refuses more, the driver answers more with an
/// error or truncates. spec: 02 §3.2 notes
inline constexpr std::size_t max_channel_length = 4'095;
inline constexpr std::size_t max_counter_key_length = 112;
inline constexpr std::size_t max_counter_label_length = 380;
inline constexpr std::size_t max_reject_reason_length = 1'023;

// The `layout` of a message is its one description: it names the fields in memory order, and length, encoding and
// decoding follow from it (codec.hpp). `m` is the message, const or not; `f` visits one field after the other.

/// Answered by `PublicationReadyEvent`; may be shared with other adds of the same channel and stream.
struct AddPublicationCommand {
    static constexpr auto type = CommandType::add_publication;

    std::int64_t client_id = 0;
    std::int64_t correlation_id = 0;  ///< becomes the handle's registration id
    std::int32_t stream_id = 0;
    std::string_view channel;

    static constexpr void layout(auto& m, auto& f) {
        f("client id", m.client_id);
        f("correlation id", m.correlation_id);
        f("stream id", m.stream_id);
        f("channel", m.channel);
    }
};

/// Answered by `ExclusivePublicationReadyEvent`; always a publication of its own.
struct AddExclusivePublicationCommand {
    static constexpr auto type = CommandType::add_exclusive_publication;

    std::int64_t client_id = 0;
    std::int64_t correlation_id = 0;  ///< becomes the registration id
    std::int32_t stream_id = 0;
    std::string_view channel;

    static constexpr void layout(auto& m, auto& f) { AddPublicationCommand::layout(m, f); }
};

/// Drops one handle of a publication. Older clients end the message before the flags, which are then 0.
struct RemovePublicationCommand {
    static constexpr auto type = CommandType::remove_publication;
    static constexpr std::uint64_t revoke_flag = 1;

    std::int64_t client_id = 0;
    std::int64_t correlation_id = 0;
    std::int64_t registration_id = 0;  ///< the handle's, not the original one
    std::uint64_t flags = 0;

    [[nodiscard]] constexpr bool is_revoke() const noexcept { return (flags & revoke_flag) != 0; }

    static constexpr void layout(auto& m, auto& f) {
        f("client id", m.client_id);
        f("correlation id", m.correlation_id);
        f("registration id", m.registration_id);
        f.optional_last("flags", m.flags);
    }
};

/// Answered by `SubscriptionReadyEvent`, then by an `AvailableImageEvent` for each image.
struct AddSubscriptionCommand {
    static constexpr auto type = CommandType::add_subscription;

    std::int64_t client_id = 0;
    std::int64_t correlation_id = 0;                     ///< becomes the registration id
    std::int64_t registration_correlation_id = null_id;  ///< ignored by drivers
    std::int32_t stream_id = 0;
    std::string_view channel;

    static constexpr void layout(auto& m, auto& f) {
        f("client id", m.client_id);
        f("correlation id", m.correlation_id);
        f("registration correlation id", m.registration_correlation_id);
        f("stream id", m.stream_id);
        f("channel", m.channel);
    }
};

struct RemoveSubscriptionCommand {
    static constexpr auto type = CommandType::remove_subscription;

    std::int64_t client_id = 0;
    std::int64_t correlation_id = 0;
    std::int64_t registration_id = 0;

    static constexpr void layout(auto& m, auto& f) {
        f("client id", m.client_id);
        f("correlation id", m.correlation_id);
        f("registration id", m.registration_id);
    }
};

/// Not answered. Clients that have a heartbeat counter do not need it.
struct ClientKeepaliveCommand {
    static constexpr auto type = CommandType::client_keepalive;

    std::int64_t client_id = 0;
    std::int64_t correlation_id = 0;  ///< of no meaning

    static constexpr void layout(auto& m, auto& f) {
        f("client id", m.client_id);
        f("correlation id", m.correlation_id);
    }
};

/// Not answered; the driver frees everything of the client at its next tick.
struct ClientCloseCommand {
    static constexpr auto type = CommandType::client_close;

    std::int64_t client_id = 0;
    std::int64_t correlation_id = null_id;

    static constexpr void layout(auto& m, auto& f) { ClientKeepaliveCommand::layout(m, f); }
};

/// The correlation id is also the registration id of the destination.
struct AddDestinationCommand {
    static constexpr auto type = CommandType::add_destination;

    std::int64_t client_id = 0;
    std::int64_t correlation_id = 0;
    std::int64_t registration_id = 0;  ///< the publication's original one
    std::string_view channel;

    static constexpr void layout(auto& m, auto& f) {
        f("client id", m.client_id);
        f("correlation id", m.correlation_id);
        f("registration id", m.registration_id);
        f("channel", m.channel);
    }
};

struct RemoveDestinationCommand {
    static constexpr auto type = CommandType::remove_destination;

    std::int64_t client_id = 0;
    std::int64_t correlation_id = 0;
    std::int64_t registration_id = 0;  ///< the publication's original one
    std::string_view channel;

    static constexpr void layout(auto& m, auto& f) { AddDestinationCommand::layout(m, f); }
};

struct AddReceiveDestinationCommand {
    static constexpr auto type = CommandType::add_receive_destination;

    std::int64_t client_id = 0;
    std::int64_t correlation_id = 0;
    std::int64_t registration_id = 0;  ///< the subscription's
    std::string_view channel;

    static constexpr void layout(auto& m, auto& f) { AddDestinationCommand::layout(m, f); }
};

struct RemoveReceiveDestinationCommand {
    static constexpr auto type = CommandType::remove_receive_destination;

    std::int64_t client_id = 0;
    std::int64_t correlation_id = 0;
    std::int64_t registration_id = 0;  ///< the subscription's
    std::string_view channel;

    static constexpr void layout(auto& m, auto& f) { AddDestinationCommand::layout(m, f); }
};

struct RemoveDestinationByIdCommand {
    static constexpr auto type = CommandType::remove_destination_by_id;

    std::int64_t client_id = 0;
    std::int64_t correlation_id = 0;
    std::int64_t registration_id = 0;              ///< the publication's original one
    std::int64_t destination_registration_id = 0;  ///< correlation id of the `AddDestinationCommand`

    static constexpr void layout(auto& m, auto& f) {
        f("client id", m.client_id);
        f("correlation id", m.correlation_id);
        f("registration id", m.registration_id);
        f("destination registration id", m.destination_registration_id);
    }
};

/// Answered by `CounterReadyEvent`; the counter lives as long as the client.
struct AddCounterCommand {
    static constexpr auto type = CommandType::add_counter;

    std::int64_t client_id = 0;
    std::int64_t correlation_id = 0;  ///< becomes the registration id
    std::int32_t type_id = 0;
    std::span<const std::byte> key;
    std::string_view label;

    static constexpr void layout(auto& m, auto& f) {
        f("client id", m.client_id);
        f("correlation id", m.correlation_id);
        f("type id", m.type_id);
        f("key", m.key);
        f.align(4);
        f("label", m.label);
    }
};

/// Answered by `StaticCounterEvent`; the counter outlives the client, and a second add finds the first one's.
struct AddStaticCounterCommand {
    static constexpr auto type = CommandType::add_static_counter;

    std::int64_t client_id = 0;
    std::int64_t correlation_id = 0;
    std::int64_t registration_id = 0;  ///< chosen by the application
    std::int32_t type_id = 0;
    std::span<const std::byte> key;
    std::string_view label;

    static constexpr void layout(auto& m, auto& f) {
        f("client id", m.client_id);
        f("correlation id", m.correlation_id);
        f("registration id", m.registration_id);
        f("type id", m.type_id);
        f("key", m.key);
        f.align(4);
        f("label", m.label);
    }
};

struct RemoveCounterCommand {
    static constexpr auto type = CommandType::remove_counter;

    std::int64_t client_id = 0;
    std::int64_t correlation_id = 0;
    std::int64_t registration_id = 0;

    static constexpr void layout(auto& m, auto& f) { RemoveSubscriptionCommand::layout(m, f); }
};

/// Not answered; obeyed if the driver's termination validator accepts the token.
struct TerminateDriverCommand {
    static constexpr auto type = CommandType::terminate_driver;

    std::int64_t client_id = 0;
    std::int64_t correlation_id = null_id;
    std::span<const std::byte> token;

    static constexpr void layout(auto& m, auto& f) {
        f("client id", m.client_id);
        f("correlation id", m.correlation_id);
        f("token", m.token);
    }
};

/// Some clients leave both ids 0. Encoded to at least 40 bytes, as one driver demands that. spec: 02 §3.2 notes
struct RejectImageCommand {
    static constexpr auto type = CommandType::reject_image;

    std::int64_t client_id = 0;
    std::int64_t correlation_id = 0;
    std::int64_t image_correlation_id = 0;
    std::int64_t position = 0;
    std::string_view reason;

    static constexpr void layout(auto& m, auto& f) {
        f("client id", m.client_id);
        f("correlation id", m.correlation_id);
        f("image correlation id", m.image_correlation_id);
        f("position", m.position);
        f("reason", m.reason);
        f.pad_to(40);
    }
};

/// Answered by `NextAvailableSessionIdEvent`; reserves nothing.
struct GetNextAvailableSessionIdCommand {
    static constexpr auto type = CommandType::get_next_available_session_id;

    std::int64_t client_id = 0;
    std::int64_t correlation_id = 0;
    std::int32_t stream_id = 0;

    static constexpr void layout(auto& m, auto& f) {
        f("client id", m.client_id);
        f("correlation id", m.correlation_id);
        f("stream id", m.stream_id);
    }
};

/// Any command, as `decode_command` finds it.
using Command = std::variant<AddPublicationCommand, RemovePublicationCommand, AddExclusivePublicationCommand,
                             AddSubscriptionCommand, RemoveSubscriptionCommand, ClientKeepaliveCommand,
                             AddDestinationCommand, RemoveDestinationCommand, AddCounterCommand, RemoveCounterCommand,
                             ClientCloseCommand, AddReceiveDestinationCommand, RemoveReceiveDestinationCommand,
                             TerminateDriverCommand, AddStaticCounterCommand, RejectImageCommand,
                             RemoveDestinationByIdCommand, GetNextAvailableSessionIdCommand>;

}  // namespace cpperon::command
