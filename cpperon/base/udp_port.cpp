#include "cpperon/base/udp_port.hpp"

#include <cerrno>
#include <limits>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"

namespace cpperon {

namespace {

/// A UDP socket, closed with the scope.
class ProbeSocket {
public:
    explicit ProbeSocket(const int family) noexcept : descriptor_(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}
    ProbeSocket(const ProbeSocket&) = delete;
    ProbeSocket& operator=(const ProbeSocket&) = delete;
    ~ProbeSocket() {
        if (is_open()) {
            ::close(descriptor_);
        }
    }

    [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

    template <typename Address>
    [[nodiscard]] bool can_bind(const Address& address) const noexcept {
        return ::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }

private:
    int descriptor_;
};

/// For a socket that was not opened: true where this host does not have the family, so that nobody has taken the port
/// there. Throws otherwise.
bool is_unknown_family(const int system_error, const std::uint16_t port) {
    if (system_error == EAFNOSUPPORT || system_error == EPROTONOSUPPORT) {
        return true;
    }
    throw IoError(fmt::format("cannot open a UDP socket to see whether port {} is free", port), system_error);
}

bool is_available_ipv4(const std::uint16_t port) {
    const ProbeSocket socket{AF_INET};
    if (!socket.is_open()) {
        return is_unknown_family(errno, port);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    return socket.can_bind(address);
}

bool is_available_ipv6(const std::uint16_t port) {
    const ProbeSocket socket{AF_INET6};
    if (!socket.is_open()) {
        return is_unknown_family(errno, port);
    }
    // Without IPv4, which is asked for by itself.
    const int only = 1;
    ::setsockopt(socket.descriptor(), IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    address.sin6_addr = in6addr_any;
    return socket.can_bind(address) || errno == EADDRNOTAVAIL;  // the family is switched off
}

}  // namespace

bool is_udp_port_available(const std::uint16_t port) {
    return port != 0 && is_available_ipv4(port) && is_available_ipv6(port);
}

std::optional<std::uint16_t> find_unused_udp_port(const std::uint16_t start) {
    for (std::uint32_t port = start; port <= std::numeric_limits<std::uint16_t>::max(); ++port) {
        if (is_udp_port_available(static_cast<std::uint16_t>(port))) {
            return static_cast<std::uint16_t>(port);
        }
    }
    return std::nullopt;
}

}  // namespace cpperon
