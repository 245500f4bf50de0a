/// A publication that one thread has for itself: the cheapest way to write. Public; added by a client. spec: 03 §10,
/// 07 §B.6
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "cpperon/client/publication_handle.hpp"

namespace cpperon {

/// Sends messages to one stream of a channel, in a session of its own. It goes on where its log's tail is, for example
/// at a position given in the channel.
///
/// Threads: one for what appends, `position()`, `available_window()`, `term_id()` and `term_offset()`; any for the
/// rest. Closing from another thread while one offers is safe: the offer is completed or answers `closed`.
class ExclusivePublication : public detail::PublicationHandle<client::ExclusivePublicationState> {
public:
    using PublicationHandle::PublicationHandle;

    /// Moves the stream on by one padding frame of `length` bytes, up to `max_message_length()`, and its header,
    /// rounded up to 32: subscribers step over it. Result and failures as for `offer`. spec: 03 §10.3
    [[nodiscard]] OfferResult append_padding(const std::size_t length) const noexcept {
        return state_ != nullptr ? state_->appender().append_padding(length) : OfferResult{OfferStatus::closed};
    }

    /// Appends whole frames, headers included, as a block poll of an equal stream hands them out; they become readable
    /// together. `invalid_argument`, and nothing is changed, unless the first frame is data of this session, stream and
    /// term at the present offset, and the block is made of whole frames and fits the term. May be longer than
    /// `max_message_length()`. Otherwise as `offer`. spec: 03 §10.5
    [[nodiscard]] OfferResult offer_block(const std::span<const std::byte> block) const noexcept {
        return state_ != nullptr ? state_->appender().offer_block(block) : OfferResult{OfferStatus::closed};
    }

    /// Where the next message goes; the offset may be the term length. 0 for a default-constructed handle.
    [[nodiscard]] std::int32_t term_id() const noexcept { return state_ != nullptr ? state_->appender().term_id() : 0; }
    /// In bytes from the start of the term.
    [[nodiscard]] std::int32_t term_offset() const noexcept {
        return state_ != nullptr ? state_->appender().term_offset() : 0;
    }

    /// Closes it and has the driver end the stream at once: what subscribers have not read is lost to them. No effect
    /// once closed. Any thread. spec: 03 §10.6
    void revoke() const noexcept {
        revoke_on_close();
        close();
    }

    /// From now on closing it revokes it, however it is closed: by `close`, with its last handle, or with the client.
    /// Any thread.
    void revoke_on_close() const noexcept {
        if (state_ != nullptr) {
            state_->revoke_on_close();
        }
    }
};

}  // namespace cpperon

template <>
struct std::hash<cpperon::ExclusivePublication> {
    std::size_t operator()(const cpperon::ExclusivePublication& publication) const noexcept {
        return publication.hash();
    }
};
