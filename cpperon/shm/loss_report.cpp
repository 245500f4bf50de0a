#include "cpperon/shm/loss_report.hpp"

#include <cstring>

#include <fmt/format.h>

#include "cpperon/base/align.hpp"
#include "cpperon/base/atomic.hpp"
#include "cpperon/base/error.hpp"
#include "cpperon/base/field.hpp"

namespace cpperon::shm {

namespace {

/// A length, then the characters.
void store_text(std::byte* const to, const std::string_view text) noexcept {
    const auto length = static_cast<std::int32_t>(text.size());
    std::memcpy(to, &length, sizeof length);
    if (!text.empty()) {
        std::memcpy(to + sizeof length, text.data(), text.size());
    }
}

}  // namespace

void LossReportEntry::record(const std::int64_t bytes_lost, const std::int64_t now_ms) noexcept {
    // release [loss-observation] -> LossReportReader::next
    store_release(header_->last_observation_ms, now_ms);
    // seq_cst: conductor and receiver may both report.
    fetch_add(header_->total_bytes_lost, bytes_lost);
    fetch_add(header_->observation_count, 1);
}

LossReport::LossReport(const std::span<std::byte> report) : report_(report) {
    if (!is_aligned_for_atomics(report)) {
        detail::throw_error(
            {ErrorCode::invalid_argument,
             fmt::format("the loss report at {} is not 8-byte aligned; pass a mapped file", fmt::ptr(report.data()))});
    }
}

std::optional<LossReportEntry> LossReport::create_entry(const FirstLoss& loss) noexcept {
    const std::int64_t remaining = static_cast<std::int64_t>(report_.size()) - next_offset_;
    const auto channel_length = static_cast<std::int64_t>(loss.channel.size());
    const std::int64_t length = loss_report_entry_length(channel_length, static_cast<std::int64_t>(loss.source.size()));
    if (length > remaining) {
        return std::nullopt;
    }
    std::byte* const bytes = report_.data() + next_offset_;
    auto& header = field_at<LossReportEntryHeader>(bytes);
    // relaxed: published by the count.
    store_relaxed(header.total_bytes_lost, loss.bytes_lost);
    store_relaxed(header.first_observation_ms, loss.now_ms);
    store_relaxed(header.last_observation_ms, loss.now_ms);
    store_relaxed(header.session_id, loss.session_id);
    store_relaxed(header.stream_id, loss.stream_id);
    store_text(bytes + sizeof(LossReportEntryHeader), loss.channel);
    store_text(bytes + loss_report_source_offset(channel_length), loss.source);
    // release [loss-entry] -> LossReportReader::next, ours or a peer's: the entry is complete.
    store_release(header.observation_count, 1);
    next_offset_ += align_up(length, loss_report_alignment);
    return LossReportEntry{header};
}

MappedFile create_loss_report_file(const std::string& path, const std::int64_t length,
                                   const std::int32_t file_page_size) {
    if (length <= 0) {
        detail::throw_error({ErrorCode::invalid_argument,
                             fmt::format("the loss report buffer length is {}, it must be positive", length)});
    }
    if (!is_power_of_two(file_page_size)) {
        detail::throw_error({ErrorCode::invalid_argument,
                             fmt::format("the file page size is {}, it must be a power of two", file_page_size)});
    }
    return MappedFile::create(path, align_up<std::int64_t>(length, file_page_size), Allocation::reserved);
}

}  // namespace cpperon::shm
