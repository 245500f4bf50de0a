/// The handlers of the commands, one overload for each, found by the command's type; each family has a file of its own.
/// Conductor only. spec: 02 §7
///
/// A handler answers on success, itself or through `ConductorState::in_progress`. On failure it throws, with nothing
/// done but perhaps a record of the client, and the conductor answers with the error.
#pragma once

#include <cstddef>
#include <functional>

#include "cpperon/command/commands.hpp"
#include "cpperon/driver/conductor/conductor_state.hpp"

namespace cpperon::driver {

// publication_commands.cpp
void handle(ConductorState& state, const command::AddPublicationCommand& command);
void handle(ConductorState& state, const command::AddExclusivePublicationCommand& command);
void handle(ConductorState& state, const command::RemovePublicationCommand& command);
void handle(ConductorState& state, const command::GetNextAvailableSessionIdCommand& command);
/// A client gives up its hold on a publication, which perhaps is to be revoked first. spec: 02 §7.2, §9.4
void drop_publication_reference(ConductorState& state, std::int64_t original_registration_id, bool is_revoke);

// subscription_commands.cpp
void handle(ConductorState& state, const command::AddSubscriptionCommand& command);
void handle(ConductorState& state, const command::RemoveSubscriptionCommand& command);

// network_subscription_commands.cpp
void add_network_subscription(ConductorState& state, const command::AddSubscriptionCommand& command);
/// Unlinks and forgets the subscriptions that `is_meant`, without a word to any client; how many there were. Endpoints
/// that nobody wants any longer are closed. spec: 02 §7.3
std::size_t remove_network_subscriptions(ConductorState& state,
                                         const std::function<bool(const SubscriptionLink& link)>& is_meant);

// spy_commands.cpp
void add_spy_subscription(ConductorState& state, const command::AddSubscriptionCommand& command);
/// As above, for spies.
std::size_t remove_spy_subscriptions(ConductorState& state,
                                     const std::function<bool(const SubscriptionLink& link)>& is_meant);

// send_destination_commands.cpp
void handle(ConductorState& state, const command::AddDestinationCommand& command);
void handle(ConductorState& state, const command::RemoveDestinationCommand& command);
void handle(ConductorState& state, const command::RemoveDestinationByIdCommand& command);

// receive_destination_commands.cpp
void handle(ConductorState& state, const command::AddReceiveDestinationCommand& command);
void handle(ConductorState& state, const command::RemoveReceiveDestinationCommand& command);

// counter_commands.cpp
void handle(ConductorState& state, const command::AddCounterCommand& command);
void handle(ConductorState& state, const command::AddStaticCounterCommand& command);
void handle(ConductorState& state, const command::RemoveCounterCommand& command);

// client_commands.cpp
void handle(ConductorState& state, const command::ClientKeepaliveCommand& command);
void handle(ConductorState& state, const command::ClientCloseCommand& command);

// image_commands.cpp
void handle(ConductorState& state, const command::RejectImageCommand& command);

// terminate_command.cpp
void handle(ConductorState& state, const command::TerminateDriverCommand& command);

}  // namespace cpperon::driver
