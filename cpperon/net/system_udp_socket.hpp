/// A UDP socket of the operating system. Opened by the conductor's thread, then used by the agent that is given it.
/// spec: 04 §5.3
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "cpperon/net/datagram_sender.hpp"
#include "cpperon/net/socket_setup.hpp"
#include "cpperon/net/udp_transport.hpp"

namespace cpperon::net {

class SystemUdpSocket final : public UdpSocket {
public:
    /// `spec`: what `prepared` was opened for.
    SystemUdpSocket(const SocketSpec& spec, PreparedSocket prepared, bool has_segmentation_offload) noexcept;

    SendOutcome send(const std::span<const DatagramRun> runs,
                     const SocketAddress* const destination) noexcept override {
        return sender_.send(runs, destination);
    }
    [[nodiscard]] std::optional<ErrorInfo> reconnect(const SocketAddress& remote) override;
    [[nodiscard]] const SocketAddress& local_address() const noexcept override { return local_address_; }
    [[nodiscard]] std::int64_t send_buffer_length() const noexcept override { return buffers_.send; }
    [[nodiscard]] std::int64_t receive_buffer_length() const noexcept override { return buffers_.receive; }

    /// For the poller.
    [[nodiscard]] int descriptor() const noexcept { return descriptor_.value(); }

private:
    FileDescriptor descriptor_;
    DatagramSender sender_;
    SocketAddress bind_address_;
    SocketAddress local_address_;
    std::optional<SocketAddress> remote_address_;
    SocketBufferLengths buffers_;
};

}  // namespace cpperon::net
