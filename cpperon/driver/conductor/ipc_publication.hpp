/// A publication over shared memory: publishers and subscribers map one log, and the driver moves the limit, cleans,
/// and ends it. Conductor only. spec: 06 §9, §11.6, §12; 03 §12, §14, §15
///
/// | State       | On a tick                                         | Leaves when                                   |
/// | ----------- | ------------------------------------------------- | --------------------------------------------- |
/// | active      | untethered subscribers, connectedness, position,  | the last reference is dropped, and it is not  |
/// |             | unblocking of a shared one                        | revoked -> draining, at once                  |
/// |             |                                                   | it is revoked -> linger                       |
/// | draining    | position, unblocking                              | all who count have read everything -> linger  |
/// | linger      | nothing                                           | no reference is left -> end_of_life           |
/// | end_of_life | its owner destroys it: links, counters and log go |                                               |
///
/// On the way to linger every subscriber is told that its image is unavailable. One tick makes at most one transition.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cpperon/driver/conductor/client_events.hpp"
#include "cpperon/driver/conductor/image_announcer.hpp"
#include "cpperon/driver/conductor/owned_counter.hpp"
#include "cpperon/driver/conductor/publication_log.hpp"
#include "cpperon/driver/conductor/publication_spec.hpp"
#include "cpperon/driver/conductor/subscriber_positions.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/logbuffer/blocked_watch.hpp"
#include "cpperon/logbuffer/publication_limit.hpp"
#include "cpperon/logbuffer/term_cleaner.hpp"

namespace cpperon::driver {

/// Driver settings that shape the life of a publication.
struct IpcPublicationTimeouts {
    std::int64_t unblock_timeout_ns = 0;
    std::int64_t reject_cool_down_ns = 0;
};

class IpcPublication {
public:
    struct Counters {
        OwnedCounter position;  ///< `pub-pos`
        OwnedCounter limit;     ///< `pub-lmt`
    };

    /// Active, without references and subscribers. `events` and `system_counters` must outlive it.
    IpcPublication(PublicationSpec spec, const IpcPublicationTimeouts& timeouts, OwnedLog log, Counters counters,
                   ClientEvents& events, SystemCounters& system_counters, std::int64_t now_ns);
    IpcPublication(const IpcPublication&) = delete;
    IpcPublication& operator=(const IpcPublication&) = delete;

    [[nodiscard]] const PublicationSpec& spec() const noexcept { return spec_; }
    [[nodiscard]] PublicationState state() const noexcept { return state_; }
    [[nodiscard]] bool is_end_of_life() const noexcept { return state_ == PublicationState::end_of_life; }
    /// Its session id may not be given to another publication of the stream. spec: 06 §8.1
    [[nodiscard]] bool is_live() const noexcept {
        return state_ == PublicationState::active || state_ == PublicationState::draining;
    }
    /// Further shared adds of the stream may join it.
    [[nodiscard]] bool is_joinable() const noexcept {
        return state_ == PublicationState::active && !spec_.is_exclusive && !log_.is_revoked();
    }
    [[nodiscard]] std::int32_t limit_counter_id() const noexcept { return counters_.limit.id(); }
    [[nodiscard]] const std::string& log_file_name() const noexcept { return log_.file_name(); }

    // References: one per client handle.

    void add_reference() noexcept { ++references_; }
    /// With the last one the stream ends where it is, and a publication that is not revoked starts draining.
    void drop_reference(std::int64_t now_ns);
    /// Marks the log revoked; the next tick takes the images away. spec: 03 §12.6
    void revoke() noexcept;

    // Subscribers. spec: 06 §10

    /// Whether this subscription should be linked and is not yet.
    [[nodiscard]] bool wants(const SubscriptionLink& link) const noexcept;
    [[nodiscard]] std::int64_t join_position() const noexcept;
    /// Links a subscription whose position counter holds the join position, and announces the image.
    void link(const SubscriptionLink& link, OwnedCounter position, std::int64_t now_ns);
    /// Forgets a subscription, without a word to anybody. `link` need not be linked.
    void unlink(const SubscriptionLink& link) noexcept;
    /// The same, but its client is told. spec: 02 §7.6
    void end_link(const SubscriptionLink& link);

    /// A subscriber will have none of it: tells the publishers why and takes the image from all subscribers. They are
    /// refused for the cool-down, which starts anew with each rejection. spec: 06 §11.6
    void reject(std::string_view reason, std::int64_t now_ns);
    /// The cool-down is over, and subscriptions that match are to be linked again.
    [[nodiscard]] bool is_cool_down_over(const std::int64_t now_ns) const noexcept {
        return state_ == PublicationState::active && cool_down_end_ns_ && now_ns > *cool_down_end_ns_;
    }
    void end_cool_down() noexcept { cool_down_end_ns_.reset(); }
    /// Subscribers could not be linked: they are refused until a later tick.
    void prolong_cool_down(const std::int64_t now_ns) noexcept { cool_down_end_ns_ = now_ns; }

    // Time.

    /// Every duty cycle: publishes position and limit, and cleans behind the subscribers. True if the limit moved.
    /// Positions come from other processes and are held between the start of the stream and its producer. spec: 03
    /// §12.3
    bool update_limit() noexcept;
    void on_tick(std::int64_t now_ns);

private:
    void on_tick_active(std::int64_t now_ns);
    void on_tick_draining();
    void end_revoked();
    void check_untethered(std::int64_t now_ns);
    void enter_linger();
    void announce_end_to_all();
    void try_unblock() noexcept;
    void publish_limit(std::int64_t limit) noexcept;
    [[nodiscard]] bool is_drained() const noexcept;
    [[nodiscard]] std::optional<logbuffer::PositionRange> subscriber_range(
        std::int64_t producer_position) const noexcept;

    // Constant after construction.
    PublicationSpec spec_;
    std::int64_t reject_cool_down_ns_;
    TetherTimeouts tether_timeouts_;
    ClientEvents& events_;
    SystemCounters& system_counters_;
    // The stream.
    PublicationLog log_;
    Counters counters_;
    logbuffer::IpcPublicationLimit limit_;
    logbuffer::TermCleaner cleaner_;
    logbuffer::BlockedWatch blocked_watch_;
    SubscriberPositions subscribers_;
    ImageAnnouncer announcer_;
    // The life.
    PublicationState state_ = PublicationState::active;
    std::int32_t references_ = 0;
    std::optional<std::int64_t> cool_down_end_ns_;
};

}  // namespace cpperon::driver
