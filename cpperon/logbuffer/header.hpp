/// What a handler is told about a fragment or message beside its bytes. Public; made by the reader and the assemblers
/// on the polling thread. spec: 03 §18
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "cpperon/logbuffer/frame.hpp"
#include "cpperon/logbuffer/position.hpp"

namespace cpperon {

namespace logbuffer {
struct HeaderAccess;
}  // namespace logbuffer

/// The values of a `Header`, to be kept after the handler returned.
struct HeaderValues {
    std::int32_t frame_length = 0;
    std::int8_t version = 0;
    std::uint8_t flags = 0;
    std::int16_t type = 0;
    std::int32_t term_offset = 0;
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::int32_t term_id = 0;
    std::int64_t reserved_value = 0;
    std::int32_t initial_term_id = 0;
    std::int32_t position_bits_to_shift = 0;

    friend bool operator==(const HeaderValues&, const HeaderValues&) noexcept = default;
};

/// A view of the frame in the log, or of the first frame of an assembled message. Valid until the handler returns.
/// Of an assembled message, term id, term offset and reserved value are those of its first fragment, `position()` and
/// `next_term_offset()` lie behind its last one, and `frame_length()` is 32 + the length of the message. spec: 03 §18
class Header {
public:
    Header(const Header&) = delete;
    Header& operator=(const Header&) = delete;
    ~Header() = default;

    /// Bytes of header and payload.
    [[nodiscard]] std::int32_t frame_length() const noexcept { return frame_->frame_length; }
    /// Of the protocol.
    [[nodiscard]] std::int8_t version() const noexcept { return frame_->version; }
    /// 0x80 begin | 0x40 end of a message, and what else the publisher set.
    [[nodiscard]] std::uint8_t flags() const noexcept { return frame_->flags; }
    /// 1 for data, or what the publisher set.
    [[nodiscard]] std::int16_t type() const noexcept { return frame_->type; }
    /// Where the frame begins, in bytes from the start of its term.
    [[nodiscard]] std::int32_t term_offset() const noexcept { return frame_->term_offset; }
    /// The publisher.
    [[nodiscard]] std::int32_t session_id() const noexcept { return frame_->session_id; }
    /// As it was published to.
    [[nodiscard]] std::int32_t stream_id() const noexcept { return frame_->stream_id; }
    /// The term in which the frame lies.
    [[nodiscard]] std::int32_t term_id() const noexcept { return frame_->term_id; }
    /// What the publisher's supplier gave, or 0.
    [[nodiscard]] std::int64_t reserved_value() const noexcept { return frame_->reserved_value; }
    /// The term in which the stream began.
    [[nodiscard]] std::int32_t initial_term_id() const noexcept { return initial_term_id_; }
    /// The term length as a power of two.
    [[nodiscard]] std::int32_t position_bits_to_shift() const noexcept { return position_bits_to_shift_; }

    /// Offset in the term behind the (last) frame, aligned; may be the term length.
    [[nodiscard]] std::int32_t next_term_offset() const noexcept {
        // In 64 bits: the fields are a peer's.
        const std::int64_t length = std::max(frame_->frame_length, fragmented_frame_length_);
        return static_cast<std::int32_t>(logbuffer::align_frame(frame_->term_offset + length));
    }
    /// The position of the stream behind the (last) frame: where the subscriber will stand if it stops here.
    [[nodiscard]] std::int64_t position() const noexcept {
        return logbuffer::position_of(frame_->term_id, next_term_offset(), position_bits_to_shift_, initial_term_id_);
    }

    /// A copy to keep.
    [[nodiscard]] HeaderValues values() const noexcept {
        return {frame_length(), version(), flags(),          type(),           term_offset(),          session_id(),
                stream_id(),    term_id(), reserved_value(), initial_term_id_, position_bits_to_shift_};
    }

    /// Whatever the reader was given as its context: the client's image. Null where there is none.
    [[nodiscard]] const void* context() const noexcept { return context_; }

private:
    friend struct logbuffer::HeaderAccess;

    Header(const logbuffer::DataHeader* const frame, const std::int32_t initial_term_id,
           const std::int32_t position_bits_to_shift, const void* const context,
           const std::int32_t fragmented_frame_length) noexcept
        : frame_(frame),
          context_(context),
          initial_term_id_(initial_term_id),
          position_bits_to_shift_(position_bits_to_shift),
          fragmented_frame_length_(fragmented_frame_length) {}

    const logbuffer::DataHeader* frame_;
    const void* context_;
    std::int32_t initial_term_id_;
    std::int32_t position_bits_to_shift_;
    std::int32_t fragmented_frame_length_;  // -1: not an assembled message
};

namespace logbuffer {

/// Makes headers and moves them along; for readers, assemblers and tests, not for users.
struct HeaderAccess {
    /// For a frame in the log.
    [[nodiscard]] static Header make(const DataHeader* const frame, const std::int32_t initial_term_id,
                                     const std::int32_t position_bits_to_shift, const void* const context) noexcept {
        return Header{frame, initial_term_id, position_bits_to_shift, context, -1};
    }
    /// For a message of several frames that take `fragmented_frame_length` bytes in the term; `frame` is the header
    /// made up for it, `last` that of its last fragment.
    [[nodiscard]] static Header make_assembled(const DataHeader& frame, const std::int32_t fragmented_frame_length,
                                               const Header& last) noexcept {
        return Header{&frame, last.initial_term_id_, last.position_bits_to_shift_, last.context_,
                      fragmented_frame_length};
    }
    static void move_to(Header& header, const DataHeader& frame) noexcept { header.frame_ = &frame; }
    [[nodiscard]] static const DataHeader& frame(const Header& header) noexcept { return *header.frame_; }
};

}  // namespace logbuffer

}  // namespace cpperon
