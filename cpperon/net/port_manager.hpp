/// Hands out ports for sockets that leave theirs open, from a configured range, and remembers those that are in use.
/// One for senders, one for receivers; conductor only. spec: 04 §5.4, 05 §5.5, 06 §13.3
#pragma once

#include <cstdint>
#include <set>

#include "cpperon/base/result.hpp"
#include "cpperon/net/socket_address.hpp"

namespace cpperon::net {

/// Inclusive; 0 and 0: the system chooses.
struct PortRange {
    std::uint16_t low = 0;
    std::uint16_t high = 0;

    /// False where the system chooses.
    [[nodiscard]] bool is_set() const noexcept { return low != 0 || high != 0; }
    [[nodiscard]] bool operator==(const PortRange&) const = default;
};

/// Hands out the ports of a range, one after the other.
class PortManager {
public:
    explicit PortManager(const PortRange range) noexcept : range_(range), next_(range.low) {}

    /// The address to bind: `wanted` with a port of the range where it has none. A port that is given is remembered as
    /// taken. Error `generic_error`, `no available ports in range`, where all are.
    [[nodiscard]] Result<SocketAddress> take(const SocketAddress& wanted);
    /// Gives back the port of an address that `take` returned; others are ignored.
    void give_back(const SocketAddress& bound) noexcept;

private:
    PortRange range_;
    std::uint32_t next_;
    std::multiset<std::uint16_t> taken_;
};

}  // namespace cpperon::net
