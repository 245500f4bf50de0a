/// The resolvers of other drivers, to which a driver's name resolver tells what it knows. Pure table. spec: 04 §13.2
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "cpperon/net/socket_address.hpp"

namespace cpperon::driver {

/// Somebody was heard of.
struct NeighborSighting {
    net::SocketAddress address;
    std::int64_t last_activity_ns = 0;
    bool is_self = false;  ///< it spoke for itself
};

class NeighborTable {
public:
    /// Neighbours go when they have been silent for `timeout_ns`.
    NeighborTable(const std::int64_t timeout_ns, const std::size_t capacity) noexcept
        : timeout_ns_(timeout_ns), capacity_(capacity) {}

    /// Adds an unknown neighbour; of a known one only its own words count, so that the others do not keep each other
    /// believing in it. False: there is no room.
    bool on_sighting(const NeighborSighting& sighting);

    /// Removes what is too old, and calls `on_removed(const net::SocketAddress&)` for each.
    template <typename OnRemoved>
    void expire(const std::int64_t now_ns, OnRemoved&& on_removed) {
        std::erase_if(last_activity_ns_, [&](const auto& neighbor) {
            if (neighbor.second + timeout_ns_ > now_ns) {
                return false;
            }
            on_removed(neighbor.first);
            return true;
        });
    }

    [[nodiscard]] bool contains(const net::SocketAddress& address) const noexcept {
        return last_activity_ns_.contains(address);
    }
    [[nodiscard]] std::size_t size() const noexcept { return last_activity_ns_.size(); }

    /// `f(const net::SocketAddress&)` for all.
    template <typename F>
    void for_each(F&& f) const {
        for (const auto& [address, last_activity_ns] : last_activity_ns_) {
            f(address);
        }
    }

private:
    std::int64_t timeout_ns_;
    std::size_t capacity_;
    std::map<net::SocketAddress, std::int64_t> last_activity_ns_;
};

}  // namespace cpperon::driver
