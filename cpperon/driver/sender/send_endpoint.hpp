/// The sending side of a channel: one socket, shared by the publications on it; where their datagrams go; and what the
/// receivers say on it, dispatched to the publications. Made by the conductor, used by the sender. spec: 04 §3.2, §6,
/// §7
#pragma once

// Seam, fixed for the conductor (the sender's side is to be completed):
//   struct SendEndpointSpec { ... }       what the conductor fills in
//   SendEndpoint(SendEndpointSpec, std::unique_ptr<net::UdpSocket>, SenderContext&)
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cpperon/driver/sender/sender_context.hpp"
#include "cpperon/net/socket_address.hpp"
#include "cpperon/net/udp_transport.hpp"
#include "cpperon/shm/atomic_counter.hpp"
#include "cpperon/uri/values.hpp"

namespace cpperon::driver {

struct SendEndpointSpec {
    ControlMode control_mode = ControlMode::none;
    bool is_multicast = false;
    bool is_connected = false;              ///< the socket is connected to `remote`
    std::optional<std::string> endpoint;    ///< the explicit endpoint as spelled: it may be resolved again
    net::SocketAddress remote;              ///< where data goes; of manual, dynamic and response channels nothing yet
    std::uint8_t ttl = 0;                   ///< of the channel, for SETUP
    TimestampOffset send_timestamp_offset;  ///< `channel-snd-ts-offset`
    shm::AtomicCounter destinations;        ///< `mdc-num-dest`, for manual and dynamic; refers to nothing otherwise
};

}  // namespace cpperon::driver
