/// Appends messages to a log that one publisher has for itself. Used by the client's exclusive publication. spec: 03
/// §10
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "cpperon/base/atomic.hpp"
#include "cpperon/logbuffer/exclusive_use.hpp"
#include "cpperon/logbuffer/frame_claim.hpp"
#include "cpperon/logbuffer/frame_writer.hpp"
#include "cpperon/logbuffer/log_view.hpp"
#include "cpperon/logbuffer/offer_result.hpp"
#include "cpperon/logbuffer/publisher_limit.hpp"

namespace cpperon::logbuffer {

/// The tail in shared memory is written, never read back: where the stream stands is kept here.
/// Threads: what appends, `position()`, `term_id()`, `term_offset()` and `available_window()` belong to the one
/// publishing thread, which is asserted of those that append; `close()`, `is_closed()`, `is_connected()`,
/// `position_limit()` and constants to any. Nothing waits or allocates.
class ExclusiveAppender {
public:
    /// Goes on where the log's tail is. `log` and `position_limit`, the `pub-lmt` counter, are borrowed and must
    /// outlive the appender.
    ExclusiveAppender(const LogView& log, const std::int64_t& position_limit, std::int32_t session_id,
                      std::int32_t stream_id) noexcept;

    ExclusiveAppender(const ExclusiveAppender&) = delete;
    ExclusiveAppender& operator=(const ExclusiveAppender&) = delete;
    ~ExclusiveAppender() = default;

    /// Appends one message, as fragments if it is longer than `max_payload_length()`. spec: 03 §10.3
    template <ReservedValueSupplier Supplier = NoReservedValue>
    [[nodiscard]] OfferResult offer(const std::span<const std::byte> message,
                                    Supplier&& supplier = {}) noexcept(is_nothrow<Supplier>) {
        return append(detail::WholeMessage{message}, message.size(), supplier);
    }

    /// Appends the concatenation of `parts` as one message.
    template <ReservedValueSupplier Supplier = NoReservedValue>
    [[nodiscard]] OfferResult offer(const MessageParts parts, Supplier&& supplier = {}) noexcept(is_nothrow<Supplier>) {
        std::size_t length = 0;
        for (const std::span<const std::byte> part : parts) {
            length += part.size();
        }
        return append(detail::PartedMessage{parts}, length, supplier);
    }

    /// Claims one frame of `length` bytes, at most `max_payload_length()`, to be filled in place. `claim` is set only
    /// if the result is a position. spec: 03 §10.3, §11
    [[nodiscard]] OfferResult try_claim(const std::size_t length, FrameClaim& claim) noexcept {
        [[maybe_unused]] const ExclusiveUse::Scope use{use_};
        if (length > static_cast<std::size_t>(max_payload_length_)) [[unlikely]] {
            return OfferStatus::message_too_long;
        }
        if (is_refused()) [[unlikely]] {
            return refuse(length);
        }
        const std::int32_t frame_length = static_cast<std::int32_t>(length) + frame_header_length;
        const std::int32_t end = move_tail(align_frame(frame_length));
        if (end > term_length_) [[unlikely]] {
            return on_end_of_term();
        }
        claim = {term_ + term_offset_, frame_length};
        writer_.begin(claim.frame, frame_length, term_id_, term_offset_);
        return advance_to(end);
    }

    /// Appends one padding frame of `length` bytes, at most `max_message_length()`, and its header. Readers step over
    /// it. spec: 03 §10.3
    [[nodiscard]] OfferResult append_padding(std::size_t length) noexcept;

    /// Appends whole frames as they were read from another log by a block poll. Their first header must be of this
    /// session, stream and term, at the present term offset, and data; they must be whole frames and fit the term:
    /// `invalid_argument` otherwise, and nothing is changed. `term_id()` and `term_offset()` tell what is expected; at
    /// the end of a term the next one is entered first. May be longer than `max_message_length()`. The block becomes
    /// readable as a whole. spec: 03 §10.5
    [[nodiscard]] OfferResult offer_block(std::span<const std::byte> block) noexcept;

    /// The position after the last append, or `closed`.
    [[nodiscard]] OfferResult position() const noexcept;
    /// The position at which offers are refused, or `closed`. Any thread.
    [[nodiscard]] OfferResult position_limit() const noexcept;
    /// Limit less position, below 0 when the limit was exceeded. Only meaningful while not closed.
    [[nodiscard]] std::int64_t available_window() const noexcept;
    /// Not closed, and a subscriber is known. Any thread.
    [[nodiscard]] bool is_connected() const noexcept;

    /// From now on every operation answers `closed`. An offer that is under way is completed. Any thread.
    void close() noexcept { position_limit_.close(); }
    [[nodiscard]] bool is_closed() const noexcept { return position_limit_.is_closed(); }

