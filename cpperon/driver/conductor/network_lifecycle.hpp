/// What the conductor does for network streams and their endpoints as time passes: the hooks of its duty cycle and of
/// its tick, in the order of the specification. Conductor only. spec: 06 §7.1 step 5, §7.3
#pragma once

#include "cpperon/driver/conductor/conductor_state.hpp"

namespace cpperon::driver {

// Every duty cycle; each says how many streams moved.

/// Rebuild tracking of every image. spec: 06 §11.3
int track_images(ConductorState& state);
/// Positions and limits of every network publication. spec: 06 §9.5
int update_network_limits(ConductorState& state);

// Every tick: life cycles, the last element first. Publications and channels go when their agent has
// released them.

void tick_network_publications(ConductorState& state);
void tick_images(ConductorState& state);

}  // namespace cpperon::driver
