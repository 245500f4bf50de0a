/// The driver's memory of what went wrong: each distinct error once, with how often and when. spec: 01 §7
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cpperon/base/clock.hpp"
#include "cpperon/shm/error_log_layout.hpp"

namespace cpperon::shm {

enum class ErrorRecordResult {
    recorded,
    log_full,  ///< a new error that no longer fits; the caller prints it instead. Known ones are still counted
};

/// Appends to one error log section. Entries are never removed.
/// Threads: any may record at the same time; the search and the append are behind a lock.
class DistinctErrorLog {
public:
    /// `section`: zero-filled, 8-byte aligned, must outlive the object. Throws `InvalidArgumentError` where it is not
    /// aligned.
    DistinctErrorLog(std::span<std::byte> section, EpochClock& clock);

    /// Counts an error. It is one seen before if that had the same code and a text that `text` begins with.
    /// spec: 01 §7.2
    [[nodiscard]] ErrorRecordResult record(std::int32_t code, std::string_view text);

private:
    /// What has been recorded, kept here since other processes can write to the section.
    struct Observation {
        std::int32_t code = 0;
        std::string text;
        ErrorLogEntryHeader* entry = nullptr;
    };

    [[nodiscard]] ErrorLogEntryHeader* find_or_append(std::int32_t code, std::string_view text, std::int64_t now_ms);

    // Constant after construction.
    std::span<std::byte> section_;
    EpochClock& clock_;
    // Behind the lock.
    std::mutex mutex_;
    std::size_t next_offset_ = 0;
    std::vector<Observation> observations_;
};

}  // namespace cpperon::shm
