#include "cpperon/net/name_resolver.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>

#include <fmt/format.h>

namespace cpperon::net {

namespace {

using AddressInfos = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

SocketAddress address_of(const addrinfo& info) noexcept {
    if (info.ai_family == AF_INET) {
        sockaddr_in system_address{};
        std::memcpy(&system_address, info.ai_addr, sizeof(system_address));
        std::array<std::uint8_t, 4> bytes{};
        std::memcpy(bytes.data(), &system_address.sin_addr, bytes.size());
        return SocketAddress::ipv4(bytes, 0);
    }
    sockaddr_in6 system_address{};
    std::memcpy(&system_address, info.ai_addr, sizeof(system_address));
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &system_address.sin6_addr, bytes.size());
    return SocketAddress::ipv6(bytes, 0, system_address.sin6_scope_id);
}

std::string reason_of(const int status, const int system_error) {
    return status == EAI_SYSTEM ? std::system_category().message(system_error) : ::gai_strerror(status);
}

}  // namespace

std::string NameResolver::lookup(std::string_view /*key*/, const std::string_view text, bool /*is_re_resolution*/) {
    return std::string(text);
}

Result<SocketAddress> SystemNameResolver::resolve(std::string_view /*key*/, const std::string_view host,
                                                  bool /*is_re_resolution*/) {
    std::string reason = "it is empty";
    if (!host.empty()) {
        const std::string name(host);
        for (const int family : {AF_INET, AF_INET6}) {
            addrinfo hints{};
            hints.ai_family = family;
            hints.ai_socktype = SOCK_DGRAM;
            addrinfo* found = nullptr;
            const int status = ::getaddrinfo(name.c_str(), nullptr, &hints, &found);
            if (status == 0) {
                return address_of(*AddressInfos(found, &::freeaddrinfo));
            }
            reason = reason_of(status, errno);
        }
    }
    return ErrorInfo{.code = ErrorCode::unknown_host,
                     .message = fmt::format("Unable to resolve host=({}): {}", host, reason)};
}

Result<SocketAddress> resolve_host_port(NameResolver& resolver, const std::string_view key, const std::string_view text,
                                        const bool is_re_resolution) {
    Result<uri::HostPort> host_port = uri::try_parse_host_port(key, resolver.lookup(key, text, is_re_resolution));
    if (!host_port) {
        return host_port.error();
    }
    host_port->text = text;
    return resolve_host_port(resolver, key, *host_port, is_re_resolution);
}

Result<SocketAddress> resolve_host_port(NameResolver& resolver, const std::string_view key,
                                        const uri::HostPort& host_port, const bool is_re_resolution) {
    if (const auto literal = SocketAddress::try_parse(host_port.host, host_port.port)) {
        return *literal;
    }
    Result<SocketAddress> resolved = resolver.resolve(key, host_port.host, is_re_resolution);
    if (!resolved) {
        return ErrorInfo{.code = resolved.error().code,
                         .message = fmt::format("{}. Unresolved - {}={}, name-and-port={}:{}, name-resolver={}",
                                                resolved.error().message, key, host_port.text, host_port.host,
                                                host_port.port, resolver.name())};
    }
    return resolved->with_port(host_port.port);
}

}  // namespace cpperon::net
