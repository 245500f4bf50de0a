#include "cpperon/shm/error_log_reader.hpp"

#include <fmt/format.h>

#include "cpperon/base/align.hpp"
#include "cpperon/base/atomic.hpp"
#include "cpperon/base/error.hpp"
#include "cpperon/base/field.hpp"

namespace cpperon {

using shm::ErrorLogEntryHeader;

ErrorLogReader::ErrorLogReader(const std::span<const std::byte> section) : section_(section) {
    if (!is_aligned_for_atomics(section)) {
        detail::throw_error({ErrorCode::invalid_argument,
                             fmt::format("the error log section at {} is not 8-byte aligned; pass the section of a "
                                         "mapped CnC file",
                                         fmt::ptr(section.data()))});
    }
}

std::size_t ErrorLogReader::entry_length_at(const std::size_t offset) const noexcept {
    if (offset > section_.size() || section_.size() - offset < sizeof(ErrorLogEntryHeader)) {
        return 0;
    }
    // acquire [error-entry] <- DistinctErrorLog, ours or a reference driver's: text and first time are complete.
    const std::int32_t length = load_acquire(field_at<ErrorLogEntryHeader>(section_.data() + offset).length);
    const bool is_entry = length >= static_cast<std::int32_t>(sizeof(ErrorLogEntryHeader)) &&
                          static_cast<std::size_t>(length) <= section_.size() - offset;
    return is_entry ? static_cast<std::size_t>(length) : 0;
}

ErrorObservation ErrorLogReader::observation_at(const std::size_t offset, const std::size_t length) const noexcept {
    const auto& entry = field_at<ErrorLogEntryHeader>(section_.data() + offset);
    ErrorObservation observation;
    // acquire [error-observation] <- DistinctErrorLog::record
    observation.last_ms = load_acquire(entry.last_observation_ms);
    // relaxed: a statistic; the first time is ordered by the length.
    observation.count = load_relaxed(entry.observation_count);
    observation.first_ms = load_relaxed(entry.first_observation_ms);
    observation.text = {reinterpret_cast<const char*>(section_.data() + offset + sizeof(ErrorLogEntryHeader)),
                        length - sizeof(ErrorLogEntryHeader)};
    return observation;
}

std::size_t ErrorLogReader::stride_of(const std::size_t length) noexcept {
    return static_cast<std::size_t>(align_up(static_cast<std::int64_t>(length), shm::error_log_alignment));
}

}  // namespace cpperon
