/// Brings network publications and spies together, in the two steps of `ipc_linking.hpp`. Conductor only.
/// spec: 06 §10.2 to §10.4
#pragma once

#include <vector>

#include "cpperon/driver/conductor/conductor_state.hpp"
#include "cpperon/driver/conductor/network_publication.hpp"
#include "cpperon/driver/conductor/spy_subscription.hpp"

namespace cpperon::driver {

/// A link that is about to be made; dropping it gives the counter back.
struct PreparedSpyLink {
    NetworkPublication* publication = nullptr;
    const SpySubscription* spy = nullptr;
    OwnedCounter position;
};

/// Every spy that wants to be linked to a publication. Throws `Error` where no counter is free.
[[nodiscard]] std::vector<PreparedSpyLink> prepare_spy_links(ConductorState& state, NetworkPublication& publication);

/// Everything that a spy, which need not stand in the list yet, wants to be linked to. Throws as above.
[[nodiscard]] std::vector<PreparedSpyLink> prepare_spy_links(ConductorState& state, const SpySubscription& spy);

/// Makes the links and announces each image.
void make_links(ConductorState& state, std::vector<PreparedSpyLink> links);

}  // namespace cpperon::driver
