#include "cpperon/net/socket_address.hpp"

#include <algorithm>
#include <arpa/inet.h>

#include <fmt/format.h>

#include "cpperon/net/native_address.hpp"

namespace cpperon::net {

namespace {

constexpr std::array<std::uint8_t, 16> ipv6_loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

template <std::size_t N>
std::optional<std::array<std::uint8_t, N>> try_parse_bytes(const AddressFamily family, const char* host) noexcept {
    std::array<std::uint8_t, N> bytes{};
    return ::inet_pton(native_family(family), host, bytes.data()) == 1 ? std::optional(bytes) : std::nullopt;
}

}  // namespace

std::optional<SocketAddress> SocketAddress::try_parse(const std::string_view host, const std::uint16_t port) {
    std::array<char, INET6_ADDRSTRLEN> text{};  // keeps a zero at its end
    if (host.size() >= text.size() || host.find('\0') != std::string_view::npos) {
        return std::nullopt;
    }
    std::copy(host.begin(), host.end(), text.begin());
    if (const auto bytes = try_parse_bytes<4>(AddressFamily::ipv4, text.data())) {
        return ipv4(*bytes, port);
    }
    if (const auto bytes = try_parse_bytes<16>(AddressFamily::ipv6, text.data())) {
        return ipv6(*bytes, port);
    }
    return std::nullopt;
}

bool SocketAddress::is_wildcard() const noexcept {
    return std::ranges::all_of(bytes_, [](const std::uint8_t byte) { return byte == 0; });
}

bool SocketAddress::is_multicast() const noexcept {
    return is_ipv6() ? bytes_[0] == 0xFF : (bytes_[0] & 0xF0U) == 0xE0U;
}

bool SocketAddress::is_loopback() const noexcept {
    return is_ipv6() ? bytes_ == ipv6_loopback : bytes_[0] == 127;
}

std::string SocketAddress::to_string() const {
    return is_ipv6() ? fmt::format("[{}]:{}", host_string(), port_) : fmt::format("{}:{}", host_string(), port_);
}

std::string SocketAddress::host_string() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(native_family(family_), bytes_.data(), text.data(), text.size());
    return text.data();
}

}  // namespace cpperon::net

std::size_t std::hash<cpperon::net::SocketAddress>::operator()(
    const cpperon::net::SocketAddress& address) const noexcept {
    std::uint64_t sum = 14'695'981'039'346'656'037U;  // FNV-1a
    const auto add = [&sum](const std::uint64_t value) { sum = (sum ^ value) * 1'099'511'628'211U; };
    for (const std::uint8_t byte : address.bytes()) {
        add(byte);
    }
    add(address.port());
    add(address.scope_id());
    return static_cast<std::size_t>(sum);
}
