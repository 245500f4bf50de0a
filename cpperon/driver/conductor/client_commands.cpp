/// Commands about the client itself. Never answered, and of no effect for a client without a record. spec: 02 §7.11
#include "cpperon/base/clock.hpp"
#include "cpperon/driver/conductor/commands.hpp"

namespace cpperon::driver {

void handle(ConductorState& state, const command::ClientKeepaliveCommand& command) {
    if (Client* const client = state.clients.find(command.client_id)) {
        client->on_keepalive(state.resources.epoch_clock.epoch_ms());
    }
}

void handle(ConductorState& state, const command::ClientCloseCommand& command) {
    if (Client* const client = state.clients.find(command.client_id)) {
        client->on_close_command();
    }
}

}  // namespace cpperon::driver
