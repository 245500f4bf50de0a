#include "sim/simulation.hpp"

#include "sim/episode.hpp"

namespace cpperon::sim {

Simulation::Simulation(Scenario scenario, const bool is_verbose)
    : scenario_(std::move(scenario)), stage_(scenario_.seed, is_verbose) {}

SimulationOutcome Simulation::run() {
    stage_.add_hosts(scenario_.hosts, scenario_.driver,
                     {.term_length = static_cast<std::int32_t>(scenario_.driver.term_length),
                      .limit_only_rises = scenario_.limits_only_rise && !scenario_.is_corrupting,
                      .is_corrupting = scenario_.is_corrupting,
                      .expected_errors = scenario_.expected_errors});
    Episode episode{stage_, scenario_};
    episode.run();
    stage_.close_drivers();
    World& world = stage_.world;
    return {.failure = world.verdict.failure(),
            .messages_sent = episode.messages_sent(),
            .messages_received = episode.messages_received(),
            .datagrams = stage_.datagrams,
            .fingerprint = world.fingerprint.value(),
            .rounds = world.rounds(),
            .virtual_ns = world.now_ns()};
}

}  // namespace cpperon::sim
