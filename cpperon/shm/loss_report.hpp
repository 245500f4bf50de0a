/// `loss-report.dat`, written by the driver: which images lost data, how much and when. spec: 01 §8
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cpperon/base/mapped_file.hpp"
#include "cpperon/shm/loss_report_layout.hpp"

namespace cpperon::shm {

/// The entry of one image; to be kept by it. Copies refer to the same entry; the report's memory must outlive them.
class LossReportEntry {
public:
    explicit LossReportEntry(LossReportEntryHeader& header) noexcept : header_(&header) {}

    /// Adds a further loss. Threads: any. Does not wait or allocate. spec: 01 §8.2
    void record(std::int64_t bytes_lost, std::int64_t now_ms) noexcept;

private:
    LossReportEntryHeader* header_;
};

/// What is known about an image when it first loses data.
struct FirstLoss {
    std::int64_t bytes_lost = 0;
    std::int64_t now_ms = 0;  ///< epoch
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::string_view channel;
    std::string_view source;  ///< `ip:port`
};

/// Appends to one report. Threads: `create_entry` one at a time; entries are independent of each other.
class LossReport {
public:
    /// `report`: zero-filled, 8-byte aligned, must outlive the object. Throws `InvalidArgumentError` where it is not
    /// aligned.
    explicit LossReport(std::span<std::byte> report);

    /// Starts the entry of an image; nothing where it no longer fits, in which case its losses go unreported.
    [[nodiscard]] std::optional<LossReportEntry> create_entry(const FirstLoss& loss) noexcept;

private:
    std::span<std::byte> report_;
    std::int64_t next_offset_ = 0;
};

/// Creates `loss-report.dat`, zero-filled and populated; its length is rounded up to the page size. The file must not
/// exist. Throws `InvalidArgumentError` for a length that is not positive or a page size that is no power of two,
/// `IoError` where the system refuses.
[[nodiscard]] MappedFile create_loss_report_file(const std::string& path, std::int64_t length,
                                                 std::int32_t file_page_size);

}  // namespace cpperon::shm
