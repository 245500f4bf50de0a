#include "cpperon/driver/conductor/adding_publications.hpp"

#include <optional>

#include <fmt/format.h>

#include "cpperon/base/random.hpp"
#include "cpperon/uri/keys.hpp"

namespace cpperon::driver {

namespace {

template <typename ReadyEvent>
void send_ready(ConductorState& state, const std::int64_t correlation_id, const GrantedPublication& publication) {
    const PublicationSpec& spec = publication.spec;
    state.events.send(ReadyEvent{.correlation_id = correlation_id,
                                 .registration_id = spec.registration_id,
                                 .session_id = static_cast<std::int32_t>(spec.session_id),
                                 .stream_id = spec.stream_id,
                                 .position_limit_id = publication.limit_counter_id,
                                 .channel_status_id = publication.channel_status_id,
                                 .log_file_name = publication.log_file_name});
}

}  // namespace

void check_correlation_id(const ConductorState& state, const AddPublication& add) {
    if (find_ipc_publication(state, add.correlation_id) != nullptr ||
        find_network_publication(state, add.correlation_id) != nullptr) {
        throw RegistrationError(
            ErrorCode::generic_error,
            fmt::format("correlation id {} is in use as the registration id of another publication; "
                        "draw one from the counter in the to-driver ring",
                        add.correlation_id));
    }
}

void check_joinable(const uri::PublicationParams& params, const PublicationSpec& existing, const Media media) {
    const std::optional<ErrorInfo> obstacle =
        uri::check_can_join(params,
                            {.session_id = existing.session_id,
                             .mtu_length = existing.params.mtu_length,
                             .term_length = existing.params.term_length,
                             .start_position = existing.start_position,
                             .spies_simulate_connection = existing.params.spies_simulate_connection},
                            media);
    if (obstacle) {
        throw RegistrationError(*obstacle);
    }
}

SessionId choose_session_id(ConductorState& state, const AddPublication& add, const uri::PublicationParams& params,
                            const std::function<bool(SessionId)>& is_in_use) {
    if (!params.session_id) {
        return state.session_ids.take(is_in_use);
    }
    if (is_in_use(*params.session_id)) {
        throw ChannelUriError(
            fmt::format("existing publication has clashing sessionId: session-id={} is in use on stream {}; choose "
                        "another one, or wait until that publication is closed and drained",
                        static_cast<std::int32_t>(*params.session_id), add.stream_id));
    }
    return *params.session_id;
}

PublicationSpec new_publication_spec(ConductorState& state, const AddPublication& add,
                                     const uri::PublicationParams& params, const SessionId session_id) {
    const std::int32_t initial_term_id =
        params.start_position ? params.start_position->initial_term_id : state.resources.random.next_i32();
    return {.registration_id = add.correlation_id,
            .client_id = add.client_id,
            .session_id = session_id,
            .stream_id = add.stream_id,
            .is_exclusive = add.is_exclusive,
            .channel = add.channel,
            .params = params,
            .start_position = params.start_position.value_or(
                uri::StartPosition{.initial_term_id = initial_term_id, .term_id = initial_term_id, .term_offset = 0})};
}

logbuffer::LogParams log_params_of(const PublicationSpec& spec, const ChannelUri& uri, const DriverContext& context) {
    const uri::PublicationParams& params = spec.params;
    return {.type = spec.is_exclusive ? logbuffer::LogType::exclusive_publication
                                      : logbuffer::LogType::concurrent_publication,
            .correlation_id = spec.registration_id,
            .session_id = static_cast<std::int32_t>(spec.session_id),
            .stream_id = spec.stream_id,
            .initial_term_id = spec.start_position.initial_term_id,
            .start = logbuffer::StartPosition{.term_id = spec.start_position.term_id,
                                              .term_offset = spec.start_position.term_offset},
            .term_length = params.term_length,
            .mtu_length = params.mtu_length,
            .page_size = static_cast<std::int32_t>(context.file_page_size),
            .publication_window_length = params.publication_window_length,
            .max_resend = uri.contains(uri::key::max_resend) ? params.max_resend : 0,
            .entity_tag = params.entity_tag.value_or(-1),
            .response_correlation_id = params.response_correlation_id,
            .linger_timeout_ns = params.linger_timeout_ns,
            .untethered_window_limit_timeout_ns = params.untethered_window_limit_timeout_ns,
            .untethered_linger_timeout_ns = params.untethered_linger_timeout_ns,
            .untethered_resting_timeout_ns = params.untethered_resting_timeout_ns,
            .is_response = uri.has_control_mode_response(),
            .sparse = params.is_sparse,
            .signal_eos = params.signals_eos,
            .spies_simulate_connection = params.spies_simulate_connection};
}

void grant_publication(ConductorState& state, const AddPublication& add, const GrantedPublication& publication) {
    Client& client = client_for(state, add.client_id);
    client.publications.push_back(
        {.registration_id = add.correlation_id, .original_registration_id = publication.spec.registration_id});
    if (add.is_exclusive) {
        send_ready<command::ExclusivePublicationReadyEvent>(state, add.correlation_id, publication);
    } else {
        send_ready<command::PublicationReadyEvent>(state, add.correlation_id, publication);
    }
}

}  // namespace cpperon::driver
