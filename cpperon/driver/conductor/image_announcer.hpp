/// Tells clients that an image of a stream is there for one of their subscriptions, or no longer. Conductor only.
/// spec: 02 §4.2, §8; 06 §10.4, §12
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <utility>

#include "cpperon/base/ids.hpp"
#include "cpperon/driver/conductor/client_events.hpp"
#include "cpperon/driver/conductor/subscriber_positions.hpp"

namespace cpperon::driver {

/// How clients know the image.
struct AnnouncedImage {
    std::int64_t correlation_id = 0;  ///< of IPC publications and spies: the publication's registration id
    SessionId session_id{};
    std::int32_t stream_id = 0;
    std::string log_file_name;
    std::string source_identity;  ///< `aeron:ipc`, or `ip:port`
};

/// What has to be known to see who falls behind.
struct UntetheredCheck {
    std::int64_t limit = 0;  ///< see `untethered_limit`
    TetherTimeouts timeouts;
    std::int64_t now_ns = 0;
};

class ImageAnnouncer {
public:
    /// `events` must outlive the object.
    ImageAnnouncer(ClientEvents& events, AnnouncedImage image) : events_(events), image_(std::move(image)) {}

    void announce(const SubscriberPosition& subscriber);
    void announce_end(const SubscriberPosition& subscriber);
    /// To a subscription, unless it has none of the image or has been told already.
    void announce_end_to(SubscriberPositions& subscribers, const SubscriptionLink& link);
    /// To everyone who has not been told yet.
    void announce_end_to_all(SubscriberPositions& subscribers);

    /// One tick of every tether. `join_position()` says where one that comes back joins.
    template <std::invocable JoinPosition>
    void check_untethered(SubscriberPositions& subscribers, const UntetheredCheck& check,
                          JoinPosition&& join_position) {
        for (SubscriberPosition& subscriber : subscribers) {
            if (subscriber.counter.is_allocated()) {
                check_untethered(subscriber, check, join_position);
            }
        }
    }

private:
    template <std::invocable JoinPosition>
    void check_untethered(SubscriberPosition& subscriber, const UntetheredCheck& check, JoinPosition& join_position) {
        const std::int64_t position_to_join = join_position();  // one that rests does not count
        const TetherState before = subscriber.tether.state();
        const TetherAction action =
            subscriber.tether.on_tick(subscriber.position(), check.limit, check.timeouts, check.now_ns);
        if (subscriber.tether.state() != before) {
            log_change(subscriber, before);
        }
        switch (action) {
            case TetherAction::none: break;
            case TetherAction::make_unavailable: announce_end(subscriber); break;
            case TetherAction::free_counter: subscriber.counter.free(); break;
            case TetherAction::rejoin:
                subscriber.counter.set(position_to_join);
                announce(subscriber);
                break;
        }
    }

    void log_change(const SubscriberPosition& subscriber, TetherState before);

    ClientEvents& events_;
    AnnouncedImage image_;
};

}  // namespace cpperon::driver
