/// The reading end of a stream. Public; added by a client. spec: 03 §17, 07 §B.7
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "cpperon/client/image.hpp"
#include "cpperon/client/pending.hpp"
#include "cpperon/client/status.hpp"
#include "cpperon/client/subscription_state.hpp"

namespace cpperon {

namespace client {
struct HandleAccess;
}  // namespace client

/// Receives one stream of a channel, from every publisher: each session is an `Image`.
///
/// A handle: copies share one subscription. Dropping the last copy closes it, closing one closes all; after that polls
/// return 0 and the constants keep their values. A default-constructed handle is closed. As with a pointer, `const`
/// protects the handle, not the subscription.
///
/// Threads: polls by one at a time; everything else by any. A handler may close the subscription it was called from,
/// and its poll ends; it must not drop the handle that is being polled, nor poll it: that is asserted, and otherwise
/// the inner poll returns 0.
class Subscription {
public:
    Subscription() noexcept = default;
    explicit Subscription(std::shared_ptr<client::SubscriptionState> state) noexcept : state_(std::move(state)) {}

    // Polls: in place, without waiting or allocating. They throw what the handler throws, after the position was
    // stored.

    /// Hands up to `fragment_limit` fragments of all images to `handler`; returns how many. Images take turns at being
    /// first. Put an assembler around the handler where messages may be longer than one frame. spec: 03 §17
    template <FragmentHandler Handler>
    int poll(Handler&& handler, const int fragment_limit) const {
        if (state_ == nullptr) {
            return 0;
        }
        return state_->poll_in_turn(
            [&handler](client::ImageState& image, const int limit) {
                return image.poll([&](logbuffer::ImageReader& reader) { return reader.poll(handler, limit); });
            },
            fragment_limit);
    }

    /// As `poll`, with a handler that says how to go on with its image; after `abort` or `break_` the other images are
    /// still polled. spec: 03 §16.3, §17
    template <ControlledFragmentHandler Handler>
    int controlled_poll(Handler&& handler, const int fragment_limit) const {
        if (state_ == nullptr) {
            return 0;
        }
        return state_->poll_in_turn(
            [&handler](client::ImageState& image, const int limit) {
                return image.poll(
                    [&](logbuffer::ImageReader& reader) { return reader.controlled_poll(handler, limit); });
            },
            fragment_limit);
    }

    /// Hands a run of whole frames of each image, headers included and each run of up to `block_length_limit` bytes, to
    /// `handler`; returns the bytes of all. spec: 03 §16.4, §17
    template <BlockHandler Handler>
    std::int64_t block_poll(Handler&& handler, const int block_length_limit) const {
        if (state_ == nullptr) {
            return 0;
        }
        return state_->poll_each([&](client::ImageState& image) {
            return image.poll(
                [&](logbuffer::ImageReader& reader) { return reader.block_poll(handler, block_length_limit); });
        });
    }

    // Images, as they are at this moment; an image may end any time.

    /// How many publishers are received at the moment.
    [[nodiscard]] std::size_t image_count() const;
    /// In the order in which they became available; nothing beyond the last.
    [[nodiscard]] std::optional<Image> image_at(std::size_t index) const;
    /// That of one publisher; nothing where it is not received.
    [[nodiscard]] std::optional<Image> image_by_session(SessionId session_id) const;
    /// All of them.
    [[nodiscard]] std::vector<Image> images() const;
    /// Calls `handler(const Image&)` for each; returns how many there were.
    template <typename Handler>
    requires std::is_invocable_v<Handler&, const Image&> std::size_t for_each_image(Handler&& handler)
    const {
        const std::vector<Image> present = images();
        for (const Image& image : present) {
            handler(image);
        }
        return present.size();
    }

    // State.

    /// Open, and there is an image that is.
    [[nodiscard]] bool is_connected() const;
    /// True once it, its client or its driver has ended.
    [[nodiscard]] bool is_closed() const noexcept { return state_ == nullptr || state_->is_closed(); }
    /// In one word, for displays.
    [[nodiscard]] Status status() const;
    /// Whether the driver could set the channel up; `errored` once closed.
    [[nodiscard]] ChannelStatus channel_status() const noexcept {
        return state_ != nullptr ? state_->channel_status() : ChannelStatus::errored;
    }

    // Addresses of a UDP channel. None before the channel is active, once closed, and over IPC and for spies.

