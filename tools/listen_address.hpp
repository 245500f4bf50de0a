/// The value of `--listen`: `127.0.0.1:9464`, `[::1]:9464`, `localhost:0`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cpperon::tools {

/// Where a server listens.
struct ListenAddress {
    std::string host;  ///< without brackets
    std::uint16_t port = 0;

    /// As it stands in a URL: `[::1]:9464`. `bound_port`: what port 0 became.
    [[nodiscard]] std::string text(std::uint16_t bound_port) const;

    friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

/// Throws `InvalidArgumentError`, saying what is wrong and what is allowed.
[[nodiscard]] ListenAddress parse_listen_address(std::string_view text);

}  // namespace cpperon::tools
