/// Brings IPC publications and IPC subscriptions together. Conductor only. spec: 06 §10.2 to §10.4
///
/// In two steps, so that what can fail is done before the command is answered, and the images are announced after:
/// first every counter is allocated, then every link is made.
#pragma once

#include <vector>

#include "cpperon/driver/conductor/conductor_state.hpp"

namespace cpperon::driver {

/// A link that is about to be made; dropping it gives the counter back.
struct PreparedIpcLink {
    IpcPublication* publication = nullptr;
    const SubscriptionLink* subscription = nullptr;
    OwnedCounter position;
};

/// Everything that wants to be linked to a publication. Throws `Error` where no counter is free.
[[nodiscard]] std::vector<PreparedIpcLink> prepare_links(ConductorState& state, IpcPublication& publication);

/// Everything that a subscription, which need not stand in the list yet, wants to be linked to. Throws as above.
[[nodiscard]] std::vector<PreparedIpcLink> prepare_links(ConductorState& state, const SubscriptionLink& subscription);

/// Makes the links and announces each image.
void make_links(ConductorState& state, std::vector<PreparedIpcLink> links);

}  // namespace cpperon::driver
