#include "cpperon/uri/endpoint.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "cpperon/base/parse_value.hpp"
#include "cpperon/uri/keys.hpp"

namespace cpperon::uri {

namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr std::size_t max_host_length = 383;
constexpr std::size_t max_port_length = 7;
constexpr std::size_t max_interface_name_length = 15;
constexpr std::size_t max_interface_port_length = 5;
constexpr std::int64_t max_port = std::numeric_limits<std::uint16_t>::max();

/// A step of taking an address apart fails with what is wrong; the caller adds key and value.
struct Failure {
    std::string reason;
};

/// A host as it stood before its port, and the port's text, if there was a colon.
struct AddressParts {
    std::string_view host;
    std::optional<std::string_view> port;
    bool is_ipv6 = false;
};

std::optional<Failure> split_address(const std::string_view text, AddressParts& parts) {
    const std::size_t open = text.rfind('[');
    const std::size_t close = text.rfind(']');
    std::size_t colon = text.rfind(':');
    parts.is_ipv6 = (open != npos && open > 0) || (close != npos && close > 0);
    if (!parts.is_ipv6) {
        parts.host = text.substr(0, colon);
    } else {
        if (open != 0 || close == npos) {
            return Failure{"host address invalid: an IPv6 address is written [address]:port"};
        }
        if (colon != npos && colon < close) {
            colon = npos;
        }
        if (close + 1 != std::min(colon, text.size())) {
            return Failure{"host address invalid: only ':' and a port may follow ']'"};
        }
        parts.host = text.substr(1, close - 1);
        parts.host = parts.host.substr(0, parts.host.rfind('%'));  // scopes are dropped
    }
    if (parts.host.size() > max_host_length) {
        return Failure{fmt::format("host address invalid: it has {} bytes, at most {} are allowed", parts.host.size(),
                                   max_host_length)};
    }
    if (colon != npos) {
        parts.port = text.substr(colon + 1);
    }
    return std::nullopt;
}

std::optional<Failure> read_port(const std::string_view text, const std::size_t longest, std::uint16_t& port) {
    if (text.empty() || text.size() > longest) {
        return Failure{fmt::format("port invalid: '{}'; 0 to {} is allowed", text, max_port)};
    }
    const Result<std::int64_t> value = try_parse_int64(text);
    if (!value) {
        return Failure{fmt::format("port invalid: {}", value.error().message)};
    }
    if (value.value() < 0 || value.value() > max_port) {
        return Failure{fmt::format("port out of range: '{}'; 0 to {} is allowed", text, max_port)};
    }
    port = static_cast<std::uint16_t>(value.value());
    return std::nullopt;
}

/// `{name}`, `{name}:port`.
std::optional<Failure> read_named_interface(const std::string_view text, InterfaceSpec& spec) {
    const std::size_t close = text.rfind('}');
    if (close == npos) {
        return Failure{"'}' is missing after the interface's name"};
    }
    const std::string_view name = text.substr(1, close - 1);
    if (name.empty() || name.size() > max_interface_name_length) {
        return Failure{
            fmt::format("name length {} out of bounds: 1 to {} is allowed", name.size(), max_interface_name_length)};
    }
    spec.is_by_name = true;
    spec.host = name;
    const std::string_view rest = text.substr(close + 1);
    if (rest.empty()) {
        return std::nullopt;
    }
    if (rest.front() != ':') {
        return Failure{"only ':' and a port may follow '}'"};
    }
    return read_port(rest.substr(1), max_interface_port_length, spec.port);
}

/// `host[:port][/prefix]`, `[host][:port][/prefix]`.
std::optional<Failure> read_interface_address(const std::string_view text, InterfaceSpec& spec) {
    const std::size_t slash = text.rfind('/');
    AddressParts parts;
    if (std::optional<Failure> failure = split_address(text.substr(0, slash), parts)) {
        return failure;
    }
    spec.host = parts.host;
    spec.is_ipv6 = parts.is_ipv6;
    if (parts.port) {
        if (std::optional<Failure> failure = read_port(*parts.port, max_port_length, spec.port)) {
            return failure;
        }
    }
    const std::uint8_t longest = parts.is_ipv6 ? 128 : 32;
    spec.prefix_length = longest;
    const std::string_view prefix = slash == npos ? std::string_view{} : text.substr(slash + 1);
    if (!prefix.empty()) {
        const Result<std::int64_t> bits = try_parse_decimal_int64(prefix);
        if (!bits || bits.value() < 0 || bits.value() > longest) {
            return Failure{fmt::format("prefixlen out of range: '{}'; 0 to {} is allowed", prefix, longest)};
        }
        spec.prefix_length = static_cast<std::uint8_t>(bits.value());
    }
    return std::nullopt;
}

}  // namespace

