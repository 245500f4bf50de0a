/// What the receiver tells the conductor. spec: 06 §14
#include "cpperon/driver/conductor/agent_events.hpp"

namespace cpperon::driver {

void handle(ConductorState& /*state*/, const receiver_event::CreateImage& /*event*/) {}

void handle(ConductorState& /*state*/, const receiver_event::EndpointReleased& /*event*/) {}

void handle(ConductorState& /*state*/, const receiver_event::DestinationReleased& /*event*/) {}

void handle(ConductorState& /*state*/, const receiver_event::ImageReleased& /*event*/) {}

void handle(ConductorState& /*state*/, const receiver_event::ReResolveControl& /*event*/) {}

}  // namespace cpperon::driver
