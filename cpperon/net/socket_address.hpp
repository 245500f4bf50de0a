/// An IP address with a port, IPv4 or IPv6, as a value: what datagrams are sent to and come from. Used by everything
/// that touches the network; no I/O. spec: 04 §5.1, 05 §3.7, §6.1
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cpperon::net {

enum class AddressFamily : std::uint8_t { ipv4, ipv6 };

/// Default-constructed it is `0.0.0.0:0`.
class SocketAddress {
public:
    constexpr SocketAddress() noexcept = default;

    /// `bytes` in network order, as written: 10.1.2.3 is {10, 1, 2, 3}.
    [[nodiscard]] static constexpr SocketAddress ipv4(const std::array<std::uint8_t, 4>& bytes,
                                                      const std::uint16_t port) noexcept {
        SocketAddress address;
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            address.bytes_[i] = bytes[i];
        }
        address.port_ = port;
        return address;
    }
    /// `scope_id`: index of the interface that a link-local address belongs to; 0: none.
    [[nodiscard]] static constexpr SocketAddress ipv6(const std::array<std::uint8_t, 16>& bytes,
                                                      const std::uint16_t port,
                                                      const std::uint32_t scope_id = 0) noexcept {
        SocketAddress address;
        address.bytes_ = bytes;
        address.port_ = port;
        address.family_ = AddressFamily::ipv6;
        address.scope_id_ = scope_id;
        return address;
    }
    /// `0.0.0.0:port` or `[::]:port`.
    [[nodiscard]] static constexpr SocketAddress wildcard(const AddressFamily family,
                                                          const std::uint16_t port = 0) noexcept {
        return family == AddressFamily::ipv4 ? ipv4({}, port) : ipv6({}, port);
    }
    /// Reads `10.1.2.3` or `fd00::1` (no brackets); nothing if `host` is no literal address. No name is looked up.
    [[nodiscard]] static std::optional<SocketAddress> try_parse(std::string_view host, std::uint16_t port);

    [[nodiscard]] constexpr AddressFamily family() const noexcept { return family_; }
    [[nodiscard]] constexpr bool is_ipv6() const noexcept { return family_ == AddressFamily::ipv6; }
    [[nodiscard]] constexpr std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] constexpr std::uint32_t scope_id() const noexcept { return scope_id_; }
    /// The 4 or 16 bytes of the address, in network order. Valid as long as this object: not for a temporary.
    [[nodiscard]] constexpr std::span<const std::uint8_t> bytes() const& noexcept {
        return {bytes_.data(), is_ipv6() ? std::size_t{16} : std::size_t{4}};
    }
    void bytes() const&& = delete;
    [[nodiscard]] constexpr SocketAddress with_port(const std::uint16_t port) const noexcept {
        SocketAddress address = *this;
        address.port_ = port;
        return address;
    }

    /// The address part is all zero.
    [[nodiscard]] bool is_wildcard() const noexcept;
    /// 224.0.0.0/4, ff00::/8.
    [[nodiscard]] bool is_multicast() const noexcept;
    /// 127.0.0.0/8, ::1.
    [[nodiscard]] bool is_loopback() const noexcept;

    /// `127.0.0.1:40123`, `[::1]:40123`: lower-case and compressed, without a scope.
    [[nodiscard]] std::string to_string() const;
    /// `127.0.0.1`, `::1`.
    [[nodiscard]] std::string host_string() const;

    /// Same family, address, port and scope.
    friend constexpr bool operator==(const SocketAddress&, const SocketAddress&) noexcept = default;
    friend constexpr auto operator<=>(const SocketAddress&, const SocketAddress&) noexcept = default;

private:
    std::array<std::uint8_t, 16> bytes_{};
    std::uint32_t scope_id_ = 0;
    std::uint16_t port_ = 0;
    AddressFamily family_ = AddressFamily::ipv4;
};

}  // namespace cpperon::net

template <>
struct std::hash<cpperon::net::SocketAddress> {
    [[nodiscard]] std::size_t operator()(const cpperon::net::SocketAddress& address) const noexcept;
};
