#include "cpperon/net/name_resolver.hpp"

#include <cerrno>
#include <memory>
#include <netdb.h>
#include <sys/socket.h>
#include <system_error>

#include <fmt/format.h>

#include "cpperon/net/native_address.hpp"

namespace cpperon::net {

namespace {

using AddressInfos = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

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
                return from_native(*AddressInfos(found, &::freeaddrinfo)->ai_addr);
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
