/// A subscription to a UDP channel. Conductor only. spec: 06 §10.1, §10.2
#pragma once

#include <memory>
#include <vector>

#include "cpperon/driver/conductor/subscription_link.hpp"

namespace cpperon::driver {

class ReceiveChannel;

struct NetworkSubscription {
    SubscriptionLink link;
    ReceiveChannel* channel = nullptr;
};

using NetworkSubscriptions = std::vector<std::unique_ptr<NetworkSubscription>>;

}  // namespace cpperon::driver
