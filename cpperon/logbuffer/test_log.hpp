/// A log in plain memory, with the counters that belong to it. For the tests of this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cpperon/logbuffer/fragment_handler.hpp"
#include "cpperon/logbuffer/log_file.hpp"

namespace cpperon::logbuffer {

/// The session, stream and terms of the spec's vectors: 03 §5.3, §21.
inline LogParams vector_params() {
    return {.correlation_id = 4242,
            .session_id = 0x11223344,
            .stream_id = 1001,
            .initial_term_id = 7,
            .term_length = 65'536,
            .mtu_length = 1'408,
            .publication_window_length = 32'768,
            .sparse = false,
            .signal_eos = true};
}

class TestLog {
public:
    explicit TestLog(const LogParams& log_params = vector_params())
        : params(log_params),
          length_(static_cast<std::size_t>(log_length(params.term_length, params.page_size))),
          memory_(static_cast<std::byte*>(std::aligned_alloc(4'096, length_)), &std::free) {
        std::memset(memory_.get(), 0, length_);
        initialise_log(bytes(), params);
        metadata().is_connected = 1;
    }

    [[nodiscard]] std::span<std::byte> bytes() const { return {memory_.get(), length_}; }
    [[nodiscard]] LogView view() const { return LogView::attach(bytes(), "test log").value_or_throw(); }
    [[nodiscard]] LogMetadata& metadata() const {
        return *static_cast<LogMetadata*>(static_cast<void*>(memory_.get() + (length_ - metadata_length)));
    }
    [[nodiscard]] std::byte* at(const std::int32_t partition, const std::int32_t offset) const {
        return memory_.get() + std::int64_t{partition} * params.term_length + offset;
    }
    [[nodiscard]] DataHeader& header(const std::int32_t partition, const std::int32_t offset) const {
        return header_at(at(partition, offset));
    }
    [[nodiscard]] std::uint64_t tail(const std::size_t partition) const {
        return static_cast<std::uint64_t>(metadata().raw_tails[partition]);
    }
    /// Makes `term_id` at `offset` the place where publishers stand.
    void stand_at(const std::int32_t term_id, const std::int32_t offset) const {
        const std::int32_t count = term_count_of(term_id, params.initial_term_id);
        metadata().raw_tails[static_cast<std::size_t>(index_of_term_count(count))] = pack_tail(term_id, offset);
        metadata().active_term_count = count;
    }
    /// A committed frame, as a publisher or peer leaves it.
    void put_frame(const std::int32_t partition, const std::int32_t offset, const std::int32_t frame_length,
                   const FrameType type = FrameType::data, const std::uint8_t flags = frame_flag::unfragmented) const {
        header(partition, offset) = {.frame_length = frame_length,
                                     .flags = flags,
                                     .type = static_cast<std::int16_t>(type),
                                     .term_offset = offset,
                                     .session_id = params.session_id,
                                     .stream_id = params.stream_id,
                                     .term_id = params.initial_term_id + partition};
    }

    LogParams params;
    std::int64_t limit = INT64_MAX;
    std::int64_t subscriber_position = 0;

private:
    std::size_t length_;
    std::unique_ptr<std::byte, decltype(&std::free)> memory_;
};

/// `count` bytes as "25 00 ..." to be compared with the spec's vectors.
inline std::string hex(const std::byte* const bytes, const std::size_t count) {
    std::string text;
    constexpr std::string_view digits = "0123456789abcdef";
    for (std::size_t i = 0; i < count; ++i) {
        const auto value = std::to_integer<unsigned>(bytes[i]);
        if (i > 0) {
            text += ' ';
        }
        text += digits[value >> 4];
        text += digits[value & 15];
    }
    return text;
}

inline std::span<const std::byte> bytes_of(const std::string_view text) {
    return std::as_bytes(std::span{text.data(), text.size()});
}

inline std::string text_of(const std::span<const std::byte> bytes) {
    std::string text(bytes.size(), '\0');
    if (!bytes.empty()) {
        std::memcpy(text.data(), bytes.data(), bytes.size());
    }
    return text;
}

/// Byte i is (7 i + 3) mod 256, as in the golden logs.
inline std::vector<std::byte> pattern(const std::size_t length) {
    std::vector<std::byte> bytes(length);
    for (std::size_t i = 0; i < length; ++i) {
        bytes[i] = static_cast<std::byte>((7 * i + 3) & 0xFF);
    }
    return bytes;
}

inline std::string zeroes(const std::size_t count) {
    return hex(std::vector<std::byte>(count).data(), count);
}

}  // namespace cpperon::logbuffer
