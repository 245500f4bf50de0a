/// Commands about subscriptions to UDP channels. spec: 02 §7.3, 05 §8
#include "cpperon/driver/conductor/commands.hpp"

namespace cpperon::driver {

void add_network_subscription(ConductorState& /*state*/, const command::AddSubscriptionCommand& command) {
    refuse_network_channel(command.channel);
}

std::size_t remove_network_subscriptions(ConductorState& /*state*/,
                                         const std::function<bool(const SubscriptionLink& link)>& /*is_meant*/) {
    return 0;
}

}  // namespace cpperon::driver
