/// Adds publications over UDP. spec: 02 §7.1, §7.4; 05 §6.3, §6.6, §6.8, §8
#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "cpperon/driver/channel_resolver.hpp"
#include "cpperon/driver/conductor/adding_publications.hpp"
#include "cpperon/driver/conductor/network_publication.hpp"
#include "cpperon/driver/conductor/response_channels.hpp"
#include "cpperon/driver/conductor/send_channel.hpp"
#include "cpperon/driver/conductor/spy_linking.hpp"
#include "cpperon/driver/conductor/stream_counters.hpp"
#include "cpperon/driver/event_log/event_log.hpp"
#include "cpperon/net/endpoint_conflicts.hpp"
#include "cpperon/uri/keys.hpp"

namespace cpperon::driver {

namespace {

void require(const std::optional<ErrorInfo>& obstacle) {
    if (obstacle) {
        throw RegistrationError(*obstacle);
    }
}

template <typename Predicate>
NetworkPublication* find_publication(const ConductorState& state, Predicate&& is_meant) {
    const auto found = std::find_if(state.network_publications.begin(), state.network_publications.end(),
                                    [&](const auto& publication) { return is_meant(*publication); });
    return found == state.network_publications.end() ? nullptr : found->get();
}

bool is_response(const net::UdpChannel& channel) noexcept {
    return channel.params.control_mode == ControlMode::response;
}

/// A publication that asks for responses needs somebody here to receive them. spec: 05 §13.2
void check_response_subscription(const ConductorState& state, const net::UdpChannel& channel,
                                 const std::int64_t response_correlation_id) {
    if (!is_response(channel) && response_correlation_id != uri::response_correlation_none &&
        !has_response_subscription(state, response_correlation_id)) {
        throw RegistrationError(
            ErrorCode::generic_error,
            fmt::format("unable to find response subscription: {}={} is not the registration id of an aeron:udp "
                        "subscription of this driver",
                        uri::key::response_correlation_id, response_correlation_id));
    }
}

logbuffer::LogParams network_log_params(const ConductorState& state, const PublicationSpec& spec,
                                        const net::UdpChannel& channel, const net::UdpChannel& endpoint) {
    logbuffer::LogParams params = log_params_of(spec, channel.uri, state.context);
    params.socket_send_buffer_length = static_cast<std::int32_t>(channel.params.socket_send_buffer_length);
    params.os_default_socket_send_buffer_length = static_cast<std::int32_t>(state.buffer_defaults.system.send);
    params.os_max_socket_send_buffer_length = static_cast<std::int32_t>(state.longest_buffers.send);
    params.socket_receive_buffer_length = static_cast<std::int32_t>(channel.params.socket_receive_buffer_length);
    params.os_default_socket_receive_buffer_length = static_cast<std::int32_t>(state.buffer_defaults.system.receive);
    params.os_max_socket_receive_buffer_length = static_cast<std::int32_t>(state.longest_buffers.receive);
    params.group = endpoint.has_group_semantics();
    params.is_response = is_response(endpoint);
    return params;
}

/// What the driver's settings say, and the `fc` of the channel that created the endpoint where receivers form a group.
/// spec: 04 §8, 05 §3.9, §6.6
FlowControlSpec flow_control_of(const ConductorState& state, const PublicationSpec& publication,
                                const net::UdpChannel& endpoint) {
    const DriverContext& context = state.context;
    const bool is_group = endpoint.has_group_semantics();
    FlowControlSpec spec{
        .strategy = is_group ? context.multicast_flow_control : context.unicast_flow_control,
        .group_tag = context.flow_control_group_tag,
        .group_min_size = context.flow_control_group_min_size,
        .receiver_timeout_ns = context.flow_control_receiver_timeout.count(),
        .retransmit_receiver_window_multiple = is_group ? context.multicast_retransmit_receiver_window_multiple
                                                        : context.unicast_retransmit_receiver_window_multiple,
        .term_length = publication.params.term_length};
    const std::optional<std::string_view> text = endpoint.uri.get(uri::key::flow_control);
    if (is_group && text) {
        const uri::FlowControl stated = uri::try_parse_flow_control(*text).value_or_throw();
        spec.strategy = stated.strategy;
        spec.group_tag = stated.group_tag.value_or(spec.group_tag);
        spec.group_min_size = stated.group_min_size.value_or(spec.group_min_size);
        spec.receiver_timeout_ns = stated.receiver_timeout_ns.value_or(spec.receiver_timeout_ns);
        spec.retransmit_receiver_window_multiple =
            stated.retransmit_receiver_window_multiple.value_or(spec.retransmit_receiver_window_multiple);
    }
    return spec;
}

/// Logs who begins to count for flow control, and who no longer does; empty where nobody wants to know.
std::function<void(const ReceiverChange& change)> receiver_logger(const ConductorState& state,
                                                                  const PublicationSpec& spec) {
    EventLog* const log = state.resources.event_log;
    if (log == nullptr) {
        return {};
    }
    return [log, session_id = static_cast<std::int32_t>(spec.session_id), stream_id = spec.stream_id,
            channel = spec.channel](const ReceiverChange& change) {
        log->on_event(change.is_added ? EventId::flow_control_receiver_added : EventId::flow_control_receiver_removed,
                      ReceiverDetails{.receiver_count = static_cast<std::int64_t>(change.receiver_count),
                                      .receiver_id = change.receiver_id,
                                      .session_id = session_id,
                                      .stream_id = stream_id,
                                      .channel = channel});
    };
}

/// In the order in which listings show them. spec: 06 §19.3
NetworkPublication::Counters allocate_counters(ConductorState& state, const PublicationSpec& spec,
                                               const net::UdpChannel& endpoint, const bool counts_receivers) {
    const auto allocate = [&](const StreamCounter counter, const std::int64_t initial_value) {
        return allocate_stream_counter(state.resources.counters, {.counter = counter,
                                                                  .registration_id = spec.registration_id,
                                                                  .session_id = spec.session_id,
                                                                  .stream_id = spec.stream_id,
                                                                  .channel = spec.channel,
                                                                  .owner_id = spec.client_id,
                                                                  .initial_value = initial_value});
    };
    const auto allocate_position = [&](const StreamCounter counter) {
        return allocate(counter, spec.initial_position());
    };
    OwnedCounter receivers;
    if (counts_receivers) {
        receivers = allocate_stream_counter(state.resources.counters, {.counter = StreamCounter::flow_control_receivers,
                                                                       .registration_id = spec.registration_id,
                                                                       .session_id = spec.session_id,
                                                                       .stream_id = spec.stream_id,
                                                                       .channel = endpoint.text,
                                                                       .owner_id = -1});
    }
    return {.receivers = std::move(receivers),
            .position = allocate_position(spec.is_exclusive ? StreamCounter::exclusive_publisher_position
                                                            : StreamCounter::concurrent_publisher_position),
            .limit = allocate_position(StreamCounter::publisher_limit),
            .sender_position = allocate_position(StreamCounter::sender_position),
            .sender_limit = allocate_position(StreamCounter::sender_limit),
            .back_pressure_events = allocate(StreamCounter::sender_back_pressure_events, 0),
            .naks_received = allocate(StreamCounter::sender_naks_received, 0)};
}

PublicationSenderSpec sender_spec_of(const ConductorState& state, const PublicationSpec& spec, SendChannel& endpoint,
                                     const OwnedLog& log, const NetworkPublication::Counters& counters,
                                     std::unique_ptr<FlowControl> flow_control) {
    return {.endpoint = &endpoint.endpoint(),
            .registration_id = spec.registration_id,
            .session_id = spec.session_id,
            .stream_id = spec.stream_id,
            .log = log.file().view(),
            .start_position = spec.initial_position(),
            .flow_control = std::move(flow_control),
            .has_group_semantics = endpoint.channel().has_group_semantics(),
            .signals_eos = spec.params.signals_eos,
            .spies_simulate_connection = spec.params.spies_simulate_connection,
            .is_response = is_response(endpoint.channel()),
            .response_correlation_id = spec.params.response_correlation_id,
            .max_resend = spec.params.max_resend,
            .max_messages_per_send = state.context.network_publication_max_messages_per_send,
            .connection_timeout_ns = state.context.publication_connection_timeout.count(),
            .retransmit_delay_ns = state.context.retransmit_unicast_delay.count(),
            .retransmit_linger_ns = state.context.retransmit_unicast_linger.count(),
            .now_ns = state.now_ns,
            .sender_position = counters.sender_position.value(),
            .sender_limit = counters.sender_limit.value(),
            .back_pressure_events = counters.back_pressure_events.value(),
            .naks_received = counters.naks_received.value(),
            .channel = spec.channel};
}

/// Gives the client its handle, answers, and announces the publication to spies that are not linked yet.
void grant(ConductorState& state, const AddPublication& add, NetworkPublication& publication,
           std::vector<PreparedSpyLink> links) {
    grant_publication(state, add,
                      {.spec = publication.spec(),
                       .limit_counter_id = publication.limit_counter_id(),
                       .channel_status_id = publication.channel().status_counter_id(),
                       .log_file_name = publication.log_file_name()});
    publication.add_reference();
    make_links(state, std::move(links));
}

/// Waits for the names in the channel, then, unless the add joins a publication, for the log of a new one.
class NetworkPublicationAdd final : public CommandInProgress {
public:
    NetworkPublicationAdd(ConductorState& state, AddPublication add)
        : state_(state),
          add_(std::move(add)),
          resolution_(state.resources.channels.resolve_channel(add_.channel, net::ChannelUse::endpoint)) {}

