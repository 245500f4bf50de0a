/// The layout of an entry of the loss report. spec: 01 §8.1
#pragma once

#include <cstddef>
#include <cstdint>

#include "cpperon/base/align.hpp"

namespace cpperon::shm {

/// At a multiple of 64. Behind it: i32 channel length, channel, padding to 4, i32 source length, source. Little-endian.
struct LossReportEntryHeader {
    std::int64_t observation_count;  ///< atomic; 0 ends the report
    std::int64_t total_bytes_lost;   ///< atomic
    std::int64_t first_observation_ms;
    std::int64_t last_observation_ms;  ///< atomic
    std::int32_t session_id;
    std::int32_t stream_id;
};
static_assert(offsetof(LossReportEntryHeader, observation_count) == 0);
static_assert(offsetof(LossReportEntryHeader, total_bytes_lost) == 8);
static_assert(offsetof(LossReportEntryHeader, first_observation_ms) == 16);
static_assert(offsetof(LossReportEntryHeader, last_observation_ms) == 24);
static_assert(offsetof(LossReportEntryHeader, session_id) == 32 && offsetof(LossReportEntryHeader, stream_id) == 36);
static_assert(sizeof(LossReportEntryHeader) == 40);

inline constexpr std::int64_t loss_report_alignment = 64;
inline constexpr std::int64_t loss_report_text_alignment = 4;
inline constexpr std::int64_t default_loss_report_length = 1'048'576;

/// Offset of the source's length field in an entry. spec: 01 §8.1
[[nodiscard]] constexpr std::int64_t loss_report_source_offset(const std::int64_t channel_length) noexcept {
    return static_cast<std::int64_t>(sizeof(LossReportEntryHeader)) +
           align_up<std::int64_t>(4 + channel_length, loss_report_text_alignment);
}

/// Bytes of an entry; the next one starts at this, aligned to 64. spec: 01 §8.1
[[nodiscard]] constexpr std::int64_t loss_report_entry_length(const std::int64_t channel_length,
                                                              const std::int64_t source_length) noexcept {
    return loss_report_source_offset(channel_length) + 4 + source_length;
}

}  // namespace cpperon::shm
