/// Commands about the destinations of a publication that has several. spec: 02 §7.5, 05 §9.1
#include <fmt/format.h>

#include "cpperon/driver/conductor/commands.hpp"

namespace cpperon::driver {

namespace {

[[noreturn]] void refuse_publication(const ConductorState& state, const std::int64_t registration_id) {
    const IpcPublication* const publication = find_ipc_publication(state, registration_id);
    throw RegistrationError(
        ErrorCode::unknown_publication,
        publication == nullptr
            ? fmt::format("unknown publication: there is none with registration id {} that has destinations",
                          registration_id)
            : fmt::format("unknown publication: {} is '{}', and only aeron:udp publications with control-mode=manual "
                          "have destinations",
                          registration_id, publication->spec().channel));
}

}  // namespace

void handle(ConductorState& state, const command::AddDestinationCommand& command) {
    refuse_publication(state, command.registration_id);
}

void handle(ConductorState& state, const command::RemoveDestinationCommand& command) {
    refuse_publication(state, command.registration_id);
}

void handle(ConductorState& state, const command::RemoveDestinationByIdCommand& command) {
    refuse_publication(state, command.registration_id);
}

}  // namespace cpperon::driver
