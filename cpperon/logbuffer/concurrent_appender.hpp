/// Appends messages to a log that many threads and processes publish to at once. Used by the client's publication.
/// spec: 03 §9
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>

#include "cpperon/base/atomic.hpp"
#include "cpperon/logbuffer/frame_claim.hpp"
#include "cpperon/logbuffer/frame_writer.hpp"
#include "cpperon/logbuffer/log_view.hpp"
#include "cpperon/logbuffer/offer_result.hpp"
#include "cpperon/logbuffer/publisher_limit.hpp"
#include "cpperon/logbuffer/tail.hpp"

namespace cpperon::logbuffer {

/// Threads: any number may call anything at the same time. Nothing waits or allocates. What can be refused at once is
/// refused before space is claimed; claimed space is always filled, with padding if need be.
class ConcurrentAppender {
public:
    /// `log` and `position_limit`, the `pub-lmt` counter, are borrowed and must outlive the appender.
    ConcurrentAppender(const LogView& log, const std::int64_t& position_limit, const std::int32_t session_id,
                       const std::int32_t stream_id) noexcept
        : terms_(log.terms()),
          metadata_(log.metadata()),
          position_limit_(position_limit),
          writer_(session_id, stream_id),
          term_length_(log.term_length()),
          shift_(log.position_bits_to_shift()),
          initial_term_id_(log.initial_term_id()),
          max_payload_length_(log.max_payload_length()),
          max_message_length_(log.max_message_length()) {}

    ConcurrentAppender(const ConcurrentAppender&) = delete;
    ConcurrentAppender& operator=(const ConcurrentAppender&) = delete;
    ~ConcurrentAppender() = default;

    /// Appends one message, as fragments if it is longer than `max_payload_length()`. spec: 03 §9.3
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
    /// if the result is a position. spec: 03 §9, §11
    [[nodiscard]] OfferResult try_claim(const std::size_t length, FrameClaim& claim) noexcept {
        if (length > static_cast<std::size_t>(max_payload_length_)) [[unlikely]] {
            return OfferStatus::message_too_long;
        }
        const Tail tail = look();
        if (is_refused(tail)) [[unlikely]] {
            return refuse(tail.term_count, tail.raw, length);
        }
        const std::int32_t frame_length = static_cast<std::int32_t>(length) + frame_header_length;
        const std::int32_t framed = align_frame(frame_length);
        const std::int64_t raw = claim_space(tail.index, framed);
        const std::int32_t offset = tail_term_offset(raw, term_length_);
        if (offset + framed > term_length_) [[unlikely]] {
            return on_end_of_term(tail.index, raw);
        }
        claim = {term_at(tail.index) + offset, frame_length};
        writer_.begin(claim.frame, frame_length, tail_term_id(raw), offset);
        return result_at(raw, offset + framed);
    }

    /// The position up to which space was claimed, or `closed`.
    [[nodiscard]] OfferResult position() const noexcept;
    /// The position at which offers are refused, or `closed`.
    [[nodiscard]] OfferResult position_limit() const noexcept;
    /// Limit less position, below 0 when the limit was exceeded. Only meaningful while not closed.
    [[nodiscard]] std::int64_t available_window() const noexcept;
    /// Not closed, and a subscriber is known.
    [[nodiscard]] bool is_connected() const noexcept;

    /// From now on every operation answers `closed`. An offer that is under way is completed.
    void close() noexcept { position_limit_.close(); }
    [[nodiscard]] bool is_closed() const noexcept { return position_limit_.is_closed(); }

    [[nodiscard]] std::int32_t session_id() const noexcept { return writer_.session_id(); }
    [[nodiscard]] std::int32_t stream_id() const noexcept { return writer_.stream_id(); }
    [[nodiscard]] std::int32_t max_payload_length() const noexcept { return max_payload_length_; }
    [[nodiscard]] std::int32_t max_message_length() const noexcept { return max_message_length_; }

private:
    template <typename Supplier>
    static constexpr bool is_nothrow = std::is_nothrow_invocable_v<Supplier&, std::span<const std::byte>>;

    /// The active term as it was before the claim.
    struct Tail {
        std::int32_t term_count;
        std::int32_t index;
        std::int64_t raw;
    };

    [[nodiscard]] Tail look() const noexcept {
        // acquire [term-rotation] <- rotate_log, ours or a peer's: the tail of that term has been set.
        const std::int32_t term_count = load_acquire(metadata_.active_term_count);
        const std::int32_t index = index_of_term_count(term_count);
        // acquire [tail] <- other publishers' claims.
        return {term_count, index, load_acquire(metadata_.raw_tails[static_cast<std::size_t>(index)])};
    }

