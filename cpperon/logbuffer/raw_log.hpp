/// A log file read from outside: its terms and metadata as they lie there, for inspectors and post-mortems. Public;
/// needs neither a driver nor a client, and disturbs neither. spec: 03 §2, §3, 07 §A.3
///
///     const auto log = logbuffer::RawLog::open("/dev/shm/aeron-me/publications/42.logbuffer");
///     for (std::int32_t index = 0; index < logbuffer::partition_count; ++index) {
///         dump(log.term(index), logbuffer::tail_term_id(log.raw_tail(index)));
///     }
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "cpperon/base/mapped_file.hpp"
#include "cpperon/base/result.hpp"
#include "cpperon/logbuffer/log_view.hpp"

namespace cpperon::logbuffer {

/// A mapping of a whole log, read-only. Copies share it; it stays as it is when the file is deleted.
///
/// The bytes are live while the log is in use, and may be written by others while they are looked at: a frame is
/// complete only if its length, loaded with acquire, is above 0. Threads: any, at the same time.
class RawLog {
public:
    /// Throws `Error` with `io_error` where the file cannot be mapped, `MalformedFileError` where it holds no log.
    [[nodiscard]] static RawLog open(const std::string& path);

    /// The same with errors as values.
    [[nodiscard]] static Result<RawLog> try_open(const std::string& path);

    // Copied, not moved from: every object of this class has its file.
    RawLog(const RawLog&) = default;
    RawLog& operator=(const RawLog&) = default;
    ~RawLog() = default;

    /// Of the file.
    [[nodiscard]] const std::string& path() const noexcept { return file_->path(); }

    // Geometry, checked when the log was opened.

    /// In bytes.
    [[nodiscard]] std::int32_t term_length() const noexcept { return view_.term_length(); }
    /// Of the file, in bytes.
    [[nodiscard]] std::int32_t page_size() const noexcept { return view_.page_size(); }
    /// The longest frame, in bytes.
    [[nodiscard]] std::int32_t mtu_length() const noexcept { return view_.mtu_length(); }
    /// Of the term in which the stream began.
    [[nodiscard]] std::int32_t initial_term_id() const noexcept { return view_.initial_term_id(); }
    /// The term length as a power of two.
    [[nodiscard]] std::int32_t position_bits_to_shift() const noexcept { return view_.position_bits_to_shift(); }

    // Bytes. Valid as long as a copy of this object is kept.

    /// The whole file.
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return file_->bytes(); }
    /// Partition `index`, 0 to 2.
    [[nodiscard]] std::span<const std::byte> term(const std::int32_t index) const noexcept { return view_.term(index); }
    /// The last 4,096 bytes of the file.
    [[nodiscard]] std::span<const std::byte> metadata_page() const noexcept {
        return bytes().last(static_cast<std::size_t>(metadata_length));
    }
    /// The fields of the metadata page. Read those that change through the functions below.
    [[nodiscard]] const LogMetadata& metadata() const noexcept { return view_.metadata(); }

    // What changes while the log is in use.

    /// How many terms the stream has gone on from its initial one.
    [[nodiscard]] std::int32_t active_term_count() const noexcept;
    /// Of partition `index`, 0 to 2: term id in the high half, offset in the low half; see `tail_term_id`,
    /// `tail_term_offset`. Of an image it is not in use.
    [[nodiscard]] std::int64_t raw_tail(std::int32_t index) const noexcept;
    /// Up to where publishers have claimed the log, in bytes from the start of the stream. Not for images.
    [[nodiscard]] std::int64_t producer_position() const noexcept;
    /// `unknown_position` until the end is known.
    [[nodiscard]] std::int64_t end_of_stream_position() const noexcept;
    /// Of a publication: a subscriber is known.
    [[nodiscard]] bool is_connected() const noexcept;
    /// Of an image: how many sources it is received from.
    [[nodiscard]] std::int32_t active_transport_count() const noexcept;
    /// Whether the publisher ended the stream at once.
    [[nodiscard]] bool is_publication_revoked() const noexcept;

private:
    RawLog(std::shared_ptr<const MappedFile> file, const LogView& view) noexcept
        : file_(std::move(file)), view_(view) {}

    // Constant after construction.
    std::shared_ptr<const MappedFile> file_;
    LogView view_;  ///< of a read-only mapping: nothing is written through it
};

}  // namespace cpperon::logbuffer
