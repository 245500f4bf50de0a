/// Images and receive endpoints as time passes. spec: 06 §11, §13.2
#include "cpperon/driver/conductor/network_lifecycle.hpp"

namespace cpperon::driver {

int track_images(ConductorState& /*state*/) {
    return 0;
}

void tick_receive_channels(ConductorState& /*state*/) {}

void tick_images(ConductorState& /*state*/) {}

}  // namespace cpperon::driver
