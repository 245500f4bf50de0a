#include "cpperon/driver/conductor/network_publication.hpp"

#include <algorithm>
#include <utility>

#include "cpperon/driver/event_log/event_log.hpp"
#include "cpperon/logbuffer/unblocker.hpp"

namespace cpperon::driver {

NetworkPublication::NetworkPublication(Parts parts, const std::int64_t unblock_timeout_ns,
                                       SenderContext& sender_context, ClientEvents& events,
                                       SystemCounters& system_counters, const std::int64_t now_ns)
    : spec_(std::move(parts.spec)),
      sender_context_(sender_context),
      system_counters_(system_counters),
      channel_(std::move(parts.channel)),
      log_(std::move(parts.log), spec_.initial_position()),
      counters_(std::move(parts.counters)),
      limit_(log_.view(), log_.start_position(), spec_.params.publication_window_length),
      cleaner_(log_.view(), log_.start_position()),
      blocked_watch_(log_.start_position(), unblock_timeout_ns, now_ns),
      announcer_(events, spec_.image(log_.file_name())),
      time_of_last_activity_ns_(now_ns),
      sender_(std::move(parts.sender), sender_context) {}

void NetworkPublication::start() {
    sender_context_.commands.push(sender_command::AddPublication{.publication = &sender_});
}

// References.

void NetworkPublication::drop_reference(const std::int64_t now_ns) {
    if (--references_ > 0) {
        return;
    }
    time_of_last_activity_ns_ = now_ns;
    if (state_ != PublicationState::active) {
        return;
    }
    const std::int64_t end_position = log_.producer_position();
    end_stream(end_position);
    if (log_.is_revoked()) {
        return;  // the next tick sees to it
    }
    if (sender_position() >= end_position) {
        signal_end_of_stream();
    }
    state_ = PublicationState::draining;
}

// Spies.

bool NetworkPublication::wants(const SpySubscription& spy) const noexcept {
    const bool takes_spies =
        state_ == PublicationState::active ||
        (state_ == PublicationState::draining && spies_.has_working() && log_.producer_position() > sender_position());
    return takes_spies && spy.matches(spec_.stream_id, spec_.session_id, channel().channel()) &&
           !spies_.contains(spy.link);
}

void NetworkPublication::link(const SpySubscription& spy, OwnedCounter position, const std::int64_t now_ns) {
    const SubscriberPosition& subscriber = spies_.add(spy.link, std::move(position), now_ns);
    raise_max_spy_position(subscriber.position());  // before the sender sees that there are spies
    on_spies_changed();
    announcer_.announce(subscriber);
}

bool NetworkPublication::unlink(const SubscriptionLink& link) noexcept {
    const bool was_linked = spies_.remove(link);
    if (was_linked) {
        on_spies_changed();
    }
    return was_linked;
}

void NetworkPublication::end_link(const SubscriptionLink& link) {
    announcer_.announce_end_to(spies_, link);
    static_cast<void>(unlink(link));
}

void NetworkPublication::detach_spies() {
    announcer_.announce_end_to_all(spies_);
    spies_.clear();
    on_spies_changed();
}

/// A spy counts as a subscriber of a publication that says so.
void NetworkPublication::on_spies_changed() noexcept {
    // release [publication-signal] -> the sender.
    sender_.signals().has_spies.store(spies_.has_working(), std::memory_order_release);
    if (spec_.params.spies_simulate_connection && state_ == PublicationState::active && !log_.is_revoked()) {
        refresh_connected();
    }
}

// Time.

bool NetworkPublication::update_limit() noexcept {
    if (state_ != PublicationState::active) {
        return false;
    }
    const std::int64_t producer_position = log_.producer_position();
    counters_.position.set(producer_position);
    logbuffer::NetworkConsumers consumers{.sender_position = sender_position(), .has_subscribers = has_subscribers()};
    if (consumers.has_subscribers) {
        if (const auto range = spies_.range_within(log_.start_position(), producer_position)) {
            consumers.min_spy_position = range->min;
            raise_max_spy_position(std::max(consumers.sender_position, range->max));
        }
    }
    const std::optional<std::int64_t> limit = limit_.update(consumers, cleaner_);
    if (!limit) {
        return false;
    }
    if (!consumers.has_subscribers) {
        log_.set_connected(false);
    }
    counters_.limit.set(*limit);
    return true;
}

void NetworkPublication::raise_max_spy_position(const std::int64_t position) noexcept {
    std::atomic<std::int64_t>& max = sender_.signals().max_spy_position;
    // relaxed: this agent is the only writer.
    if (position > max.load(std::memory_order_relaxed)) {
        // release [publication-signal] -> the sender.
        max.store(position, std::memory_order_release);
    }
}

void NetworkPublication::on_tick(const std::int64_t now_ns) {
    switch (state_) {
        case PublicationState::active: on_tick_active(now_ns); break;
        case PublicationState::draining: on_tick_draining(now_ns); break;
        case PublicationState::linger: on_tick_lingering(now_ns); break;
        case PublicationState::end_of_life: break;
    }
}

void NetworkPublication::on_tick_active(const std::int64_t now_ns) {
    if (log_.is_revoked()) {
        end_revoked();
        return;
    }
    announcer_.check_untethered(spies_,
                                {.limit = untethered_limit(sender_position(), spec_.params.publication_window_length),
                                 .timeouts = spec_.tether_timeouts(),
                                 .now_ns = now_ns},
                                [this] { return join_position(); });
    on_spies_changed();
    refresh_connected();
    const std::int64_t producer_position = log_.producer_position();
    counters_.position.set(producer_position);
    const bool is_blocked = blocked_watch_.is_blocked(log_.progress(sender_position(), producer_position), now_ns);
    if (is_blocked && !spec_.is_exclusive) {
        static_cast<void>(try_unblock());
    }
}

void NetworkPublication::on_tick_draining(const std::int64_t now_ns) {
    const std::int64_t producer_position = log_.producer_position();
    counters_.position.set(producer_position);
    if (producer_position > sender_position() && (try_unblock() || has_receivers())) {
        return;
    }
    signal_end_of_stream();
    if (spies_.have_reached(producer_position)) {
        detach_spies();
        time_of_last_activity_ns_ = now_ns;
        state_ = PublicationState::linger;
    }
}

void NetworkPublication::on_tick_lingering(const std::int64_t now_ns) {
    // acquire [publication-signal] <- the sender.
    const bool is_end_known = sender_.signals().has_received_unicast_eos.load(std::memory_order_acquire);
    if (references_ <= 0 && (is_end_known || now_ns > time_of_last_activity_ns_ + spec_.params.linger_timeout_ns)) {
        sender_context_.commands.push(sender_command::RemovePublication{.publication = &sender_});
        state_ = PublicationState::end_of_life;
    }
}

void NetworkPublication::end_revoked() {
    const std::int64_t end_position = log_.producer_position();
    counters_.position.set(end_position);
    end_stream(end_position);
    signal_end_of_stream();
    log_.set_connected(false);
    system_counters_.increment(SystemCounter::publications_revoked);
    if (EventLog* const log = sender_context_.event_log) {
        log->on_event(EventId::publication_revoke, spec_.revoked_at(end_position));
    }
    detach_spies();
    state_ = PublicationState::linger;
}

// The stream.

void NetworkPublication::end_stream(const std::int64_t position) noexcept {
    limit_.set_limit(position);
    counters_.limit.set(position);
    log_.end_stream_at(position);
}

void NetworkPublication::signal_end_of_stream() noexcept {
    // release [publication-signal] -> the sender.
    sender_.signals().is_end_of_stream.store(true, std::memory_order_release);
}

bool NetworkPublication::try_unblock() noexcept {
    const bool is_unblocked = logbuffer::unblock_log(log_.view(), sender_position());
    if (is_unblocked) {
        system_counters_.increment(SystemCounter::unblocked_publications);
    }
    return is_unblocked;
}

void NetworkPublication::refresh_connected() noexcept {
    const bool is_connected = has_subscribers();
    if (log_.is_connected() != is_connected) {
        log_.set_connected(is_connected);
    }
}

bool NetworkPublication::has_receivers() const noexcept {
    // acquire [publication-signal] <- the sender.
    return sender_.signals().has_receivers.load(std::memory_order_acquire);
}

bool NetworkPublication::has_subscribers() const noexcept {
    // acquire [publication-signal] <- the sender.
    return (has_receivers() && sender_.signals().has_required_receivers.load(std::memory_order_acquire)) ||
           (spec_.params.spies_simulate_connection && spies_.has_working());
}

}  // namespace cpperon::driver
