/// Collects the fragments of one message. Used by the assemblers, on the polling thread. spec: 03 §19.1
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "cpperon/logbuffer/header.hpp"

namespace cpperon::logbuffer {

/// Grows as messages need it and never shrinks. Movable.
class BufferBuilder {
public:
    BufferBuilder() noexcept = default;
    /// With room for a message of `initial_capacity` bytes; 0 allocates at the first fragment.
    explicit BufferBuilder(std::size_t initial_capacity);

    /// Forgets what was collected, keeps the memory.
    void reset() noexcept;

    /// Starts a message with its first fragment. Throws what `new` throws, or `Error` beyond 2^31 - 9 bytes.
    void begin(std::span<const std::byte> fragment, const Header& header);

    /// Whether a fragment at `header`'s term offset is the next of the message collected so far.
    [[nodiscard]] bool is_next(const Header& header) const noexcept {
        return next_term_offset_ >= 0 && header.term_offset() == next_term_offset_;
    }

    /// Appends a fragment without moving on: what `keep` or `reset` decide. Throws as `begin`.
    void append(std::span<const std::byte> fragment);

    /// The fragment just appended is part of the message: waits for the one behind it.
    void expect_after(const Header& header) noexcept { next_term_offset_ = header.next_term_offset(); }

    /// Takes back the bytes from `length` on, so that the last fragment can be appended once more.
    void truncate(const std::size_t length) noexcept { length_ = length; }

    /// What was collected; valid until the next change.
    [[nodiscard]] std::span<const std::byte> message() const noexcept { return {bytes_.get(), length_}; }
    [[nodiscard]] std::size_t length() const noexcept { return length_; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

    /// The header of the message, `last` being that of its last fragment. Valid until the next change. spec: 03 §18
    [[nodiscard]] Header assembled_header(const Header& last) noexcept;

private:
    void ensure_capacity(std::size_t required);

    std::unique_ptr<std::byte[]> bytes_;  // NOLINT(modernize-avoid-c-arrays): uninitialised until written
    std::size_t capacity_ = 0;
    std::size_t length_ = 0;
    std::int32_t next_term_offset_ = -1;  // -1: no message was begun
    DataHeader first_header_{};           // as it was captured
    DataHeader message_header_{};         // as it is handed out
};

/// The capacity that a builder of `capacity` grows to for `required` bytes. spec: 03 §19.1
[[nodiscard]] std::size_t grown_capacity(std::size_t capacity, std::size_t required);

}  // namespace cpperon::logbuffer
