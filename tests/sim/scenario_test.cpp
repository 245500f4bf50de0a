/// Named scenarios: each tells of one thing that may happen to a whole system.
#include <chrono>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "sim/scenario_generator.hpp"
#include "sim/simulation.hpp"

namespace cpperon::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t ms = 1'000'000;

/// Hosts a, b and c, with an application each, and settings that make things happen soon.
Scenario three_hosts() {
    Scenario scenario{.seed = 1,
                      .hosts = {{.name = "host-a", .addresses = {"10.0.0.1"}},
                                {.name = "host-b", .addresses = {"10.0.0.2"}},
                                {.name = "host-c", .addresses = {"10.0.0.3"}}},
                      .client_driver_timeout = 3s,
                      .applications = {{.host = 0}, {.host = 1}, {.host = 2}},
                      .duration_ns = 1'000 * ms};
    DriverContext& driver = scenario.driver;
    driver.counters_buffer_length = 1'048'576;
    driver.loss_report_buffer_length = 65'536;
    driver.term_length = 65'536;
    driver.ipc_term_length = 65'536;
    driver.timer_interval = 100ms;
    driver.client_liveness_timeout = 3s;
    driver.publication_unblock_timeout = 4s;
    driver.publication_linger_timeout = 1s;
    driver.image_liveness_timeout = 2s;
    return scenario;
}

constexpr std::size_t a = 0;

void expect_all_well(Scenario scenario) {
    const std::string what = describe(scenario);
    const SimulationOutcome outcome = Simulation{std::move(scenario), false}.run();
    EXPECT_FALSE(outcome.failure.has_value()) << *outcome.failure << "\n" << what;
    EXPECT_GT(outcome.messages_received, 0U);
}

StreamPlan ipc_stream(const bool is_exclusive) {
    return {
        .kind = "ipc",
        .publishers = {{.application = a, .channel = "aeron:ipc", .stream_id = 1'001, .is_exclusive = is_exclusive}},
        .subscribers = {{.application = a, .channel = "aeron:ipc", .stream_id = 1'001}}};
}

// spec: 06-C65
TEST(Scenario, IpcStreamArrivesWholeAndLeavesNothing) {
    Scenario scenario = three_hosts();
    scenario.streams = {ipc_stream(false), ipc_stream(true)};
    scenario.streams[1].publishers[0].stream_id = 1'002;
    scenario.streams[1].subscribers[0].stream_id = 1'002;
    expect_all_well(std::move(scenario));
}

TEST(Scenario, PublisherIsKilledWithAClaimInItsHands) {
    for (const bool is_exclusive : {false, true}) {
        Scenario scenario = three_hosts();
        scenario.applications.push_back({.host = a});
        scenario.streams = {ipc_stream(is_exclusive)};
        scenario.streams[0].publishers[0].application = 3;
        scenario.streams[0].publishers[0].claim_rate = 1;
        scenario.streams[0].publishers[0].held_claim_rate = 1;
        scenario.streams[0].subscribers[0].sees_everything = false;
        scenario.events = {{.at_ns = 300 * ms, .kind = EventKind::kill_application, .subject = 3}};
        scenario.duration_ns = 6'000 * ms;
        expect_all_well(std::move(scenario));
    }
}

TEST(Scenario, DriverIsKilledAndClientsFindTheNextOne) {
    Scenario scenario = three_hosts();
    scenario.streams = {ipc_stream(false)};
    scenario.streams[0].subscribers[0].sees_everything = false;
    scenario.events = {{.at_ns = 300 * ms, .kind = EventKind::kill_driver, .subject = a},
                       {.at_ns = 2'000 * ms, .kind = EventKind::start_driver, .subject = a}};
    scenario.duration_ns = 3'000 * ms;
    expect_all_well(std::move(scenario));
}

TEST(Scenario, TheSameSeedTellsTheSameStory) {
    const auto play = [](const std::uint64_t seed) { return Simulation{draw_scenario(seed), false}.run(); };

    const SimulationOutcome first = play(7);
    const SimulationOutcome again = play(7);
    const SimulationOutcome other = play(8);

    EXPECT_EQ(first.fingerprint, again.fingerprint);
    EXPECT_EQ(first.virtual_ns, again.virtual_ns);
    EXPECT_NE(first.fingerprint, other.fingerprint);
}

}  // namespace
}  // namespace cpperon::sim
