/// A port that a socket was given, and that goes back to the port manager with its owner. Conductor only.
/// spec: 06 §13.3
#pragma once

#include <utility>

#include "cpperon/net/port_manager.hpp"

namespace cpperon::driver {

/// Movable; a moved-from or default-constructed one holds nothing.
class TakenPort {
public:
    TakenPort() noexcept = default;

    /// The address to bind is `address()`. `manager` must outlive the object. Throws `Error` where no port is left.
    [[nodiscard]] static TakenPort take(net::PortManager& manager, const net::SocketAddress& wanted) {
        return {manager, manager.take(wanted).value_or_throw()};
    }

    TakenPort(TakenPort&& other) noexcept
        : manager_(std::exchange(other.manager_, nullptr)), address_(other.address_) {}
    TakenPort& operator=(TakenPort&& other) noexcept {
        TakenPort taken{std::move(other)};
        std::swap(manager_, taken.manager_);
        std::swap(address_, taken.address_);
        return *this;
    }
    TakenPort(const TakenPort&) = delete;
    TakenPort& operator=(const TakenPort&) = delete;
    ~TakenPort() {
        if (manager_ != nullptr) {
            manager_->give_back(address_);
        }
    }

    [[nodiscard]] const net::SocketAddress& address() const noexcept { return address_; }

private:
    TakenPort(net::PortManager& manager, const net::SocketAddress& address) noexcept
        : manager_(&manager), address_(address) {}

    net::PortManager* manager_ = nullptr;
    net::SocketAddress address_;
};

}  // namespace cpperon::driver
