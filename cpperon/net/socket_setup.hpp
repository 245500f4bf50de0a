/// Opens one of the system's sockets as a specification says: options, bind, group, connect, in the order in which they
/// have to be. Used by the conductor's thread. spec: 04 §5.3, 06 §13.4, 05 §11
#pragma once

#include <cstdint>

#include "cpperon/base/result.hpp"
#include "cpperon/net/file_descriptor.hpp"
#include "cpperon/net/socket_address.hpp"
#include "cpperon/net/udp_transport.hpp"

namespace cpperon::net {

/// A socket that is bound, joined and connected, and does not block.
struct PreparedSocket {
    FileDescriptor descriptor;
    SocketAddress local_address;
    SocketBufferLengths buffers;    ///< what was granted
    bool can_cut_segments = false;  ///< the kernel knows UDP_SEGMENT
};

/// `joins_received`: asks the kernel to hand over datagrams that it has joined (GRO). Not done for a socket with media
/// time-stamps, so that each datagram has its own.
[[nodiscard]] Result<PreparedSocket> prepare_socket(const SocketSpec& spec, bool joins_received);

/// Asks for buffers of these lengths, 0: leaves the system's.
void set_buffers(int descriptor, const SocketBufferLengths& wanted) noexcept;

/// The lengths of the buffers of a socket that asked for `wanted`. Linux reserves twice what is asked for, to have room
/// for its own data, and reports that; so where a length was asked for, half of the report is what was granted of it
/// and may be compared with it. Where none was asked for, the report is what it is. spec: 04 §4, 06 §3.5
[[nodiscard]] SocketBufferLengths granted_buffers(int descriptor, const SocketBufferLengths& wanted) noexcept;

/// The address that a socket is bound to; the wildcard of IPv4 where there is none.
[[nodiscard]] SocketAddress local_address(int descriptor) noexcept;

/// Gives an unconnected socket its only peer; 0, or what went wrong.
[[nodiscard]] int connect_socket(int descriptor, const SocketAddress& remote) noexcept;

/// Connects a connected socket to another peer, on the same port; 0, or what went wrong, with the socket connected to
/// `current` again. `bind_address`: what the socket was bound to when it was opened.
[[nodiscard]] int reconnect_socket(int descriptor, const SocketAddress& bind_address, const SocketAddress& current,
                                   const SocketAddress& remote) noexcept;

}  // namespace cpperon::net
