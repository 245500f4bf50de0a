#include "cpperon/driver/conductor/image_linking.hpp"

#include <algorithm>
#include <utility>

#include "cpperon/driver/conductor/network_image.hpp"
#include "cpperon/driver/conductor/receive_channel.hpp"
#include "cpperon/driver/conductor/stream_counters.hpp"

namespace cpperon::driver {

NetworkImage* find_image(const ConductorState& state, const std::int64_t correlation_id) noexcept {
    const auto found = std::find_if(state.images.begin(), state.images.end(),
                                    [&](const auto& image) { return image->spec().correlation_id == correlation_id; });
    return found == state.images.end() ? nullptr : found->get();
}

std::vector<const NetworkSubscription*> subscriptions_for(const ConductorState& state, const ReceiveChannel& channel,
                                                          const std::int32_t stream_id, const SessionId session_id) {
    std::vector<const NetworkSubscription*> subscriptions;
    for (const auto& subscription : state.network_subscriptions) {
        if (subscription->matches(channel, stream_id, session_id)) {
            subscriptions.push_back(subscription.get());
        }
    }
    return subscriptions;
}

OwnedCounter allocate_image_position(ConductorState& state, const std::int64_t image_id, const SessionId session_id,
                                     const SubscriptionLink& link, const std::int64_t join_position) {
    return allocate_stream_counter(state.resources.counters, {.counter = StreamCounter::subscriber_position,
                                                              .registration_id = link.registration_id,
                                                              .session_id = session_id,
                                                              .stream_id = link.stream_id,
                                                              .channel = link.channel,
                                                              .owner_id = link.client_id,
                                                              .reference_id = image_id,
                                                              .initial_value = join_position});
}

std::vector<PreparedImageLink> prepare_links(ConductorState& state, const NetworkSubscription& subscription) {
    std::vector<PreparedImageLink> links;
    for (const auto& image : state.images) {
        if (image->wants(subscription)) {
            const NetworkImageSpec& spec = image->spec();
            links.push_back({.image = image.get(),
                             .position = allocate_image_position(state, spec.correlation_id, spec.session_id,
                                                                 subscription.link, image->join_position())});
        }
    }
    return links;
}

void make_links(ConductorState& state, const NetworkSubscription& subscription, std::vector<PreparedImageLink> links) {
    for (PreparedImageLink& link : links) {
        link.image->link(subscription, std::move(link.position), state.now_ns);
    }
}

}  // namespace cpperon::driver
