#include "cpperon/net/system_udp_transport.hpp"

#include <bit>
#include <cerrno>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/socket.h>
#include <utility>

#include "cpperon/base/error.hpp"
#include "cpperon/net/native_address.hpp"
#include "cpperon/net/socket_setup.hpp"
#include "cpperon/net/system_socket_poller.hpp"
#include "cpperon/net/system_udp_socket.hpp"

namespace cpperon::net {

namespace {

/// The bits that are set; a mask has them all at its front.
std::uint8_t prefix_length(const sockaddr& mask) noexcept {
    const SocketAddress address = from_native(mask);  // outlives the loop over its bytes
    int bits = 0;
    for (const std::uint8_t byte : address.bytes()) {
        bits += std::popcount(byte);
    }
    return static_cast<std::uint8_t>(bits);
}

bool is_ip(const sockaddr* const address) noexcept {
    return address != nullptr && (address->sa_family == AF_INET || address->sa_family == AF_INET6);
}

NetworkInterface describe(const ifaddrs& entry) {
    return {.name = entry.ifa_name,
            .index = ::if_nametoindex(entry.ifa_name),
            .address = from_native(*entry.ifa_addr),
            .prefix_length = is_ip(entry.ifa_netmask) ? prefix_length(*entry.ifa_netmask) : std::uint8_t{0},
            .is_up = (entry.ifa_flags & IFF_UP) != 0,
            .is_loopback = (entry.ifa_flags & IFF_LOOPBACK) != 0,
            .is_multicast_capable = (entry.ifa_flags & IFF_MULTICAST) != 0};
}

struct FreeList {
    void operator()(ifaddrs* const list) const noexcept { ::freeifaddrs(list); }
};

}  // namespace

Result<std::unique_ptr<UdpSocket>> SystemUdpTransport::open(const SocketSpec& spec) {
    Result<PreparedSocket> prepared = prepare_socket(spec, offload_.receive_offload);
    if (!prepared) {
        return prepared.error();
    }
    return std::unique_ptr<UdpSocket>{
        std::make_unique<SystemUdpSocket>(spec, std::move(prepared).value(), offload_.segmentation_offload)};
}

std::unique_ptr<SocketPoller> SystemUdpTransport::make_poller(const std::size_t batches_per_poll) {
    return std::make_unique<SystemSocketPoller>(batches_per_poll);
}

std::vector<NetworkInterface> SystemUdpTransport::interfaces() {
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) {
        throw IoError("cannot list the interfaces of this host", errno);
    }
    const std::unique_ptr<ifaddrs, FreeList> list{first};
    std::vector<NetworkInterface> interfaces;
    for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
        if (is_ip(entry->ifa_addr)) {
            interfaces.push_back(describe(*entry));
        }
    }
    return interfaces;
}

SocketBufferLengths SystemUdpTransport::probe_buffers(const SocketBufferLengths& wanted) {
    FileDescriptor probe{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    if (!probe.is_open()) {
        probe = FileDescriptor{::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    }
    if (!probe.is_open()) {
        throw IoError("cannot open a UDP socket to see what buffers it gets", errno);
    }
    set_buffers(probe.value(), wanted);
    return granted_buffers(probe.value(), wanted);
}

}  // namespace cpperon::net
