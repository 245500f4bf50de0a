/// UDP ports for tests that run beside each other, each in a process of its own.
#pragma once

#include <arpa/inet.h>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace cpperon::system_test {

/// A port number that is free for UDP and that no other lease, of whatever process, has as long as this one lives: a
/// bound TCP socket of the same number says that it is taken. The numbers lie below those that the system hands out.
class PortLease {
public:
    PortLease() {
        constexpr int lowest = 20'000;
        constexpr int count = 10'000;
        static int next = static_cast<int>(::getpid()) * 37 % count;
        for (int tries = 0; tries < count && flag_ < 0; ++tries) {
            next = (next + 1) % count;
            port_ = static_cast<std::uint16_t>(lowest + next);
            flag_ = bound(SOCK_STREAM, port_);
            if (flag_ >= 0 && !is_free_for_udp(port_)) {
                ::close(std::exchange(flag_, -1));
            }
        }
        if (flag_ < 0) {
            throw std::system_error(EADDRINUSE, std::generic_category(), "no port is left for a test");
        }
    }
    PortLease(PortLease&& other) noexcept : flag_(std::exchange(other.flag_, -1)), port_(other.port_) {}
    PortLease(const PortLease&) = delete;
    PortLease& operator=(const PortLease&) = delete;
    PortLease& operator=(PortLease&&) = delete;
    ~PortLease() {
        if (flag_ >= 0) {
            ::close(flag_);
        }
    }

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

private:
    /// A socket on this port of any IPv4 address; -1 where the port is taken.
    static int bound(const int type, const std::uint16_t port) {
        const int descriptor = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
        if (descriptor < 0) {
            throw std::system_error(errno, std::generic_category(), "cannot make a socket");
        }
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_ANY);
        if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
            return descriptor;
        }
        ::close(descriptor);
        return -1;
    }
    static bool is_free_for_udp(const std::uint16_t port) {
        const int descriptor = bound(SOCK_DGRAM, port);
        if (descriptor >= 0) {
            ::close(descriptor);
        }
        return descriptor >= 0;
    }

    int flag_ = -1;
    std::uint16_t port_ = 0;
};

/// Hosts without IPv6 exist; tests that need it are skipped there.
inline bool has_ipv6() {
    const int descriptor = ::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    const bool is_bound = ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(descriptor);
    return is_bound;
}

/// The ports of one test, taken when it names them.
class Ports {
public:
    std::uint16_t at(const std::size_t index) {
        while (leases_.size() <= index) {
            leases_.emplace_back();
        }
        return leases_[index].port();
    }
    /// `text` with a port for each `$0`, `$1`, ... `$9`; the same digit stands for the same port.
    std::string in(const std::string_view text) {
        std::string result;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '$' && i + 1 < text.size()) {
                result += std::to_string(at(static_cast<std::size_t>(text[++i] - '0')));
            } else {
                result += text[i];
            }
        }
        return result;
    }

private:
    std::vector<PortLease> leases_;
};

}  // namespace cpperon::system_test
