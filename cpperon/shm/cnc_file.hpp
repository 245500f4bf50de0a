/// `cnc.dat`, the file through which clients and tools find everything a driver shares: created by the driver, opened
/// by the others. Owns the mapping; the sections are spans into it. Programs of users read it through
/// `cpperon::CncFile` of `cnc_reader.hpp`, which cannot write. spec: 01 §3
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "cpperon/base/error.hpp"
#include "cpperon/base/mapped_file.hpp"
#include "cpperon/shm/cnc_layout.hpp"

namespace cpperon::shm {

struct CncOpening;

/// A mapped `cnc.dat` whose section lengths have been checked against the mapping. They are taken once: what another
/// process writes to the header later moves no section.
/// Threads: the object belongs to one thread at a time; the sections are shared memory, valid as long as it lives.
class CncFile {
public:
    /// Creates the file at its full length, zero-filled and populated, with every header field but the version. The
    /// driver then initialises the sections and calls `publish_version`. The file must not exist.
    /// Throws `InvalidArgumentError` for a length out of bounds, `IoError` where the system refuses. spec: 01 §2.3
    [[nodiscard]] static CncFile create(const std::string& path, const CncConfig& config);

    /// Maps the file if it is there and ready; otherwise says what is missing and whether waiting may help. Does not
    /// throw or wait. Clients need `read_write`, tools `read_only`; with the latter nothing may be written through the
    /// spans. spec: 01 §3.3 steps 1 to 6
    [[nodiscard]] static CncOpening try_open(const std::string& path, Access access);

    /// Driver: clients attach from here on. Everything else must have been written before. spec: 01 §2.3 step 8
    void publish_version() noexcept;

    /// Writes the mapping back to the file (msync). Throws `IoError`.
    void flush() const { file_.flush(); }

    [[nodiscard]] const std::string& path() const noexcept { return file_.path(); }
    [[nodiscard]] std::int64_t length() const noexcept { return file_.length(); }
    [[nodiscard]] const CncLayout& layout() const noexcept { return layout_; }

    /// 0.0.0 until the driver has published it.
    [[nodiscard]] SemanticVersion version() const noexcept;
    [[nodiscard]] std::int64_t client_liveness_timeout_ns() const noexcept;
    /// Epoch.
    [[nodiscard]] std::int64_t start_timestamp_ms() const noexcept;
    [[nodiscard]] std::int64_t pid() const noexcept;
    /// The driver's; 4,096 where the header says 0.
    [[nodiscard]] std::int32_t file_page_size() const noexcept;

    // The sections, for `ManyToOneRingBuffer`, `BroadcastTransmitter` and `BroadcastReceiver`, `CountersManager` and
    // `CountersReader`, `DistinctErrorLog` and `ErrorLogReader`.
    [[nodiscard]] std::span<std::byte> to_driver_buffer() const noexcept { return section(layout_.to_driver); }
    [[nodiscard]] std::span<std::byte> to_clients_buffer() const noexcept { return section(layout_.to_clients); }
    [[nodiscard]] std::span<std::byte> counters_metadata() const noexcept { return section(layout_.counters_metadata); }
    [[nodiscard]] std::span<std::byte> counters_values() const noexcept { return section(layout_.counters_values); }
    [[nodiscard]] std::span<std::byte> error_log() const noexcept { return section(layout_.error_log); }

private:
    CncFile(MappedFile file, const CncLayout& layout) noexcept : file_(std::move(file)), layout_(layout) {}

    [[nodiscard]] std::span<std::byte> section(const CncSection& section) const noexcept {
        return file_.bytes().subspan(static_cast<std::size_t>(section.offset),
                                     static_cast<std::size_t>(section.length));
    }
    [[nodiscard]] CncHeader& header() const noexcept;

    MappedFile file_;
    CncLayout layout_;
};

/// How an attempt to open `cnc.dat` ended. All before `incompatible` may change by themselves while a driver starts.
enum class CncOpenStatus {
    ready,         ///< `CncOpening::file` is set
    absent,        ///< not there, or no longer than its header
    inaccessible,  ///< permission denied
    unpublished,   ///< its driver has not published the version yet
    truncated,     ///< shorter than its header says
    incompatible,  ///< of another major version: final
    malformed,     ///< its lengths are impossible: final
    unreadable,    ///< the system refuses for another reason than absence: final
};

/// Outcome of `CncFile::try_open`.
struct CncOpening {
    CncOpenStatus status = CncOpenStatus::absent;
    std::optional<CncFile> file;  ///< with status `ready`
    ErrorInfo error;              ///< with every other status: code and text to report once nobody waits any longer

    /// True where the driver may still be about to make the file ready.
    [[nodiscard]] bool may_become_ready() const noexcept {
        return status == CncOpenStatus::absent || status == CncOpenStatus::inaccessible ||
               status == CncOpenStatus::unpublished || status == CncOpenStatus::truncated;
    }
};

}  // namespace cpperon::shm
