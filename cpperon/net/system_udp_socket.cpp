#include "cpperon/net/system_udp_socket.hpp"

#include <cerrno>
#include <utility>

#include "cpperon/net/socket_error.hpp"

namespace cpperon::net {

SystemUdpSocket::SystemUdpSocket(const SocketSpec& spec, PreparedSocket prepared,
                                 const bool has_segmentation_offload) noexcept
    : descriptor_(std::move(prepared.descriptor)),
      sender_(descriptor_.value(), has_segmentation_offload && prepared.can_cut_segments),
      bind_address_(spec.bind_address),
      local_address_(prepared.local_address),
      remote_address_(spec.connect_to),
      buffers_(prepared.buffers) {}

std::optional<ErrorInfo> SystemUdpSocket::reconnect(const SocketAddress& remote) {
    const int system_error =
        remote_address_ ? reconnect_socket(descriptor(), bind_address_, *remote_address_, remote) : EISCONN;
    local_address_ = net::local_address(descriptor());
    if (system_error != 0) {
        return socket_failure("failed to connect to address", remote, system_error);
    }
    remote_address_ = remote;
    return std::nullopt;
}

}  // namespace cpperon::net
