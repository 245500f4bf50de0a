/// Adds publications over shared memory. spec: 02 §7.1, §7.4; 05 §6.9
#include <algorithm>
#include <utility>

#include "cpperon/base/clock.hpp"
#include "cpperon/driver/conductor/adding_publications.hpp"
#include "cpperon/driver/conductor/ipc_linking.hpp"
#include "cpperon/driver/conductor/stream_counters.hpp"

namespace cpperon::driver {

namespace {

IpcPublication* find_joinable(ConductorState& state, const AddPublication& add, const uri::PublicationParams& params) {
    const auto found =
        std::find_if(state.ipc_publications.begin(), state.ipc_publications.end(), [&](const auto& publication) {
            const PublicationSpec& spec = publication->spec();
            return publication->is_joinable() && spec.stream_id == add.stream_id &&
                   spec.params.response_correlation_id == params.response_correlation_id;
        });
    return found == state.ipc_publications.end() ? nullptr : found->get();
}

/// Whether a publication of the stream has this session id and is `alive` enough to keep it.
template <typename Alive>
bool is_session_in_use(const ConductorState& state, const std::int32_t stream_id, const SessionId session_id,
                       Alive&& alive) {
    return std::any_of(state.ipc_publications.begin(), state.ipc_publications.end(), [&](const auto& publication) {
        const PublicationSpec& spec = publication->spec();
        return spec.stream_id == stream_id && spec.session_id == session_id && alive(*publication);
    });
}

/// Gives the client its handle, answers, and announces the publication to subscriptions that are not linked yet.
void grant(ConductorState& state, const AddPublication& add, IpcPublication& publication,
           std::vector<PreparedIpcLink> links) {
    grant_publication(state, add,
                      {.spec = publication.spec(),
                       .limit_counter_id = publication.limit_counter_id(),
                       .channel_status_id = -1,
                       .log_file_name = publication.log_file_name()});
    publication.add_reference();
    make_links(state, std::move(links));
}

/// The response to a request goes to the subscription that the request's publisher named: it is told the session.
/// spec: 02 §7.4, 05 §13.2
void assign_response_session(ConductorState& state, const PublicationSpec& response) {
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
    IpcPublicationCreation(ConductorState& state, AddPublication add, PublicationSpec spec,
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
    PublicationSpec spec_;
    PendingLog log_;
};

void create_ipc_publication(ConductorState& state, AddPublication add, const ChannelUri& uri,
                            const uri::PublicationParams& params) {
    check_correlation_id(state, add);
    const SessionId session_id = choose_session_id(state, add, params, [&](const SessionId candidate) {
        return is_session_in_use(state, add.stream_id, candidate,
                                 [](const IpcPublication& publication) { return publication.is_live(); });
    });
    PublicationSpec spec = new_publication_spec(state, add, params, session_id);
    const logbuffer::LogParams log_params = log_params_of(spec, uri, state.context);
    state.in_progress = std::make_unique<IpcPublicationCreation>(state, std::move(add), std::move(spec), log_params);
}

}  // namespace

void add_ipc_publication(ConductorState& state, AddPublication add) {
    const ChannelUri uri = ChannelUri::try_parse_for_driver(add.channel).value_or_throw();
    const uri::PublicationParams params =
        uri::try_parse_publication_params(uri, state.channel_defaults, find_tagged_publication(state)).value_or_throw();
    IpcPublication* const existing = add.is_exclusive ? nullptr : find_joinable(state, add, params);
    if (existing == nullptr) {
        create_ipc_publication(state, std::move(add), uri, params);
        return;
    }
    check_joinable(params, existing->spec(), Media::ipc);
    std::vector<PreparedIpcLink> links = prepare_links(state, *existing);
    grant(state, add, *existing, std::move(links));
}

bool is_session_in_use_by_ipc(const ConductorState& state, const std::int32_t stream_id, const SessionId session_id) {
    return is_session_in_use(state, stream_id, session_id, [](const IpcPublication&) { return true; });
}

}  // namespace cpperon::driver
