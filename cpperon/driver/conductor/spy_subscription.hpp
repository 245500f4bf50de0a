/// A subscription that reads the log of network publications of the same driver. Conductor only. spec: 06 §10.2
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "cpperon/driver/conductor/subscription_link.hpp"
#include "cpperon/net/udp_channel.hpp"

namespace cpperon::driver {

struct SpySubscription {
    SubscriptionLink link;    ///< its channel has the prefix `aeron-spy:`
    net::UdpChannel channel;  ///< without it

    /// Whether it watches that stream: by the channel's tag, whatever the session; or by channel and session.
    [[nodiscard]] bool matches(const std::int32_t stream_id, const SessionId session_id,
                               const net::UdpChannel& published) const noexcept {
        if (stream_id != link.stream_id) {
            return false;
        }
        const std::optional<std::int64_t>& tag = channel.params.channel_tag;
        return (tag && *tag >= 0 && tag == published.params.channel_tag) ||
               (link.params.matches_session(session_id) && channel.canonical_form == published.canonical_form);
    }
};

using SpySubscriptions = std::vector<std::unique_ptr<SpySubscription>>;

}  // namespace cpperon::driver
