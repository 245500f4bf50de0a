#include "cpperon/shm/loss_report_reader.hpp"

#include <cstring>

#include <fmt/format.h>

#include "cpperon/base/align.hpp"
#include "cpperon/base/atomic.hpp"
#include "cpperon/base/error.hpp"
#include "cpperon/base/field.hpp"
#include "cpperon/shm/loss_report_layout.hpp"

namespace cpperon {

using shm::LossReportEntryHeader;

namespace {

/// The text whose length field lies at `offset` of `entry`; nothing where it does not fit.
std::optional<std::string_view> text_at(const std::span<const std::byte> entry, const std::int64_t offset) noexcept {
    const std::int64_t remaining = static_cast<std::int64_t>(entry.size()) - offset;
    std::int32_t length = 0;
    if (remaining < static_cast<std::int64_t>(sizeof length)) {
        return std::nullopt;
    }
    std::memcpy(&length, entry.data() + offset, sizeof length);
    if (length < 0 || length > remaining - static_cast<std::int64_t>(sizeof length)) {
        return std::nullopt;
    }
    return std::string_view{reinterpret_cast<const char*>(entry.data() + offset + sizeof length),
                            static_cast<std::size_t>(length)};
}

}  // namespace

LossReportReader::LossReportReader(const std::span<const std::byte> report) : report_(report) {
    if (!is_aligned_for_atomics(report)) {
        detail::throw_error(
            {ErrorCode::invalid_argument,
             fmt::format("the loss report at {} is not 8-byte aligned; pass a mapped file", fmt::ptr(report.data()))});
    }
}

std::optional<LossObservation> LossReportReader::next(std::int64_t& offset) const noexcept {
    const std::int64_t remaining = static_cast<std::int64_t>(report_.size()) - offset;
    if (remaining < static_cast<std::int64_t>(sizeof(LossReportEntryHeader))) {
        return std::nullopt;
    }
    const std::span<const std::byte> entry = report_.subspan(static_cast<std::size_t>(offset));
    const auto& header = field_at<LossReportEntryHeader>(entry.data());
    LossObservation observation;
    // acquire [loss-entry] <- LossReport::create_entry, ours or a reference driver's
    observation.count = load_acquire(header.observation_count);
    if (observation.count <= 0) {
        return std::nullopt;
    }
    const std::optional<std::string_view> channel = text_at(entry, sizeof(LossReportEntryHeader));
    if (!channel) {
        return std::nullopt;
    }
    const auto channel_length = static_cast<std::int64_t>(channel->size());
    const std::optional<std::string_view> source = text_at(entry, shm::loss_report_source_offset(channel_length));
    if (!source) {
        return std::nullopt;
    }
    // acquire [loss-observation] <- LossReportEntry::record
    observation.last_ms = load_acquire(header.last_observation_ms);
    // relaxed: statistics, and fields ordered by the count.
    observation.total_bytes_lost = load_relaxed(header.total_bytes_lost);
    observation.first_ms = load_relaxed(header.first_observation_ms);
    observation.session_id = load_relaxed(header.session_id);
    observation.stream_id = load_relaxed(header.stream_id);
    observation.channel = *channel;
    observation.source = *source;
    offset += align_up(shm::loss_report_entry_length(channel_length, static_cast<std::int64_t>(source->size())),
                       shm::loss_report_alignment);
    return observation;
}

}  // namespace cpperon
