/// Commands about publications of any kind. spec: 02 §7.1, §7.2, §7.8
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cpperon/driver/conductor/adding_publications.hpp"
#include "cpperon/driver/conductor/commands.hpp"
#include "cpperon/driver/conductor/network_publication.hpp"

namespace cpperon::driver {

namespace {

/// What is no aeron:ipc channel goes to the handler of network publications, which says what is wrong with it.
/// spec: 05 §1.1
void add_publication(ConductorState& state, AddPublication add) {
    if (channel_kind(add.channel) == ChannelKind::ipc) {
        add_ipc_publication(state, std::move(add));
    } else {
        add_network_publication(state, std::move(add));
    }
}

}  // namespace

void handle(ConductorState& state, const command::AddPublicationCommand& command) {
    add_publication(state, {.client_id = command.client_id,
                            .correlation_id = command.correlation_id,
                            .stream_id = command.stream_id,
                            .is_exclusive = false,
                            .channel = std::string{command.channel}});
}

void handle(ConductorState& state, const command::AddExclusivePublicationCommand& command) {
    add_publication(state, {.client_id = command.client_id,
                            .correlation_id = command.correlation_id,
                            .stream_id = command.stream_id,
                            .is_exclusive = true,
                            .channel = std::string{command.channel}});
}

void handle(ConductorState& state, const command::RemovePublicationCommand& command) {
    Client* const client = state.clients.find(command.client_id);
    const auto is_meant = [&](const PublicationLink& link) { return link.registration_id == command.registration_id; };
    if (client == nullptr || std::none_of(client->publications.begin(), client->publications.end(), is_meant)) {
        throw RegistrationError(ErrorCode::unknown_publication,
                                fmt::format("unknown publication: client {} holds none with registration id {}",
                                            command.client_id, command.registration_id));
    }
    const auto link = std::find_if(client->publications.begin(), client->publications.end(), is_meant);
    const std::int64_t original_registration_id = link->original_registration_id;
    client->publications.erase(link);
    drop_publication_reference(state, original_registration_id, command.is_revoke());
    state.events.send_success(command.correlation_id);
}

void drop_publication_reference(ConductorState& state, const std::int64_t original_registration_id,
                                const bool is_revoke) {
    const auto drop = [&](auto& publication) {
        if (is_revoke) {
            publication.revoke();
        }
        publication.drop_reference(state.now_ns);
    };
    if (IpcPublication* const publication = find_ipc_publication(state, original_registration_id)) {
        drop(*publication);
    } else if (NetworkPublication* const network = find_network_publication(state, original_registration_id)) {
        drop(*network);
    }
}

void handle(ConductorState& state, const command::GetNextAvailableSessionIdCommand& command) {
    const SessionId session_id = state.session_ids.take([&](const SessionId candidate) {
        return is_session_in_use_by_ipc(state, command.stream_id, candidate) ||
               is_session_in_use_by_network(state, command.stream_id, candidate);
    });
    state.events.send(command::NextAvailableSessionIdEvent{.correlation_id = command.correlation_id,
                                                           .session_id = static_cast<std::int32_t>(session_id)});
}

}  // namespace cpperon::driver
