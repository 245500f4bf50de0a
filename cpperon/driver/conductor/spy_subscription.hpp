/// A subscription that reads the log of network publications of the same driver. Conductor only. spec: 06 §10.2
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "cpperon/driver/conductor/subscription_link.hpp"
#include "cpperon/net/udp_channel.hpp"

namespace cpperon::driver {

struct SpySubscription {
    SubscriptionLink link;    ///< its channel has the prefix `aeron-spy:`
    net::UdpChannel channel;  ///< without it
};

using SpySubscriptions = std::vector<std::unique_ptr<SpySubscription>>;

}  // namespace cpperon::driver
