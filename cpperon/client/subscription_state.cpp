#include "cpperon/client/subscription_state.hpp"

namespace cpperon::client {

SubscriptionState::SubscriptionState(SubscriptionSetup setup)
    : constants_{.channel = std::move(setup.channel),
                 .registration_id = setup.registration_id,
                 .stream_id = setup.stream_id,
                 .channel_status_id = setup.channel_status.id},
      channel_status_(setup.channel_status),
      counters_(setup.counters),
      handlers_(std::move(setup.handlers)),
      counters_owner_(std::move(setup.counters_owner)),
      link_(std::move(setup.link)) {}

bool SubscriptionState::mark_closed() noexcept {
    // release [handle-closed] -> is_closed; acquire: the losing closer sees what the winner did before.
    if (is_closed_.exchange(true, std::memory_order_acq_rel)) {
        return false;
    }
    images_.close();
    return true;
}

}  // namespace cpperon::client
