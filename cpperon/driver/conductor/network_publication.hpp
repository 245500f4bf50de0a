/// A publication over UDP, the conductor's half: moves the limit, cleans, keeps spies, and ends it. The sender's half
/// sends. Conductor only. spec: 06 §9.4, §9.5, §12; 04 §6.9 to §6.11; 03 §12.4 to §12.6
///
/// | State       | On a tick                                          | Leaves when                                   |
/// | ----------- | -------------------------------------------------- | --------------------------------------------- |
/// | active      | untethered spies, connectedness, position,         | the last reference is dropped, and it is not  |
/// |             | unblocking of a shared one                         | revoked -> draining, at once                  |
/// |             |                                                    | it is revoked -> linger                       |
/// | draining    | position; what is not sent yet is unblocked, or    | no more can be sent, and all spies that count |
/// |             | waited for while there are receivers               | have read everything -> linger                |
/// | linger      | nothing; the sender repeats that it is the end     | no reference is left, and the linger timeout  |
/// |             |                                                    | is over or the one receiver knows             |
/// |             |                                                    | -> end_of_life, the sender is told            |
/// | end_of_life | nothing                                            | the sender has released it: its owner destroys|
/// |             |                                                    | it                                            |
///
/// On the way to linger every spy is told that its image is unavailable, and unlinked. One tick makes at most one
/// transition.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "cpperon/driver/conductor/client_events.hpp"
#include "cpperon/driver/conductor/image_announcer.hpp"
#include "cpperon/driver/conductor/owned_counter.hpp"
#include "cpperon/driver/conductor/publication_log.hpp"
#include "cpperon/driver/conductor/publication_spec.hpp"
#include "cpperon/driver/conductor/send_channel.hpp"
#include "cpperon/driver/conductor/spy_subscription.hpp"
#include "cpperon/driver/conductor/subscriber_positions.hpp"
#include "cpperon/driver/sender/publication_sender.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/logbuffer/blocked_watch.hpp"
#include "cpperon/logbuffer/publication_limit.hpp"
#include "cpperon/logbuffer/term_cleaner.hpp"

namespace cpperon::driver {

class NetworkPublication {
public:
    struct Counters {
        OwnedCounter receivers;             ///< `fc-receivers`; only where flow control counts them
        OwnedCounter position;              ///< `pub-pos`
        OwnedCounter limit;                 ///< `pub-lmt`
        OwnedCounter sender_position;       ///< `snd-pos`
        OwnedCounter sender_limit;          ///< `snd-lmt`
        OwnedCounter back_pressure_events;  ///< `snd-bpe`
        OwnedCounter naks_received;         ///< `snd-naks-received`
    };
    /// What a publication is made from; `sender` refers to the rest.
    struct Parts {
        PublicationSpec spec;
        SendChannelReference channel;
        OwnedLog log;
        Counters counters;
        PublicationSenderSpec sender;
    };

    /// Active, without references and spies; the sender does not know it yet. What is referred to must outlive it.
    NetworkPublication(Parts parts, std::int64_t unblock_timeout_ns, SenderContext& sender_context,
                       ClientEvents& events, SystemCounters& system_counters, std::int64_t now_ns);
    NetworkPublication(const NetworkPublication&) = delete;
    NetworkPublication& operator=(const NetworkPublication&) = delete;

    [[nodiscard]] const PublicationSpec& spec() const noexcept { return spec_; }
    [[nodiscard]] PublicationState state() const noexcept { return state_; }
    [[nodiscard]] SendChannel& channel() const noexcept { return channel_.channel(); }
    [[nodiscard]] bool is(const PublicationSender* const sender) const noexcept { return sender == &sender_; }
    /// Its session id may not be given to another publication of the stream on this channel. spec: 06 §8.1
    [[nodiscard]] bool is_live() const noexcept { return state_ != PublicationState::end_of_life; }
    /// Further shared adds of the stream on this channel may join it.
    [[nodiscard]] bool is_joinable() const noexcept {
        return state_ == PublicationState::active && !spec_.is_exclusive && !log_.is_revoked();
    }
    [[nodiscard]] std::int32_t limit_counter_id() const noexcept { return counters_.limit.id(); }
    [[nodiscard]] const std::string& log_file_name() const noexcept { return log_.file_name(); }

    /// Hands it to the sender, which has its endpoint already.
    void start();

    // References: one per client handle.

    void add_reference() noexcept { ++references_; }
    /// With the last one the stream ends where it is, and a publication that is not revoked starts draining.
    void drop_reference(std::int64_t now_ns);
    /// Marks the log revoked; the next tick ends the stream. spec: 03 §12.6
    void revoke() noexcept { log_.revoke(); }

    // Spies. spec: 06 §10, 05 §7

    /// Whether this spy should be linked and is not yet.
    [[nodiscard]] bool wants(const SpySubscription& spy) const noexcept;
    [[nodiscard]] std::int64_t join_position() const noexcept { return counters_.sender_position.get(); }
    /// Links a spy whose position counter holds the join position, and announces the image.
    void link(const SpySubscription& spy, OwnedCounter position, std::int64_t now_ns);
    /// Forgets a spy, without a word to anybody. `link` need not be linked. True if it was.
    bool unlink(const SubscriptionLink& link) noexcept;
    /// The same, but its client is told. spec: 02 §7.6
    void end_link(const SubscriptionLink& link);

    /// True at the first call only.
    [[nodiscard]] bool is_first_rejection() noexcept { return !std::exchange(was_rejected_, true); }

    // Time.

    /// Every duty cycle: publishes position and limit, and cleans. True if the limit moved. Positions of spies come
    /// from other processes and are held between the start of the stream and its producer. spec: 03 §12.4
    bool update_limit() noexcept;
    void on_tick(std::int64_t now_ns);

private:
    void on_tick_active(std::int64_t now_ns);
    void on_tick_draining(std::int64_t now_ns);
    void on_tick_lingering(std::int64_t now_ns);
    void end_revoked();
    void detach_spies();
    void on_spies_changed() noexcept;
    void raise_max_spy_position(std::int64_t position) noexcept;
    void end_stream(std::int64_t position) noexcept;
    void signal_end_of_stream() noexcept;
    bool try_unblock() noexcept;
    void refresh_connected() noexcept;
    [[nodiscard]] bool has_receivers() const noexcept;
    [[nodiscard]] bool has_subscribers() const noexcept;
    [[nodiscard]] std::int64_t sender_position() const noexcept { return counters_.sender_position.get(); }

    // Constant after construction.
    PublicationSpec spec_;
    SenderContext& sender_context_;
    SystemCounters& system_counters_;
    // The stream.
    SendChannelReference channel_;
    PublicationLog log_;
    Counters counters_;
    logbuffer::NetworkPublicationLimit limit_;
    logbuffer::TermCleaner cleaner_;
    logbuffer::BlockedWatch blocked_watch_;
    SubscriberPositions spies_;
    ImageAnnouncer announcer_;
    // The life.
    PublicationState state_ = PublicationState::active;
    std::int32_t references_ = 0;
    std::int64_t time_of_last_activity_ns_;
    bool was_rejected_ = false;
    // The sender's half, on all of the above.
    PublicationSender sender_;
};

}  // namespace cpperon::driver
