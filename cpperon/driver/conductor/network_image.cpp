#include "cpperon/driver/conductor/network_image.hpp"

#include <algorithm>
#include <utility>

#include "cpperon/base/atomic_byte.hpp"
#include "cpperon/base/clock.hpp"
#include "cpperon/driver/conductor/receive_channel.hpp"

namespace cpperon::driver {

namespace {

ImageReceiverSpec completed(ImageReceiverSpec receiver, const NetworkImageSpec& spec,
                            const NetworkImage::Counters& counters) {
    receiver.correlation_id = spec.correlation_id;
    receiver.session_id = spec.session_id;
    receiver.stream_id = spec.stream_id;
    receiver.join_position = spec.join_position;
    receiver.high_water_mark = counters.high_water_mark.value();
    receiver.naks_sent = counters.naks_sent.value();
    return receiver;
}

}  // namespace

NetworkImage::NetworkImage(Parts parts, ReceiverContext& receiver_context, ClientEvents& events,
                           EpochClock& epoch_clock)
    : spec_(std::move(parts.spec)),
      receiver_context_(receiver_context),
      epoch_clock_(epoch_clock),
      channel_(parts.channel),
      log_(std::move(parts.log)),
      counters_(std::move(parts.counters)),
      cleaner_(log_.file().view(), spec_.join_position),
      control_(std::move(parts.control)),
      rebuild_position_(spec_.join_position),
      announcer_(events, {.correlation_id = spec_.correlation_id,
                          .session_id = spec_.session_id,
                          .stream_id = spec_.stream_id,
                          .log_file_name = log_.file().path(),
                          .source_identity = spec_.source_identity}),
      receiver_(completed(std::move(parts.receiver), spec_, counters_), receiver_context) {
    schedule_status(spec_.join_position, control_.congestion.window_length());
}

void NetworkImage::start() {
    channel_->add_image();
    receiver_context_.commands.push(receiver_command::AddImage{.image = &receiver_});
}

// Subscribers.

bool NetworkImage::wants(const NetworkSubscription& subscription) const noexcept {
    const bool takes_subscribers = state_ == ImageState::active || (state_ == ImageState::draining && !is_drained());
    return takes_subscribers && subscription.matches(*channel_, spec_.stream_id, spec_.session_id) &&
           subscribers_.has_working() && !subscribers_.contains(subscription.link);
}

std::int64_t NetworkImage::join_position() const noexcept {
    const std::optional<logbuffer::PositionRange> consumed = consumed_up_to(high_water_mark());
    return consumed ? std::min(rebuild_position_, consumed->min) : rebuild_position_;
}

void NetworkImage::link(const NetworkSubscription& subscription, OwnedCounter position, const std::int64_t now_ns) {
    announcer_.announce(subscribers_.add(subscription.link, std::move(position), now_ns));
}

void NetworkImage::unlink(const NetworkSubscription& subscription) noexcept {
    subscribers_.remove(subscription.link);
}

void NetworkImage::reject(const std::string_view reason) {
    if (is_in_use()) {
        receiver_context_.commands.push(
            receiver_command::RejectImage{.image = &receiver_, .reason = std::string{reason}});
    }
}

// Responses.

void NetworkImage::set_response_session(const SessionId session_id) noexcept {
    // release [image-signal] -> receiver: the session is there when the status message is due.
    signals().response_session_id.store(static_cast<std::int32_t>(session_id), std::memory_order_release);
    signals().is_status_due.store(true, std::memory_order_release);
}

void NetworkImage::clear_response_session() noexcept {
    // release [image-signal] -> receiver
    signals().response_session_id.store(ImageSignals::no_response_session, std::memory_order_release);
}

// Every duty cycle.

bool NetworkImage::track(const std::int64_t now_ns) {
    if (!is_in_use() || is_revoked()) {
        return false;
    }
    const std::int64_t arrived = high_water_mark();
    const std::optional<logbuffer::PositionRange> consumed = consumed_up_to(arrived);
    if (!consumed) {
        return false;
    }
    const LossDetector::Finding finding = control_.loss_detector.scan(
        log(), {.rebuild_position = std::max(rebuild_position_, consumed->max), .high_water_mark = arrived}, now_ns);
    bool has_moved = false;
    if (finding.rebuild_position > rebuild_position_) {
        rebuild_position_ = finding.rebuild_position;
        counters_.position.set(rebuild_position_);
        has_moved = true;
    }
    if (finding.report) {
        report(*finding.report);
    }
    const WindowDecision decision = decide_on_window(finding.is_loss_found, consumed->min, now_ns);
    if (decision.forces_status || consumed->min > scheduled_.position + scheduled_.window_length / 4 ||
        decision.window_length != scheduled_.window_length) {
        // Cleaned first: the sender may fill what it is told of at once.
        cleaner_.clean_up_to(consumed->min - log().term_length());
        schedule_status(consumed->min, decision.window_length);
        has_moved = true;
    }
    return has_moved;
}

WindowDecision NetworkImage::decide_on_window(const bool is_loss_found, const std::int64_t consumption_position,
                                              const std::int64_t now_ns) noexcept {
    RebuildProgress progress{.is_loss_found = is_loss_found,
                             .consumption_position = consumption_position,
                             .scheduled_position = scheduled_.position,
                             .now_ns = now_ns};
    if (!counters_.cubic) {
        return control_.congestion.on_rebuild(progress);
    }
    // acquire [image-signal] <- receiver
    progress.rtt_ns = signals().rtt_ns.load(std::memory_order_acquire);
    const WindowDecision decision = control_.congestion.on_rebuild(progress);
    counters_.cubic->rtt.set(progress.rtt_ns);
    counters_.cubic->window.set(decision.window_length);
    return decision;
}

void NetworkImage::report(const ReportedGap& gap) {
    signals().gap.store(gap);
    control_.loss_recorder.on_gap(gap, epoch_clock_.epoch_ms());
}

void NetworkImage::schedule_status(const std::int64_t position, const std::int32_t window_length) noexcept {
    scheduled_ = {.position = position, .window_length = window_length};
    signals().status.store(scheduled_);
}

// Every tick.

void NetworkImage::on_tick(const std::int64_t now_ns) {
    switch (state_) {
        case ImageState::active: on_tick_active(now_ns); break;
        case ImageState::draining: on_tick_draining(now_ns); break;
        case ImageState::linger: on_tick_lingering(now_ns); break;
        case ImageState::done: break;
    }
}

void NetworkImage::on_tick_active(const std::int64_t now_ns) {
    if (is_revoked()) {
        enter_draining(now_ns);
        return;
    }
    check_untethered(now_ns);
    if (!subscribers_.has_working() || is_silent(now_ns) || has_ended()) {
        enter_draining(now_ns);
    }
}

void NetworkImage::on_tick_draining(const std::int64_t now_ns) {
    const bool had_time = now_ns > time_of_last_transition_ns_ + spec_.drain_timeout_ns;
    if (is_revoked() || (is_drained() && had_time)) {
        enter_linger(now_ns);
    }
}

void NetworkImage::on_tick_lingering(const std::int64_t now_ns) noexcept {
    if (!subscribers_.has_working() || now_ns > time_of_last_transition_ns_ + spec_.liveness_timeout_ns) {
        state_ = ImageState::done;
    }
}

void NetworkImage::check_untethered(const std::int64_t now_ns) {
    const std::optional<logbuffer::PositionRange> consumed = consumed_up_to(high_water_mark());
    const std::int64_t reference = consumed ? consumed->max : rebuild_position_;
    announcer_.check_untethered(
        subscribers_,
        {.limit = untethered_limit(reference, static_cast<std::int32_t>(scheduled_.window_length)),
         .timeouts = spec_.tether_timeouts,
         .now_ns = now_ns},
        [this] { return join_position(); });
}

void NetworkImage::enter_draining(const std::int64_t now_ns) noexcept {
    state_ = ImageState::draining;
    time_of_last_transition_ns_ = now_ns;
    // release [image-signal] -> receiver: the status message that is due says that this receiver leaves.
    signals().is_leaving.store(true, std::memory_order_release);
    signals().is_status_due.store(true, std::memory_order_release);
}

void NetworkImage::enter_linger(const std::int64_t now_ns) {
    state_ = ImageState::linger;
    time_of_last_transition_ns_ = now_ns;
    receiver_context_.commands.push(receiver_command::RemoveImage{.image = &receiver_});
    announcer_.announce_end_to_all(subscribers_);
    if (is_rejoining()) {
        receiver_context_.commands.push(receiver_command::ClearCoolDown{
            .endpoint = &channel_->endpoint(), .stream_id = spec_.stream_id, .session_id = spec_.session_id});
    }
    std::exchange(channel_, nullptr)->drop_image();
}

// What is known of the stream.

bool NetworkImage::is_revoked() const noexcept {
    // acquire [publication-revoked] <- receiver
    return load_acquire(log().metadata().is_publication_revoked) != 0;
}

bool NetworkImage::is_silent(const std::int64_t now_ns) noexcept {
    // acquire [image-signal] <- receiver
    return now_ns > signals().time_of_last_packet_ns.load(std::memory_order_acquire) + spec_.liveness_timeout_ns;
}

bool NetworkImage::has_ended() noexcept {
    // acquire [image-signal] <- receiver: the high-water mark has got to where the stream ends.
    return signals().is_end_of_stream.load(std::memory_order_acquire) && rebuild_position_ >= high_water_mark();
}

std::int64_t NetworkImage::high_water_mark() const noexcept {
    // acquire [counter-value] <- receiver: what was inserted before is there to be found.
    return std::max(spec_.join_position, counters_.high_water_mark.get());
}

std::optional<logbuffer::PositionRange> NetworkImage::consumed_up_to(const std::int64_t arrived) const noexcept {
    return subscribers_.range_within(spec_.join_position, arrived);
}

/// Of several subscriptions, the last one decides. spec: 06 §11.1
bool NetworkImage::is_rejoining() noexcept {
    bool is_rejoining = true;
    for (const SubscriberPosition& subscriber : subscribers_) {
        is_rejoining = subscriber.link->params.is_rejoin;
    }
    return is_rejoining;
}

}  // namespace cpperon::driver
