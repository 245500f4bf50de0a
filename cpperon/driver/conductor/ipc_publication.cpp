#include "cpperon/driver/conductor/ipc_publication.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "cpperon/driver/event_log/event_log.hpp"
#include "cpperon/logbuffer/unblocker.hpp"

namespace cpperon::driver {

namespace {

/// In network order. spec: 02 §4.2
constexpr std::array<std::byte, 16> loopback_address{std::byte{127}, std::byte{0}, std::byte{0}, std::byte{1}};

}  // namespace

IpcPublication::IpcPublication(PublicationSpec spec, const IpcPublicationTimeouts& timeouts, OwnedLog log,
                               Counters counters, ClientEvents& events, SystemCounters& system_counters,
                               const std::int64_t now_ns)
    : spec_(std::move(spec)),
      reject_cool_down_ns_(timeouts.reject_cool_down_ns),
      tether_timeouts_(spec_.tether_timeouts()),
      events_(events),
      system_counters_(system_counters),
      log_(std::move(log), spec_.initial_position()),
      counters_(std::move(counters)),
      limit_(log_.start_position(), spec_.params.publication_window_length),
      cleaner_(log_.view(), log_.start_position()),
      blocked_watch_(log_.start_position(), timeouts.unblock_timeout_ns, now_ns),
      announcer_(events, spec_.image(log_.file_name())) {}

// References.

void IpcPublication::drop_reference(const std::int64_t /*now_ns*/) {
    if (--references_ > 0 || state_ != PublicationState::active) {
        return;
    }
    const std::int64_t end_position = log_.producer_position();
    if (limit_.limit() > end_position) {
        publish_limit(end_position);
    }
    log_.end_stream_at(end_position);
    if (!log_.is_revoked()) {
        state_ = PublicationState::draining;
    }
}

void IpcPublication::revoke() noexcept {
    log_.revoke();
}

// Subscribers.

bool IpcPublication::wants(const SubscriptionLink& link) const noexcept {
    const bool takes_subscribers = !cool_down_end_ns_ && (state_ == PublicationState::active ||
                                                          (state_ == PublicationState::draining && !is_drained()));
    return takes_subscribers && link.matches(spec_.stream_id, spec_.session_id) && !subscribers_.contains(link);
}

std::int64_t IpcPublication::join_position() const noexcept {
    const std::optional<logbuffer::PositionRange> range = subscriber_range(log_.producer_position());
    return range ? std::min(limit_.consumer_position(), range->min) : limit_.consumer_position();
}

void IpcPublication::link(const SubscriptionLink& link, OwnedCounter position, const std::int64_t now_ns) {
    const SubscriberPosition& subscriber = subscribers_.add(link, std::move(position), now_ns);
    log_.set_connected(true);
    announcer_.announce(subscriber);
}

void IpcPublication::unlink(const SubscriptionLink& link) noexcept {
    if (subscribers_.remove(link) && !subscribers_.has_working()) {
        log_.set_connected(false);
    }
}

void IpcPublication::end_link(const SubscriptionLink& link) {
    if (is_live()) {  // otherwise everyone was told
        announcer_.announce_end_to(subscribers_, link);
    }
    unlink(link);
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
    log_.set_connected(false);
    announce_end_to_all();
    subscribers_.clear();
    cool_down_end_ns_ = now_ns + reject_cool_down_ns_;
}

// Time.

bool IpcPublication::update_limit() noexcept {
    if (state_ != PublicationState::active) {
        return false;
    }
    const std::int64_t position = log_.producer_position();
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
    if (log_.is_revoked()) {
        end_revoked();
        return;
    }
    check_untethered(now_ns);
    log_.set_connected(subscribers_.has_working());
    const std::int64_t position = log_.producer_position();
    counters_.position.set(position);
    const bool is_blocked = blocked_watch_.is_blocked(log_.progress(limit_.consumer_position(), position), now_ns);
    if (is_blocked && !spec_.is_exclusive) {
        try_unblock();
    }
}

void IpcPublication::on_tick_draining() {
    const std::int64_t position = log_.producer_position();
    counters_.position.set(position);
    if (is_drained()) {
        enter_linger();
        return;
    }
    try_unblock();
}

void IpcPublication::end_revoked() {
    const std::int64_t end_position = log_.producer_position();
    counters_.position.set(end_position);
    publish_limit(end_position);
    log_.end_stream_at(end_position);
    log_.set_connected(false);
    system_counters_.increment(SystemCounter::publications_revoked);
    if (EventLog* const log = events_.log()) {
        log->on_event(EventId::publication_revoke, spec_.revoked_at(end_position));
    }
    enter_linger();
}

void IpcPublication::enter_linger() {
    announce_end_to_all();
    state_ = PublicationState::linger;
}

void IpcPublication::check_untethered(const std::int64_t now_ns) {
    announcer_.check_untethered(
        subscribers_,
        {.limit = untethered_limit(limit_.consumer_position(), spec_.params.publication_window_length),
         .timeouts = tether_timeouts_,
         .now_ns = now_ns},
        [this] { return join_position(); });
}

void IpcPublication::try_unblock() noexcept {
    // While draining the limit is no longer updated: the fastest subscriber has moved on since.
    const std::optional<logbuffer::PositionRange> range = subscriber_range(log_.producer_position());
    const std::int64_t consumer_position =
        range ? std::max(limit_.consumer_position(), range->max) : limit_.consumer_position();
    if (logbuffer::unblock_log(log_.view(), consumer_position)) {
        system_counters_.increment(SystemCounter::unblocked_publications);
    }
}

// Events.

void IpcPublication::announce_end_to_all() {
    if (state_ == PublicationState::linger) {
        return;  // on the way there everyone was told
    }
    announcer_.announce_end_to_all(subscribers_);
}

// The log.

void IpcPublication::publish_limit(const std::int64_t limit) noexcept {
    limit_.set_limit(limit);
    counters_.limit.set(limit);
}

bool IpcPublication::is_drained() const noexcept {
    return subscribers_.have_reached(log_.producer_position());
}

std::optional<logbuffer::PositionRange> IpcPublication::subscriber_range(
    const std::int64_t producer_position) const noexcept {
    return subscribers_.range_within(log_.start_position(), producer_position);
}

}  // namespace cpperon::driver
