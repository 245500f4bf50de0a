#include "cpperon/client/subscription.hpp"

#include <algorithm>

namespace cpperon {

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

const SubscriptionConstants& Subscription::constant() const noexcept {
    static const SubscriptionConstants none;
    return state_ != nullptr ? state_->constants() : none;
}

std::shared_ptr<const client::Images> Subscription::snapshot() const {
    static const auto none = std::make_shared<const client::Images>();
    return state_ != nullptr ? state_->images().snapshot() : none;
}

}  // namespace cpperon
