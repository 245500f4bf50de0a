/// Commands about images. spec: 02 §7.9, 06 §11.6
#include <fmt/format.h>

#include "cpperon/driver/conductor/commands.hpp"
#include "cpperon/driver/conductor/image_linking.hpp"
#include "cpperon/driver/conductor/network_image.hpp"

namespace cpperon::driver {

namespace {

void reject_ipc_image(ConductorState& state, const command::RejectImageCommand& command) {
    IpcPublication* const publication = find_ipc_publication(state, command.image_correlation_id);
    if (publication == nullptr) {
        throw RegistrationError(ErrorCode::generic_error,
                                fmt::format("cannot reject image {}: there is none with that correlation id",
                                            command.image_correlation_id));
    }
    // Real drivers keep it among their errors as well, though spec 02 §7.9 has no word of that. spec: 06 §20
    state.errors.record(
        ErrorCode::image_rejected,
        fmt::format("publication {} (session {}, stream {}) was rejected by a subscriber: {}",
                    command.image_correlation_id, static_cast<std::int32_t>(publication->spec().session_id),
                    publication->spec().stream_id, command.reason));
    publication->reject(command.reason, state.now_ns);
}

}  // namespace

void handle(ConductorState& state, const command::RejectImageCommand& command) {
    if (command.reason.size() > command::max_reject_reason_length) {
        throw RegistrationError(
            ErrorCode::generic_error,
            fmt::format("the reason for rejecting image {} has {} bytes, at most {} are allowed",
                        command.image_correlation_id, command.reason.size(), command::max_reject_reason_length));
    }
    if (NetworkImage* const image = find_image(state, command.image_correlation_id)) {
        image->reject(command.reason);
    } else {
        reject_ipc_image(state, command);
    }
    state.resources.system_counters.increment(SystemCounter::images_rejected);
    state.events.send_success(command.correlation_id);
}

}  // namespace cpperon::driver
