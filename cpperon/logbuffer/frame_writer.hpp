/// Writes frames into space of a term that the caller owns: the order of stores that lets readers run beside it.
/// Used by both appenders, on the publisher's thread. spec: 03 §5.2, §9.3
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

#include "cpperon/base/atomic.hpp"
#include "cpperon/logbuffer/copy_bytes.hpp"
#include "cpperon/logbuffer/frame.hpp"
#include "cpperon/logbuffer/frame_claim.hpp"
#include "cpperon/logbuffer/position.hpp"

namespace cpperon::logbuffer {

/// Gives the reserved value of a frame, seeing header and payload, before the frame is committed; called once per
/// frame. If it throws, what is left of the message becomes padding and the exception reaches the publisher. spec: 03
/// §9.3
template <typename F>
concept ReservedValueSupplier = std::is_invocable_r_v<std::int64_t, F&, std::span<const std::byte>>;

/// The supplier of those who want none: the field stays 0, as the cleaner left it.
struct NoReservedValue {
    std::int64_t operator()(std::span<const std::byte> /*frame*/) const noexcept { return 0; }
};

/// The parts of a vectored message, in order; empty ones contribute nothing.
using MessageParts = std::span<const std::span<const std::byte>>;

namespace detail {

/// How far ahead of the frame being written its publisher asks for memory, in bytes; 0 for not at all. Between two
/// threads 512 and above were fastest.
inline constexpr std::ptrdiff_t write_prefetch_distance = 1'024;

/// A message in one piece, taken front to back.
class WholeMessage {
public:
    explicit WholeMessage(const std::span<const std::byte> message) noexcept : next_(message.data()) {}
    void take(std::byte* const to, const std::size_t length) noexcept {
        copy_bytes(to, next_, length);
        next_ += length;
    }

private:
    const std::byte* next_;
};

/// A message in parts, taken front to back; a frame may take from several parts.
class PartedMessage {
public:
    explicit PartedMessage(const MessageParts parts) noexcept : parts_(parts) {}
    void take(std::byte* to, std::size_t length) noexcept {
        while (length > 0) {
            const std::span<const std::byte> rest = parts_.front().subspan(taken_);
            const std::size_t taking = std::min(length, rest.size());
            copy_bytes(to, rest.data(), taking);
            to += taking;
            length -= taking;
            taken_ += taking;
            if (taking == rest.size()) {
                parts_ = parts_.subspan(1);
                taken_ = 0;
            }
        }
    }

private:
    MessageParts parts_;
    std::size_t taken_ = 0;  // of the first of parts_
};

}  // namespace detail

/// The header fields that are the same in all frames of one publication, ready to store. Immutable.
class FrameWriter {
public:
    FrameWriter(const std::int32_t session_id, const std::int32_t stream_id) noexcept
        : session_and_stream_(static_cast<std::uint32_t>(session_id) |
                              (static_cast<std::uint64_t>(static_cast<std::uint32_t>(stream_id)) << 32)) {}

    [[nodiscard]] std::int32_t session_id() const noexcept { return static_cast<std::int32_t>(session_and_stream_); }
    [[nodiscard]] std::int32_t stream_id() const noexcept {
        return static_cast<std::int32_t>(session_and_stream_ >> 32);
    }

    /// Marks the frame as being written: its length negative, then the header with `flags` and `type`. The reserved
    /// value is left as it is.
    void begin(std::byte* const frame, const std::int32_t frame_length, const std::int32_t term_id,
               const std::int32_t term_offset, const std::uint8_t flags = frame_flag::unfragmented,
               const FrameType type = FrameType::data) const noexcept {
        // release [frame-claim] -> unblocker: whoever sees any other field of the header sees the claim as well.
        store_release(header_at(frame).frame_length, -frame_length);
        release_fence();
        // Fields that lie side by side go in one store: version, flags and type; session and stream. A header never
        // crosses a cache line.
        const auto kind = (static_cast<std::uint32_t>(flags) << 8) |
                          (static_cast<std::uint32_t>(static_cast<std::uint16_t>(type)) << 16);
        std::memcpy(frame + offsetof(DataHeader, version), &kind, sizeof kind);
        header_at(frame).term_offset = term_offset;
        std::memcpy(frame + offsetof(DataHeader, session_id), &session_and_stream_, sizeof session_and_stream_);
        header_at(frame).term_id = term_id;
    }

