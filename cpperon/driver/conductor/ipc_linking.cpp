#include "cpperon/driver/conductor/ipc_linking.hpp"

#include <utility>

#include "cpperon/driver/conductor/stream_counters.hpp"

namespace cpperon::driver {

namespace {

PreparedIpcLink prepare_link(ConductorState& state, IpcPublication& publication, const SubscriptionLink& subscription) {
    const PublicationSpec& spec = publication.spec();
    return {
        .publication = &publication,
        .subscription = &subscription,
        .position = allocate_stream_counter(state.resources.counters, {.counter = StreamCounter::subscriber_position,
                                                                       .registration_id = subscription.registration_id,
                                                                       .session_id = spec.session_id,
                                                                       .stream_id = spec.stream_id,
                                                                       .channel = subscription.channel,
                                                                       .owner_id = subscription.client_id,
                                                                       .reference_id = spec.registration_id,
                                                                       .initial_value = publication.join_position()})};
}

}  // namespace

std::vector<PreparedIpcLink> prepare_links(ConductorState& state, IpcPublication& publication) {
    std::vector<PreparedIpcLink> links;
    for (const auto& subscription : state.ipc_subscriptions) {
        if (publication.wants(*subscription)) {
            links.push_back(prepare_link(state, publication, *subscription));
        }
    }
    return links;
}

std::vector<PreparedIpcLink> prepare_links(ConductorState& state, const SubscriptionLink& subscription) {
    std::vector<PreparedIpcLink> links;
    for (const auto& publication : state.ipc_publications) {
        if (publication->wants(subscription)) {
            links.push_back(prepare_link(state, *publication, subscription));
        }
    }
    return links;
}

void make_links(ConductorState& state, std::vector<PreparedIpcLink> links) {
    for (PreparedIpcLink& link : links) {
        link.publication->link(*link.subscription, std::move(link.position), state.now_ns);
    }
}

}  // namespace cpperon::driver
