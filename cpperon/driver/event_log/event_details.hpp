/// What is logged of the events that are neither commands nor frames: values, with the words before each as they stand
/// in a line. `fields` is the one description of a kind; writing it into a record, reading it back and printing it
/// follow from that. `d` are the details, const or not; `f(words, value)` visits one field after the other.
/// spec: 06 §22
///
/// Texts are borrowed; in details that were read they point into the record.
#pragma once

#include <cstdint>
#include <string_view>

#include "cpperon/driver/conductor/tether.hpp"
#include "cpperon/net/socket_address.hpp"

namespace cpperon::driver {

/// NAK_SENT, NAK_RECEIVED.
struct NakDetails {
    net::SocketAddress address;  ///< where it goes, or comes from
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::int32_t term_id = 0;
    std::int32_t term_offset = 0;
    std::int32_t length = 0;
    std::string_view channel;

    static constexpr void fields(auto& d, auto& f) {
        f("address=", d.address);
        f(" sessionId=", d.session_id);
        f(" streamId=", d.stream_id);
        f(" termId=", d.term_id);
        f(" termOffset=", d.term_offset);
        f(" length=", d.length);
        f(" channel=", d.channel);
    }
};

/// RESEND: what was sent again.
struct ResendDetails {
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::int32_t term_id = 0;
    std::int32_t term_offset = 0;
    std::int64_t length = 0;
    std::string_view channel;

    static constexpr void fields(auto& d, auto& f) {
        f("sessionId=", d.session_id);
        f(" streamId=", d.stream_id);
        f(" termId=", d.term_id);
        f(" termOffset=", d.term_offset);
        f(" length=", d.length);
        f(" channel=", d.channel);
    }
};

/// REMOVE_PUBLICATION_CLEANUP.
struct PublicationDetails {
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::string_view channel;

    static constexpr void fields(auto& d, auto& f) {
        f("sessionId=", d.session_id);
        f(" streamId=", d.stream_id);
        f(" channel=", d.channel);
    }
};

/// REMOVE_SUBSCRIPTION_CLEANUP.
struct SubscriptionDetails {
    std::int32_t stream_id = 0;
    std::int64_t registration_id = 0;
    std::string_view channel;

    static constexpr void fields(auto& d, auto& f) {
        f("streamId=", d.stream_id);
        f(" id=", d.registration_id);
        f(" channel=", d.channel);
    }
};

/// REMOVE_IMAGE_CLEANUP.
struct ImageDetails {
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::int64_t correlation_id = 0;
    std::string_view channel;

    static constexpr void fields(auto& d, auto& f) {
        f("sessionId=", d.session_id);
        f(" streamId=", d.stream_id);
        f(" id=", d.correlation_id);
        f(" channel=", d.channel);
    }
};

/// PUBLICATION_REVOKE, PUBLICATION_IMAGE_REVOKE.
struct RevokeDetails {
    std::int64_t position = 0;  ///< where the stream ends
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::string_view channel;

    static constexpr void fields(auto& d, auto& f) {
        f("revokedPos=", d.position);
        f(" sessionId=", d.session_id);
        f(" streamId=", d.stream_id);
        f(" channel=", d.channel);
    }
};

/// SEND_CHANNEL_CREATION and _CLOSE, RECEIVE_CHANNEL_CREATION and _CLOSE. Addresses as the channel has them.
struct ChannelDetails {
    net::SocketAddress local_data;
    net::SocketAddress remote_data;
    std::int32_t ttl = 0;

    static constexpr void fields(auto& d, auto& f) {
        f("localData: ", d.local_data);
        f(", remoteData: ", d.remote_data);
        f(", ttl: ", d.ttl);
    }
};

/// UNTETHERED_SUBSCRIPTION_STATE_CHANGE.
struct UntetheredDetails {
    std::int64_t subscription_id = 0;
    std::int32_t stream_id = 0;
    std::int32_t session_id = 0;
    TetherState from{};
    TetherState to{};

    static constexpr void fields(auto& d, auto& f) {
        f("subscriptionId=", d.subscription_id);
        f(" streamId=", d.stream_id);
        f(" sessionId=", d.session_id);
        f(" ", d.from);
        f(" -> ", d.to);
    }
};

/// FLOW_CONTROL_RECEIVER_ADDED, FLOW_CONTROL_RECEIVER_REMOVED.
struct ReceiverDetails {
    std::int64_t receiver_count = 0;  ///< with the change
    std::int64_t receiver_id = 0;
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::string_view channel;

    static constexpr void fields(auto& d, auto& f) {
        f("receiverCount=", d.receiver_count);
        f(" receiverId=", d.receiver_id);
        f(" sessionId=", d.session_id);
        f(" streamId=", d.stream_id);
        f(" channel=", d.channel);
    }
};

/// NAME_RESOLUTION_NEIGHBOR_ADDED, NAME_RESOLUTION_NEIGHBOR_REMOVED.
struct NeighborDetails {
    net::SocketAddress address;

    static constexpr void fields(auto& d, auto& f) { f("", d.address); }
};

/// NAME_RESOLUTION_LOOKUP.
struct LookupDetails {
    std::string_view resolver;
    std::int64_t duration_ns = 0;
    std::string_view name;
    bool is_re_lookup = false;
    std::string_view resolved_name;

    static constexpr void fields(auto& d, auto& f) {
        f("resolver=", d.resolver);
        f(" durationNs=", d.duration_ns);
        f(" name=", d.name);
        f(" isReLookup=", d.is_re_lookup);
        f(" resolvedName=", d.resolved_name);
    }
};

/// NAME_RESOLUTION_RESOLVE.
struct ResolveDetails {
    std::string_view resolver;
    std::int64_t duration_ns = 0;
    std::string_view name;
    bool is_re_resolution = false;
    std::string_view address;  ///< without a port; `unknown-address` where there is none

    static constexpr void fields(auto& d, auto& f) {
        f("resolver=", d.resolver);
        f(" durationNs=", d.duration_ns);
        f(" name=", d.name);
        f(" isReResolution=", d.is_re_resolution);
        f(" address=", d.address);
    }
};

}  // namespace cpperon::driver
