/// Commands about publications. spec: 02 §7.1, §7.2, §7.4, §7.8; 05 §6.8, §6.9
#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "cpperon/base/random.hpp"
#include "cpperon/driver/conductor/commands.hpp"
#include "cpperon/driver/conductor/ipc_linking.hpp"
#include "cpperon/driver/conductor/stream_counters.hpp"
#include "cpperon/uri/keys.hpp"

namespace cpperon::driver {

namespace {

/// What the shared and the exclusive command have in common; owned, since the command ends with its duty cycle.
struct AddPublication {
    std::int64_t client_id = 0;
    std::int64_t correlation_id = 0;
    std::int32_t stream_id = 0;
    bool is_exclusive = false;
    std::string channel;
};

IpcPublication* find_joinable(ConductorState& state, const AddPublication& add, const uri::PublicationParams& params) {
    const auto found =
        std::find_if(state.ipc_publications.begin(), state.ipc_publications.end(), [&](const auto& publication) {
            const IpcPublicationSpec& spec = publication->spec();
            return publication->is_joinable() && spec.stream_id == add.stream_id &&
                   spec.params.response_correlation_id == params.response_correlation_id;
        });
    return found == state.ipc_publications.end() ? nullptr : found->get();
}

void check_joinable(const uri::PublicationParams& params, const IpcPublication& publication) {
    const IpcPublicationSpec& spec = publication.spec();
    const std::optional<ErrorInfo> obstacle =
        uri::check_can_join(params,
                            {.session_id = spec.session_id,
                             .mtu_length = spec.params.mtu_length,
                             .term_length = spec.params.term_length,
                             .start_position = spec.start_position,
                             .spies_simulate_connection = spec.params.spies_simulate_connection},
                            Media::ipc);
    if (obstacle) {
        throw RegistrationError(*obstacle);
    }
}

/// Whether another publication of the stream has this session id and is `alive` enough to keep it.
template <typename Alive>
bool is_session_in_use(const ConductorState& state, const std::int32_t stream_id, const SessionId session_id,
                       Alive&& alive) {
    return std::any_of(state.ipc_publications.begin(), state.ipc_publications.end(), [&](const auto& publication) {
        const IpcPublicationSpec& spec = publication->spec();
        return spec.stream_id == stream_id && spec.session_id == session_id && alive(*publication);
    });
}

/// The session id the URI demands, or the next free one. spec: 06 §8.1
SessionId choose_session_id(ConductorState& state, const AddPublication& add, const uri::PublicationParams& params) {
    const auto is_live = [](const IpcPublication& publication) { return publication.is_live(); };
    if (!params.session_id) {
        return state.session_ids.take(
            [&](const SessionId session_id) { return is_session_in_use(state, add.stream_id, session_id, is_live); });
    }
    if (is_session_in_use(state, add.stream_id, *params.session_id, is_live)) {
        throw ChannelUriError(
            fmt::format("existing publication has clashing sessionId: session-id={} is in use on stream {}; choose "
                        "another one, or wait until that publication is closed and drained",
                        static_cast<std::int32_t>(*params.session_id), add.stream_id));
    }
    return *params.session_id;
}

logbuffer::LogParams log_params_of(const IpcPublicationSpec& spec, const ChannelUri& uri,
                                   const DriverContext& context) {
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

template <typename ReadyEvent>
void send_ready(ConductorState& state, const std::int64_t correlation_id, const IpcPublication& publication) {
    const IpcPublicationSpec& spec = publication.spec();
    state.events.send(ReadyEvent{.correlation_id = correlation_id,
                                 .registration_id = spec.registration_id,
                                 .session_id = static_cast<std::int32_t>(spec.session_id),
                                 .stream_id = spec.stream_id,
                                 .position_limit_id = publication.limit_counter_id(),
                                 .log_file_name = publication.log_file_name()});
}

/// Gives the client its handle, answers, and announces the publication to subscriptions that are not linked yet.
void grant(ConductorState& state, const AddPublication& add, IpcPublication& publication,
           std::vector<PreparedIpcLink> links) {
    Client& client = client_for(state, add.client_id);
    client.publications.push_back(
        {.registration_id = add.correlation_id, .original_registration_id = publication.spec().registration_id});
    publication.add_reference();
    if (add.is_exclusive) {
        send_ready<command::ExclusivePublicationReadyEvent>(state, add.correlation_id, publication);
    } else {
        send_ready<command::PublicationReadyEvent>(state, add.correlation_id, publication);
    }
    make_links(state, std::move(links));
}

/// The response to a request goes to the subscription that the request's publisher named: it is told the session.
/// spec: 02 §7.4, 05 §13.2
void assign_response_session(ConductorState& state, const IpcPublicationSpec& response) {
    const IpcPublication* const request = find_ipc_publication(state, response.params.response_correlation_id);
    if (request == nullptr) {
        return;
    }
    for (const auto& subscription : state.ipc_subscriptions) {
        if (subscription->registration_id == request->spec().params.response_correlation_id) {
            subscription->params.session_id = response.session_id;
        }
    }
}

/// Waits for the log of a new publication.
class IpcPublicationCreation final : public CommandInProgress {
public:
    IpcPublicationCreation(ConductorState& state, AddPublication add, IpcPublicationSpec spec,
                           const logbuffer::LogParams& log_params)
        : state_(state), add_(std::move(add)), spec_(std::move(spec)), log_(state.resources.logs, log_params) {}

    [[nodiscard]] bool advance() override {
        std::optional<OwnedLog> log = log_.poll();
        if (!log) {
            return false;
        }
        finish(std::move(*log));
        return true;
    }

    [[nodiscard]] std::int64_t correlation_id() const noexcept override { return add_.correlation_id; }

private:
    void finish(OwnedLog log) {
        static_cast<void>(client_for(state_, add_.client_id));
        IpcPublication::Counters counters{
            .position = allocate(spec_.is_exclusive ? StreamCounter::exclusive_publisher_position
                                                    : StreamCounter::concurrent_publisher_position),
            .limit = allocate(StreamCounter::publisher_limit)};
        assign_response_session(state_, spec_);
        auto publication = std::make_unique<IpcPublication>(
            std::move(spec_),
            IpcPublicationTimeouts{.unblock_timeout_ns = state_.context.publication_unblock_timeout.count(),
                                   .reject_cool_down_ns = state_.context.image_liveness_timeout.count()},
            std::move(log), std::move(counters), state_.events, state_.resources.system_counters, state_.now_ns);
        std::vector<PreparedIpcLink> links = prepare_links(state_, *publication);
        grant(state_, add_, *state_.ipc_publications.emplace_back(std::move(publication)), std::move(links));
    }

    [[nodiscard]] OwnedCounter allocate(const StreamCounter counter) {
        return allocate_stream_counter(state_.resources.counters,
                                       {.counter = counter,
                                        .registration_id = spec_.registration_id,
                                        .session_id = spec_.session_id,
                                        .stream_id = spec_.stream_id,
                                        .channel = spec_.channel,
                                        .owner_id = spec_.client_id,
                                        .initial_value = spec_.start_position.position(spec_.params.term_length)});
    }

    ConductorState& state_;
    AddPublication add_;
    IpcPublicationSpec spec_;
    PendingLog log_;
};

void create_ipc_publication(ConductorState& state, AddPublication add, const ChannelUri& uri,
                            const uri::PublicationParams& params) {
    if (find_ipc_publication(state, add.correlation_id) != nullptr) {
        throw RegistrationError(
            ErrorCode::generic_error,
            fmt::format("correlation id {} is in use as the registration id of another publication; "
                        "draw one from the counter in the to-driver ring",
                        add.correlation_id));
    }
    const SessionId session_id = choose_session_id(state, add, params);
    const std::int32_t initial_term_id =
        params.start_position ? params.start_position->initial_term_id : state.resources.random.next_i32();
    IpcPublicationSpec spec{.registration_id = add.correlation_id,
                            .client_id = add.client_id,
                            .session_id = session_id,
                            .stream_id = add.stream_id,
                            .is_exclusive = add.is_exclusive,
                            .channel = add.channel,
                            .params = params,
                            .start_position = params.start_position.value_or(uri::StartPosition{
                                .initial_term_id = initial_term_id, .term_id = initial_term_id, .term_offset = 0})};
    const logbuffer::LogParams log_params = log_params_of(spec, uri, state.context);
    state.in_progress = std::make_unique<IpcPublicationCreation>(state, std::move(add), std::move(spec), log_params);
}

void add_publication(ConductorState& state, AddPublication add) {
    const ChannelUri uri = parse_channel(add.channel);
    const uri::PublicationParams params =
        uri::try_parse_publication_params(uri, state.channel_defaults, {}).value_or_throw();
    IpcPublication* const existing = add.is_exclusive ? nullptr : find_joinable(state, add, params);
    if (existing == nullptr) {
        create_ipc_publication(state, std::move(add), uri, params);
        return;
    }
    check_joinable(params, *existing);
    std::vector<PreparedIpcLink> links = prepare_links(state, *existing);
    grant(state, add, *existing, std::move(links));
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
    IpcPublication& publication = *find_ipc_publication(state, link->original_registration_id);
    client->publications.erase(link);
    if (command.is_revoke()) {
        publication.revoke();
    }
    publication.drop_reference();
    state.events.send_success(command.correlation_id);
}

void handle(ConductorState& state, const command::GetNextAvailableSessionIdCommand& command) {
    const auto whatever_its_state = [](const IpcPublication&) { return true; };
    const SessionId session_id = state.session_ids.take([&](const SessionId candidate) {
        return is_session_in_use(state, command.stream_id, candidate, whatever_its_state);
    });
    state.events.send(command::NextAvailableSessionIdEvent{.correlation_id = command.correlation_id,
                                                           .session_id = static_cast<std::int32_t>(session_id)});
}

}  // namespace cpperon::driver