    [[nodiscard]] std::int32_t term_id() const noexcept { return term_id_; }
    [[nodiscard]] std::int32_t term_offset() const noexcept { return term_offset_; }
    [[nodiscard]] std::int32_t session_id() const noexcept { return writer_.session_id(); }
    [[nodiscard]] std::int32_t stream_id() const noexcept { return writer_.stream_id(); }
    [[nodiscard]] std::int32_t max_payload_length() const noexcept { return max_payload_length_; }
    [[nodiscard]] std::int32_t max_message_length() const noexcept { return max_message_length_; }

private:
    template <typename Supplier>
    static constexpr bool is_nothrow = std::is_nothrow_invocable_v<Supplier&, std::span<const std::byte>>;

    /// Whether nothing may be appended now; `refuse` tells why. spec: 03 §10.2
    [[nodiscard]] bool is_refused() const noexcept {
        return term_begin_position_ + term_offset_ >= position_limit_.get();
    }

    [[nodiscard, gnu::cold, gnu::noinline]] OfferStatus refuse(std::size_t length) const noexcept;

    /// Claims `framed` bytes, and returns where they end: beyond the term if they do not fit it.
    [[nodiscard]] std::int32_t move_tail(const std::int32_t framed) noexcept {
        const std::int32_t end = term_offset_ + framed;
        // release [tail] -> conductor: it sees a position no lower than what readers were given before.
        store_release(*raw_tail_, pack_tail(term_id_, end));
        return end;
    }

    [[nodiscard]] OfferResult advance_to(const std::int32_t end) noexcept {
        term_offset_ = end;
        return OfferResult::at(term_begin_position_ + end);
    }

    template <typename Message, typename Supplier>
    [[nodiscard, gnu::always_inline]] OfferResult append(const Message message, const std::size_t length,
                                                         Supplier& supplier) noexcept(is_nothrow<Supplier>) {
        [[maybe_unused]] const ExclusiveUse::Scope use{use_};
        if (is_refused()) [[unlikely]] {
            return refuse(length);
        }
        if (length > static_cast<std::size_t>(max_payload_length_)) [[unlikely]] {
            return append_fragmented(message, length, supplier);
        }
        const auto message_length = static_cast<std::int32_t>(length);
        const std::int32_t end = move_tail(align_frame(message_length + frame_header_length));
        if (end > term_length_) [[unlikely]] {
            return on_end_of_term();
        }
        // The offset moves first: should the supplier throw, the space is taken, as padding.
        const std::int32_t offset = term_offset_;
        const OfferResult result = advance_to(end);
        writer_.write_unfragmented(term_, term_id_, offset, message, message_length, supplier);
        return result;
    }

    template <typename Message, typename Supplier>
    [[gnu::noinline]] OfferResult append_fragmented(const Message message, const std::size_t length,
                                                    Supplier& supplier) noexcept(is_nothrow<Supplier>) {
        if (length > static_cast<std::size_t>(max_message_length_)) {
            return OfferStatus::message_too_long;
        }
        const auto message_length = static_cast<std::int32_t>(length);
        const std::int32_t end =
            move_tail(static_cast<std::int32_t>(framed_length(message_length, max_payload_length_)));
        if (end > term_length_) {
            return on_end_of_term();
        }
        const std::int32_t offset = term_offset_;
        const OfferResult result = advance_to(end);
        writer_.write_fragmented(term_, term_id_, offset, message, message_length, max_payload_length_, supplier);
        return result;
    }

    /// Fills what is left of the term with padding and enters the next one. In the last term the stream is exhausted:
    /// it then stands at the end of the term, where every later offer ends up here again. spec: 03 §10.3, §10.4
    [[nodiscard, gnu::cold, gnu::noinline]] OfferResult on_end_of_term() noexcept;
    void enter_next_term() noexcept;
    [[nodiscard]] bool is_last_term() const noexcept;
    [[nodiscard]] bool is_next_block(std::span<const std::byte> block) const noexcept;
    void enter_term(std::int32_t term_count) noexcept;

    // The publishing thread only.
    std::byte* term_ = nullptr;
    std::int64_t* raw_tail_ = nullptr;
    std::int64_t term_begin_position_ = 0;
    std::int32_t term_id_ = 0;
    std::int32_t term_offset_ = 0;
    // Constant after construction.
    std::int32_t term_length_;
    std::int32_t max_payload_length_;
    PublisherLimit position_limit_;  // constant but for the close
    FrameWriter writer_;
    LogMetadata& metadata_;
    std::byte* terms_;
    std::int32_t max_message_length_;
    std::int32_t shift_;
    std::int32_t initial_term_id_;
    // Whoever appends.
    ExclusiveUse use_;
};

}  // namespace cpperon::logbuffer
