/// What a client asks of its driver, from the call until the answer. Made by calling threads, kept by the conductor.
/// spec: 02 §10.5
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cpperon/base/ids.hpp"
#include "cpperon/client/counter.hpp"
#include "cpperon/client/exclusive_publication.hpp"
#include "cpperon/client/pending.hpp"
#include "cpperon/client/publication.hpp"
#include "cpperon/client/subscription.hpp"

namespace cpperon::client {

/// What a registration id may name.
enum class ResourceKind {
    none,
    publication,
    exclusive_publication,
    subscription,
    counter,
    static_counter,
    send_destination,  ///< of a publication; the client keeps nothing of it
};

/// `Handle`: `Publication` or `ExclusivePublication`.
template <typename Handle>
struct AddPublicationRequest {
    std::string channel;
    std::int32_t stream_id = 0;
    std::shared_ptr<PendingResult<Handle>> pending;
};

struct AddSubscriptionRequest {
    std::string channel;
    std::int32_t stream_id = 0;
    ImageHandlers handlers;
    std::shared_ptr<PendingResult<Subscription>> pending;
};

struct AddCounterRequest {
    std::int32_t type_id = 0;
    std::vector<std::byte> key;
    std::string label;
    std::optional<RegistrationId> static_registration_id;  ///< set: a static counter
    std::shared_ptr<PendingResult<Counter>> pending;
};

struct NextSessionIdRequest {
    std::int32_t stream_id = 0;
    std::shared_ptr<PendingResult<SessionId>> pending;
};

struct RejectImageRequest {
    RegistrationId image_correlation_id = null_registration_id;
    std::int64_t position = 0;
    std::string reason;
    std::shared_ptr<PendingResult<std::monostate>> pending;
};

struct AddDestinationRequest {
    DestinationParent parent;
    std::string channel;
    std::shared_ptr<PendingResult<RegistrationId>> pending;
};

struct RemoveDestinationRequest {
    DestinationParent parent;
    std::variant<std::string, RegistrationId> destination;  ///< its channel, or its id
    std::shared_ptr<PendingResult<std::monostate>> pending;
};

using Request = std::variant<AddPublicationRequest<Publication>, AddPublicationRequest<ExclusivePublication>,
                             AddSubscriptionRequest, AddCounterRequest, NextSessionIdRequest, RejectImageRequest,
                             AddDestinationRequest, RemoveDestinationRequest>;

[[nodiscard]] inline PendingState& pending_of(const Request& request) {
    return std::visit([](const auto& r) -> PendingState& { return *r.pending; }, request);
}

/// What is asked for, for error texts: `add a publication on channel 'aeron:ipc' stream 1001`.
[[nodiscard]] std::string describe(const Request& request);

/// The kind of resource a request adds, if any.
[[nodiscard]] constexpr ResourceKind kind_of(const AddPublicationRequest<Publication>& /*request*/) noexcept {
    return ResourceKind::publication;
}
[[nodiscard]] constexpr ResourceKind kind_of(const AddPublicationRequest<ExclusivePublication>& /*request*/) noexcept {
    return ResourceKind::exclusive_publication;
}
[[nodiscard]] constexpr ResourceKind kind_of(const AddSubscriptionRequest& /*request*/) noexcept {
    return ResourceKind::subscription;
}
[[nodiscard]] inline ResourceKind kind_of(const AddCounterRequest& request) noexcept {
    return request.static_registration_id ? ResourceKind::static_counter : ResourceKind::counter;
}
[[nodiscard]] constexpr ResourceKind kind_of(const NextSessionIdRequest& /*request*/) noexcept {
    return ResourceKind::none;
}
[[nodiscard]] constexpr ResourceKind kind_of(const RejectImageRequest& /*request*/) noexcept {
    return ResourceKind::none;
}
/// One of a subscription cannot be told from another with the same channel, so it is no resource to give back.
[[nodiscard]] inline ResourceKind kind_of(const AddDestinationRequest& request) noexcept {
    return request.parent.kind == DestinationParent::Kind::publication ? ResourceKind::send_destination
                                                                       : ResourceKind::none;
}
[[nodiscard]] constexpr ResourceKind kind_of(const RemoveDestinationRequest& /*request*/) noexcept {
    return ResourceKind::none;
}
[[nodiscard]] inline ResourceKind kind_of(const Request& request) noexcept {
    return std::visit([](const auto& r) { return kind_of(r); }, request);
}

}  // namespace cpperon::client
