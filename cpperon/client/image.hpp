/// One session of a stream as a subscription sees it. Public; handed out by subscriptions. spec: 03 §16, 07 §B.8
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <variant>

#include "cpperon/client/image_state.hpp"
#include "cpperon/logbuffer/fragment_handler.hpp"

namespace cpperon {

class Subscription;

/// A handle: copies share one image, and keep its log mapped. The image ends when its publisher or its subscription
/// does; after that polls return 0, and position, end of stream and constants keep their last values. A
/// default-constructed handle is closed. As with a pointer, `const` protects the handle, not the image.
///
/// Threads: polls by one at a time, which is the subscription's poller unless the image is handed over wholly;
/// everything else by any. A handler must not poll the image that called it: asserted, and otherwise the inner poll
/// returns 0.
class Image {
public:
    Image() noexcept = default;
    explicit Image(std::shared_ptr<client::ImageState> state) noexcept : state_(std::move(state)) {}

    /// The image that a handler's fragment comes from; closed for a header that no subscription or image made.
    [[nodiscard]] static Image of(const Header& header);

    // Polls: fragments of one term at most, in place, without waiting or allocating. They throw what the handler
    // throws, after the position was stored.

    /// Hands up to `fragment_limit` fragments to `handler`; returns how many. The position may move even if none was
    /// delivered: over padding. spec: 03 §16.1
    template <FragmentHandler Handler>
    int poll(Handler&& handler, const int fragment_limit) const {
        return read([&](logbuffer::ImageReader& reader) { return reader.poll(handler, fragment_limit); });
    }

    /// As `poll`, but delivers no fragment that starts at or beyond `limit_position`. spec: 03 §16.2
    template <FragmentHandler Handler>
    int bounded_poll(Handler&& handler, const std::int64_t limit_position, const int fragment_limit) const {
        return read([&](logbuffer::ImageReader& reader) {
            return reader.bounded_poll(handler, limit_position, fragment_limit);
        });
    }

    /// As `poll`, with a handler that says how to go on. spec: 03 §16.3
    template <ControlledFragmentHandler Handler>
    int controlled_poll(Handler&& handler, const int fragment_limit) const {
        return read([&](logbuffer::ImageReader& reader) { return reader.controlled_poll(handler, fragment_limit); });
    }

    /// As `bounded_poll`, with a handler that says how to go on. spec: 03 §16.3
    template <ControlledFragmentHandler Handler>
    int bounded_controlled_poll(Handler&& handler, const std::int64_t limit_position, const int fragment_limit) const {
        return read([&](logbuffer::ImageReader& reader) {
            return reader.bounded_controlled_poll(handler, limit_position, fragment_limit);
        });
    }

    /// Hands one run of whole frames, headers included, of up to `block_length_limit` bytes to `handler`; returns its
    /// length. Padding comes alone, and may be longer than the limit. spec: 03 §16.4
    template <BlockHandler Handler>
    int block_poll(Handler&& handler, const int block_length_limit) const {
        return read([&](logbuffer::ImageReader& reader) { return reader.block_poll(handler, block_length_limit); });
    }

    // State: live while open, frozen once closed. Positions in bytes from the start of the stream. spec: 03 §16.6

    /// How far this subscription has read.
    [[nodiscard]] std::int64_t position() const noexcept { return state_ != nullptr ? state_->reader().position() : 0; }
    /// Whether everything was read and nothing will ever follow.
    [[nodiscard]] bool is_end_of_stream() const noexcept {
        return state_ != nullptr && state_->reader().is_end_of_stream();
    }
    /// Where the stream ends; the largest value while that is open.
    [[nodiscard]] std::int64_t end_of_stream_position() const noexcept {
        return state_ != nullptr ? state_->reader().end_of_stream_position() : 0;
    }
    /// How many sources it is received from; 0 for IPC and once closed.
    [[nodiscard]] std::int32_t active_transport_count() const noexcept {
        return state_ != nullptr ? state_->reader().active_transport_count() : 0;
    }
    /// Whether the publisher ended the stream without letting it be read to its end.
    [[nodiscard]] bool is_publication_revoked() const noexcept {
        return state_ != nullptr && state_->reader().is_publication_revoked();
    }
    /// True once its publisher or its subscription ended.
    [[nodiscard]] bool is_closed() const noexcept { return state_ == nullptr || state_->is_closed(); }

    // What never changes; readable after close.

    /// A copy of all of it.
    [[nodiscard]] ImageConstants constants() const { return constant(); }
    /// `ip:port` of the source; `aeron:ipc` for IPC. Valid as long as a handle of this image lives.
    [[nodiscard]] std::string_view source_identity() const noexcept { return constant().source_identity; }
    /// What the driver knows it by; a response publication names it.
    [[nodiscard]] RegistrationId correlation_id() const noexcept { return constant().correlation_id; }
    /// Of its publication.
    [[nodiscard]] SessionId session_id() const noexcept { return constant().session_id; }
    /// Where this subscription began to read it.
    [[nodiscard]] std::int64_t join_position() const noexcept { return constant().join_position; }
    /// Of the term in which the stream began.
    [[nodiscard]] std::int32_t initial_term_id() const noexcept { return constant().initial_term_id; }
    /// The longest frame, in bytes.
    [[nodiscard]] std::int32_t mtu_length() const noexcept { return constant().mtu_length; }
    /// In bytes.
    [[nodiscard]] std::int32_t term_buffer_length() const noexcept { return constant().term_buffer_length; }
    /// The term length as a power of two.
    [[nodiscard]] std::int32_t position_bits_to_shift() const noexcept { return constant().position_bits_to_shift; }
    /// The counter that shows `position()`.
    [[nodiscard]] CounterId subscriber_position_id() const noexcept { return constant().subscriber_position_id; }
    /// The subscription it belongs to; a closed handle when that is gone.
    [[nodiscard]] Subscription subscription() const noexcept;

    /// Has the driver drop the image and tell its publisher the `reason`, up to 1,023 bytes; waits for the driver's
    /// answer. Throws `ClosedError` if the image is closed, `RegistrationError` if the driver refuses (of a spy, for
    /// example), `DriverTimeoutError`, and `ReentrantCallError` inside a callback of the client.
    /// spec: 02 §7.9
    void reject(std::string_view reason) const;
    /// The same without waiting; `reason` is copied.
    [[nodiscard]] Pending<std::monostate> async_reject(std::string_view reason) const;

    /// True when both refer to the same image of the same subscription.
    friend bool operator==(const Image&, const Image&) noexcept = default;

private:
    friend struct std::hash<Image>;

    template <typename Read>
    int read(Read&& read) const {
        return state_ != nullptr ? state_->poll(read) : 0;
    }
    [[nodiscard]] const ImageConstants& constant() const noexcept;

    std::shared_ptr<client::ImageState> state_;
};

/// Told about the images of one subscription, on the conductor's thread. An image is in the subscription's list before
/// `on_available` and out of it before `on_unavailable`, where it is closed. spec: 07 §E.1
struct ImageHandlers {
    std::function<void(const Image& image)> on_available{};
    std::function<void(const Image& image)> on_unavailable{};
};

}  // namespace cpperon

template <>
struct std::hash<cpperon::Image> {
    std::size_t operator()(const cpperon::Image& image) const noexcept {
        return std::hash<const void*>{}(image.state_.get());
    }
};
