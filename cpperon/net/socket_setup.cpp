#include "cpperon/net/socket_setup.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <linux/net_tstamp.h>
#include <netinet/udp.h>
#include <optional>
#include <string_view>
#include <utility>

#include "cpperon/net/native_address.hpp"
#include "cpperon/net/socket_error.hpp"

namespace cpperon::net {

namespace {

template <typename T>
int set_option(const int descriptor, const int level, const int option, const T& value) noexcept {
    return ::setsockopt(descriptor, level, option, &value, sizeof(value)) == 0 ? 0 : errno;
}

int bind_socket(const int descriptor, const SocketAddress& address) noexcept {
    NativeAddress native;
    const socklen_t length = to_native(address, native);
    return ::bind(descriptor, &native.generic, length) == 0 ? 0 : errno;
}

/// Longer ones than the option can say are not granted anyway.
int to_option(const std::int64_t length) noexcept {
    return static_cast<int>(std::min<std::int64_t>(length, std::numeric_limits<int>::max() / 2));
}

std::int64_t read_length(const int descriptor, const int option, const bool was_asked_for) noexcept {
    int value = 0;
    socklen_t length = sizeof(value);
    if (::getsockopt(descriptor, SOL_SOCKET, option, &value, &length) != 0) {
        return 0;
    }
    return was_asked_for ? value / 2 : value;
}

/// For options that an older kernel can do without.
int unless_unknown(const int system_error) noexcept {
    return system_error == ENOPROTOOPT ? 0 : system_error;
}

/// The steps, each of which says whether the next may be taken.
class SocketSetup {
public:
    SocketSetup(const SocketSpec& spec, const bool joins_received) : spec_(spec), joins_received_(joins_received) {}

    Result<PreparedSocket> run() {
        const bool is_ready = create() && share_address() && bind() && join_group() && choose_interface() &&
                              limit_hops() && connect() && size_buffers() && ask_for_offload() && ask_for_timestamps();
        if (!is_ready) {
            return *std::move(error_);
        }
        socket_.local_address = local_address(fd());
        return std::move(socket_);
    }

private:
    [[nodiscard]] int fd() const noexcept { return socket_.descriptor.value(); }
    [[nodiscard]] bool is_ipv6() const noexcept { return spec_.bind_address.is_ipv6(); }

    /// Notes what went wrong, if anything did.
    bool check(const int system_error, const std::string_view operation, const SocketAddress& address) {
        if (system_error != 0) {
            error_ = socket_failure(operation, address, system_error);
        }
        return system_error == 0;
    }

    bool create() {
        socket_.descriptor = FileDescriptor{::socket(native_family(spec_.bind_address.family()),
                                                     SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP)};
        if (!socket_.descriptor.is_open()) {
            return check(errno, "failed to open a socket for", spec_.bind_address);
        }
        // So that [::] and 0.0.0.0 can have the same port, and every address is of the family it was written in.
        return !is_ipv6() || check(set_option(fd(), IPPROTO_IPV6, IPV6_V6ONLY, 1),
                                   "failed to keep IPv4 away from the socket for", spec_.bind_address);
    }

    /// Several programs may listen to one group, and each only hears the groups that it has joined. A unicast port
    /// belongs to one. Not with SO_REUSEPORT: of the sockets that share a port by it, recent kernels hand a datagram
    /// that one of them alone should get to any (seen with Linux 6.18, on interfaces other than the loopback). Programs
    /// that set both options share their port with those that set SO_REUSEADDR alone.
    bool share_address() { return !spec_.multicast || (share_port() && hear_joined_groups_only()); }

    bool share_port() {
        return check(set_option(fd(), SOL_SOCKET, SO_REUSEADDR, 1), "failed to share the port of",
                     spec_.multicast->group);
    }

    bool hear_joined_groups_only() {
        const int system_error = is_ipv6() ? set_option(fd(), IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0)
                                           : set_option(fd(), IPPROTO_IP, IP_MULTICAST_ALL, 0);
        return check(unless_unknown(system_error), "failed to keep other groups away from", spec_.multicast->group);
    }

    bool bind() { return check(bind_socket(fd(), spec_.bind_address), "failed to bind", spec_.bind_address); }

    bool join_group() {
        if (!spec_.multicast) {
            return true;
        }
        return check(is_ipv6() ? join_ipv6() : join_ipv4(), "failed to join group", spec_.multicast->group);
    }

    [[nodiscard]] int join_ipv4() const noexcept {
        NativeAddress group;
        to_native(spec_.multicast->group, group);
        ip_mreq request{};
        request.imr_multiaddr = group.ipv4.sin_addr;
        request.imr_interface = interface_address();
        return set_option(fd(), IPPROTO_IP, IP_ADD_MEMBERSHIP, request);
    }

    [[nodiscard]] int join_ipv6() const noexcept {
        NativeAddress group;
        to_native(spec_.multicast->group, group);
        ipv6_mreq request{};
        request.ipv6mr_multiaddr = group.ipv6.sin6_addr;
        request.ipv6mr_interface = spec_.multicast->interface_index;
        return set_option(fd(), IPPROTO_IPV6, IPV6_JOIN_GROUP, request);
    }

