/// Creates and deletes the log files of one driver: storage checks, the count of mapped bytes, deletions that are tried
/// again. Blocks on the file system; used by the native resource agent. spec: 06 §15, 03 §2.1
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "cpperon/base/result.hpp"
#include "cpperon/logbuffer/log_file.hpp"

namespace cpperon::shm {
class DistinctErrorLog;
}

namespace cpperon::driver {

class SystemCounters;

/// The bytes that this user may still write to the file system of `path`. Throws `IoError`.
[[nodiscard]] std::int64_t usable_space(const std::string& path);

struct LogFilesConfig {
    std::string directory;  ///< the driver's
    bool perform_storage_checks = true;
    std::int64_t low_storage_warning_threshold = 167'772'160;
    std::int32_t resource_free_limit = 1;  ///< deletions tried again per call of `retry_deletions`
    std::function<std::int64_t(const std::string& path)> usable_space = driver::usable_space;
};

/// Threads: one.
class LogFiles {
public:
    /// The references must outlive the object.
    LogFiles(LogFilesConfig config, SystemCounters& system_counters, shm::DistinctErrorLog& errors);

    /// Creates and maps the log file of a publication or an image. The error is `storage_space` where there is not room
    /// for it, otherwise `generic_error`; no file is left then. Little room left is recorded as a warning.
    [[nodiscard]] Result<logbuffer::LogFile> create(const logbuffer::LogParams& params);

    /// Unmaps and deletes. What cannot be deleted now is counted, and waits for `retry_deletions`.
    void destroy(logbuffer::LogFile log);

    /// Tries some failed deletions again; how many are done with.
    int retry_deletions();

private:
    [[nodiscard]] std::string path_of(const logbuffer::LogParams& params) const;
    /// Throws `Error` with `storage_space`.
    void check_storage(std::int64_t log_length) const;
    [[nodiscard]] bool try_delete(const std::string& path);

    LogFilesConfig config_;
    SystemCounters& system_counters_;
    shm::DistinctErrorLog& errors_;
    std::deque<std::string> undeleted_;
};

}  // namespace cpperon::driver
