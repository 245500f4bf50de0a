/// What the copies of a `Subscription` share: its images, whose turn it is, and how it ends. Made by the client
/// conductor, polled by one thread. spec: 03 §17, 02 §10.8
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cpperon/base/ids.hpp"
#include "cpperon/client/channel_addresses.hpp"
#include "cpperon/client/channel_status.hpp"
#include "cpperon/client/conductor_link.hpp"
#include "cpperon/client/image.hpp"
#include "cpperon/client/image_list.hpp"
#include "cpperon/client/poll_guard.hpp"
#include "cpperon/shm/counters_reader.hpp"

namespace cpperon {

/// What never changes about a subscription. A copy to keep. spec: 07 §A.1
struct SubscriptionConstants {
    std::string channel;
    RegistrationId registration_id = null_registration_id;
    std::int32_t stream_id = 0;
    CounterId channel_status_id = no_counter;
};

namespace client {

/// Everything the conductor knows when the driver has answered.
struct SubscriptionSetup {
    std::shared_ptr<ConductorLink> link;
    std::shared_ptr<const void> counters_owner;  ///< keeps the counters below mapped
    CountersReader counters;
    ChannelStatusIndicator channel_status;
    std::string channel;
    std::int32_t stream_id = 0;
    RegistrationId registration_id = null_registration_id;
    /// Called by the conductor, also for images that are still there when the last handle is dropped: it keeps a copy.
    std::shared_ptr<const ImageHandlers> handlers;
};

class SubscriptionState {
public:
    explicit SubscriptionState(SubscriptionSetup setup);
    SubscriptionState(const SubscriptionState&) = delete;
    SubscriptionState& operator=(const SubscriptionState&) = delete;
    /// The last handle is gone: the same as closing it.
    ~SubscriptionState() { close(); }

    // Polling thread.

    /// Calls `poll_image(image, remaining limit)` for the images, beginning with the next one each time, until
    /// `fragment_limit` fragments were delivered; returns how many were. spec: 03 §17
    template <typename PollImage>
    int poll_in_turn(PollImage&& poll_image, const int fragment_limit) {
        const PollGuard guard{is_polling_};
        if (!guard.is_first() || is_closed()) {
            return 0;
        }
        const Images& images = images_.take();
        const std::size_t first = next_turn(images.size());
        int fragments = 0;
        for (std::size_t i = first; i < images.size() && fragments < fragment_limit; ++i) {
            fragments += poll_image(*images[i], fragment_limit - fragments);
        }
        for (std::size_t i = 0; i < first && fragments < fragment_limit; ++i) {
            fragments += poll_image(*images[i], fragment_limit - fragments);
        }
        return fragments;
    }

    /// Calls `poll_image(image)` for all images in order; returns the sum of what they return.
    template <typename PollImage>
    std::int64_t poll_each(PollImage&& poll_image) {
        const PollGuard guard{is_polling_};
        if (!guard.is_first() || is_closed()) {
            return 0;
        }
        std::int64_t sum = 0;
        for (const std::shared_ptr<ImageState>& image : images_.take()) {
            sum += poll_image(*image);
        }
        return sum;
    }

    // Any thread.

    /// The conductor adds and removes images; everybody may look at them.
    [[nodiscard]] ImageList& images() noexcept { return images_; }
    [[nodiscard]] const ImageList& images() const noexcept { return images_; }
    [[nodiscard]] const SubscriptionConstants& constants() const noexcept { return constants_; }
    [[nodiscard]] const std::shared_ptr<const ImageHandlers>& handlers() const noexcept { return handlers_; }
    [[nodiscard]] ChannelStatus channel_status() const noexcept {
        return is_closed() ? ChannelStatus::errored : channel_status_.load();
    }
    [[nodiscard]] std::vector<std::string> local_socket_addresses() const {
        return is_closed() ? std::vector<std::string>{} : client::local_socket_addresses(counters_, channel_status_);
    }
    [[nodiscard]] ConductorLink& link() const noexcept { return *link_; }
    // acquire [handle-closed] <- mark_closed, by any thread.
    [[nodiscard]] bool is_closed() const noexcept { return is_closed_.load(std::memory_order_acquire); }

    /// Any number of times: polls return 0 from now on, one that is under way ends after its present fragment, all
    /// images are closed. The conductor tells the driver and announces the images as unavailable.
    void close() noexcept {
        if (mark_closed()) {
            link_->close_subscription(constants_.registration_id);
        }
    }

    /// Conductor, closing by force: nothing is sent. False if it was closed already.
    bool mark_closed() noexcept;

private:
    /// The image to begin with: 0, 1, 2, 0, ... with three images.
    [[nodiscard]] std::size_t next_turn(const std::size_t image_count) noexcept {
        if (turn_ >= image_count) {
            turn_ = 0;
        }
        return image_count > 0 ? turn_++ : 0;
    }

    // Polling thread.
    bool is_polling_ = false;
    std::size_t turn_ = 0;
    // Changed by the conductor, read by the polling thread.
    std::atomic<bool> is_closed_{false};
    ImageList images_;
    // Constant after construction.
    SubscriptionConstants constants_;
    ChannelStatusIndicator channel_status_;
    CountersReader counters_;
    std::shared_ptr<const ImageHandlers> handlers_;
    std::shared_ptr<const void> counters_owner_;
    std::shared_ptr<ConductorLink> link_;
};

}  // namespace client

}  // namespace cpperon