    [[nodiscard]] bool advance() override {
        if (!log_) {
            std::optional<Result<net::UdpChannel>> outcome = resolution_->poll();
            if (!outcome) {
                return false;
            }
            if (on_resolved(std::move(*outcome).value_or_throw())) {
                return true;
            }
        }
        std::optional<OwnedLog> log = log_->poll();
        if (!log) {
            return false;
        }
        create(std::move(*log));
        return true;
    }

    [[nodiscard]] std::int64_t correlation_id() const noexcept override { return add_.correlation_id; }

private:
    /// The order of the checks is part of the contract. True if nothing has to be waited for. spec: 05 §8
    bool on_resolved(net::UdpChannel resolved) {
        const net::UdpChannel& channel = channel_.emplace(std::move(resolved));
        uri::PublicationParams params =
            uri::try_parse_publication_params(channel.uri, state_.channel_defaults, find_tagged_publication(state_))
                .value_or_throw();
        require(uri::check_for_publication(channel.params, params.response_correlation_id));
        check_response_subscription(state_, channel, params.response_correlation_id);
        SendChannel* const existing = find_send_channel(state_, channel);
        require(uri::check_ats(channel.params));
        if (existing != nullptr) {
            require(net::find_send_endpoint_conflict(channel, existing->channel(), params.mtu_length,
                                                     state_.buffer_defaults));
            endpoint_ = SendChannelReference{*existing};
            if (NetworkPublication* const publication = find_joinable(params)) {
                join(*publication, params);
                return true;
            }
        }
        if (is_response(channel) && params.is_prototype()) {
            params = params.as_prototype();
        }
        ask_for_log(params);
        return false;
    }

