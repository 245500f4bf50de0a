#include "cpperon/driver/conductor/response_channels.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace cpperon::driver {

bool has_response_subscription(const ConductorState& state, const std::int64_t registration_id) {
    return std::ranges::any_of(state.network_subscriptions, [&](const auto& subscription) {
        return subscription->link.registration_id == registration_id;
    });
}

void assign_response_session(ConductorState& /*state*/, std::int64_t /*subscription_registration_id*/,
                             SessionId /*session_id*/) {}

void check_response_image(const ConductorState& /*state*/, const std::int64_t image_correlation_id) {
    throw RegistrationError(ErrorCode::generic_error,
                            fmt::format("image.correlationId={} not found", image_correlation_id));
}

void announce_response_session(ConductorState& /*state*/, std::int64_t /*image_correlation_id*/,
                               SessionId /*session_id*/) {}

void on_response_connected(ConductorState& /*state*/, std::int64_t /*image_correlation_id*/) {}

}  // namespace cpperon::driver
