/// A resolver with a table, and the interfaces of the host that spec 05 §6.2 speaks of, for tests of channels.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "cpperon/net/name_resolver.hpp"
#include "cpperon/net/udp_transport.hpp"

namespace cpperon::net {

inline SocketAddress address_of(const std::string_view host, const std::uint16_t port = 0) {
    return SocketAddress::try_parse(host, port).value();
}

class TableNameResolver final : public NameResolver {
public:
    std::map<std::string, SocketAddress, std::less<>> hosts{{"localhost", address_of("127.0.0.1")},
                                                            {"LOCALHOST", address_of("127.0.0.1")},
                                                            {"localhost6", address_of("::1")}};
    std::map<std::string, std::string, std::less<>> lookups;
    std::vector<std::string> asked;  ///< `<key>=<host>`, and `again` where it was a re-resolution

    [[nodiscard]] std::string_view name() const noexcept override { return "table"; }

    [[nodiscard]] std::string lookup(std::string_view /*key*/, const std::string_view text,
                                     bool /*is_re_resolution*/) override {
        const auto found = lookups.find(text);
        return found == lookups.end() ? std::string(text) : found->second;
    }

    [[nodiscard]] Result<SocketAddress> resolve(const std::string_view key, const std::string_view host,
                                                const bool is_re_resolution) override {
        asked.push_back(fmt::format("{}={}{}", key, host, is_re_resolution ? " again" : ""));
        const auto found = hosts.find(host);
        if (found == hosts.end()) {
            return ErrorInfo{.code = ErrorCode::unknown_host,
                             .message = fmt::format("Unable to resolve host=({}): it is not in the table", host)};
        }
        return found->second;
    }
};

inline NetworkInterface interface_of(const std::string_view name, const std::uint32_t index,
                                     const std::string_view address, const std::uint8_t prefix_length) {
    return {.name = std::string(name),
            .index = index,
            .address = address_of(address),
            .prefix_length = prefix_length,
            .is_up = true,
            .is_loopback = name == "lo",
            .is_multicast_capable = name != "lo"};
}

/// lo and eth0 as in spec 05 §6.2, and an interface that is down.
inline std::vector<NetworkInterface> host_interfaces() {
    std::vector<NetworkInterface> interfaces{
        interface_of("lo", 1, "127.0.0.1", 8), interface_of("eth0", 2, "192.0.2.2", 24),
        interface_of("eth1", 3, "198.51.100.7", 28), interface_of("lo", 1, "::1", 128)};
    interfaces[2].is_up = false;
    return interfaces;
}

}  // namespace cpperon::net
