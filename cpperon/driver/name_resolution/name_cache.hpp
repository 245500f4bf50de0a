/// The names of other drivers and the addresses they stand for, as long as somebody has heard of them. Pure table of
/// the driver's name resolver. spec: 04 §13.2
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "cpperon/net/socket_address.hpp"

namespace cpperon::driver {

struct CachedName {
    net::SocketAddress address;         ///< with the port of that driver's resolver
    std::int64_t last_activity_ns = 0;  ///< when its driver last spoke to whoever told us
};

class NameCache {
public:
    /// Entries go when they have been silent for `timeout_ns`. `capacity`: hosts that we do not know fill the cache.
    NameCache(const std::int64_t timeout_ns, const std::size_t capacity) noexcept
        : timeout_ns_(timeout_ns), capacity_(capacity) {}

    /// Adds the name, or replaces what was known of it for the address's family. False: there is no room.
    bool put(std::string_view name, const CachedName& entry);

    /// Removes what is too old.
    void expire(std::int64_t now_ns);

    /// The IPv4 address, if there is none the IPv6 address; null: the name is not known. Valid until the next change.
    [[nodiscard]] const net::SocketAddress* find(std::string_view name) const noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return names_[0].size() + names_[1].size(); }

    /// `f(std::string_view name, const CachedName&)` for all.
    template <typename F>
    void for_each(F&& f) const {
        for (const Names& names : names_) {
            for (const auto& [name, entry] : names) {
                f(std::string_view{name}, entry);
            }
        }
    }

private:
    using Names = std::map<std::string, CachedName, std::less<>>;

    std::int64_t timeout_ns_;
    std::size_t capacity_;
    std::array<Names, 2> names_;  // by address family
};

}  // namespace cpperon::driver
