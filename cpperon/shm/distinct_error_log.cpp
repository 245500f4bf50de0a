#include "cpperon/shm/distinct_error_log.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "cpperon/base/align.hpp"
#include "cpperon/base/atomic.hpp"
#include "cpperon/base/error.hpp"
#include "cpperon/base/field.hpp"

namespace cpperon::shm {

DistinctErrorLog::DistinctErrorLog(const std::span<std::byte> section, EpochClock& clock)
    : section_(section), clock_(clock) {
    if (!is_aligned_for_atomics(section)) {
        detail::throw_error({ErrorCode::invalid_argument,
                             fmt::format("the error log section at {} is not 8-byte aligned; pass the section of a "
                                         "mapped CnC file",
                                         fmt::ptr(section.data()))});
    }
}

ErrorRecordResult DistinctErrorLog::record(const std::int32_t code, const std::string_view text) {
    const std::int64_t now_ms = clock_.epoch_ms();
    ErrorLogEntryHeader* entry = nullptr;
    {
        const std::lock_guard lock{mutex_};
        entry = find_or_append(code, text, now_ms);
    }
    if (entry == nullptr) {
        return ErrorRecordResult::log_full;
    }
    // seq_cst: several threads may count the same error.
    fetch_add(entry->observation_count, 1);
    // release [error-observation] -> ErrorLogReader::observation_at: the count belongs to this time or a later one.
    store_release(entry->last_observation_ms, now_ms);
    return ErrorRecordResult::recorded;
}

ErrorLogEntryHeader* DistinctErrorLog::find_or_append(const std::int32_t code, const std::string_view text,
                                                      const std::int64_t now_ms) {
    const auto known =
        std::find_if(observations_.begin(), observations_.end(), [code, text](const Observation& observation) {
            return observation.code == code && text.starts_with(observation.text);
        });
    if (known != observations_.end()) {
        return known->entry;
    }
    const std::size_t length = sizeof(ErrorLogEntryHeader) + text.size();
    if (next_offset_ > section_.size() || length > section_.size() - next_offset_ ||
        length > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
        return nullptr;
    }
    auto& entry = field_at<ErrorLogEntryHeader>(section_.data() + next_offset_);
    observations_.push_back({.code = code, .text = std::string{text}, .entry = &entry});
    if (!text.empty()) {
        std::memcpy(section_.data() + next_offset_ + sizeof(ErrorLogEntryHeader), text.data(), text.size());
    }
    entry.first_observation_ms = now_ms;
    // relaxed: published by the length.
    store_relaxed(entry.observation_count, 0);
    // release [error-entry] -> ErrorLogReader::entry_length_at, ours or a peer's: the entry is complete but for its
    // count.
    store_release(entry.length, static_cast<std::int32_t>(length));
    next_offset_ += static_cast<std::size_t>(align_up(static_cast<std::int64_t>(length), error_log_alignment));
    return &entry;
}

}  // namespace cpperon::shm
