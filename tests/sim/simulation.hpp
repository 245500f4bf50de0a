/// Plays a scenario to its end: traffic under faults and events, then good weather in which everything must arrive,
/// then everything is closed and nothing may be left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/application.hpp"
#include "sim/driver_watch.hpp"
#include "sim/ledger.hpp"
#include "sim/publisher.hpp"
#include "sim/scenario.hpp"
#include "sim/subscriber.hpp"
#include "sim/world.hpp"

namespace cpperon::sim {

struct SimulationOutcome {
    std::optional<std::string> failure;  ///< nothing: all was well
    std::uint64_t messages_sent = 0;
    std::uint64_t messages_received = 0;
    std::uint64_t datagrams = 0;
    std::uint64_t fingerprint = 0;  ///< of every datagram and message, and when
    std::uint64_t rounds = 0;
    std::int64_t virtual_ns = 0;
};

class Simulation {
public:
    Simulation(Scenario scenario, bool is_verbose);

    [[nodiscard]] SimulationOutcome run();

    /// For tests that look closer.
    [[nodiscard]] World& world() noexcept { return world_; }
    [[nodiscard]] DriverWatch& watch(const std::size_t host) noexcept { return *watches_[host]; }

private:
    struct StreamParts {
        std::vector<Publisher*> publishers;
        std::vector<Subscriber*> subscribers;
    };

    void set_up();
    void connect_responses();
    void start_driver(std::size_t host);
    void play();
    void apply_what_is_due();
    void apply(const Weather& weather);
    void apply(const Event& event);
    void kill_application(std::size_t index);
    void kill_driver(std::size_t host);
    void make_peace();
    void drain();
    void wind_up();
    void close_drivers();
    template <typename Use>
    void for_each_missing(Use&& use);
    [[nodiscard]] bool is_drained();
    [[nodiscard]] std::string what_is_not_drained();
    [[nodiscard]] bool is_empty() const;
    void observe(const net::SentDatagram& datagram);
    void check();
    void check_streams();

    Scenario scenario_;
    World world_;
    Ledgers ledgers_;
    std::vector<std::unique_ptr<Application>> applications_;
    std::vector<std::unique_ptr<Publisher>> publishers_;
    std::vector<std::unique_ptr<Subscriber>> subscribers_;
    std::vector<StreamParts> streams_;
    std::vector<std::unique_ptr<DriverWatch>> watches_;
    std::size_t next_weather_ = 0;
    std::size_t next_event_ = 0;
    std::uint64_t datagrams_ = 0;
};

}  // namespace cpperon::sim
