/// The resolvers that a driver's name resolver is told of by its configuration: where it begins to make itself known.
/// Their names are resolved again while nothing is heard of them. Native resource agent's thread. spec: 04 §13.2, 06
/// §16.3
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cpperon/driver/conductor/owned_counter.hpp"
#include "cpperon/driver/name_resolution/neighbor_table.hpp"
#include "cpperon/net/name_resolver.hpp"
#include "cpperon/net/socket_address.hpp"
#include "cpperon/shm/counters_manager.hpp"

namespace cpperon::driver {

class DriverErrors;

class BootstrapNeighbors {
public:
    static constexpr std::size_t max_count = 20;

    /// `list`: `host:port`, separated by commas; may be empty. Allocates a counter for each. Throws
    /// `InvalidArgumentError` for a list that is too long or malformed. The manager must outlive the object.
    BootstrapNeighbors(std::string_view list, shm::CountersManager& counters);

    /// Resolves the names, each for the first time, or again if it is not among the neighbours. Blocks as `system`
    /// does. One that fails keeps its address; the failure is recorded.
    void resolve(net::NameResolver& system, const NeighborTable& neighbors, DriverErrors& errors);

    /// Tells the counters which are neighbours.
    void update_counters(const NeighborTable& neighbors) noexcept;

    /// Some name stands for it.
    [[nodiscard]] bool contains(const net::SocketAddress& address) const noexcept;

    /// The addresses known, each once.
    [[nodiscard]] const std::vector<net::SocketAddress>& addresses() const noexcept { return addresses_; }

private:
    struct Neighbor {
        std::string text;  ///< as configured
        std::optional<net::SocketAddress> address;
        OwnedCounter counter;
    };

    void set_address(Neighbor& neighbor, const net::SocketAddress& address);
    void collect_addresses();

    shm::CountersManager& counters_;
    std::vector<Neighbor> neighbors_;
    std::vector<net::SocketAddress> addresses_;
    bool is_first_resolution_ = true;
};

}  // namespace cpperon::driver
