/// What the copies of an `Image`, and its subscription, share. Made and closed by the client conductor, polled by one
/// thread. spec: 03 §16, 02 §10.7
#pragma once

#include <atomic>
#include <cassert>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "cpperon/base/ids.hpp"
#include "cpperon/client/conductor_link.hpp"
#include "cpperon/client/poll_guard.hpp"
#include "cpperon/logbuffer/image_reader.hpp"
#include "cpperon/logbuffer/log_file.hpp"

namespace cpperon {

/// What never changes about an image. A copy to keep. spec: 07 §A.1
struct ImageConstants {
    std::string source_identity;  ///< `ip:port` of the source; `aeron:ipc` for IPC
    RegistrationId correlation_id = null_registration_id;
    SessionId session_id{};
    std::int64_t join_position = 0;  ///< where this subscription began to read
    std::int32_t initial_term_id = 0;
    std::int32_t mtu_length = 0;
    std::int32_t term_buffer_length = 0;
    std::int32_t position_bits_to_shift = 0;
    CounterId subscriber_position_id = no_counter;
};

namespace client {

class SubscriptionState;

/// Everything the conductor knows when the driver has announced an image.
struct ImageSetup {
    std::shared_ptr<ConductorLink> link;
    std::shared_ptr<const void> counters_owner;  ///< keeps the counter below mapped
    std::shared_ptr<const logbuffer::LogFile> log;
    std::int64_t* subscriber_position = nullptr;  ///< its present value is the join position
    CounterId subscriber_position_id = no_counter;
    std::string source_identity;
    RegistrationId correlation_id = null_registration_id;
    std::int32_t session_id = 0;
    std::weak_ptr<SubscriptionState> subscription;
};

class ImageState : public std::enable_shared_from_this<ImageState> {
public:
    explicit ImageState(ImageSetup setup);
    ImageState(const ImageState&) = delete;
    ImageState& operator=(const ImageState&) = delete;
    ~ImageState() = default;

    /// Calls `read(reader)`, a poll that returns a count, unless one is under way on this image: then 0, because its
    /// fragments would be delivered twice. Polling thread.
    template <typename Read>
    int poll(Read&& read) {
        const PollGuard guard{is_polling_};
        return guard.is_first() ? read(reader_) : 0;
    }

    [[nodiscard]] const logbuffer::ImageReader& reader() const noexcept { return reader_; }
    [[nodiscard]] const ImageConstants& constants() const noexcept { return constants_; }
    [[nodiscard]] const std::weak_ptr<SubscriptionState>& subscription() const noexcept { return subscription_; }
    [[nodiscard]] ConductorLink& link() const noexcept { return *link_; }

    [[nodiscard]] bool is_closed() const noexcept { return reader_.is_closed(); }

    /// Any thread, also beside a poll, any number of times. False if it was closed already, or is being closed by
    /// another thread.
    bool close() noexcept;

private:
    // The hot part: reader, and the polling thread's mark.
    alignas(64) logbuffer::ImageReader reader_;
    bool is_polling_ = false;
    // Whoever closes.
    std::atomic<bool> is_closing_{false};
    // Constant after construction.
    ImageConstants constants_;
    std::weak_ptr<SubscriptionState> subscription_;
    std::shared_ptr<const logbuffer::LogFile> log_;
    std::shared_ptr<const void> counters_owner_;
    std::shared_ptr<ConductorLink> link_;
};

}  // namespace client

}  // namespace cpperon
