#include "cpperon/driver/conductor/network_lifecycle.hpp"

namespace cpperon::driver {

int update_network_limits(ConductorState& /*state*/) {
    return 0;
}

void tick_network_publications(ConductorState& /*state*/) {}

void tick_send_channels(ConductorState& /*state*/) {}

}  // namespace cpperon::driver
