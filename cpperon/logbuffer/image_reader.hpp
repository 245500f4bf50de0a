/// Reads an image in place: the polls, the position they publish, and what remains to be known after the close.
/// Used by the client's image; the polls by one thread at a time. spec: 03 §16
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "cpperon/base/atomic.hpp"
#include "cpperon/logbuffer/fragment_handler.hpp"
#include "cpperon/logbuffer/log_view.hpp"

namespace cpperon::logbuffer {

/// A poll reads committed frames of one term, from the subscriber position up to a limit, an uncommitted frame or the
/// end of the term, and stores the new position once, at its end. Padding is stepped over and not counted.
///
/// A handler that throws ends the poll and the exception reaches the caller: of plain and block polls with the position
/// behind the fragment or block it was given, of controlled polls before it, as with `abort`. spec: 07 §E.4
///
/// Threads: polls by one at a time; `close()` by another, once; state queries by any.
class ImageReader {
public:
    /// `log` and `subscriber_position`, the `sub-pos` counter, are borrowed and must outlive the reader. `context` is
    /// handed out by each `Header`.
    ImageReader(const LogView& log, std::int64_t& subscriber_position, const std::int32_t session_id,
                const void* const context = nullptr) noexcept
        : terms_(log.terms()),
          subscriber_position_(subscriber_position),
          metadata_(log.metadata()),
          context_(context),
          term_length_(log.term_length()),
          shift_(log.position_bits_to_shift()),
          initial_term_id_(log.initial_term_id()),
          session_id_(session_id) {}

    ImageReader(const ImageReader&) = delete;
    ImageReader& operator=(const ImageReader&) = delete;
    ~ImageReader() = default;

    /// Hands up to `fragment_limit` fragments to `handler`; returns how many. 0 does not mean that the position stood
    /// still: it moves over padding. spec: 03 §16.1
    template <FragmentHandler Handler>
    int poll(Handler&& handler, const int fragment_limit) {
        if (is_closed()) {
            return 0;
        }
        Cursor cursor{*this};
        return read_fragments(cursor, handler, fragment_limit, term_length_);
    }

    /// As `poll`, but delivers no fragment that starts at or beyond `limit_position`. spec: 03 §16.2
    template <FragmentHandler Handler>
    int bounded_poll(Handler&& handler, const std::int64_t limit_position, const int fragment_limit) {
        if (is_closed()) {
            return 0;
        }
        Cursor cursor{*this};
        return read_fragments(cursor, handler, fragment_limit, cursor.bound_of(limit_position));
    }

    /// As `poll`, with a handler that says how to go on. spec: 03 §16.3
    template <ControlledFragmentHandler Handler>
    int controlled_poll(Handler&& handler, const int fragment_limit) {
        if (is_closed()) {
            return 0;
        }
        Cursor cursor{*this};
        return read_controlled(cursor, handler, fragment_limit, term_length_);
    }

    /// As `controlled_poll`, but delivers no fragment that starts at or beyond `limit_position`. spec: 03 §16.3
    template <ControlledFragmentHandler Handler>
    int bounded_controlled_poll(Handler&& handler, const std::int64_t limit_position, const int fragment_limit) {
        if (is_closed()) {
            return 0;
        }
        Cursor cursor{*this};
        return read_controlled(cursor, handler, fragment_limit, cursor.bound_of(limit_position));
    }

    /// Hands one run of whole frames, headers included, of up to `block_length_limit` bytes to `handler`; returns its
    /// length. Padding comes alone, and may be longer than the limit. spec: 03 §16.4
    template <BlockHandler Handler>
    int block_poll(Handler&& handler, const int block_length_limit) {
        if (is_closed()) {
            return 0;
        }
        Cursor cursor{*this};
        const std::byte* const block = cursor.term + cursor.offset;
        const std::int32_t length = move_over_block(cursor, block_length_limit);
        if (length > 0) {
            handler(std::span<const std::byte>{block, static_cast<std::size_t>(length)}, session_id_,
                    header_at(block).term_id);
        }
        return length;
    }

    /// How far the subscriber has come; after the close, how far it came.
    [[nodiscard]] std::int64_t position() const noexcept;
    /// Whether no more data will ever come.
    [[nodiscard]] bool is_end_of_stream() const noexcept;
    /// Where the stream ends; `unknown_position` while that is open.
    [[nodiscard]] std::int64_t end_of_stream_position() const noexcept;
    /// How many sources the image is received from; 0 once closed, and for IPC.
    [[nodiscard]] std::int32_t active_transport_count() const noexcept;
    [[nodiscard]] bool is_publication_revoked() const noexcept;

    /// Ends reading: polls return 0 and store no position any more, for the counter may be somebody else's soon. May
    /// run beside a poll. Later calls do nothing. spec: 03 §16.6
    void close() noexcept;
    [[nodiscard]] bool is_closed() const noexcept {
        // acquire [image-closed] <- close: who sees it closed sees the final values.
        return is_closed_.load(std::memory_order_acquire);
    }

    [[nodiscard]] std::int32_t session_id() const noexcept { return session_id_; }
    [[nodiscard]] std::int32_t initial_term_id() const noexcept { return initial_term_id_; }
    [[nodiscard]] std::int32_t term_length() const noexcept { return term_length_; }
    [[nodiscard]] std::int32_t position_bits_to_shift() const noexcept { return shift_; }

private:
    /// Where a poll stands. Publishes the position when the poll ends, one way or another.
    struct Cursor {
        explicit Cursor(ImageReader& image) noexcept
            // relaxed: the polling thread is the only writer while the image is open.
            : reader(image),
              position(load_relaxed(image.subscriber_position_)),
              term(image.terms_ +
                   (static_cast<std::size_t>(index_of_position(position, image.shift_)) << image.shift_)),
              // The low bits are 0 in any position but a corrupt one.
              published(term_offset_of_position(position, image.term_length_) & ~(frame_alignment - 1)),
              offset(published),
              last_slot(image.term_length_ - frame_alignment) {}
        Cursor(const Cursor&) = delete;
        Cursor& operator=(const Cursor&) = delete;
        ~Cursor() { publish(); }

