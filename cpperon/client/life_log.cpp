#include "cpperon/client/life_log.hpp"

#if defined(CPPERON_EXTRA_LOGGING)

#include <cstdint>
#include <cstdio>

#include <fmt/format.h>

#include "cpperon/client/counter_handle_state.hpp"
#include "cpperon/client/image_state.hpp"
#include "cpperon/client/publication_state.hpp"
#include "cpperon/client/running_client.hpp"
#include "cpperon/client/subscription_state.hpp"

namespace cpperon::client {

namespace {

std::int64_t number(const RegistrationId id) noexcept {
    return static_cast<std::int64_t>(id);
}

}  // namespace

std::string describe_life(const RunningClient& client) {
    const ClientConductor& conductor = client.conductor();
    return fmt::format("client {} in '{}'", conductor.client_id(), conductor.context().directory.value_or(""));
}

template <typename AppenderType>
std::string describe_life(const PublicationStateOf<AppenderType>& publication) {
    const PublicationConstants& constants = publication.constants();
    return fmt::format("{}publication {} on '{}', stream {}, session {}",
                       PublicationStateOf<AppenderType>::is_exclusive ? "exclusive " : "",
                       number(constants.registration_id), constants.channel, constants.stream_id,
                       static_cast<std::int32_t>(constants.session_id));
}

template std::string describe_life(const PublicationState& publication);
template std::string describe_life(const ExclusivePublicationState& publication);

std::string describe_life(const SubscriptionState& subscription) {
    const SubscriptionConstants& constants = subscription.constants();
    return fmt::format("subscription {} on '{}', stream {}", number(constants.registration_id), constants.channel,
                       constants.stream_id);
}

std::string describe_life(const ImageState& image) {
    const ImageConstants& constants = image.constants();
    const std::shared_ptr<SubscriptionState> subscription = image.subscription().lock();
    return fmt::format("image {} from '{}', session {}, of {}", number(constants.correlation_id),
                       constants.source_identity, static_cast<std::int32_t>(constants.session_id),
                       subscription == nullptr ? "no subscription" : describe_life(*subscription));
}

std::string describe_life(const CounterHandleState& counter) {
    const CounterConstants& constants = counter.constants();
    const auto id = static_cast<std::int32_t>(constants.id);
    return fmt::format("counter {} of type {}, registration {}, labelled '{}'", id, counter.reader().type_id(id),
                       number(constants.registration_id), counter.reader().label(id));
}

void log_life(const char* const what_happened, const std::string& whose) noexcept {
    std::fprintf(stderr, "cpperon: %s %s\n", what_happened, whose.c_str());
}

}  // namespace cpperon::client

#endif
