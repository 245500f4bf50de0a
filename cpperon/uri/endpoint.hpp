/// The syntax of addresses in channel URIs: `host:port` of `endpoint` and `control`, and the two forms of `interface`.
/// Pure functions on text; names are resolved elsewhere. spec: 05 §3.7, §3.8
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cpperon/base/result.hpp"

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