    /// Where the channel's sockets are bound, `ip:port` or `[ip6]:port`: one, or one for each destination.
    /// spec: 06 §19.5
    [[nodiscard]] std::vector<std::string> local_socket_addresses() const {
        return state_ != nullptr ? state_->local_socket_addresses() : std::vector<std::string>{};
    }
    /// The first of them.
    [[nodiscard]] std::optional<std::string> resolved_endpoint() const;
    /// The channel with the port that its endpoint got, where it asks for any with port 0: nothing as long as it is not
    /// known, the channel itself where there is nothing to fill in. The host stays as it was spelled. spec: 05 §5.7
    [[nodiscard]] std::optional<std::string> try_resolve_channel_endpoint_port() const;

    // Destinations of a channel with `control-mode=manual`: `aeron:udp?endpoint=...`, which is listened on,
    // `aeron:ipc...`, or `aeron-spy:...`. spec: 05 §9.2, 07 §B.7

    /// Has the driver receive from `destination` as well, and waits until it does. Returns the destination's id.
    /// `timeout`: 0 for the client's driver timeout. Throws `RegistrationError` for a text that is no channel, and if
    /// the driver refuses: a subscription of another kind, a port that is taken, a name that does not resolve;
    /// `ClosedError`; `DriverTimeoutError`; `TimeoutError` after `timeout`; and `ReentrantCallError` inside a callback
    /// of the client.
    RegistrationId add_destination(std::string_view destination, std::chrono::nanoseconds timeout = {}) const;
    /// The same without waiting. Whether a destination is there whose answer was given up after the driver was asked is
    /// not known: remove it.
    [[nodiscard]] Pending<RegistrationId> async_add_destination(std::string_view destination) const;

    /// Has the driver no longer receive from the destination that was added with the same text. That there is none is
    /// no error for UDP, and one for the others. Otherwise as `add_destination`.
    void remove_destination(std::string_view destination, std::chrono::nanoseconds timeout = {}) const;
    /// The same without waiting.
    [[nodiscard]] Pending<std::monostate> async_remove_destination(std::string_view destination) const;

    /// The same by the id that adding it gave. `InvalidArgumentError` for an id that is none, or is one no more. Where
    /// equal texts were added, one of them goes: the driver does not tell them apart.
    void remove_destination(RegistrationId destination_id, std::chrono::nanoseconds timeout = {}) const;
    /// The same without waiting.
    [[nodiscard]] Pending<std::monostate> async_remove_destination(RegistrationId destination_id) const;

    // What never changes; readable after close.

    /// A copy of all of it.
    [[nodiscard]] SubscriptionConstants constants() const { return constant(); }
    /// Valid as long as a handle of this subscription lives.
    [[nodiscard]] std::string_view channel() const noexcept { return constant().channel; }
    /// As it was added.
    [[nodiscard]] std::int32_t stream_id() const noexcept { return constant().stream_id; }
    /// What the driver knows it by; a request for responses names it.
    [[nodiscard]] RegistrationId registration_id() const noexcept { return constant().registration_id; }
    /// The counter that shows `channel_status()`; `no_counter` over IPC and for spies.
    [[nodiscard]] CounterId channel_status_id() const noexcept { return constant().channel_status_id; }

    /// Ends the subscription and its images for all handles; the driver is told by the conductor. Any number of times;
    /// returns at once. spec: 02 §10.8
    void close() const noexcept {
        if (state_ != nullptr) {
            state_->close();
        }
    }

    /// True when both refer to the same subscription.
    friend bool operator==(const Subscription&, const Subscription&) noexcept = default;

private:
    friend struct std::hash<Subscription>;
    friend struct client::HandleAccess;

    [[nodiscard]] const SubscriptionConstants& constant() const noexcept;
    [[nodiscard]] client::DestinationParent destination_parent() const noexcept {
        return {.kind = client::DestinationParent::Kind::subscription, .id = registration_id()};
    }
    [[nodiscard]] std::shared_ptr<const client::Images> snapshot() const;

    std::shared_ptr<client::SubscriptionState> state_;
};

}  // namespace cpperon

template <>
struct std::hash<cpperon::Subscription> {
    std::size_t operator()(const cpperon::Subscription& subscription) const noexcept {
        return std::hash<const void*>{}(subscription.state_.get());
    }
};
