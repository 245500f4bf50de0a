/// A subscription to a UDP channel. Conductor only. spec: 06 §10.1, §10.2
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "cpperon/driver/conductor/subscription_link.hpp"

namespace cpperon::driver {

class ReceiveChannel;

struct NetworkSubscription {
    SubscriptionLink link;
    ReceiveChannel* channel = nullptr;  ///< outlives the subscription

    /// For responses, and nobody has said yet in which session they come: it wants no stream so far. spec: 04 §11
    [[nodiscard]] bool is_waiting_for_session() const noexcept {
        return link.params.is_response && !link.params.session_id;
    }
    [[nodiscard]] bool matches(const ReceiveChannel& other, const std::int32_t stream_id,
                               const SessionId session_id) const noexcept {
        return channel == &other && !is_waiting_for_session() && link.matches(stream_id, session_id);
    }
};

using NetworkSubscriptions = std::vector<std::unique_ptr<NetworkSubscription>>;

}  // namespace cpperon::driver
