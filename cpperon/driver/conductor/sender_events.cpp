/// What the sender tells the conductor. spec: 06 §14
#include "cpperon/driver/conductor/agent_events.hpp"

namespace cpperon::driver {

void handle(ConductorState& /*state*/, const sender_event::EndpointReleased& /*event*/) {}

void handle(ConductorState& /*state*/, const sender_event::PublicationReleased& /*event*/) {}

void handle(ConductorState& /*state*/, const sender_event::ReResolveEndpoint& /*event*/) {}

void handle(ConductorState& /*state*/, const sender_event::ReceiverError& /*event*/) {}

void handle(ConductorState& /*state*/, const sender_event::ResponseSetup& /*event*/) {}

void handle(ConductorState& /*state*/, const sender_event::ResponseConnected& /*event*/) {}

}  // namespace cpperon::driver
