/// A claimed frame that waits to be filled and committed; what the public claim object is built on. Used by the thread
/// that claimed it. spec: 03 §11
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "cpperon/base/atomic.hpp"
#include "cpperon/logbuffer/frame.hpp"

namespace cpperon::logbuffer {

/// A plain value without destructor: its owner must commit or abort it exactly once, or every subscriber waits at it
/// until the driver unblocks the stream. Valid as long as the log is mapped.
struct FrameClaim {
    std::byte* frame = nullptr;     ///< of the header; null: nothing is claimed
    std::int32_t frame_length = 0;  ///< header and payload

    [[nodiscard]] bool is_active() const noexcept { return frame != nullptr; }

    /// The payload to fill.
    [[nodiscard]] std::span<std::byte> payload() const noexcept {
        return {frame + frame_header_length, static_cast<std::size_t>(frame_length - frame_header_length)};
    }
    [[nodiscard]] std::uint8_t flags() const noexcept { return header_at(frame).flags; }
    [[nodiscard]] std::int16_t type() const noexcept { return header_at(frame).type; }
    [[nodiscard]] std::int64_t reserved_value() const noexcept { return header_at(frame).reserved_value; }
    /// Before the commit these may be set; they are 0xC0, data and 0.
    void set_flags(const std::uint8_t flags) const noexcept { header_at(frame).flags = flags; }
    void set_type(const std::int16_t type) const noexcept { header_at(frame).type = type; }
    void set_reserved_value(const std::int64_t value) const noexcept { header_at(frame).reserved_value = value; }

    /// Makes the frame readable.
    void commit() const noexcept {
        // release [frame-commit] -> ImageReader, availability scan, unblocker: the frame is complete before its length
        // is positive.
        store_release(header_at(frame).frame_length, frame_length);
    }

    /// Turns the frame into padding that readers step over; the space is not given back.
    void abort() const noexcept {
        header_at(frame).type = padding_type;
        // release [frame-commit]: as in commit.
        store_release(header_at(frame).frame_length, frame_length);
    }
};

}  // namespace cpperon::logbuffer
