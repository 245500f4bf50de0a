/// The handlers of what sender and receiver tell the conductor, one overload for each event. Conductor only; at most
/// one event per duty cycle. spec: 06 §7.1 step 4, §14
///
/// A handler that has to wait leaves an `EventInProgress`. What it throws is recorded as an error.
#pragma once

#include "cpperon/driver/conductor/conductor_state.hpp"
#include "cpperon/driver/receiver/receiver_messages.hpp"
#include "cpperon/driver/sender/sender_messages.hpp"

namespace cpperon::driver {

// sender_events.cpp
void handle(ConductorState& state, const sender_event::EndpointReleased& event);
void handle(ConductorState& state, const sender_event::PublicationReleased& event);
void handle(ConductorState& state, const sender_event::ReResolveEndpoint& event);
void handle(ConductorState& state, const sender_event::ReceiverError& event);
void handle(ConductorState& state, const sender_event::ResponseSetup& event);
void handle(ConductorState& state, const sender_event::ResponseConnected& event);

// receiver_events.cpp
void handle(ConductorState& state, const receiver_event::CreateImage& event);
void handle(ConductorState& state, const receiver_event::EndpointReleased& event);
void handle(ConductorState& state, const receiver_event::DestinationReleased& event);
void handle(ConductorState& state, const receiver_event::ImageReleased& event);
void handle(ConductorState& state, const receiver_event::ReResolveControl& event);

}  // namespace cpperon::driver
