#include "cpperon/logbuffer/image_reader.hpp"

#include "cpperon/base/atomic_byte.hpp"

namespace cpperon::logbuffer {

std::int32_t ImageReader::move_over_block(Cursor& cursor, const std::int32_t length_limit) noexcept {
    const std::int32_t begin = cursor.offset;
    const auto bound = static_cast<std::int32_t>(
        std::min<std::int64_t>(cursor.reader.term_length_, std::int64_t{begin} + length_limit));
    while (cursor.offset < bound) {
        const std::uint32_t payload_length = payload_length_at(cursor);
        if (!is_readable(cursor, payload_length)) {
            break;
        }
        const std::int32_t length = framed(payload_length);
        const bool is_padding = header_at(cursor.term + cursor.offset).type == padding_type;
        // Padding comes alone, whatever its length; data as far as it fits.
        if (is_padding ? cursor.offset > begin : length > bound - cursor.offset) {
            break;
        }
        cursor.offset += length;
        if (is_padding) {
            break;
        }
    }
    return cursor.offset - begin;
}

std::int64_t ImageReader::position() const noexcept {
    // relaxed: the poller's own value, or a snapshot for others.
    return is_closed() ? final_position_ : load_relaxed(subscriber_position_);
}

bool ImageReader::is_end_of_stream() const noexcept {
    return is_closed() ? final_is_end_of_stream_ : position() >= end_of_stream_position();
}

std::int64_t ImageReader::end_of_stream_position() const noexcept {
    // acquire [end-of-stream] <- the driver's conductor or receiver, ours or a peer's.
    return is_closed() ? final_end_of_stream_position_ : load_acquire(metadata_.end_of_stream_position);
}

std::int32_t ImageReader::active_transport_count() const noexcept {
    // acquire [active-transports] <- the driver's receiver, ours or a peer's.
    return is_closed() ? 0 : load_acquire(metadata_.active_transport_count);
}

bool ImageReader::is_publication_revoked() const noexcept {
    // acquire [publication-revoked] <- the driver's conductor or receiver, ours or a peer's.
    return is_closed() ? final_is_publication_revoked_ : load_acquire(metadata_.is_publication_revoked) == 1;
}

void ImageReader::close() noexcept {
    if (is_closed()) {
        return;
    }
    // acquire [end-of-stream] <- the driver: the flag of a revoked stream is stored before its end.
    final_end_of_stream_position_ = load_acquire(metadata_.end_of_stream_position);
    final_is_publication_revoked_ = load_acquire(metadata_.is_publication_revoked) == 1;
    // acquire [subscriber-position] <- the poller on another thread.
    final_position_ = load_acquire(subscriber_position_);
    final_is_end_of_stream_ = final_position_ >= final_end_of_stream_position_;
    // release [image-closed] -> is_closed: the final values are in place.
    is_closed_.store(true, std::memory_order_release);
}

}  // namespace cpperon::logbuffer
