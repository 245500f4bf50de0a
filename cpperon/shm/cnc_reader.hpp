/// What a driver shares about itself, read without a client: its settings, its sign of life, its counters, errors and
/// losses. For tools, and for programs that watch a driver, alive or dead. Public. spec: 07 §A.3, §B.11
///
///     const CncFile cnc = CncFile::open("/dev/shm/aeron-me");
///     cnc.counters().for_each([](const CounterView& counter) { show(counter.value, counter.label); });
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "cpperon/base/clock.hpp"
#include "cpperon/base/mapped_file.hpp"
#include "cpperon/base/result.hpp"
#include "cpperon/shm/counters_reader.hpp"
#include "cpperon/shm/error_log_reader.hpp"
#include "cpperon/shm/loss_report_reader.hpp"
#include "cpperon/shm/semantic_version.hpp"

namespace cpperon {

namespace shm {
class CncFile;
}

/// What a driver decided when it started. Lengths in bytes, with the trailers of the buffers. spec: 01 §3.1
struct CncConstants {
    SemanticVersion cnc_version;
    std::int32_t to_driver_buffer_length = 0;
    std::int32_t to_clients_buffer_length = 0;
    std::int32_t counters_metadata_buffer_length = 0;
    std::int32_t counters_values_buffer_length = 0;
    std::int32_t error_log_buffer_length = 0;
    std::chrono::nanoseconds client_liveness_timeout{};
    std::int64_t start_timestamp_ms = 0;  ///< epoch
    std::int64_t pid = 0;
    std::int32_t file_page_size = 0;
};

/// The files of one driver, mapped read-only. Copies share the mapping, which stays as it is when the driver ends, and
/// when a new driver puts another file in its place: open anew to see that one.
///
/// Threads: any, at the same time. Nothing here writes to shared memory, and the driver does not notice.
class CncFile {
public:
    /// Maps the `cnc.dat` of `directory`; empty: the one that `AERON_DIR` names, else the default one. Waits up to
    /// `timeout` for a driver that has not come so far; 0 is one attempt. A driver that is dead is as good as another:
    /// ask `is_driver_active`.
    ///
    /// Throws, naming the file and what to do. After the timeout: `DriverTimeoutError` where there is no file, or none
    /// that this user may read; `Error` with `client_timeout` where its driver has not finished its start;
    /// `MalformedFileError` where it is shorter than its header says. At once: `IncompatibleVersionError` for another
    /// major version, `MalformedFileError` for impossible lengths, `Error` with `io_error`.
    [[nodiscard]] static CncFile open(const std::string& directory = {}, std::chrono::nanoseconds timeout = {});

    /// The same with errors as values, for programs without exceptions.
    [[nodiscard]] static Result<CncFile> try_open(const std::string& directory = {},
                                                  std::chrono::nanoseconds timeout = {});

    // Copied, not moved from: every object of this class has its files.
    CncFile(const CncFile&) = default;
    CncFile& operator=(const CncFile&) = default;
    ~CncFile() = default;

    /// What the driver decided when it started.
    [[nodiscard]] const CncConstants& constants() const noexcept { return constants_; }
    /// Of the driver.
    [[nodiscard]] const std::string& directory() const noexcept { return directory_; }
    /// Of `cnc.dat`.
    [[nodiscard]] const std::string& path() const noexcept;

    /// When the driver gave its last sign of life, in ms since the epoch; -1: it was closed; 0: it never did.
    [[nodiscard]] std::int64_t driver_heartbeat_ms() const noexcept;

    /// Whether the driver's last sign of life is not older than `timeout`. A driver that was killed counts as active
    /// for that long. `clock`: the one that the driver's heartbeat is compared with.
    [[nodiscard]] bool is_driver_active(std::chrono::nanoseconds timeout,
                                        EpochClock& clock = SystemEpochClock::instance()) const noexcept;

    /// All counters of the driver. Valid as long as a copy of this object is kept.
    [[nodiscard]] CountersReader counters() const noexcept { return counters_; }

    /// Calls `handler(const ErrorObservation&)` for each distinct error that was last seen at or after `since_ms`
    /// (epoch), oldest first; returns how many. spec: 01 §7.3
    template <typename Handler>
    requires std::is_invocable_v<Handler&, const ErrorObservation&>
    int for_each_error(Handler&& handler, const std::int64_t since_ms = 0) const {
        return errors_.for_each(std::forward<Handler>(handler), since_ms);
    }

    /// Calls `handler(const LossObservation&)` for each image that lost data, oldest first; returns how many. Maps
    /// `loss-report.dat` of the directory for the time of the call. Throws `Error` with `io_error` where that cannot be
    /// mapped; every driver makes one. spec: 01 §8.3
    template <typename Handler>
    requires std::is_invocable_v<Handler&, const LossObservation&>
    int for_each_loss(Handler&& handler) const {
        return try_for_each_loss(std::forward<Handler>(handler)).value_or_throw();
    }

    /// The same with the error as a value.
    template <typename Handler>
    requires std::is_invocable_v<Handler&, const LossObservation&> Result<int> try_for_each_loss(Handler&& handler)
    const {
        const Result<MappedFile> report = try_map_loss_report();
        if (!report) {
            return report.error();
        }
        return LossReportReader{report->bytes()}.for_each(std::forward<Handler>(handler));
    }

private:
    CncFile(std::string directory, std::shared_ptr<const shm::CncFile> file);

    [[nodiscard]] Result<MappedFile> try_map_loss_report() const;

    // Constant after construction.
    std::string directory_;
    std::shared_ptr<const shm::CncFile> file_;
    CncConstants constants_;
    CountersReader counters_;
    ErrorLogReader errors_;
};

}  // namespace cpperon