        void publish() noexcept {
            if (offset > published) {
                position = advance_position(position, offset - published);
                published = offset;
                // The image may have been closed while a handler ran: the counter may be reused from then on.
                if (!reader.is_closed()) {
                    // release [subscriber-position] -> the driver's conductor: the handler is done with these bytes,
                    // they may be zeroed.
                    store_release(reader.subscriber_position_, position);
                }
            }
        }

        /// The offset in this term at or beyond which no frame may start; the present one if the limit is reached.
        [[nodiscard]] std::int32_t bound_of(const std::int64_t limit_position) const noexcept {
            if (limit_position <= position) {
                return offset;
            }
            const std::uint64_t allowed =
                static_cast<std::uint64_t>(limit_position) - static_cast<std::uint64_t>(position);
            const auto left = static_cast<std::uint64_t>(reader.term_length_ - offset);
            return offset + static_cast<std::int32_t>(std::min(allowed, left));
        }

        ImageReader& reader;
        std::int64_t position;  // of `published`
        const std::byte* term;
        std::int32_t published;
        std::int32_t offset;     // of the next frame to look at
        std::int32_t last_slot;  // where the last frame of a term may start
    };

    /// The length in the frame at `offset` less the header's; valid as payload length only if `is_readable` says so.
    [[nodiscard]] static std::uint32_t payload_length_at(const Cursor& cursor) noexcept {
        // acquire [frame-commit] <- commit, ours or a peer's: header and payload are complete.
        const std::int32_t frame_length = load_acquire(header_at(cursor.term + cursor.offset).frame_length);
        return static_cast<std::uint32_t>(frame_length) - std::uint32_t{frame_header_length};
    }

    /// In one unsigned comparison: false if nothing is committed (0, or negative), and for lengths that no writer of
    /// whole frames leaves (shorter than a header, or beyond the end of the term). spec: 03 §5.2
    [[nodiscard]] static bool is_readable(const Cursor& cursor, const std::uint32_t payload_length) noexcept {
        return payload_length <= static_cast<std::uint32_t>(cursor.last_slot - cursor.offset);
    }

    [[nodiscard]] static std::int32_t framed(const std::uint32_t payload_length) noexcept {
        return align_frame(static_cast<std::int32_t>(payload_length) + frame_header_length);
    }

    template <typename Handler>
    int read_fragments(Cursor& cursor, Handler& handler, const int fragment_limit, const std::int32_t bound) {
        int fragments = 0;
        Header header = HeaderAccess::make(nullptr, initial_term_id_, shift_, context_);
        while (fragments < fragment_limit && cursor.offset < bound && !is_closed()) {
            const std::uint32_t payload_length = payload_length_at(cursor);
            if (!is_readable(cursor, payload_length)) {
                break;
            }
            const std::byte* const frame = cursor.term + cursor.offset;
            cursor.offset += framed(payload_length);
            if (header_at(frame).type == padding_type) [[unlikely]] {
                continue;
            }
            ++fragments;
            HeaderAccess::move_to(header, header_at(frame));
            handler(payload_of(frame, payload_length), static_cast<const Header&>(header));
        }
        return fragments;
    }

    template <typename Handler>
    int read_controlled(Cursor& cursor, Handler& handler, const int fragment_limit, const std::int32_t bound) {
        int fragments = 0;
        Header header = HeaderAccess::make(nullptr, initial_term_id_, shift_, context_);
        while (fragments < fragment_limit && cursor.offset < bound && !is_closed()) {
            const std::uint32_t payload_length = payload_length_at(cursor);
            if (!is_readable(cursor, payload_length)) {
                break;
            }
            const std::byte* const frame = cursor.term + cursor.offset;
            if (header_at(frame).type == padding_type) [[unlikely]] {
                cursor.offset += framed(payload_length);
                continue;
            }
            HeaderAccess::move_to(header, header_at(frame));
            // The offset moves only after the handler returned: if it throws, the fragment is delivered again.
            const ControlledAction action =
                handler(payload_of(frame, payload_length), static_cast<const Header&>(header));
            if (action == ControlledAction::abort) {
                break;
            }
            ++fragments;
            cursor.offset += framed(payload_length);
            if (action == ControlledAction::break_) {
                break;
            }
            if (action == ControlledAction::commit) {
                cursor.publish();
            }
        }
        return fragments;
    }

    [[nodiscard]] static std::span<const std::byte> payload_of(const std::byte* const frame,
                                                               const std::uint32_t payload_length) noexcept {
        return {frame + frame_header_length, payload_length};
    }

    /// Moves the cursor behind one block, and returns its length. spec: 03 §16.4
    static std::int32_t move_over_block(Cursor& cursor, std::int32_t length_limit) noexcept;

    // Constant after construction.
    std::byte* terms_;
    std::int64_t& subscriber_position_;
    LogMetadata& metadata_;
    const void* context_;
    std::int32_t term_length_;
    std::int32_t shift_;
    std::int32_t initial_term_id_;
    std::int32_t session_id_;
    // Written by close, then read by anybody: [image-closed].
    std::atomic<bool> is_closed_{false};
    bool final_is_end_of_stream_ = false;
    bool final_is_publication_revoked_ = false;
    std::int64_t final_position_ = 0;
    std::int64_t final_end_of_stream_position_ = 0;
};

}  // namespace cpperon::logbuffer