Result<HostPort> try_parse_host_port(const std::string_view key, const std::string_view text) {
    HostPort result{.text = std::string(text)};
    AddressParts parts;
    std::optional<Failure> failure = split_address(text, parts);
    if (!failure) {
        failure = read_port(parts.port.value_or(""), max_port_length, result.port);
    }
    if (failure) {
        return ErrorInfo{
            .code = ErrorCode::generic_error,
            .message = fmt::format("{} - {}={}; write host:port or [IPv6 address]:port", failure->reason, key, text)};
    }
    result.host = parts.host;
    result.is_ipv6 = parts.is_ipv6;
    return result;
}

Result<InterfaceSpec> try_parse_interface(const std::string_view text) {
    InterfaceSpec spec{.text = std::string(text)};
    const std::optional<Failure> failure =
        text.starts_with('{') ? read_named_interface(text, spec) : read_interface_address(text, spec);
    if (failure) {
        return ErrorInfo{.code = ErrorCode::generic_error,
                         .message = fmt::format("could not parse {}='{}': {}; write host[:port][/prefix], [IPv6 "
                                                "address][:port][/prefix] or {{name}}[:port]",
                                                key::interface, text, failure->reason)};
    }
    return spec;
}

bool ends_with_wildcard_port(const std::string_view text) noexcept {
    return text.ends_with(":0");
}

}  // namespace cpperon::uri

namespace cpperon {

namespace {

// By hand, since those of the C library follow the locale.

bool is_digit(const char character) noexcept {
    return character >= '0' && character <= '9';
}

bool is_host_character(const char character) noexcept {
    const auto lower = static_cast<char>(character | 0x20);
    return is_digit(character) || (lower >= 'a' && lower <= 'z') || character == '-' || character == '.';
}

bool is_ipv6_character(const char character) noexcept {
    const auto lower = static_cast<char>(character | 0x20);
    return is_digit(character) || (lower >= 'a' && lower <= 'f') || character == ':' || character == '.';
}

/// What is wrong with the part before the last colon; empty: nothing.
std::string_view fault_of_host(const std::string_view host) noexcept {
    if (host.starts_with('[')) {
        const std::string_view address = host.substr(1, host.size() - 1);
        if (!address.ends_with(']') || address.find(':') == std::string_view::npos ||
            !std::ranges::all_of(address.substr(0, address.size() - 1), is_ipv6_character)) {
            return "no IPv6 address stands in the brackets";
        }
        return {};
    }
    if (host.empty()) {
        return "the host is missing";
    }
    return std::ranges::all_of(host, is_host_character) ? std::string_view{}
                                                        : "the host may have letters, digits, '-' and '.' only";
}

std::string_view fault_of_port(const std::string_view port) noexcept {
    if (port.empty() || !std::ranges::all_of(port, is_digit)) {
        return "the port must be digits";
    }
    // Leading zeros are no reason to refuse; five digits at most are left to be counted.
    const std::string_view digits = port.substr(std::min(port.find_first_not_of('0'), port.size()));
    std::int32_t value = 0;
    for (const char digit : digits.substr(0, 6)) {
        value = value * 10 + (digit - '0');
    }
    return digits.size() > 5 || value > std::numeric_limits<std::uint16_t>::max() ? "the port is above 65535"
                                                                                  : std::string_view{};
}

}  // namespace

std::optional<ErrorInfo> check_endpoint(const std::string_view endpoint) {
    const std::size_t colon = endpoint.rfind(':');
    std::string_view fault = "a ':' and a port are missing";
    if (colon != std::string_view::npos) {
        fault = fault_of_host(endpoint.substr(0, colon));
        if (fault.empty()) {
            fault = fault_of_port(endpoint.substr(colon + 1));
        }
    }
    if (fault.empty()) {
        return std::nullopt;
    }
    return ErrorInfo{
        ErrorCode::invalid_argument,
        fmt::format("'{}' is no UDP endpoint: {}; write host:port or [IPv6 address]:port", endpoint, fault)};
}

void validate_endpoint(const std::string_view endpoint) {
    if (const std::optional<ErrorInfo> error = check_endpoint(endpoint)) {
        throw InvalidArgumentError(error->message);
    }
}

}  // namespace cpperon