    /// Whether nothing may be claimed now; `refuse` tells why. The offset is taken as it is stored: if it lies beyond
    /// the end of the term the claim would fail all the same. spec: 03 §9.1
    [[nodiscard]] bool is_refused(const Tail& tail) const noexcept {
        const std::int64_t position = begin_position_of_term(tail.term_count, shift_) +
                                      static_cast<std::int64_t>(static_cast<std::uint32_t>(tail.raw));
        return position >= position_limit_.get() ||
               tail.term_count != term_count_of(tail_term_id(tail.raw), initial_term_id_);
    }

    [[nodiscard, gnu::cold, gnu::noinline]] OfferStatus refuse(std::int32_t term_count, std::int64_t raw,
                                                               std::size_t length) noexcept;

    /// Moves the tail and returns it as it was. Term and offset are those of the returned value: the term may have been
    /// rotated three times since it was looked at.
    [[nodiscard]] std::int64_t claim_space(const std::int32_t index, const std::int32_t framed) noexcept {
        // seq_cst [tail]: the claim. What lies before the offset belongs to others, what lies behind it to us.
        return fetch_add(metadata_.raw_tails[static_cast<std::size_t>(index)], framed);
    }

    [[nodiscard]] std::byte* term_at(const std::int32_t index) const noexcept {
        return terms_ + (static_cast<std::size_t>(index) << shift_);
    }

    [[nodiscard]] OfferResult result_at(const std::int64_t raw, const std::int32_t end) const noexcept {
        return OfferResult::at(position_of(tail_term_id(raw), end, shift_, initial_term_id_));
    }

    template <typename Message, typename Supplier>
    [[nodiscard, gnu::always_inline]] OfferResult append(const Message message, const std::size_t length,
                                                         Supplier& supplier) noexcept(is_nothrow<Supplier>) {
        const Tail tail = look();
        if (is_refused(tail)) [[unlikely]] {
            return refuse(tail.term_count, tail.raw, length);
        }
        if (length > static_cast<std::size_t>(max_payload_length_)) [[unlikely]] {
            return append_fragmented(tail.index, message, length, supplier);
        }
        const auto message_length = static_cast<std::int32_t>(length);
        const std::int32_t framed = align_frame(message_length + frame_header_length);
        const std::int64_t raw = claim_space(tail.index, framed);
        const std::int32_t offset = tail_term_offset(raw, term_length_);
        if (offset + framed > term_length_) [[unlikely]] {
            return on_end_of_term(tail.index, raw);
        }
        writer_.write_unfragmented(term_at(tail.index), tail_term_id(raw), offset, message, message_length, supplier);
        return result_at(raw, offset + framed);
    }

    template <typename Message, typename Supplier>
    [[gnu::noinline]] OfferResult append_fragmented(const std::int32_t index, const Message message,
                                                    const std::size_t length,
                                                    Supplier& supplier) noexcept(is_nothrow<Supplier>) {
        if (length > static_cast<std::size_t>(max_message_length_)) {
            return OfferStatus::message_too_long;
        }
        const auto message_length = static_cast<std::int32_t>(length);
        const auto framed = static_cast<std::int32_t>(framed_length(message_length, max_payload_length_));
        const std::int64_t raw = claim_space(index, framed);
        const std::int32_t offset = tail_term_offset(raw, term_length_);
        if (offset + framed > term_length_) {
            return on_end_of_term(index, raw);
        }
        writer_.write_fragmented(term_at(index), tail_term_id(raw), offset, message, message_length,
                                 max_payload_length_, supplier);
        return result_at(raw, offset + framed);
    }

    /// A claim at `raw` does not fit the term: fills what is left of it with padding, if that is
    /// ours, and rotates the log. spec: 03 §9.4
    [[nodiscard, gnu::cold, gnu::noinline]] OfferResult on_end_of_term(std::int32_t index, std::int64_t raw) noexcept;
    [[nodiscard]] OfferStatus leave_term(std::int32_t term_id) noexcept;

    // Constant after construction.
    std::byte* terms_;
    LogMetadata& metadata_;
    PublisherLimit position_limit_;  // constant but for the close
    FrameWriter writer_;
    std::int32_t term_length_;
    std::int32_t shift_;
    std::int32_t initial_term_id_;
    std::int32_t max_payload_length_;
    std::int32_t max_message_length_;
};

}  // namespace cpperon::logbuffer
