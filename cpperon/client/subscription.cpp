#include "cpperon/client/subscription.hpp"

#include <algorithm>
#include <utility>

namespace cpperon {

namespace {

ErrorInfo closed_error() {
    return {ErrorCode::closed, "a subscription that is closed has no destinations"};
}

}  // namespace

std::size_t Subscription::image_count() const {
    return snapshot()->size();
}

std::optional<Image> Subscription::image_at(const std::size_t index) const {
    const auto images = snapshot();
    return index < images->size() ? std::optional{Image{(*images)[index]}} : std::nullopt;
}

std::optional<Image> Subscription::image_by_session(const SessionId session_id) const {
    const auto images = snapshot();
    const auto found = std::find_if(images->begin(), images->end(), [session_id](const auto& image) {
        return image->constants().session_id == session_id;
    });
    return found != images->end() ? std::optional{Image{*found}} : std::nullopt;
}

std::vector<Image> Subscription::images() const {
    const auto present = snapshot();
    std::vector<Image> images;
    images.reserve(present->size());
    for (const auto& image : *present) {
        images.emplace_back(image);
    }
    return images;
}

bool Subscription::is_connected() const {
    if (is_closed()) {
        return false;
    }
    const auto images = snapshot();
    return std::any_of(images->begin(), images->end(), [](const auto& image) { return !image->is_closed(); });
}

Status Subscription::status() const {
    return is_closed() ? Status::closed : is_connected() ? Status::connected : Status::disconnected;
}

std::optional<std::string> Subscription::resolved_endpoint() const {
    std::vector<std::string> addresses = local_socket_addresses();
    return addresses.empty() ? std::nullopt : std::optional{std::move(addresses.front())};
}

std::optional<std::string> Subscription::try_resolve_channel_endpoint_port() const {
    if (!client::has_wildcard_port(channel())) {
        return std::string{channel()};
    }
    const std::optional<std::string> bound = resolved_endpoint();
    return bound ? client::with_bound_port(channel(), *bound) : std::nullopt;
}

RegistrationId Subscription::add_destination(const std::string_view destination,
                                             const std::chrono::nanoseconds timeout) const {
    return async_add_destination(destination).wait(timeout);
}

Pending<RegistrationId> Subscription::async_add_destination(const std::string_view destination) const {
    return is_closed() ? client::failed_pending<RegistrationId>(closed_error())
                       : state_->link().async_add_destination(destination_parent(), destination);
}

void Subscription::remove_destination(const std::string_view destination,
                                      const std::chrono::nanoseconds timeout) const {
    async_remove_destination(destination).wait(timeout);
}

Pending<std::monostate> Subscription::async_remove_destination(const std::string_view destination) const {
    return is_closed() ? client::failed_pending<std::monostate>(closed_error())
                       : state_->link().async_remove_destination(destination_parent(), destination);
}

void Subscription::remove_destination(const RegistrationId destination_id,
                                      const std::chrono::nanoseconds timeout) const {
    async_remove_destination(destination_id).wait(timeout);
}

Pending<std::monostate> Subscription::async_remove_destination(const RegistrationId destination_id) const {
    return is_closed() ? client::failed_pending<std::monostate>(closed_error())
                       : state_->link().async_remove_destination(destination_parent(), destination_id);
}

const SubscriptionConstants& Subscription::constant() const noexcept {
    static const SubscriptionConstants none;
    return state_ != nullptr ? state_->constants() : none;
}

std::shared_ptr<const client::Images> Subscription::snapshot() const {
    static const auto none = std::make_shared<const client::Images>();
    return state_ != nullptr ? state_->images().snapshot() : none;
}

}  // namespace cpperon
