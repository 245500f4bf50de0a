/// Sends runs of datagrams through one of the system's sockets, with as few calls as the kernel allows: a run goes as
/// one message that the kernel or the NIC cuts up (GSO), several messages go by one call. Where the kernel refuses to
/// cut, the same bytes go out without that, and the sender remembers. Used by the agent that has the socket.
/// design §6; spec: 04 §5.3
#pragma once

#include <cstdint>
#include <span>
#include <sys/socket.h>
#include <sys/types.h>

#include "cpperon/net/udp_transport.hpp"

namespace cpperon::net {

/// The system calls, so that tests can be a kernel that refuses.
struct SendCalls {
    ssize_t (*sendto)(int, const void*, std::size_t, int, const sockaddr*, socklen_t) = ::sendto;
    ssize_t (*sendmsg)(int, const msghdr*, int) = ::sendmsg;
    int (*sendmmsg)(int, mmsghdr*, unsigned int, int) = ::sendmmsg;
};

class DatagramSender {
public:
    /// `descriptor`: a non-blocking socket that outlives the sender. `has_offload`: it understands UDP_SEGMENT.
    DatagramSender(const int descriptor, const bool has_offload, const SendCalls& calls = {}) noexcept
        : descriptor_(descriptor), max_offload_segment_length_(has_offload ? max_datagram_length : 0), calls_(calls) {}

    /// As `UdpSocket::send`. Does not allocate.
    SendOutcome send(std::span<const DatagramRun> runs, const SocketAddress* destination) noexcept;

    /// The longest datagrams that the kernel is still asked to cut runs into; 0: none. Goes down only.
    [[nodiscard]] std::uint32_t max_offload_segment_length() const noexcept { return max_offload_segment_length_; }

private:
    class Batch;

    /// Returns how many messages were taken, at least one, or -1 with the reason in `errno`.
    [[nodiscard]] int submit(Batch& batch) const noexcept;
    void on_refusal(int system_error, std::uint32_t segment_length) noexcept;

    int descriptor_;
    std::uint32_t max_offload_segment_length_;
    SendCalls calls_;
};

}  // namespace cpperon::net