    [[nodiscard]] NetworkPublication* find_joinable(const uri::PublicationParams& params) const {
        return add_.is_exclusive ? nullptr : find_publication(state_, [&](const NetworkPublication& publication) {
            const PublicationSpec& spec = publication.spec();
            return publication.is_joinable() && &publication.channel() == &endpoint_.channel() &&
                   spec.stream_id == add_.stream_id &&
                   spec.params.response_correlation_id == params.response_correlation_id;
        });
    }

    void join(NetworkPublication& publication, const uri::PublicationParams& params) {
        check_joinable(params, publication.spec(), Media::udp);
        check_response_image_of(publication.spec());
        std::vector<PreparedSpyLink> links = prepare_spy_links(state_, publication);
        grant(state_, add_, publication, std::move(links));
        announce_response(publication.spec());
    }

    void ask_for_log(const uri::PublicationParams& params) {
        check_correlation_id(state_, add_);
        const SessionId session_id = choose_session_id(state_, add_, params, [this](const SessionId candidate) {
            return endpoint_ && find_publication(state_, [&](const NetworkPublication& publication) {
                                    return publication.is_live() && &publication.channel() == &endpoint_.channel() &&
                                           publication.spec().stream_id == add_.stream_id &&
                                           publication.spec().session_id == candidate;
                                }) != nullptr;
        });
        spec_ = new_publication_spec(state_, add_, params, session_id);
        log_.emplace(state_.resources.logs, network_log_params(state_, spec_, *channel_,
                                                               endpoint_ ? endpoint_.channel().channel() : *channel_));
    }

