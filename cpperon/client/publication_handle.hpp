/// What publications and exclusive publications have in common: offering, claiming, and questions about the stream.
/// The base of both; not used by itself. spec: 03 §9, §10, 07 §B.6
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "cpperon/client/buffer_claim.hpp"
#include "cpperon/client/pending.hpp"
#include "cpperon/client/publication_state.hpp"
#include "cpperon/client/status.hpp"
#include "cpperon/logbuffer/frame_writer.hpp"
#include "cpperon/logbuffer/offer_result.hpp"

namespace cpperon {

/// Gives the reserved value of each frame of a message; sees header and payload before the frame is committed. If it
/// throws, what is left of the message becomes padding and the exception reaches the caller of `offer`. spec: 03 §9.3
template <typename F>
concept ReservedValueSupplier = logbuffer::ReservedValueSupplier<F>;

/// A part of a message.
using MessagePart = std::span<const std::byte>;
/// A message as its parts in order; empty parts contribute nothing.
using MessageParts = logbuffer::MessageParts;

namespace client {
struct HandleAccess;
}  // namespace client

namespace detail {

/// A handle: copies share one publication. Dropping the last copy closes it, closing one closes all; after that every
/// operation answers `closed` and the constants keep their values. A default-constructed handle is closed. As with a
/// pointer, `const` protects the handle, not the publication.
template <typename State>
class PublicationHandle {
public:
    PublicationHandle() noexcept = default;
    explicit PublicationHandle(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}

    /// Appends one message to the stream, or says at once why it cannot.
    ///
    /// `message`: up to `max_message_length()` bytes; above `max_payload_length()` it is split into fragments, which
    /// stay together. Empty messages are legal. `supplier` gives the reserved value of each frame, otherwise it is 0.
    /// Result: the position after the message, in bytes from the start of the stream, or a reason:
    ///   back_pressured                  not taken; idle, then offer again
    ///   admin_action                    not taken; a term was being rotated: offer again at once
    ///   not_connected                   not taken; no subscriber is known at this moment
    ///   message_too_long                not taken; the caller's mistake
    ///   closed, max_position_exceeded   final; the publication can take no more
    /// Does not wait or allocate, and throws only what `supplier` throws. spec: 03 §8
    template <ReservedValueSupplier Supplier = logbuffer::NoReservedValue>
    [[nodiscard]] OfferResult offer(const std::span<const std::byte> message, Supplier&& supplier = {}) const
        noexcept(is_nothrow<Supplier>) {
        if (state_ == nullptr) [[unlikely]] {
            return OfferStatus::closed;
        }
        return state_->appender().offer(message, supplier);
    }

    /// The same for text: its characters, without a terminator.
    template <ReservedValueSupplier Supplier = logbuffer::NoReservedValue>
    [[nodiscard]] OfferResult offer(const std::string_view text, Supplier&& supplier = {}) const
        noexcept(is_nothrow<Supplier>) {
        return offer(std::as_bytes(std::span{text}), supplier);
    }

    /// The same for a message in parts, gathered without a copy in between: any array or vector of byte spans.
    template <ReservedValueSupplier Supplier = logbuffer::NoReservedValue>
    [[nodiscard]] OfferResult offer(const MessageParts parts, Supplier&& supplier = {}) const
        noexcept(is_nothrow<Supplier>) {
        if (state_ == nullptr) [[unlikely]] {
            return OfferStatus::closed;
        }
        return state_->appender().offer(parts, supplier);
    }

    /// The same for parts in braces: `offer({header, body})`.
    template <ReservedValueSupplier Supplier = logbuffer::NoReservedValue>
    [[nodiscard]] OfferResult offer(const std::initializer_list<MessagePart> parts, Supplier&& supplier = {}) const
        noexcept(is_nothrow<Supplier>) {
        return offer(MessageParts{parts.begin(), parts.size()}, supplier);
    }

    /// Claims space for a message of `length` bytes, up to `max_payload_length()`, to be written in place and
    /// committed; `result()` of a claim that converts to false has the reason, as for `offer`. A claim counts as a user
    /// of the mapping, which is the price of its being safe after everything else is closed. spec: 03 §11
    [[nodiscard]] BufferClaim try_claim(const std::size_t length) const noexcept {
        BufferClaim claim;
        static_cast<void>(try_claim(length, claim));
        return claim;
    }

