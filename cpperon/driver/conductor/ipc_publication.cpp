#include "cpperon/driver/conductor/ipc_publication.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "cpperon/base/atomic.hpp"
#include "cpperon/base/atomic_byte.hpp"
#include "cpperon/logbuffer/tail.hpp"
#include "cpperon/logbuffer/unblocker.hpp"

namespace cpperon::driver {

namespace {

/// What the image of an IPC publication is said to come from. spec: 06 §10.4
constexpr std::string_view source_identity = "aeron:ipc";

/// In network order. spec: 02 §4.2
constexpr std::array<std::byte, 16> loopback_address{std::byte{127}, std::byte{0}, std::byte{0}, std::byte{1}};

}  // namespace

IpcPublication::IpcPublication(IpcPublicationSpec spec, const IpcPublicationTimeouts& timeouts, OwnedLog log,
                               Counters counters, ClientEvents& events, SystemCounters& system_counters,
                               const std::int64_t now_ns)
    : spec_(std::move(spec)),
      start_position_(spec_.start_position.position(spec_.params.term_length)),
      reject_cool_down_ns_(timeouts.reject_cool_down_ns),
      tether_timeouts_{.window_limit_timeout_ns = spec_.params.untethered_window_limit_timeout_ns,
                       .linger_timeout_ns = spec_.params.untethered_linger_timeout_ns,
                       .resting_timeout_ns = spec_.params.untethered_resting_timeout_ns},
      events_(events),
      system_counters_(system_counters),
      log_(std::move(log)),
      counters_(std::move(counters)),
      limit_(start_position_, spec_.params.publication_window_length),
      cleaner_(log_.file().view(), start_position_),
      blocked_watch_(start_position_, timeouts.unblock_timeout_ns, now_ns) {}

// References.

void IpcPublication::drop_reference() {
    if (--references_ > 0 || state_ != PublicationState::active) {
        return;
    }
    const std::int64_t end_position = producer_position();
    if (limit_.limit() > end_position) {
        publish_limit(end_position);
    }
    publish_end_of_stream(end_position);
    if (!is_revoked()) {
        state_ = PublicationState::draining;
    }
}

void IpcPublication::revoke() noexcept {
    // release [publication-revoked] -> clients, ours or a peer's.
    store_release(log().metadata().is_publication_revoked, 1);
}

// Subscribers.

bool IpcPublication::wants(const SubscriptionLink& link) const noexcept {
    const bool takes_subscribers = !cool_down_end_ns_ && (state_ == PublicationState::active ||
                                                          (state_ == PublicationState::draining && !is_drained()));
    return takes_subscribers && link.matches(spec_.stream_id, spec_.session_id) && !subscribers_.contains(link);
}

std::int64_t IpcPublication::join_position() const noexcept {
    const std::optional<logbuffer::PositionRange> range = subscriber_range(producer_position());
    return range ? std::min(limit_.consumer_position(), range->min) : limit_.consumer_position();
}

void IpcPublication::link(const SubscriptionLink& link, OwnedCounter position, const std::int64_t now_ns) {
    const SubscriberPosition& subscriber = subscribers_.add(link, std::move(position), now_ns);
    publish_connected(true);
    announce(subscriber);
}

void IpcPublication::unlink(const SubscriptionLink& link) noexcept {
    if (subscribers_.remove(link) && !subscribers_.has_working()) {
        publish_connected(false);
    }
}

void IpcPublication::reject(const std::string_view reason, const std::int64_t now_ns) {
    events_.send(command::PublicationErrorEvent{.registration_id = spec_.registration_id,
                                                .session_id = static_cast<std::int32_t>(spec_.session_id),
                                                .stream_id = spec_.stream_id,
                                                .receiver_id = -1,
                                                .address_type = command::AddressType::ipv4,
                                                .source_address = loopback_address,
                                                .code = ErrorCode::image_rejected,
                                                .message = reason});
    publish_connected(false);
    announce_end_to_all();
    subscribers_.clear();
    cool_down_end_ns_ = now_ns + reject_cool_down_ns_;
}

// Time.

bool IpcPublication::update_limit() noexcept {
    if (state_ != PublicationState::active) {
        return false;
    }
    const std::int64_t position = producer_position();
    counters_.position.set(position);
    const std::optional<std::int64_t> limit = limit_.update(subscriber_range(position), cleaner_);
    if (!limit) {
        return false;
    }
    counters_.limit.set(*limit);
    return true;
}

void IpcPublication::on_tick(const std::int64_t now_ns) {
    switch (state_) {
        case PublicationState::active: on_tick_active(now_ns); break;
        case PublicationState::draining: on_tick_draining(); break;
        case PublicationState::linger:
            if (references_ <= 0) {
                state_ = PublicationState::end_of_life;
            }
            break;
        case PublicationState::end_of_life: break;
    }
}

void IpcPublication::on_tick_active(const std::int64_t now_ns) {
    if (is_revoked()) {
        end_revoked();
        return;
    }
    check_untethered(now_ns);
    publish_connected(subscribers_.has_working());
    const std::int64_t position = producer_position();
    counters_.position.set(position);
    const bool is_blocked =
        blocked_watch_.is_blocked({.consumer_position = limit_.consumer_position(),
                                   .producer_position = position,
                                   // acquire [term-rotation] <- publishers.
                                   .active_term_count = load_acquire(log().metadata().active_term_count),
                                   .position_bits_to_shift = log().position_bits_to_shift()},
                                  now_ns);
    if (is_blocked && !spec_.is_exclusive) {
        try_unblock();
    }
}

void IpcPublication::on_tick_draining() {
    const std::int64_t position = producer_position();
    counters_.position.set(position);
    if (is_drained()) {
        enter_linger();
        return;
    }
    try_unblock();
}

void IpcPublication::end_revoked() {
    const std::int64_t end_position = producer_position();
    counters_.position.set(end_position);
    publish_limit(end_position);
    publish_end_of_stream(end_position);
    publish_connected(false);
    system_counters_.increment(SystemCounter::publications_revoked);
    enter_linger();
}

void IpcPublication::enter_linger() {
    announce_end_to_all();
    state_ = PublicationState::linger;
}

void IpcPublication::check_untethered(const std::int64_t now_ns) {
    for (SubscriberPosition& subscriber : subscribers_) {
        if (subscriber.counter.is_allocated()) {
            check_untethered(subscriber, now_ns);
        }
    }
}

void IpcPublication::check_untethered(SubscriberPosition& subscriber, const std::int64_t now_ns) {
    const std::int64_t limit = untethered_limit(limit_.consumer_position(), spec_.params.publication_window_length);
    const std::int64_t position_to_join = join_position();  // of the others: one that rests does not count
    switch (subscriber.tether.on_tick(subscriber.position(), limit, tether_timeouts_, now_ns)) {
        case TetherAction::none: break;
        case TetherAction::make_unavailable: announce_end(subscriber); break;
        case TetherAction::free_counter: subscriber.counter.free(); break;
        case TetherAction::rejoin:
            subscriber.counter.set(position_to_join);
            announce(subscriber);
            break;
    }
}

void IpcPublication::try_unblock() noexcept {
    // While draining the limit is no longer updated: the fastest subscriber has moved on since.
    const std::optional<logbuffer::PositionRange> range = subscriber_range(producer_position());
    const std::int64_t consumer_position =
        range ? std::max(limit_.consumer_position(), range->max) : limit_.consumer_position();
    if (logbuffer::unblock_log(log(), consumer_position)) {
        system_counters_.increment(SystemCounter::unblocked_publications);
    }
}

// Events.

void IpcPublication::announce(const SubscriberPosition& subscriber) {
    events_.send(command::AvailableImageEvent{.correlation_id = spec_.registration_id,
                                              .session_id = static_cast<std::int32_t>(spec_.session_id),
                                              .stream_id = spec_.stream_id,
                                              .subscription_registration_id = subscriber.link->registration_id,
                                              .subscriber_position_id = subscriber.counter.id(),
                                              .log_file_name = log_file_name(),
                                              .source_identity = source_identity});
}

void IpcPublication::announce_end(const SubscriberPosition& subscriber) {
    events_.send(command::UnavailableImageEvent{.correlation_id = spec_.registration_id,
                                                .subscription_registration_id = subscriber.link->registration_id,
                                                .stream_id = spec_.stream_id,
                                                .channel = subscriber.link->channel});
}

void IpcPublication::announce_end_to_all() {
    if (state_ == PublicationState::linger) {
        return;  // on the way there everyone was told
    }
    for (const SubscriberPosition& subscriber : subscribers_) {
        if (subscriber.tether.is_available()) {
            announce_end(subscriber);
        }
    }
}

// The log.

void IpcPublication::publish_limit(const std::int64_t limit) noexcept {
    limit_.set_limit(limit);
    counters_.limit.set(limit);
}

void IpcPublication::publish_end_of_stream(const std::int64_t position) noexcept {
    // release [end-of-stream] -> subscribers, ours or a peer's.
    store_release(log().metadata().end_of_stream_position, position);
}

void IpcPublication::publish_connected(const bool is_connected) noexcept {
    // release [is-connected] -> publishers, ours or a peer's.
    store_release(log().metadata().is_connected, is_connected ? 1 : 0);
}

bool IpcPublication::is_revoked() const noexcept {
    // acquire [publication-revoked] <- revoke(), by this agent: everyone else only reads it.
    return load_acquire(log().metadata().is_publication_revoked) != 0;
}

bool IpcPublication::is_drained() const noexcept {
    return subscribers_.have_reached(producer_position());
}

std::int64_t IpcPublication::producer_position() const noexcept {
    return std::max(start_position_, logbuffer::producer_position(log()));
}

std::optional<logbuffer::PositionRange> IpcPublication::subscriber_range(
    const std::int64_t producer_position) const noexcept {
    const auto plausible = [&](const std::int64_t position) {
        return std::clamp(position, start_position_, producer_position) & ~std::int64_t{logbuffer::frame_alignment - 1};
    };
    const std::optional<logbuffer::PositionRange> claimed = subscribers_.range();
    if (!claimed) {
        return std::nullopt;
    }
    return logbuffer::PositionRange{.min = plausible(claimed->min), .max = plausible(claimed->max)};
}

}  // namespace cpperon::driver
