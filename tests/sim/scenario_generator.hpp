/// Draws scenarios from seeds.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/scenario.hpp"

namespace cpperon::sim {

/// The ways in which a stream gets from its publishers to its subscribers.
enum class StreamKind : std::uint8_t {
    ipc,
    unicast,
    multicast,
    dynamic_destinations,  ///< MDC, receivers announce themselves
    manual_destinations,   ///< MDC, the publisher names its receivers
    many_sources,          ///< MDS, a subscriber with several sockets
    two_paths,             ///< MDC to MDS: everything arrives twice, and counts once
    response,              ///< the other side answers each requester in a stream of its own
    spy,                   ///< unicast, read on the publisher's host as well
};

extern const std::vector<StreamKind> all_stream_kinds;

[[nodiscard]] Scenario draw_scenario(std::uint64_t seed);
/// With streams of these kinds only.
[[nodiscard]] Scenario draw_scenario(std::uint64_t seed, const std::vector<StreamKind>& kinds);

/// For drivers that run for a day: hosts, settings, and what is there all day long, with a message now and then.
[[nodiscard]] Scenario draw_residents(std::uint64_t seed);
/// Some traffic on the hosts of `residents`, with their settings, after which everything is gone. No driver dies.
[[nodiscard]] Scenario draw_visit(std::uint64_t seed, const Scenario& residents);

}  // namespace cpperon::sim