    /// The same into a claim that is used again and again: as long as it stays with one publication, users of the
    /// mapping are not counted, and claiming is no dearer than offering. Aborts `claim` first if it was not committed.
    /// Returns its `result()`.
    [[nodiscard]] OfferResult try_claim(const std::size_t length, BufferClaim& claim) const noexcept {
        claim.abort();
        if (state_ == nullptr) [[unlikely]] {
            claim.refuse(OfferStatus::closed);
            return OfferStatus::closed;
        }
        logbuffer::FrameClaim frame;
        const OfferResult result = state_->appender().try_claim(length, frame);
        if (result) [[likely]] {
            claim.renew(result, frame, state_->log());
        } else {
            claim.refuse(result);
        }
        return result;
    }

    // Where the stream is. Positions in bytes from its start, or `closed`.

    /// The position up to which space was claimed.
    [[nodiscard]] OfferResult position() const noexcept {
        return state_ != nullptr ? state_->appender().position() : OfferResult{OfferStatus::closed};
    }
    /// The position at which offers are refused for now. Any thread.
    [[nodiscard]] OfferResult position_limit() const noexcept {
        return state_ != nullptr ? state_->appender().position_limit() : OfferResult{OfferStatus::closed};
    }
    /// `position_limit() - position()`, below 0 where messages went beyond the limit; nothing once closed.
    [[nodiscard]] std::optional<std::int64_t> available_window() const noexcept {
        const OfferResult limit = position_limit();
        const OfferResult here = position();
        return limit && here ? std::optional{limit.position() - here.position()} : std::nullopt;
    }

    // State. Any thread.

    /// Open, and a subscriber is known to the driver at this moment.
    [[nodiscard]] bool is_connected() const noexcept { return state_ != nullptr && state_->appender().is_connected(); }
    /// True once it, its client or its driver has ended.
    [[nodiscard]] bool is_closed() const noexcept { return state_ == nullptr || state_->appender().is_closed(); }
    /// In one word, for displays.
    [[nodiscard]] Status status() const noexcept {
        return is_closed() ? Status::closed : is_connected() ? Status::connected : Status::disconnected;
    }
    /// Whether the driver could set the channel up; `errored` once closed.
    [[nodiscard]] ChannelStatus channel_status() const noexcept {
        return state_ != nullptr ? state_->channel_status() : ChannelStatus::errored;
    }

    /// Where the channel's sockets are bound: `ip:port` or `[ip6]:port`. None before the channel is active, once
    /// closed, and over IPC. spec: 06 §19.5
    [[nodiscard]] std::vector<std::string> local_socket_addresses() const {
        return state_ != nullptr ? state_->local_socket_addresses() : std::vector<std::string>{};
    }

    // Destinations of a channel with `control-mode=manual`, for example `aeron:udp?endpoint=host:20121`; all
    // publications on its endpoint share them. Any thread. spec: 05 §9.1, 07 §B.6

    /// Has the driver send to `destination` as well, and waits until it does; a name that does not resolve is tried
    /// again. Returns the destination's id. Added twice, it is sent to twice.
    /// `timeout`: 0 for the client's driver timeout. Throws `RegistrationError` for a text that is no channel, and if
    /// the driver refuses, as it does for a publication of another kind; `ClosedError`; `DriverTimeoutError`;
    /// `TimeoutError` after `timeout`; and `ReentrantCallError` inside a callback of the client.
    RegistrationId add_destination(const std::string_view destination,
                                   const std::chrono::nanoseconds timeout = {}) const {
        return async_add_destination(destination).wait(timeout);
    }
    /// The same without waiting. Its registration id is that of the destination, known at once; a destination whose
    /// answer nobody takes is removed again.
    [[nodiscard]] Pending<RegistrationId> async_add_destination(const std::string_view destination) const {
        return is_closed() ? client::failed_pending<RegistrationId>(closed_error())
                           : state_->link().async_add_destination(destination_parent(), destination);
    }

    /// Has the driver no longer send to the destination with this address, the last one if there are several; that
    /// there is none is no error. Otherwise as `add_destination`.
    void remove_destination(const std::string_view destination, const std::chrono::nanoseconds timeout = {}) const {
        async_remove_destination(destination).wait(timeout);
    }
    /// The same without waiting.
    [[nodiscard]] Pending<std::monostate> async_remove_destination(const std::string_view destination) const {
        return is_closed() ? client::failed_pending<std::monostate>(closed_error())
                           : state_->link().async_remove_destination(destination_parent(), destination);
    }

