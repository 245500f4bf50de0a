/// Receives from the system's sockets into buffers of its own: datagrams that the kernel has joined (GRO) arrive as one
/// run, others in batches. Used by a poller, on the thread of its agent. design §6; spec: 04 §5.3, §12
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <vector>

#include "cpperon/net/native_address.hpp"
#include "cpperon/net/udp_transport.hpp"

namespace cpperon::net {

/// The system calls, so that tests can be a kernel with any answer.
struct ReceiveCalls {
    ssize_t (*recvmsg)(int, msghdr*, int) = ::recvmsg;
    int (*recvmmsg)(int, mmsghdr*, unsigned int, int, timespec*) = ::recvmmsg;
};

/// How busy one socket has been: kept for it by whoever polls it. Where messages come one at a time a poll asks for one
/// and leaves; only where they have come again and again does it ask for as many as there are.
struct SocketTraffic {
    int polls_in_a_row = 0;  ///< each of which found something
};

class DatagramReceiver {
public:
    /// `batches_per_poll`: > 0; messages that one system call takes at most. Each has a buffer.
    explicit DatagramReceiver(std::size_t batches_per_poll, const ReceiveCalls& calls = {});
    DatagramReceiver(const DatagramReceiver&) = delete;  // the messages point into it
    DatagramReceiver& operator=(const DatagramReceiver&) = delete;

    /// Hands over what is waiting at `descriptor`, a non-blocking socket; perhaps not all of it. Returns the bytes.
    /// Where nothing is there it costs one call that fails.
    std::int64_t receive(int descriptor, ReceiveHandler& handler, SocketTraffic& traffic);

private:
    /// Longer than any datagram, joined ones included: what is longer still was not for us.
    static constexpr std::size_t max_message_length = 65'536;
    /// Room for the segment length and the time-stamps of the kernel and the NIC.
    static constexpr std::size_t control_length = 256;

    /// Where one message is received into.
    struct alignas(64) Slot {
        std::array<std::byte, max_message_length> bytes;
        alignas(cmsghdr) std::array<std::byte, control_length> control;
        NativeAddress source;
        iovec part;
    };

    void prepare(std::size_t index) noexcept;
    /// Hands over the message in a slot, whose headers are fresh afterwards.
    void deliver(std::size_t index, ReceiveHandler& handler);
    std::int64_t receive_one(int descriptor, ReceiveHandler& handler, SocketTraffic& traffic);
    std::int64_t receive_many(int descriptor, ReceiveHandler& handler, SocketTraffic& traffic);

    ReceiveCalls calls_;
    std::vector<Slot> slots_;
    std::vector<mmsghdr> messages_;
};

}  // namespace cpperon::net
