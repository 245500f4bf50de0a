#include "cpperon/client/image.hpp"

#include "cpperon/client/subscription.hpp"

namespace cpperon {

Image Image::of(const Header& header) {
    // The context of our readers is the state they are part of, which lives while a handler runs.
    auto* const state = const_cast<client::ImageState*>(static_cast<const client::ImageState*>(header.context()));
    return state != nullptr ? Image{state->shared_from_this()} : Image{};
}

Subscription Image::subscription() const noexcept {
    return state_ != nullptr ? Subscription{state_->subscription().lock()} : Subscription{};
}

void Image::reject(const std::string_view reason) const {
    async_reject(reason).wait();
}

Pending<std::monostate> Image::async_reject(const std::string_view reason) const {
    if (is_closed()) {
        return client::failed_pending<std::monostate>({ErrorCode::closed, "cannot reject an image that is closed"});
    }
    return state_->link().async_reject_image(
        {.image_correlation_id = correlation_id(), .position = position(), .reason = reason});
}

const ImageConstants& Image::constant() const noexcept {
    static const ImageConstants none;
    return state_ != nullptr ? state_->constants() : none;
}

}  // namespace cpperon
