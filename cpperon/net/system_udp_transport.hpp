/// The network of the operating system: what drivers use unless they are given another. spec: 04 §5.3, 06 §13.4
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "cpperon/net/udp_transport.hpp"

namespace cpperon::net {

/// What goes on the wire is the same either way.
struct OffloadSettings {
    bool segmentation_offload = true;  ///< runs are cut into datagrams by the kernel or the NIC (GSO)
    bool receive_offload = true;       ///< datagrams are joined to runs by the kernel or the NIC (GRO)
};

class SystemUdpTransport final : public UdpTransport {
public:
    explicit SystemUdpTransport(const OffloadSettings& offload = {}) noexcept : offload_(offload) {}

    [[nodiscard]] Result<std::unique_ptr<UdpSocket>> open(const SocketSpec& spec) override;
    [[nodiscard]] std::unique_ptr<SocketPoller> make_poller(std::size_t batches_per_poll) override;
    /// Throws `IoError` where the system does not tell.
    [[nodiscard]] std::vector<NetworkInterface> interfaces() override;
    /// Throws `IoError` where no socket can be opened.
    [[nodiscard]] SocketBufferLengths probe_buffers(const SocketBufferLengths& wanted) override;

private:
    OffloadSettings offload_;
};

}  // namespace cpperon::net
