/// Brings images and subscriptions to network channels together. Conductor only. spec: 06 §10.2 to §10.4
///
/// In two steps, as with IPC: first every counter is allocated, then every link is made, so that a command fails before
/// it is answered, or not at all.
#pragma once

#include <cstdint>
#include <vector>

#include "cpperon/driver/conductor/conductor_state.hpp"

namespace cpperon::driver {

/// A link that is about to be made; dropping it gives the counter back.
struct PreparedImageLink {
    NetworkImage* image = nullptr;
    OwnedCounter position;
};

/// The image with this correlation id, or null.
[[nodiscard]] NetworkImage* find_image(const ConductorState& state, std::int64_t correlation_id) noexcept;

/// Who wants a session of a stream that arrives at `channel`, in the order in which they came.
[[nodiscard]] std::vector<const NetworkSubscription*> subscriptions_for(const ConductorState& state,
                                                                        const ReceiveChannel& channel,
                                                                        std::int32_t stream_id, SessionId session_id);

/// Throws `Error` where no counter is free.
[[nodiscard]] OwnedCounter allocate_image_position(ConductorState& state, std::int64_t image_id, SessionId session_id,
                                                   const SubscriptionLink& link, std::int64_t join_position);

/// Every image that a subscription, which need not stand in the list yet, is to be linked to. Throws as above.
[[nodiscard]] std::vector<PreparedImageLink> prepare_links(ConductorState& state,
                                                           const NetworkSubscription& subscription);

/// Makes the links of a subscription, which stands in the list by now, and announces each image.
void make_links(ConductorState& state, const NetworkSubscription& subscription, std::vector<PreparedImageLink> links);

}  // namespace cpperon::driver
