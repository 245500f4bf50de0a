/// What publications need from images and subscriptions when one stream answers another. Conductor only.
/// spec: 04 §11, 05 §13.2
#pragma once

#include <cstdint>

#include "cpperon/driver/conductor/conductor_state.hpp"

namespace cpperon::driver {

// The requesting side.

/// Whether responses can be received by a subscription with this registration id: some UDP subscription.
[[nodiscard]] bool has_response_subscription(const ConductorState& state, std::int64_t registration_id);

/// The peer answers with that session: the subscription takes it from now on, or asks for its SETUP again where it has
/// its session already. Nothing happens where there is no such response subscription. spec: 04 §11 step 6
void assign_response_session(ConductorState& state, std::int64_t subscription_registration_id, SessionId session_id);

// The answering side.

/// Throws `RegistrationError` where no image has this correlation id, or where its publisher did not ask for responses:
/// `image.correlationId=<n> not found`, `did not request a response channel`.
void check_response_image(const ConductorState& state, std::int64_t image_correlation_id);

/// The image's publisher is told from now on which session answers it. The image has been checked; without effect where
/// it is gone. spec: 04 §11 step 5
void announce_response_session(ConductorState& state, std::int64_t image_correlation_id, SessionId session_id);

/// The publisher receives the answers, and need not be told any longer. spec: 04 §11 step 8
void on_response_connected(ConductorState& state, std::int64_t image_correlation_id);

}  // namespace cpperon::driver
