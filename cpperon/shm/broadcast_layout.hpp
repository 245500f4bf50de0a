/// The layout of the to-clients broadcast buffer. spec: 01 §5.1, §5.2
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "cpperon/base/field.hpp"
#include "cpperon/shm/record.hpp"

namespace cpperon::shm {

/// Where the fields of the trailer lie, in bytes from the end of the records. spec: 01 §5.1
struct BroadcastTrailer {
    static constexpr std::int32_t tail_intent_offset = 0;
    static constexpr std::int32_t tail_offset = 8;
    static constexpr std::int32_t latest_offset = 16;
    static constexpr std::int32_t length = 128;
};

/// A checked view of a broadcast section, shared by transmitter and receiver.
struct BroadcastView {
    /// Throws `InvalidArgumentError` unless `section` is 8-byte aligned and its length less 128 is a power of two
    /// from 8.
    [[nodiscard]] static BroadcastView over(std::span<std::byte> section);

    std::byte* bytes = nullptr;
    std::int32_t capacity = 0;

    /// The longest payload, an eighth of the capacity; none in a buffer of 8 bytes.
    [[nodiscard]] std::int32_t max_message_length() const noexcept {
        return capacity == record_alignment ? 0 : capacity / 8;
    }
    /// A multiple of 8 inside the buffer, whatever the position.
    [[nodiscard]] std::int32_t offset_of(const std::int64_t position) const noexcept {
        return static_cast<std::int32_t>(position & ((capacity - 1) & ~(record_alignment - 1)));
    }
    [[nodiscard]] std::int64_t& tail_intent() const noexcept { return trailer(BroadcastTrailer::tail_intent_offset); }
    [[nodiscard]] std::int64_t& tail() const noexcept { return trailer(BroadcastTrailer::tail_offset); }
    [[nodiscard]] std::int64_t& latest() const noexcept { return trailer(BroadcastTrailer::latest_offset); }
    [[nodiscard]] std::int32_t& length_at(const std::int32_t offset) const noexcept {
        return field_at<std::int32_t>(bytes + offset + RecordHeader::length_offset);
    }
    [[nodiscard]] std::int32_t& type_id_at(const std::int32_t offset) const noexcept {
        return field_at<std::int32_t>(bytes + offset + RecordHeader::type_id_offset);
    }

private:
    [[nodiscard]] std::int64_t& trailer(const std::int32_t offset) const noexcept {
        return field_at<std::int64_t>(bytes + capacity + offset);
    }
};

}  // namespace cpperon::shm
