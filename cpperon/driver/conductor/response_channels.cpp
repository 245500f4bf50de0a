#include "cpperon/driver/conductor/response_channels.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cpperon/driver/conductor/image_linking.hpp"
#include "cpperon/driver/conductor/network_image.hpp"
#include "cpperon/driver/conductor/receive_channel.hpp"

namespace cpperon::driver {

bool has_response_subscription(const ConductorState& state, const std::int64_t registration_id) {
    return std::ranges::any_of(state.network_subscriptions, [&](const auto& subscription) {
        return subscription->link.registration_id == registration_id;
    });
}

void assign_response_session(ConductorState& state, const std::int64_t subscription_registration_id,
                             const SessionId session_id) {
    const auto found = std::ranges::find_if(state.network_subscriptions, [&](const auto& subscription) {
        return subscription->link.registration_id == subscription_registration_id &&
               subscription->link.params.is_response;
    });
    if (found == state.network_subscriptions.end()) {
        return;
    }
    NetworkSubscription& subscription = **found;
    ReceiveChannel& channel = *subscription.channel;
    if (!subscription.is_waiting_for_session()) {
        channel.request_setup(subscription.link.stream_id, *subscription.link.params.session_id);
        return;
    }
    NetworkSubscription assigned = subscription;
    assigned.link.params.session_id = session_id;
    std::vector<PreparedImageLink> links = prepare_links(state, assigned);

    subscription = std::move(assigned);
    channel.add_interest(subscription.link.stream_id, session_id);
    channel.drop_response();
    make_links(state, subscription, std::move(links));
}

void check_response_image(const ConductorState& state, const std::int64_t image_correlation_id) {
    const NetworkImage* const image = find_image(state, image_correlation_id);
    if (image == nullptr) {
        throw RegistrationError(ErrorCode::generic_error,
                                fmt::format("image.correlationId={} not found", image_correlation_id));
    }
    if (!image->spec().wants_response) {
        throw RegistrationError(
            ErrorCode::generic_error,
            fmt::format("image.correlationId={} did not request a response channel", image_correlation_id));
    }
}

void announce_response_session(ConductorState& state, const std::int64_t image_correlation_id,
                               const SessionId session_id) {
    if (NetworkImage* const image = find_image(state, image_correlation_id)) {
        image->set_response_session(session_id);
    }
}

void on_response_connected(ConductorState& state, const std::int64_t image_correlation_id) {
    if (NetworkImage* const image = find_image(state, image_correlation_id)) {
        image->clear_response_session();
    }
}

}  // namespace cpperon::driver
