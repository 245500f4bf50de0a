#include "cpperon/net/interface_selection.hpp"

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cpperon/uri/keys.hpp"

namespace cpperon::net {

namespace {

/// The part of an address that an interface has to have in common with it.
struct AddressPrefix {
    SocketAddress address;
    std::uint8_t length = 0;  ///< in bits

    [[nodiscard]] bool matches(const SocketAddress& candidate) const noexcept {
        return candidate.family() == address.family() && matches_bytes(candidate.bytes());
    }

private:
    [[nodiscard]] bool matches_bytes(const std::span<const std::uint8_t> candidate) const noexcept {
        for (std::size_t bit = 0; bit < length; ++bit) {
            const unsigned mask = 0x80U >> (bit % 8);
            if (((candidate[bit / 8] ^ address.bytes()[bit / 8]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }
};

ErrorInfo refused(std::string message) {
    return {.code = ErrorCode::generic_error, .message = std::move(message)};
}

SelectedInterface select(const NetworkInterface& interface, const std::uint16_t port) noexcept {
    return {.address = interface.address.with_port(port), .index = interface.index};
}

/// A loopback counts only where nothing else was found before; among interfaces that can do multicast the one with the
/// longest net mask wins. spec: 05 §3.8, selection for form A
const NetworkInterface* find_best(const AddressPrefix& prefix,
                                  const std::span<const NetworkInterface> interfaces) noexcept {
    const NetworkInterface* best = nullptr;
    std::uint8_t best_prefix_length = 0;
    for (const NetworkInterface& interface : interfaces) {
        if (!interface.is_up || !prefix.matches(interface.address)) {
            continue;
        }
        if (best == nullptr && interface.is_loopback) {
            best = &interface;
        } else if (interface.is_multicast_capable && interface.prefix_length > best_prefix_length) {
            best = &interface;
            best_prefix_length = interface.prefix_length;
        }
    }
    return best;
}

Result<SelectedInterface> select_by_prefix(const AddressPrefix& prefix, const std::string_view text,
                                           const std::span<const NetworkInterface> interfaces) {
    const NetworkInterface* const best = find_best(prefix, interfaces);
    if (best == nullptr) {
        return refused(
            fmt::format("could not find matching {}='{}': no interface that is up, and loopback or able to "
                        "do multicast, has such an address",
                        uri::key::interface, text));
    }
    return select(*best, prefix.address.port());
}

/// spec: 05 §3.8, form B
Result<SelectedInterface> select_by_name(const uri::InterfaceSpec& wanted, const AddressFamily family,
                                         const std::span<const NetworkInterface> interfaces) {
    bool is_known = false;
    for (const NetworkInterface& interface : interfaces) {
        if (!interface.is_up || interface.name != wanted.host) {
            continue;
        }
        is_known = true;
        if (interface.address.family() == family) {
            return select(interface, wanted.port);
        }
    }
    if (!is_known) {
        return refused(fmt::format("unknown interface {}: none of that name is up - {}={}", wanted.host,
                                   uri::key::interface, wanted.text));
    }
    return refused(fmt::format("no {} addresses found on interface {} - {}={}",
                               family == AddressFamily::ipv4 ? "INET" : "INET6", wanted.host, uri::key::interface,
                               wanted.text));
}

/// The address that `interface` spells. Its family is said by the brackets alone. spec: 05 §3.8, form A
Result<SocketAddress> resolve_interface_address(const uri::InterfaceSpec& wanted, NameResolver& resolver) {
    const AddressFamily family = wanted.is_ipv6 ? AddressFamily::ipv6 : AddressFamily::ipv4;
    std::string reason =
        fmt::format("Unable to resolve host=({}): it is no {} address", wanted.host, wanted.is_ipv6 ? "IPv6" : "IPv4");
    std::optional<SocketAddress> address = SocketAddress::try_parse(wanted.host, wanted.port);
    if (!address) {
        const Result<SocketAddress> resolved = resolver.resolve(uri::key::interface, wanted.host, false);
        if (resolved) {
            address = resolved->with_port(wanted.port);
        } else {
            reason = resolved.error().message;
        }
    }
    if (!address || address->family() != family) {
        return ErrorInfo{
            .code = ErrorCode::unknown_host,
            .message = fmt::format("could not parse {}='{}': {}", uri::key::interface, wanted.text, reason)};
    }
    return *address;
}

}  // namespace

Result<SelectedInterface> select_interface(const std::optional<uri::InterfaceSpec>& wanted, const InterfaceNeeds needs,
                                           NameResolver& resolver, const std::span<const NetworkInterface> interfaces) {
    if (!wanted) {
        const SocketAddress any = SocketAddress::wildcard(needs.family);
        return needs.is_multicast
                   ? select_by_prefix({.address = any}, fmt::format("{}/0", any.host_string()), interfaces)
                   : SelectedInterface{.address = any};
    }
    if (wanted->is_by_name) {
        return select_by_name(*wanted, needs.family, interfaces);
    }
    const Result<SocketAddress> address = resolve_interface_address(*wanted, resolver);
    if (!address) {
        return address.error();
    }
    if (!needs.is_multicast && address->is_wildcard()) {
        return SelectedInterface{.address = *address};
    }
    return select_by_prefix({.address = *address, .length = wanted->prefix_length}, wanted->text, interfaces);
}

}  // namespace cpperon::net