    /// Writes one padding frame.
    void pad(std::byte* const frame, const std::int32_t frame_length, const std::int32_t term_id,
             const std::int32_t term_offset) const noexcept {
        begin(frame, frame_length, term_id, term_offset, frame_flag::unfragmented, FrameType::padding);
        FrameClaim{frame, frame_length}.commit();
    }

    /// Writes a message of at most one frame at `term_offset` of `term`.
    template <typename Message, ReservedValueSupplier Supplier>
    void write_unfragmented(std::byte* const term, const std::int32_t term_id, const std::int32_t term_offset,
                            Message message, const std::int32_t length, Supplier& supplier) const
        noexcept(std::is_nothrow_invocable_v<Supplier&, std::span<const std::byte>>) {
        std::byte* const frame = term + term_offset;
        if constexpr (detail::write_prefetch_distance > 0) {
            __builtin_prefetch(frame + detail::write_prefetch_distance, 1);
        }
        write_frame(frame, length + frame_header_length, align_frame(length + frame_header_length), term_id,
                    term_offset, frame_flag::unfragmented, message, supplier);
    }

    /// Writes a message as full frames and a shorter last one, each committed before the next is begun.
    template <typename Message, ReservedValueSupplier Supplier>
    void write_fragmented(std::byte* const term, const std::int32_t term_id, std::int32_t term_offset, Message message,
                          const std::int32_t length, const std::int32_t max_payload, Supplier& supplier) const
        noexcept(std::is_nothrow_invocable_v<Supplier&, std::span<const std::byte>>) {
        const auto end = term_offset + static_cast<std::int32_t>(framed_length(length, max_payload));
        std::uint8_t flags = frame_flag::begin;
        for (std::int32_t remaining = length; remaining > 0;) {
            const std::int32_t payload_length = std::min(remaining, max_payload);
            if (remaining == payload_length) {
                flags |= frame_flag::end;
            }
            const std::int32_t frame_length = payload_length + frame_header_length;
            write_frame(term + term_offset, frame_length, end - term_offset, term_id, term_offset, flags, message,
                        supplier);
            flags = 0;
            remaining -= payload_length;
            term_offset += align_frame(frame_length);
        }
    }

private:
    /// Turns the whole space from a frame to the end of its message into padding, unless told that the frame is done.
    class PaddingGuard {
    public:
        PaddingGuard(const FrameWriter& writer, std::byte* const frame, const std::int32_t space,
                     const std::int32_t term_id, const std::int32_t term_offset) noexcept
            : writer_(writer), frame_(frame), space_(space), term_id_(term_id), term_offset_(term_offset) {}
        PaddingGuard(const PaddingGuard&) = delete;
        PaddingGuard& operator=(const PaddingGuard&) = delete;
        ~PaddingGuard() {
            if (!is_done_) {
                writer_.pad(frame_, space_, term_id_, term_offset_);
            }
        }
        void done() noexcept { is_done_ = true; }

    private:
        const FrameWriter& writer_;
        std::byte* frame_;
        std::int32_t space_;
        std::int32_t term_id_;
        std::int32_t term_offset_;
        bool is_done_ = false;
    };

    template <typename Message, typename Supplier>
    void write_frame(std::byte* const frame, const std::int32_t frame_length, const std::int32_t space,
                     const std::int32_t term_id, const std::int32_t term_offset, const std::uint8_t flags,
                     Message& message, Supplier& supplier) const
        noexcept(std::is_nothrow_invocable_v<Supplier&, std::span<const std::byte>>) {
        begin(frame, frame_length, term_id, term_offset, flags);
        message.take(frame + frame_header_length, static_cast<std::size_t>(frame_length - frame_header_length));
        const FrameClaim claim{frame, frame_length};
        if constexpr (!std::is_same_v<std::remove_cvref_t<Supplier>, NoReservedValue>) {
            const std::span<const std::byte> written{frame, static_cast<std::size_t>(frame_length)};
            if constexpr (std::is_nothrow_invocable_v<Supplier&, std::span<const std::byte>>) {
                claim.set_reserved_value(supplier(written));
            } else {
                PaddingGuard guard{*this, frame, space, term_id, term_offset};
                claim.set_reserved_value(supplier(written));
                guard.done();
            }
        }
        claim.commit();
    }

    std::uint64_t session_and_stream_;
};

}  // namespace cpperon::logbuffer
