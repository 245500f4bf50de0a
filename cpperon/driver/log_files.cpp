#include "cpperon/driver/log_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <sys/statvfs.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/shm/directory.hpp"
#include "cpperon/shm/distinct_error_log.hpp"

namespace cpperon::driver {

namespace {

/// What the client is told: only codes that travel. spec: 06 §7.2
ErrorInfo reply_for(const Error& error, const std::string& path) {
    const auto* const io_error = dynamic_cast<const IoError*>(&error);
    const bool is_out_of_space =
        error.code() == ErrorCode::storage_space || (io_error != nullptr && io_error->system_error() == ENOSPC);
    return {is_out_of_space ? ErrorCode::storage_space : ErrorCode::generic_error,
            fmt::format("cannot create the log '{}': {}", path, error.what())};
}

}  // namespace

std::int64_t usable_space(const std::string& path) {
    struct statvfs status {};
    if (::statvfs(path.c_str(), &status) != 0) {
        throw IoError(fmt::format("cannot ask for the space left for '{}'", path), errno);
    }
    return static_cast<std::int64_t>(status.f_bavail) * static_cast<std::int64_t>(status.f_frsize);
}

LogFiles::LogFiles(LogFilesConfig config, SystemCounters& system_counters, shm::DistinctErrorLog& errors)
    : config_(std::move(config)), system_counters_(system_counters), errors_(errors) {}

Result<logbuffer::LogFile> LogFiles::create(const logbuffer::LogParams& params) {
    const std::string path = path_of(params);
    try {
        if (config_.perform_storage_checks) {
            check_storage(logbuffer::log_length(params.term_length, params.page_size));
        }
        logbuffer::LogFile log = logbuffer::LogFile::create(path, params);
        system_counters_.add(SystemCounter::bytes_currently_mapped, log.length());
        return log;
    } catch (const Error& error) {
        return reply_for(error, path);
    }
}

void LogFiles::destroy(logbuffer::LogFile log) {
    const std::string path = log.path();
    const std::int64_t length = log.length();
    { const logbuffer::LogFile unmapped = std::move(log); }
    system_counters_.add(SystemCounter::bytes_currently_mapped, -length);
    if (!try_delete(path)) {
        undeleted_.push_back(path);
    }
}

int LogFiles::retry_deletions() {
    const auto attempts = std::min(static_cast<std::size_t>(config_.resource_free_limit), undeleted_.size());
    int deleted = 0;
    for (std::size_t attempt = 0; attempt < attempts; ++attempt) {
        std::string path = std::move(undeleted_.front());
        undeleted_.pop_front();
        if (try_delete(path)) {
            ++deleted;
        } else {
            undeleted_.push_back(std::move(path));
        }
    }
    return deleted;
}

std::string LogFiles::path_of(const logbuffer::LogParams& params) const {
    return params.type == logbuffer::LogType::image
               ? shm::image_log_path(config_.directory, params.correlation_id)
               : shm::publication_log_path(config_.directory, params.correlation_id);
}

void LogFiles::check_storage(const std::int64_t log_length) const {
    const std::int64_t usable = config_.usable_space(config_.directory);
    if (usable < log_length) {
        throw Error(
            ErrorCode::storage_space,
            fmt::format("insufficient usable storage for new log of length={} usable={} in {}: free space there, "
                        "or use a smaller term-length",
                        log_length, usable, config_.directory));
    }
    if (usable <= config_.low_storage_warning_threshold) {
        // The text carries no measured value, so that repetitions count as one observation. spec: 06 §20
        const std::string warning =
            fmt::format("WARNING: space is running low in {}: no more than the threshold={} is usable",
                        config_.directory, config_.low_storage_warning_threshold);
        if (errors_.record(static_cast<std::int32_t>(ErrorCode::storage_space), warning) ==
            shm::ErrorRecordResult::log_full) {
            fmt::print(stderr, "{}\n", warning);
        }
    }
}

bool LogFiles::try_delete(const std::string& path) {
    if (::unlink(path.c_str()) == 0 || errno == ENOENT) {
        return true;
    }
    system_counters_.increment(SystemCounter::free_fails);
    return false;
}

}  // namespace cpperon::driver
