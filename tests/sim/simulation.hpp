/// Plays a scenario on a stage of its own, from the start of its drivers to their end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/scenario.hpp"
#include "sim/stage.hpp"

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

    /// Once.
    [[nodiscard]] SimulationOutcome run();

private:
    Scenario scenario_;
    Stage stage_;
};

}  // namespace cpperon::sim
