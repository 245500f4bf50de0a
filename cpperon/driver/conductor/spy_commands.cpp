/// Commands about spies: subscriptions that read what this driver publishes on the network. spec: 02 §7.3, 06 §10
#include "cpperon/driver/conductor/commands.hpp"

namespace cpperon::driver {

void add_spy_subscription(ConductorState& /*state*/, const command::AddSubscriptionCommand& command) {
    refuse_network_channel(command.channel);
}

std::size_t remove_spy_subscriptions(ConductorState& /*state*/,
                                     const std::function<bool(const SubscriptionLink& link)>& /*is_meant*/) {
    return 0;
}

}  // namespace cpperon::driver
