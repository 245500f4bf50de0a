#include "cpperon/client/image_list.hpp"

#include <algorithm>
#include <utility>

namespace cpperon::client {

ImageList::ImageList() : owned_(std::make_shared<const Version>()) {
    // relaxed: the object is not shared yet.
    present_.store(owned_.get(), std::memory_order_relaxed);
}

std::shared_ptr<const Images> ImageList::snapshot() const {
    const std::lock_guard lock{mutex_};
    return {owned_, &owned_->images};
}

bool ImageList::add(std::shared_ptr<ImageState> image) {
    const std::lock_guard lock{mutex_};
    if (is_closed_) {
        return false;
    }
    Images images = owned_->images;
    images.push_back(std::move(image));
    publish(std::move(images));
    return true;
}

std::shared_ptr<ImageState> ImageList::remove(const RegistrationId correlation_id) {
    const std::lock_guard lock{mutex_};
    Images images = owned_->images;
    const auto found = std::find_if(images.begin(), images.end(), [correlation_id](const auto& image) {
        return image->constants().correlation_id == correlation_id;
    });
    if (found == images.end()) {
        return nullptr;
    }
    std::shared_ptr<ImageState> image = std::move(*found);
    images.erase(found);
    image->close();
    publish(std::move(images));
    return image;
}

Images ImageList::close() {
    const std::lock_guard lock{mutex_};
    is_closed_ = true;
    Images images = owned_->images;
    for (const std::shared_ptr<ImageState>& image : images) {
        image->close();
    }
    if (!images.empty()) {
        publish({});
    }
    return images;
}

void ImageList::reclaim() noexcept {
    const std::lock_guard lock{mutex_};
    reclaim_locked();
}

std::size_t ImageList::retired_count() const noexcept {
    const std::lock_guard lock{mutex_};
    return retired_.size();
}

void ImageList::publish(Images images) {
    auto next = std::make_shared<Version>();
    next->number = owned_->number + 1;
    next->images = std::move(images);
    retired_.reserve(retired_.size() + 1);
    retired_.push_back(std::move(owned_));
    owned_ = std::move(next);
    // release [image-list] -> take.
    present_.store(owned_.get(), std::memory_order_release);
    reclaim_locked();
}

void ImageList::reclaim_locked() noexcept {
    // acquire [image-list-taken] <- take: the poller's reads of older lists are done.
    const std::uint64_t acknowledged = acknowledged_.load(std::memory_order_acquire);
    std::erase_if(retired_, [acknowledged](const auto& list) { return list->number < acknowledged; });
}

}  // namespace cpperon::client
