#include "cpperon/driver/conductor/spy_linking.hpp"

#include <utility>

#include "cpperon/driver/conductor/stream_counters.hpp"

namespace cpperon::driver {

namespace {

PreparedSpyLink prepare_link(ConductorState& state, NetworkPublication& publication, const SpySubscription& spy) {
    const PublicationSpec& spec = publication.spec();
    return {
        .publication = &publication,
        .spy = &spy,
        .position = allocate_stream_counter(state.resources.counters, {.counter = StreamCounter::subscriber_position,
                                                                       .registration_id = spy.link.registration_id,
                                                                       .session_id = spec.session_id,
                                                                       .stream_id = spec.stream_id,
                                                                       .channel = spy.link.channel,
                                                                       .owner_id = spy.link.client_id,
                                                                       .reference_id = spec.registration_id,
                                                                       .initial_value = publication.join_position()})};
}

}  // namespace

std::vector<PreparedSpyLink> prepare_spy_links(ConductorState& state, NetworkPublication& publication) {
    std::vector<PreparedSpyLink> links;
    for (const auto& spy : state.spy_subscriptions) {
        if (publication.wants(*spy)) {
            links.push_back(prepare_link(state, publication, *spy));
        }
    }
    return links;
}

std::vector<PreparedSpyLink> prepare_spy_links(ConductorState& state, const SpySubscription& spy) {
    std::vector<PreparedSpyLink> links;
    for (const auto& publication : state.network_publications) {
        if (publication->wants(spy)) {
            links.push_back(prepare_link(state, *publication, spy));
        }
    }
    return links;
}

void make_links(ConductorState& state, std::vector<PreparedSpyLink> links) {
    for (PreparedSpyLink& link : links) {
        link.publication->link(*link.spy, std::move(link.position), state.now_ns);
    }
}

}  // namespace cpperon::driver
