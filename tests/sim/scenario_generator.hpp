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
    spy,                   ///< unicast, read on the publisher's host as well
};

[[nodiscard]] Scenario draw_scenario(std::uint64_t seed);
/// With streams of these kinds only.
[[nodiscard]] Scenario draw_scenario(std::uint64_t seed, const std::vector<StreamKind>& kinds);

}  // namespace cpperon::sim
