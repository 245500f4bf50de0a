/// What adding a publication has in common over all media: the request, the log, the answer. Conductor only.
/// spec: 02 §7.1
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "cpperon/driver/conductor/conductor_state.hpp"
#include "cpperon/driver/conductor/publication_spec.hpp"
#include "cpperon/logbuffer/log_file.hpp"

namespace cpperon::driver {

/// What the shared and the exclusive command have in common; owned, since the command ends with its duty cycle.
struct AddPublication {
    std::int64_t client_id = 0;
    std::int64_t correlation_id = 0;
    std::int32_t stream_id = 0;
    bool is_exclusive = false;
    std::string channel;
};

/// Throws `RegistrationError` where the correlation id names another publication: logs and links go by it.
void check_correlation_id(const ConductorState& state, const AddPublication& add);

/// Throws `RegistrationError` where parameters that the add states differ from those of `existing`. spec: 05 §6.8
void check_joinable(const uri::PublicationParams& params, const PublicationSpec& existing, Media media);

/// The session id that the channel demands, or the next free one. `is_in_use(SessionId)` looks at those that count for
/// the medium. Throws `ChannelUriError` where the demanded one is in use. spec: 06 §8.1
[[nodiscard]] SessionId choose_session_id(ConductorState& state, const AddPublication& add,
                                          const uri::PublicationParams& params,
                                          const std::function<bool(SessionId)>& is_in_use);

/// Of a publication that is to be created; the start is drawn where the channel does not state it.
[[nodiscard]] PublicationSpec new_publication_spec(ConductorState& state, const AddPublication& add,
                                                   const uri::PublicationParams& params, SessionId session_id);

/// Of its log; what only network publications have is left to the caller. spec: 03 §3.1
[[nodiscard]] logbuffer::LogParams log_params_of(const PublicationSpec& spec, const ChannelUri& uri,
                                                 const DriverContext& context);

/// Where clients find what they were given.
struct GrantedPublication {
    const PublicationSpec& spec;
    std::int32_t limit_counter_id;
    std::int32_t channel_status_id;  ///< -1: the medium has none
    const std::string& log_file_name;
};

/// Gives the client its handle, and answers. The publication has got its reference. Throws `Error` where no counter is
/// free for the record of a client that has none yet.
void grant_publication(ConductorState& state, const AddPublication& add, const GrantedPublication& publication);

// ipc_publication_commands.cpp
void add_ipc_publication(ConductorState& state, AddPublication add);
[[nodiscard]] bool is_session_in_use_by_ipc(const ConductorState& state, std::int32_t stream_id, SessionId session_id);

// network_publication_commands.cpp
void add_network_publication(ConductorState& state, AddPublication add);
[[nodiscard]] bool is_session_in_use_by_network(const ConductorState& state, std::int32_t stream_id,
                                                SessionId session_id);

}  // namespace cpperon::driver
