/// What the event log says of a channel that is opened or closed. Conductor only. spec: 06 §22
#pragma once

#include "cpperon/driver/event_log/event_details.hpp"
#include "cpperon/net/udp_channel.hpp"

namespace cpperon::driver {

[[nodiscard]] inline ChannelDetails details_of(const net::UdpChannel& channel) noexcept {
    return {.local_data = channel.local_data, .remote_data = channel.remote_data, .ttl = channel.params.ttl};
}

}  // namespace cpperon::driver
