#include "cpperon/driver/conductor/image_announcer.hpp"

#include "cpperon/driver/event_log/event_log.hpp"

namespace cpperon::driver {

void ImageAnnouncer::announce(const SubscriberPosition& subscriber) {
    events_.send(command::AvailableImageEvent{.correlation_id = image_.correlation_id,
                                              .session_id = static_cast<std::int32_t>(image_.session_id),
                                              .stream_id = image_.stream_id,
                                              .subscription_registration_id = subscriber.link->registration_id,
                                              .subscriber_position_id = subscriber.counter.id(),
                                              .log_file_name = image_.log_file_name,
                                              .source_identity = image_.source_identity});
}

void ImageAnnouncer::announce_end(const SubscriberPosition& subscriber) {
    events_.send(command::UnavailableImageEvent{.correlation_id = image_.correlation_id,
                                                .subscription_registration_id = subscriber.link->registration_id,
                                                .stream_id = image_.stream_id,
                                                .channel = subscriber.link->channel});
}

void ImageAnnouncer::announce_end_to(SubscriberPositions& subscribers, const SubscriptionLink& link) {
    for (const SubscriberPosition& subscriber : subscribers) {
        if (subscriber.link == &link && subscriber.tether.is_available()) {
            announce_end(subscriber);
        }
    }
}

void ImageAnnouncer::announce_end_to_all(SubscriberPositions& subscribers) {
    for (const SubscriberPosition& subscriber : subscribers) {
        if (subscriber.tether.is_available()) {
            announce_end(subscriber);
        }
    }
}

void ImageAnnouncer::log_change(const SubscriberPosition& subscriber, const TetherState before) {
    if (EventLog* const log = events_.log()) {
        log->on_event(EventId::untethered_subscription_state_change,
                      UntetheredDetails{.subscription_id = subscriber.link->registration_id,
                                        .stream_id = image_.stream_id,
                                        .session_id = static_cast<std::int32_t>(image_.session_id),
                                        .from = before,
                                        .to = subscriber.tether.state()});
    }
}

}  // namespace cpperon::driver
