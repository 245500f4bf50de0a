/// The images of a subscription: a copy-on-write list that is taken by the poller without a lock or a reference count.
/// Changed by the conductor, taken by the polling thread, copied by anyone. spec: 03 §16.6, §17
///
/// Invariants:
/// - A published list never changes; a newer one has a higher version.
/// - The poller acknowledges the version it takes, at the start of each poll. While it has acknowledged v, it may use v
/// or
///   have taken, but not yet acknowledged, a newer one; never an older one.
/// - So a retired list is freed when a version above its own was acknowledged, or with the whole.
/// - An image is closed before a list without it is published: who still reads the old list gets nothing from it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "cpperon/base/ids.hpp"
#include "cpperon/client/image_state.hpp"

namespace cpperon::client {

using Images = std::vector<std::shared_ptr<ImageState>>;

class ImageList {
public:
    ImageList();
    ImageList(const ImageList&) = delete;
    ImageList& operator=(const ImageList&) = delete;
    ~ImageList() = default;

    /// Polling thread: the present list, valid until its next call.
    [[nodiscard]] const Images& take() noexcept {
        // acquire [image-list] <- publish: the list and its images are complete.
        const Version* const present = present_.load(std::memory_order_acquire);
        // relaxed: the polling thread is the only writer.
        if (acknowledged_.load(std::memory_order_relaxed) != present->number) [[unlikely]] {
            // release [image-list-taken] -> reclaim: no older list is in use any more.
            acknowledged_.store(present->number, std::memory_order_release);
        }
        return present->images;
    }

    /// Any thread: a copy. The vector may be shared with other callers; its images are kept as long as it is.
    [[nodiscard]] std::shared_ptr<const Images> snapshot() const;

    /// Appends an image. False, and nothing happens, once the list was closed.
    bool add(std::shared_ptr<ImageState> image);
    /// Closes the image and publishes the list without it. Null if there is none with this correlation id.
    std::shared_ptr<ImageState> remove(RegistrationId correlation_id);
    /// Closes all images and publishes an empty list, for good. Returns the images that were in it.
    Images close();

    /// Frees the lists that no poll can be using any more. Any thread; the conductor calls it now and then.
    void reclaim() noexcept;
    /// How many lists wait to be freed.
    [[nodiscard]] std::size_t retired_count() const noexcept;

private:
    struct Version {
        std::uint64_t number = 0;
        Images images;
    };

    /// Caller holds the lock.
    void publish(Images images);
    void reclaim_locked() noexcept;

    // Written by publish, read by the polling thread.
    std::atomic<const Version*> present_;
    // Written by the polling thread, read by whoever reclaims.
    std::atomic<std::uint64_t> acknowledged_{0};

    // Guards what follows. Never taken by a poll.
    mutable std::mutex mutex_;
    std::shared_ptr<const Version> owned_;
    std::vector<std::shared_ptr<const Version>> retired_;
    bool is_closed_ = false;
};

}  // namespace cpperon::client