    /// The same by the id that adding it gave.
    void remove_destination(const RegistrationId destination_id, const std::chrono::nanoseconds timeout = {}) const {
        async_remove_destination(destination_id).wait(timeout);
    }
    /// The same without waiting.
    [[nodiscard]] Pending<std::monostate> async_remove_destination(const RegistrationId destination_id) const {
        return is_closed() ? client::failed_pending<std::monostate>(closed_error())
                           : state_->link().async_remove_destination(destination_parent(), destination_id);
    }

    // What never changes; readable after close. Any thread.

    /// A copy of all of it.
    [[nodiscard]] PublicationConstants constants() const { return constant(); }
    /// Valid as long as a handle of this publication lives.
    [[nodiscard]] std::string_view channel() const noexcept { return constant().channel; }
    /// As it was added.
    [[nodiscard]] std::int32_t stream_id() const noexcept { return constant().stream_id; }
    /// Tells it from other publishers of its stream.
    [[nodiscard]] SessionId session_id() const noexcept { return constant().session_id; }
    /// What the driver knows this publication by.
    [[nodiscard]] RegistrationId registration_id() const noexcept { return constant().registration_id; }
    /// That of the first publication of its session.
    [[nodiscard]] RegistrationId original_registration_id() const noexcept {
        return constant().original_registration_id;
    }
    /// Whether this was the first publication of its session.
    [[nodiscard]] bool is_original() const noexcept { return registration_id() == original_registration_id(); }
    /// Of the term in which the stream began.
    [[nodiscard]] std::int32_t initial_term_id() const noexcept { return constant().initial_term_id; }
    /// In bytes.
    [[nodiscard]] std::int32_t term_buffer_length() const noexcept { return constant().term_buffer_length; }
    /// The term length as a power of two.
    [[nodiscard]] std::int32_t position_bits_to_shift() const noexcept { return constant().position_bits_to_shift; }
    /// The most one frame takes, and the most that can be claimed.
    [[nodiscard]] std::int32_t max_payload_length() const noexcept { return constant().max_payload_length; }
    /// The most a message of several fragments can have.
    [[nodiscard]] std::int32_t max_message_length() const noexcept { return constant().max_message_length; }
    /// Where the stream is exhausted: 2^31 terms.
    [[nodiscard]] std::int64_t max_possible_position() const noexcept { return constant().max_possible_position; }
    /// The counter that shows `position_limit()`.
    [[nodiscard]] CounterId position_limit_id() const noexcept { return constant().position_limit_id; }
    /// The counter that shows `channel_status()`; `no_counter` over IPC.
    [[nodiscard]] CounterId channel_status_id() const noexcept { return constant().channel_status_id; }

    /// Ends the publication for all its handles; the driver is told by the conductor. What was offered is still
    /// delivered. Any thread, any number of times; returns at once. spec: 02 §10.8
    void close() const noexcept {
        if (state_ != nullptr) {
            state_->close();
        }
    }

    /// True when both refer to the same publication; all default-constructed handles are equal.
    friend bool operator==(const PublicationHandle&, const PublicationHandle&) noexcept = default;

    /// Equal for equal handles.
    [[nodiscard]] std::size_t hash() const noexcept { return std::hash<const void*>{}(state_.get()); }

protected:
    friend struct client::HandleAccess;

    template <typename Supplier>
    static constexpr bool is_nothrow = std::is_nothrow_invocable_v<Supplier&, std::span<const std::byte>>;

    [[nodiscard]] static ErrorInfo closed_error() {
        return {ErrorCode::closed, "a publication that is closed has no destinations"};
    }

    [[nodiscard]] client::DestinationParent destination_parent() const noexcept {
        return {.kind = client::DestinationParent::Kind::publication, .id = original_registration_id()};
    }

    [[nodiscard]] const PublicationConstants& constant() const noexcept {
        static const PublicationConstants none;
        return state_ != nullptr ? state_->constants() : none;
    }

    std::shared_ptr<State> state_;
};

}  // namespace detail

}  // namespace cpperon