    [[nodiscard]] in_addr interface_address() const noexcept {
        NativeAddress native;
        to_native(spec_.multicast->interface_address, native);
        return native.ipv4.sin_addr;
    }

    bool choose_interface() {
        if (!spec_.multicast) {
            return true;
        }
        const int system_error =
            is_ipv6() ? set_option(fd(), IPPROTO_IPV6, IPV6_MULTICAST_IF, spec_.multicast->interface_index)
                      : set_option(fd(), IPPROTO_IP, IP_MULTICAST_IF, interface_address());
        return check(system_error, "failed to send multicast from", spec_.multicast->interface_address);
    }

    bool limit_hops() {
        if (!spec_.multicast || spec_.multicast_ttl == 0) {
            return true;
        }
        const int hops = spec_.multicast_ttl;
        const int system_error = is_ipv6() ? set_option(fd(), IPPROTO_IPV6, IPV6_MULTICAST_HOPS, hops)
                                           : set_option(fd(), IPPROTO_IP, IP_MULTICAST_TTL, hops);
        return check(system_error, "failed to set the time to live for", spec_.multicast->group);
    }

    bool connect() {
        return !spec_.connect_to ||
               check(connect_socket(fd(), *spec_.connect_to), "failed to connect to address", *spec_.connect_to);
    }

    bool size_buffers() {
        const SocketBufferLengths wanted{.send = spec_.send_buffer_length, .receive = spec_.receive_buffer_length};
        set_buffers(fd(), wanted);
        socket_.buffers = granted_buffers(fd(), wanted);
        return true;
    }

    /// A kernel that does not know UDP_SEGMENT would send a run as one long datagram, so it is asked first. One that
    /// does not know UDP_GRO joins nothing.
    bool ask_for_offload() {
        socket_.can_cut_segments = set_option(fd(), SOL_UDP, UDP_SEGMENT, 0) == 0;
        if (joins_received_ && !spec_.wants_media_timestamps) {
            static_cast<void>(set_option(fd(), SOL_UDP, UDP_GRO, 1));
        }
        return true;
    }

    /// Where the kernel or the NIC has none, datagrams come without. spec: 04 §12
    bool ask_for_timestamps() {
        if (spec_.wants_media_timestamps) {
            const unsigned int by_device = SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE;
            static_cast<void>(set_option(fd(), SOL_SOCKET, SO_TIMESTAMPNS, 1));
            static_cast<void>(set_option(fd(), SOL_SOCKET, SO_TIMESTAMPING, by_device));
        }
        return true;
    }

    const SocketSpec& spec_;
    const bool joins_received_;
    PreparedSocket socket_;
    std::optional<ErrorInfo> error_;
};

}  // namespace

Result<PreparedSocket> prepare_socket(const SocketSpec& spec, const bool joins_received) {
    return SocketSetup{spec, joins_received}.run();
}

void set_buffers(const int descriptor, const SocketBufferLengths& wanted) noexcept {
    // The system never refuses: it grants what it will, and `granted_buffers` tells.
    if (wanted.receive > 0) {
        static_cast<void>(set_option(descriptor, SOL_SOCKET, SO_RCVBUF, to_option(wanted.receive)));
    }
    if (wanted.send > 0) {
        static_cast<void>(set_option(descriptor, SOL_SOCKET, SO_SNDBUF, to_option(wanted.send)));
    }
}

SocketBufferLengths granted_buffers(const int descriptor, const SocketBufferLengths& wanted) noexcept {
    return {.send = read_length(descriptor, SO_SNDBUF, wanted.send > 0),
            .receive = read_length(descriptor, SO_RCVBUF, wanted.receive > 0)};
}

SocketAddress local_address(const int descriptor) noexcept {
    NativeAddress native{};
    socklen_t length = sizeof(native);
    return ::getsockname(descriptor, &native.generic, &length) == 0 ? from_native(native) : SocketAddress{};
}

int connect_socket(const int descriptor, const SocketAddress& remote) noexcept {
    NativeAddress native;
    const socklen_t length = to_native(remote, native);
    return ::connect(descriptor, &native.generic, length) == 0 ? 0 : errno;
}

int reconnect_socket(const int descriptor, const SocketAddress& bind_address, const SocketAddress& current,
                     const SocketAddress& remote) noexcept {
    // A socket bound to the wildcard got the source address that fits its first peer, and would keep it: to let the
    // system choose again it is disconnected first. That takes a port away which the system had chosen.
    const std::uint16_t port = local_address(descriptor).port();
    if (bind_address.is_wildcard()) {
        const sockaddr nobody{.sa_family = AF_UNSPEC};
        static_cast<void>(::connect(descriptor, &nobody, sizeof(nobody)));
        if (local_address(descriptor).port() != port) {
            static_cast<void>(bind_socket(descriptor, bind_address.with_port(port)));
        }
    }
    const int system_error = connect_socket(descriptor, remote);
    if (system_error != 0 && bind_address.is_wildcard()) {
        static_cast<void>(connect_socket(descriptor, current));
    }
    return system_error;
}

}  // namespace cpperon::net
