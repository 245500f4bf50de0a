/// The syntax of addresses in channel URIs: `host:port` of `endpoint` and `control`, and the two forms of `interface`.
/// Pure functions on text; names are resolved elsewhere. spec: 05 §3.7, §3.8
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cpperon/base/result.hpp"

namespace cpperon {

/// Says what keeps `endpoint` from being a UDP endpoint as a program would write one: `host:port` or
/// `[IPv6 address]:port`, a host of letters, digits, hyphens and dots, a port of digits from 0 to 65,535. Nothing
/// where it is fine. Stricter than a driver, which also takes what it may fail to resolve: for endpoints that come from
/// a user, so that none of their text becomes another part of a channel. No name is looked up. Error
/// `invalid_argument`. spec: 07 §A.4
[[nodiscard]] std::optional<ErrorInfo> check_endpoint(std::string_view endpoint);

/// As `check_endpoint`, but throws `InvalidArgumentError`.
void validate_endpoint(std::string_view endpoint);

}  // namespace cpperon

namespace cpperon::uri {

/// `localhost:20121`, `[::1]:20121`: the value of `endpoint` or `control`, taken apart.
struct HostPort {
    std::string text;        ///< as the URI spells it: canonical forms are made of it
    std::string host;        ///< without brackets and without the scope of an IPv6 address; may be empty
    std::uint16_t port = 0;  ///< 0: any free port
    bool is_ipv6 = false;    ///< stood in brackets: an IPv6 literal, or nothing

    [[nodiscard]] bool operator==(const HostPort&) const = default;
};

/// Takes `text`, the value of `key`, apart. Errors have the code `generic_error`. An empty host is no error here: it
/// fails to resolve. spec: 05 §3.7
[[nodiscard]] Result<HostPort> try_parse_host_port(std::string_view key, std::string_view text);

/// The value of `interface`. spec: 05 §3.8
struct InterfaceSpec {
    std::string text;                 ///< as the URI spells it
    std::string host;                 ///< an address or a name to resolve; the interface's own name if `is_by_name`
    bool is_by_name = false;          ///< `{eth0}`
    bool is_ipv6 = false;             ///< stood in brackets; of an interface given by name the channel's family counts
    std::uint16_t port = 0;           ///< the local port; 0: any
    std::uint8_t prefix_length = 32;  ///< bits of the address that have to match; 32 or 128 if not stated

    [[nodiscard]] bool operator==(const InterfaceSpec&) const = default;
};

/// Takes the value of `interface` apart. Errors have the code `generic_error`. spec: 05 §3.8
[[nodiscard]] Result<InterfaceSpec> try_parse_interface(std::string_view text);

/// Whether the port of `host:port` is spelled `0`.
[[nodiscard]] bool ends_with_wildcard_port(std::string_view text) noexcept;

}  // namespace cpperon::uri
