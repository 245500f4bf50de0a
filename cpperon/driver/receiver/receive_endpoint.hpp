/// The receiving side of a channel: its destinations, each with a socket of its own, and one dispatcher that finds the
/// image for what arrives. Made by the conductor, used by the receiver. spec: 04 §9.1 to §9.3, §9.11
#pragma once

// Seam, fixed for the conductor (the classes are to be completed):
//   ReceiveDestination(ReceiveDestinationSpec, std::unique_ptr<net::UdpSocket>)
//   ReceiveEndpoint(ReceiveEndpointSpec, ReceiverContext&);
//   void ReceiveEndpoint::add_first(ReceiveDestination&)   before AddEndpoint, by the conductor
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cpperon/driver/receiver/receiver_context.hpp"
#include "cpperon/net/socket_address.hpp"
#include "cpperon/net/udp_transport.hpp"
#include "cpperon/uri/values.hpp"

namespace cpperon::driver {

/// One socket from which an endpoint receives.
struct ReceiveDestinationSpec {
    bool is_multicast = false;
    /// Where control frames go: the group's control address or the explicit `control`; nothing: back to the source.
    std::optional<net::SocketAddress> control;
    std::optional<std::string> control_name;  ///< explicit `control` as spelled: it may be resolved again
    std::uint8_t ttl = 0;                     ///< of the channel, for the check of spec 04 §9.2
};

struct ReceiveEndpointSpec {
    std::int64_t receiver_id = 0;
    std::optional<std::int64_t> group_tag;
    TimestampOffset media_receive_timestamp_offset;
    TimestampOffset channel_receive_timestamp_offset;
};

}  // namespace cpperon::driver
