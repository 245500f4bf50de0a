#include "cpperon/net/socket_error.hpp"

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

namespace cpperon::net {

namespace {

/// What the one who reads it can do; empty where the system's words say it all.
std::string_view advice(const int system_error) noexcept {
    switch (system_error) {
        case EADDRINUSE: return "; another socket has this port: choose another port, or end the program that has it";
        case EADDRNOTAVAIL: return "; no interface of this host has this address: check it with 'ip address'";
        case EACCES: return "; a broadcast address, or a port below 1024 without the privilege for it";
        case ENETUNREACH:
        case EHOSTUNREACH: return "; no route leads there: check the address, and 'ip route'";
        case EAFNOSUPPORT:
            return "; local and remote address must be both IPv4 or both IPv6, and this host must have it";
        case ENODEV: return "; no interface of this host has the address that was chosen for multicast";
        case ENOBUFS:
        case ENOMEM: return "; a limit of the system, such as net.ipv4.igmp_max_memberships";
        case EMFILE:
        case ENFILE: return "; too many files are open: raise the limit with 'ulimit -n'";
        default: return "";
    }
}

}  // namespace

bool is_not_now(const int system_error) noexcept {
    return system_error == EAGAIN || system_error == EWOULDBLOCK || system_error == ECONNREFUSED ||
           system_error == EINTR;
}

ErrorInfo socket_failure(const std::string_view operation, const SocketAddress& address, const int system_error) {
    return {.code = ErrorCode::generic_error,
            .message = fmt::format("{} {}: {}{}", operation, address.to_string(),
                                   std::generic_category().message(system_error), advice(system_error))};
}

}  // namespace cpperon::net