    /// What can fail comes first; whatever was made until then goes as if it had never been.
    void create(OwnedLog log) {
        check_response_image_of(spec_);
        std::unique_ptr<SendChannel> new_endpoint;
        if (!endpoint_) {
            require(net::check_mtu(spec_.params.mtu_length, *channel_, nullptr, state_.buffer_defaults));
            new_endpoint = create_send_channel(state_, *channel_, add_.correlation_id);
        }
        SendChannelReference reference = new_endpoint ? SendChannelReference{*new_endpoint} : std::move(endpoint_);
        SendChannel& endpoint = reference.channel();
        FlowControlSpec flow_control = flow_control_of(state_, spec_, endpoint.channel());
        static_cast<void>(client_for(state_, add_.client_id));
        NetworkPublication::Counters counters = allocate_counters(
            state_, spec_, endpoint.channel(), flow_control.strategy != uri::FlowControlStrategy::max);
        flow_control.receivers = counters.receivers.value();
        flow_control.on_change = receiver_logger(state_, spec_);
        PublicationSenderSpec sender =
            sender_spec_of(state_, spec_, endpoint, log, counters, make_flow_control(flow_control));
        auto publication = std::make_unique<NetworkPublication>(
            NetworkPublication::Parts{.spec = spec_,
                                      .channel = std::move(reference),
                                      .log = std::move(log),
                                      .counters = std::move(counters),
                                      .sender = std::move(sender)},
            state_.context.publication_unblock_timeout.count(), state_.resources.sender, state_.events,
            state_.resources.system_counters, state_.now_ns);
        std::vector<PreparedSpyLink> links = prepare_spy_links(state_, *publication);

        if (new_endpoint) {
            new_endpoint->start();
            state_.send_channels.push_back(std::move(new_endpoint));
        }
        publication->start();
        NetworkPublication& added = *state_.network_publications.emplace_back(std::move(publication));
        grant(state_, add_, added, std::move(links));
        announce_response(added.spec());
    }

    [[nodiscard]] bool answers_an_image(const PublicationSpec& spec) const noexcept {
        return is_response(*channel_) && !spec.params.is_prototype();
    }
    void check_response_image_of(const PublicationSpec& spec) const {
        if (answers_an_image(spec)) {
            check_response_image(state_, spec.params.response_correlation_id);
        }
    }
    void announce_response(const PublicationSpec& spec) {
        if (answers_an_image(spec)) {
            announce_response_session(state_, spec.params.response_correlation_id, spec.session_id);
        }
    }

    ConductorState& state_;
    AddPublication add_;
    std::shared_ptr<ChannelResolution> resolution_;
    // Known once the channel is resolved.
    std::optional<net::UdpChannel> channel_;
    SendChannelReference endpoint_;  // that exists already
    PublicationSpec spec_;           // of the publication to be created
    std::optional<PendingLog> log_;
};

}  // namespace

void add_network_publication(ConductorState& state, AddPublication add) {
    state.in_progress = std::make_unique<NetworkPublicationAdd>(state, std::move(add));
}

bool is_session_in_use_by_network(const ConductorState& state, const std::int32_t stream_id,
                                  const SessionId session_id) {
    return find_publication(state, [&](const NetworkPublication& publication) {
               return publication.spec().stream_id == stream_id && publication.spec().session_id == session_id;
           }) != nullptr;
}

}  // namespace cpperon::driver
