/// The layout of an entry of the distinct error log. spec: 01 §7.1
#pragma once

#include <cstddef>
#include <cstdint>

namespace cpperon::shm {

/// Before the text of each distinct error, at a multiple of 8. Little-endian. spec: 01 §7.1
struct ErrorLogEntryHeader {
    std::int32_t length;               ///< atomic; with this header, before alignment; 0 ends the log
    std::int32_t observation_count;    ///< atomic
    std::int64_t last_observation_ms;  ///< atomic; epoch
    std::int64_t first_observation_ms;
};
static_assert(offsetof(ErrorLogEntryHeader, length) == 0 && offsetof(ErrorLogEntryHeader, observation_count) == 4);
static_assert(offsetof(ErrorLogEntryHeader, last_observation_ms) == 8);
static_assert(offsetof(ErrorLogEntryHeader, first_observation_ms) == 16 && sizeof(ErrorLogEntryHeader) == 24);

inline constexpr std::int64_t error_log_alignment = 8;

}  // namespace cpperon::shm
