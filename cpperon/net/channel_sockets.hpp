/// What the sockets of a channel look like: where they bind, whom they connect to, which group they join and how large
/// their buffers are. Pure functions; used by the conductor when it creates endpoints and destinations.
/// spec: 04 §5.3, 05 §5.3
#pragma once

#include <cstdint>

#include "cpperon/net/udp_channel.hpp"
#include "cpperon/net/udp_transport.hpp"

namespace cpperon::net {

/// Driver settings for sockets; what a channel states goes first.
struct SocketSettings {
    std::int64_t send_buffer_length = 0;
    std::int64_t receive_buffer_length = 0;
    std::uint8_t multicast_ttl = 0;
    bool connects_unicast_senders = true;
};

/// What a socket of the channel asks the system for: the channel's value if it states one, else the setting; 0: leaves
/// it to the system. spec: 05 §6.6
[[nodiscard]] SocketBufferLengths configured_buffers(const UdpChannel& channel,
                                                     const SocketSettings& settings) noexcept;

/// The socket that publishes on a channel. A port 0 stands where the port manager, or the system, is to choose.
[[nodiscard]] SocketSpec send_socket_spec(const UdpChannel& channel, const SocketSettings& settings);

/// The socket that subscribes to a channel or is one destination of a subscription; addresses, interface and ttl are
/// those of `channel`, buffers and time-stamps those of `subscription`, which is the same channel but for a
/// destination. spec: 05 §9.2
[[nodiscard]] SocketSpec receive_socket_spec(const UdpChannel& channel, const UdpChannel& subscription,
                                             const SocketSettings& settings);

}  // namespace cpperon::net
