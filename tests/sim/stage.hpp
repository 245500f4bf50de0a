/// Where a simulation is played: a world of hosts with their drivers, and a watch on each driver.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "cpperon/driver/context.hpp"
#include "sim/driver_watch.hpp"
#include "sim/scenario.hpp"
#include "sim/world.hpp"

namespace cpperon::sim {

class Stage {
public:
    Stage(std::uint64_t seed, bool is_verbose);

    /// Hosts with running drivers, all of them with these settings.
    void add_hosts(const std::vector<HostPlan>& plans, const DriverContext& driver, const DriverWatch::Rules& rules);
    void start_driver(std::size_t host);
    /// Nothing happens where it is dead already.
    void kill_driver(std::size_t host);
    /// Every driver leaves, and leaves nothing.
    void close_drivers();

    /// What each driver has in its hands.
    [[nodiscard]] std::vector<Holdings> holdings() const;
    /// Each has just that, but for clients if they do not count.
    [[nodiscard]] bool have_just(const std::vector<Holdings>& before, bool with_clients) const;
    /// For a failure's text.
    [[nodiscard]] std::string describe() const;

    /// Nobody may receive what was not sent. Not where datagrams are damaged or cut short. spec: 04 §6.5
    bool compares_positions = true;

    World world;
    std::vector<std::unique_ptr<DriverWatch>> watches;  ///< one for each host
    std::uint64_t datagrams = 0;                        ///< that were sent

private:
    void observe(const net::SentDatagram& datagram);
    void check();
    void check_streams();

    DriverContext driver_;
};

}  // namespace cpperon::sim
