/// The seam between the driver and the network: sockets that move batches of datagrams, and the poller that receives
/// from many of them. Implemented by the operating system's sockets, by the simulated network, and by filters that lose
/// datagrams on purpose. It knows nothing of what is in a datagram. design §2, §6; spec: 04 §5.3
///
/// Threads: `UdpTransport` is called by the conductor's thread; a socket and a poller by the one agent that was given
/// them, after they were opened.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cpperon/base/result.hpp"
#include "cpperon/net/socket_address.hpp"

namespace cpperon::net {

/// No datagram of any transport is longer than this: what UDP carries over IPv4.
inline constexpr std::uint32_t max_datagram_length = 65'507;

/// One or more datagrams that lie in memory one behind the other. Each has `segment_length` bytes, but the last, which
/// may have fewer. Borrowed for the call it is passed to.
struct DatagramRun {
    const std::byte* data = nullptr;
    std::uint32_t length = 0;          ///< of all together, > 0
    std::uint32_t segment_length = 0;  ///< > 0, at most `max_datagram_length`

    [[nodiscard]] static DatagramRun single(const std::span<const std::byte> datagram) noexcept {
        const auto length = static_cast<std::uint32_t>(datagram.size());
        return {.data = datagram.data(), .length = length, .segment_length = length};
    }
    [[nodiscard]] std::uint32_t count() const noexcept { return (length + segment_length - 1) / segment_length; }
};

/// What became of a send. Datagrams leave in order; those behind the first that was not taken were not tried.
struct SendOutcome {
    std::int64_t bytes_sent = 0;  ///< payload bytes of the datagrams that were taken
    bool is_complete = false;     ///< every datagram was taken
    int system_error = 0;         ///< what went wrong, other than "not now"; 0 else. spec: 04 §5.3
};

/// Datagrams that arrived together from one source: each has `segment_length` bytes, but the last, which may have
/// fewer. Valid, and the receiver's to change, until the handler returns.
struct ReceivedRun {
    std::span<std::byte> bytes;
    std::uint32_t segment_length = 0;
    SocketAddress source;
    std::int64_t media_timestamp_ns = 0;  ///< ns since the epoch, from the kernel or the NIC; 0: none
};

/// Takes what a socket receives.
class ReceiveHandler {
public:
    virtual ~ReceiveHandler() = default;
    virtual void on_datagrams(const ReceivedRun& run) = 0;
    /// Receiving failed, for another reason than that nothing is there. The socket goes on.
    virtual void on_receive_error(int system_error) = 0;
};

/// A bound, non-blocking UDP socket. Closed with the object; a poller that has it must have let go of it before.
class UdpSocket {
public:
    virtual ~UdpSocket() = default;

    /// Sends runs in order. `destination`: null for a connected socket only. Does not wait; never sends a datagram that
    /// is longer or shorter than given. Runs may be split into any number of system calls.
    virtual SendOutcome send(std::span<const DatagramRun> runs, const SocketAddress* destination) noexcept = 0;

    /// Connects a connected socket to another address. Nothing, or why it failed; it is connected as before then.
    [[nodiscard]] virtual std::optional<ErrorInfo> reconnect(const SocketAddress& remote) = 0;

    /// With the port that it really got.
    [[nodiscard]] virtual const SocketAddress& local_address() const noexcept = 0;
    /// What the system granted, in the unit in which it is asked for. Constant.
    [[nodiscard]] virtual std::int64_t send_buffer_length() const noexcept = 0;
    [[nodiscard]] virtual std::int64_t receive_buffer_length() const noexcept = 0;
};

/// An address of an interface of this host.
struct NetworkInterface {
    std::string name;
    std::uint32_t index = 0;
    SocketAddress address;           ///< port 0
    std::uint8_t prefix_length = 0;  ///< of its net mask
    bool is_up = false;
    bool is_loopback = false;
    bool is_multicast_capable = false;
};

/// A group to receive from, on one interface.
struct MulticastMembership {
    SocketAddress group;
    SocketAddress interface_address;
    std::uint32_t interface_index = 0;
};

/// How a socket is to be set up. spec: 04 §5.3
struct SocketSpec {
    /// For multicast the wildcard and the group's port: the address is shared then, otherwise it must be free.
    SocketAddress bind_address;
    /// The group that is joined, and the interface on which multicast leaves.
    std::optional<MulticastMembership> multicast;
    /// The only peer; nothing is received from others then.
    std::optional<SocketAddress> connect_to;
    std::uint8_t multicast_ttl = 0;          ///< 0: the system's
    std::int64_t send_buffer_length = 0;     ///< 0: the system's
    std::int64_t receive_buffer_length = 0;  ///< 0: the system's
    bool wants_media_timestamps = false;
};

/// Receives from many sockets, on one thread, with buffers of its own.
class SocketPoller {
public:
    virtual ~SocketPoller() = default;

    /// `socket` is one of the same transport; it and `handler` must stay until `remove`.
    virtual void add(UdpSocket& socket, ReceiveHandler& handler) = 0;
    virtual void remove(UdpSocket& socket) = 0;

    /// One pass over the sockets, without waiting: a bounded batch from each that has something. Returns the bytes
    /// received. Handlers may send, they may not add or remove.
    virtual std::int64_t poll() = 0;
};

/// What the system would grant a socket that asks for nothing or for these lengths. spec: 06 §3.5
struct SocketBufferLengths {
    std::int64_t send = 0;
    std::int64_t receive = 0;
};

class UdpTransport {
public:
    virtual ~UdpTransport() = default;

    /// Errors have the code `generic_error`; the text names address, operation and the system's reason, with the
    /// fragments of spec 05 §11 (`failed to bind`, `failed to connect to address`).
    [[nodiscard]] virtual Result<std::unique_ptr<UdpSocket>> open(const SocketSpec& spec) = 0;

    /// `batches_per_poll`: messages that one pass takes from one socket at most, > 0; a message may be many datagrams.
    [[nodiscard]] virtual std::unique_ptr<SocketPoller> make_poller(std::size_t batches_per_poll) = 0;

    /// The addresses of this host, as they are now.
    [[nodiscard]] virtual std::vector<NetworkInterface> interfaces() = 0;

    /// What a socket gets that asks for `wanted`; 0: that does not ask.
    [[nodiscard]] virtual SocketBufferLengths probe_buffers(const SocketBufferLengths& wanted) = 0;
};

}  // namespace cpperon::net
