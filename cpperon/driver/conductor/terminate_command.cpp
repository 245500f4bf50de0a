/// The command that ends the driver. Never answered. spec: 02 §7.10, 06 §6.2
#include "cpperon/driver/conductor/commands.hpp"

namespace cpperon::driver {

void handle(ConductorState& state, const command::TerminateDriverCommand& command) {
    const DriverContext& context = state.context;
    if (context.termination_validator && context.termination_validator(command.token) && context.termination_hook) {
        context.termination_hook();
    }
}

}  // namespace cpperon::driver
