#include "cpperon/driver/conductor/image_creation.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cpperon/driver/conductor/image_linking.hpp"
#include "cpperon/driver/conductor/network_image.hpp"
#include "cpperon/driver/conductor/receive_channel.hpp"
#include "cpperon/driver/conductor/stream_counters.hpp"
#include "cpperon/logbuffer/position.hpp"
#include "cpperon/net/channel_sockets.hpp"
#include "cpperon/shm/many_to_one_ring_buffer.hpp"
#include "cpperon/wire/frames.hpp"

namespace cpperon::driver {

namespace {

using receiver_event::CreateImage;

/// A counter of the driver's own. spec: 06 §19.3
constexpr std::int64_t no_owner = -1;

/// A sender is told so often that its receiver leaves. spec: 04 §9.8
constexpr std::int64_t drain_status_messages = 5;

using Subscriptions = std::vector<const NetworkSubscription*>;

// Checks.

[[noreturn]] void refuse(const ReceiveChannel& channel, const std::string_view reason) {
    throw RegistrationError(ErrorCode::generic_error,
                            fmt::format("no image can be made on '{}': {}", channel.channel().text, reason));
}

/// spec: 04 §5.5
void check_lengths(const ConductorState& state, const ReceiveChannel& channel, const CreateImage& setup) {
    const std::int64_t window = channel.spec().params.receiver_window_length;
    const std::int64_t configured = net::configured_buffers(channel.channel(), state.buffer_defaults.settings).receive;
    const std::int64_t buffer = configured != 0 ? configured : state.buffer_defaults.system.receive;
    if (!logbuffer::is_valid_mtu_length(setup.mtu_length)) {
        refuse(channel, "the sender's mtu is no multiple of 32 that has room for a payload");
    }
    if (setup.mtu_length > window) {
        refuse(channel, fmt::format("the sender's mtu is greater than the receiver's window, rcv-wnd={}", window));
    }
    if (window > buffer) {
        refuse(channel, fmt::format("the receiver's window, rcv-wnd={}, is greater than SO_RCVBUF={}", window, buffer));
    }
    if (setup.mtu_length > buffer) {
        refuse(channel, fmt::format("the sender's mtu is greater than SO_RCVBUF={}", buffer));
    }
}

void check_terms(const ReceiveChannel& channel, const CreateImage& setup) {
    if (logbuffer::term_count_of(setup.active_term_id, setup.initial_term_id) < 0) {
        refuse(channel, "the sender says that its active term comes before its initial one");
    }
}

// What an image takes from where. spec: 05 §6.7

/// The subscription that came first decides, but for how the log is made: there it is the oldest.
bool is_sparse(const Subscriptions& subscriptions) {
    return (*std::min_element(
                subscriptions.begin(), subscriptions.end(),
                [](const auto* a, const auto* b) { return a->link.registration_id < b->link.registration_id; }))
        ->link.params.is_sparse;
}

bool is_one_of_a_group(const SubscriptionLink& subscription, const ReceiveChannel& channel, const CreateImage& setup) {
    switch (subscription.params.group) {
        case GroupConsideration::force_true: return true;
        case GroupConsideration::force_false: return false;
        case GroupConsideration::infer: break;
    }
    return channel.channel().is_multicast || (setup.flags & wire::setup_flag::group) != 0;
}

logbuffer::LogParams log_params_of(const ConductorState& state, const ReceiveChannel& channel, const CreateImage& setup,
                                   const Subscriptions& subscriptions, const std::int64_t correlation_id) {
    const uri::SubscriptionParams& params = channel.spec().params;
    const SubscriptionLink& first = subscriptions.front()->link;
    return {.type = logbuffer::LogType::image,
            .correlation_id = correlation_id,
            .session_id = static_cast<std::int32_t>(setup.session_id),
            .stream_id = setup.stream_id,
            .initial_term_id = setup.initial_term_id,
            .term_length = setup.term_length,
            .mtu_length = setup.mtu_length,
            .page_size = static_cast<std::int32_t>(state.context.file_page_size),
            .receiver_window_length = static_cast<std::int32_t>(params.receiver_window_length),
            .socket_send_buffer_length = static_cast<std::int32_t>(channel.channel().params.socket_send_buffer_length),
            .os_default_socket_send_buffer_length = static_cast<std::int32_t>(state.buffer_defaults.system.send),
            .os_max_socket_send_buffer_length = static_cast<std::int32_t>(state.longest_buffers.send),
            .socket_receive_buffer_length =
                static_cast<std::int32_t>(channel.channel().params.socket_receive_buffer_length),
            .os_default_socket_receive_buffer_length = static_cast<std::int32_t>(state.buffer_defaults.system.receive),
            .os_max_socket_receive_buffer_length = static_cast<std::int32_t>(state.longest_buffers.receive),
            .entity_tag = 0,
            .response_correlation_id = 0,
            .untethered_window_limit_timeout_ns = params.untethered_window_limit_timeout_ns,
            .untethered_linger_timeout_ns = params.untethered_linger_timeout_ns,
            .untethered_resting_timeout_ns = params.untethered_resting_timeout_ns,
            .group = is_one_of_a_group(first, channel, setup),
            .is_response = first.params.is_response,
            .rejoin = params.is_rejoin,
            .reliable = first.params.is_reliable,
            .sparse = is_sparse(subscriptions),
            .tether = params.is_tether};
}

FeedbackDelay feedback_delay_of(ConductorState& state, const SubscriptionLink& first, const bool is_group,
                                const uri::ImageParams& params) {
    const DriverContext& context = state.context;
    if (!first.params.is_reliable) {
        return FeedbackDelay::none();
    }
    if (is_group) {
        return FeedbackDelay::random(
            {.max_backoff_ns = context.nak_multicast_max_backoff.count(), .size = context.nak_multicast_group_size},
            state.resources.random);
    }
    return FeedbackDelay::constant(params.nak_delay_ns, context.nak_unicast_retry_delay_ratio);
}

bool is_cubic(const DriverContext& context, const uri::ImageParams& params) {
    switch (context.congestion_control) {
        case CongestionControlSupplier::static_window: return false;
        case CongestionControlSupplier::cubic: return true;
        case CongestionControlSupplier::by_channel: break;
    }
    return params.congestion_control == uri::CongestionControl::cubic;
}

CongestionControl congestion_control_of(const ConductorState& state, const std::int32_t window_length,
                                        const std::int32_t mtu_length, const bool is_cubic) {
    if (!is_cubic) {
        return CongestionControl{StaticWindow{window_length}};
    }
    return CongestionControl{CubicWindow{{.max_window_length = window_length,
                                          .mtu_length = mtu_length,
                                          .initial_rtt_ns = state.context.cubic_initial_rtt.count(),
                                          .is_tcp_friendly = state.context.cubic_tcp_mode,
                                          .now_ns = state.now_ns}}};
}

/// In the order in which tools list them. spec: 06 §19.3
NetworkImage::Counters allocate_counters(ConductorState& state, const ReceiveChannel& channel,
                                         const NetworkImageSpec& image, const SubscriptionLink& first,
                                         const bool is_cubic) {
    StreamCounterSpec spec{
        .registration_id = image.correlation_id, .session_id = image.session_id, .stream_id = image.stream_id};
    const auto allocate = [&](const StreamCounter counter) {
        spec.counter = counter;
        return allocate_stream_counter(state.resources.counters, spec);
    };
    NetworkImage::Counters counters;
    if (is_cubic) {
        spec.channel = channel.channel().text;
        spec.owner_id = no_owner;
        counters.cubic.emplace();
        counters.cubic->rtt = allocate(StreamCounter::cubic_rtt);
        counters.cubic->window = allocate(StreamCounter::cubic_window);
    }
    spec.channel = first.channel;
    spec.owner_id = first.client_id;
    spec.initial_value = image.join_position;
    counters.high_water_mark = allocate(StreamCounter::receiver_high_water_mark);
    counters.position = allocate(StreamCounter::receiver_position);
    spec.initial_value = 0;
    counters.naks_sent = allocate(StreamCounter::receiver_naks_sent);
    return counters;
}

}  // namespace

ImageCreation::ImageCreation(ConductorState& state, const CreateImage& setup) : state_(state), setup_(setup) {}

ImageCreation::~ImageCreation() {
    // Of an endpoint that is closing, the receiver knows nothing any longer.
    if (!is_done_ && find_active_receive_channel(state_, *setup_.endpoint) != nullptr) {
        state_.resources.receiver.commands.push(receiver_command::ClearInitInProgress{
            .endpoint = setup_.endpoint, .stream_id = setup_.stream_id, .session_id = setup_.session_id});
    }
}

bool ImageCreation::begin() {
    const ReceiveChannel& channel = *find_active_receive_channel(state_, *setup_.endpoint);
    check_terms(channel, setup_);
    check_lengths(state_, channel, setup_);
    const Subscriptions subscriptions = subscriptions_for(state_, channel, setup_.stream_id, setup_.session_id);
    if (subscriptions.empty()) {
        return false;
    }
    static_cast<void>(uri::try_parse_image_params(channel.channel().uri, state_.channel_defaults).value_or_throw());
    correlation_id_ = state_.resources.commands.next_correlation_id();
    log_ = std::make_unique<PendingLog>(state_.resources.logs,
                                        log_params_of(state_, channel, setup_, subscriptions, correlation_id_));
    return true;
}

bool ImageCreation::advance() {
    try {
        std::optional<OwnedLog> log = log_->poll();
        if (!log) {
            return false;
        }
        finish(std::move(*log));
        return true;
    } catch (const Error& error) {
        // Not the error's own text: it names the image, and there may be a new one every second.
        throw RegistrationError(error.code(),
                                fmt::format("no image of stream {} can be made: {}", setup_.stream_id,
                                            error.code() == ErrorCode::storage_space
                                                ? "there is not enough space for its log in the driver's directory"
                                                : "its log cannot be created, or no counter is free"));
    }
}

/// While the log was being made, subscriptions may have gone, or come.
void ImageCreation::finish(OwnedLog log) {
    ReceiveChannel* const channel = find_active_receive_channel(state_, *setup_.endpoint);
    if (channel == nullptr || channel->find(*setup_.destination) == nullptr) {
        return;
    }
    const Subscriptions subscriptions = subscriptions_for(state_, *channel, setup_.stream_id, setup_.session_id);
    if (subscriptions.empty()) {
        return;
    }
    const DriverContext& context = state_.context;
    const SubscriptionLink& first = subscriptions.front()->link;
    const uri::SubscriptionParams& channel_params = channel->spec().params;
    const uri::ImageParams image_params =
        uri::try_parse_image_params(channel->channel().uri, state_.channel_defaults).value_or_throw();
    const bool has_cubic_window = is_cubic(context, image_params);
    const std::int32_t window_length =
        effective_window_length(channel_params.receiver_window_length, setup_.term_length);
    NetworkImageSpec spec{
        .correlation_id = correlation_id_,
        .session_id = setup_.session_id,
        .stream_id = setup_.stream_id,
        .source_identity = setup_.source.to_string(),
        .channel = channel->channel().text,
        .join_position =
            logbuffer::position_of(setup_.active_term_id, setup_.term_offset,
                                   logbuffer::position_bits_to_shift(setup_.term_length), setup_.initial_term_id),
        .wants_response = (setup_.flags & wire::setup_flag::send_response) != 0,
        .tether_timeouts = {.window_limit_timeout_ns = channel_params.untethered_window_limit_timeout_ns,
                            .linger_timeout_ns = channel_params.untethered_linger_timeout_ns,
                            .resting_timeout_ns = channel_params.untethered_resting_timeout_ns},
        .liveness_timeout_ns = context.image_liveness_timeout.count(),
        .drain_timeout_ns = drain_status_messages * context.status_message_timeout.count()};
    NetworkImage::Counters counters = allocate_counters(state_, *channel, spec, first, has_cubic_window);
    std::vector<OwnedCounter> positions;
    for (const NetworkSubscription* const subscription : subscriptions) {
        positions.push_back(allocate_image_position(state_, correlation_id_, setup_.session_id, subscription->link,
                                                    spec.join_position));
    }
    NetworkImage::Control control{
        .loss_detector =
            LossDetector{feedback_delay_of(state_, first, is_one_of_a_group(first, *channel, setup_), image_params)},
        .loss_recorder = LossRecorder{state_.resources.loss_report,
                                      {.session_id = static_cast<std::int32_t>(setup_.session_id),
                                       .stream_id = setup_.stream_id,
                                       .channel = channel->channel().text,
                                       .source = spec.source_identity}},
        .congestion = congestion_control_of(state_, window_length, setup_.mtu_length, has_cubic_window)};
    const bool is_reliable = first.params.is_reliable;
    const logbuffer::LogView view = log.file().view();
    auto image = std::make_unique<NetworkImage>(
        NetworkImage::Parts{.spec = std::move(spec),
                            .channel = channel,
                            .log = std::move(log),
                            .counters = std::move(counters),
                            .control = std::move(control),
                            .receiver = {.endpoint = setup_.endpoint,
                                         .destination = setup_.destination,
                                         .source = setup_.source,
                                         .log = view,
                                         .max_window_length = window_length,
                                         .is_reliable = is_reliable,
                                         .measures_rtt = has_cubic_window && context.cubic_measures_rtt,
                                         .initial_rtt_ns = context.cubic_initial_rtt.count(),
                                         .now_ns = state_.now_ns}},
        state_.resources.receiver, state_.events, state_.resources.epoch_clock);

    NetworkImage& made = *state_.images.emplace_back(std::move(image));
    for (std::size_t i = 0; i < subscriptions.size(); ++i) {
        made.link(*subscriptions[i], std::move(positions[i]), state_.now_ns);
    }
    made.start();
    is_done_ = true;
}

}  // namespace cpperon::driver
