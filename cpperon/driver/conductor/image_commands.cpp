/// Commands about images. spec: 02 §7.9, 06 §11.6
#include <fmt/format.h>

#include "cpperon/driver/conductor/commands.hpp"

namespace cpperon::driver {

void handle(ConductorState& state, const command::RejectImageCommand& command) {
    if (command.reason.size() > command::max_reject_reason_length) {
        throw RegistrationError(
            ErrorCode::generic_error,
            fmt::format("the reason for rejecting image {} has {} bytes, at most {} are allowed",
                        command.image_correlation_id, command.reason.size(), command::max_reject_reason_length));
    }
    IpcPublication* const publication = find_ipc_publication(state, command.image_correlation_id);
    if (publication == nullptr) {
        throw RegistrationError(ErrorCode::generic_error,
                                fmt::format("cannot reject image {}: there is none with that correlation id",
                                            command.image_correlation_id));
    }
    publication->reject(command.reason, state.now_ns);
    state.resources.system_counters.increment(SystemCounter::images_rejected);
    state.events.send_success(command.correlation_id);
}

}  // namespace cpperon::driver
