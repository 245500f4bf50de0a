#include "cpperon/shm/cnc_file.hpp"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "cpperon/base/atomic.hpp"
#include "cpperon/base/field.hpp"

namespace cpperon::shm {

namespace {

CncOpening not_open(const CncOpenStatus status, const ErrorCode code, std::string message) {
    return {.status = status, .file = std::nullopt, .error = {code, std::move(message)}};
}

CncOpening not_mapped(const IoError& error, const std::string& path, const Access access) {
    if (error.system_error() == ENOENT) {
        return not_open(CncOpenStatus::absent, ErrorCode::driver_timeout,
                        fmt::format("CnC file not created: '{}' does not exist; start a media driver on this "
                                    "directory, or set AERON_DIR to the directory of a running one",
                                    path));
    }
    if (error.system_error() == EACCES || error.system_error() == EPERM) {
        return not_open(CncOpenStatus::inaccessible, ErrorCode::driver_timeout,
                        fmt::format("CnC file not accessible: {}; run as a user who may {} the driver's files",
                                    error.what(), access == Access::read_only ? "read" : "read and write"));
    }
    return not_open(CncOpenStatus::unreadable, ErrorCode::io_error, error.what());
}

}  // namespace

CncFile CncFile::create(const std::string& path, const CncConfig& config) {
    const CncLayout layout = CncLayout::of(config).value_or_throw();
    MappedFile file = MappedFile::create(path, cnc_file_length(layout, config.file_page_size), Allocation::reserved);

    auto& header = field_at<CncHeader>(file.bytes().data());
    header.to_driver_buffer_length = static_cast<std::int32_t>(layout.to_driver.length);
    header.to_clients_buffer_length = static_cast<std::int32_t>(layout.to_clients.length);
    header.counters_metadata_buffer_length = static_cast<std::int32_t>(layout.counters_metadata.length);
    header.counters_values_buffer_length = static_cast<std::int32_t>(layout.counters_values.length);
    header.error_log_buffer_length = static_cast<std::int32_t>(layout.error_log.length);
    header.client_liveness_timeout_ns = config.client_liveness_timeout_ns;
    header.start_timestamp_ms = config.start_timestamp_ms;
    header.pid = config.pid;
    header.file_page_size = config.file_page_size;
    return {std::move(file), layout};
}

CncOpening CncFile::try_open(const std::string& path, const Access access) {
    MappedFile file;
    try {
        file = MappedFile::open(path, access);
    } catch (const IoError& error) {
        return not_mapped(error, path, access);
    }
    if (file.length() <= cnc_header_length) {
        return not_open(CncOpenStatus::absent, ErrorCode::driver_timeout,
                        fmt::format("CnC file not created: '{}' has {} bytes, more than {} are expected; start a media "
                                    "driver on this directory",
                                    path, file.length(), cnc_header_length));
    }
    // acquire [cnc-version] <- publish_version, ours or a reference driver's: header and sections are initialised.
    const std::int32_t packed_version = load_acquire(field_at<CncHeader>(file.bytes().data()).cnc_version);
    if (packed_version == 0) {
        return not_open(CncOpenStatus::unpublished, ErrorCode::client_timeout,
                        fmt::format("'{}' was created but not initialised: its version is 0; its driver is starting or "
                                    "died while it did: restart it",
                                    path));
    }
    const SemanticVersion found = SemanticVersion::unpack(packed_version);
    if (found.major != cnc_version.major) {
        return not_open(CncOpenStatus::incompatible, ErrorCode::incompatible_version,
                        fmt::format("'{}' has CnC version {}, this library works with version {}.x; use a matching "
                                    "driver",
                                    path, found.to_string(), cnc_version.major));
    }
    // A copy: what other processes write to the header from now on changes nothing here.
    CncHeader header;
    std::memcpy(&header, file.bytes().data(), sizeof header);
    Result<CncLayout> layout = CncLayout::of(header, path);
    if (!layout) {
        return {.status = CncOpenStatus::malformed, .file = std::nullopt, .error = layout.error()};
    }
    if (file.length() < layout->end()) {
        return not_open(CncOpenStatus::truncated, ErrorCode::malformed_file,
                        fmt::format("'{}' is truncated: it has {} bytes, its header announces {}; restart its driver",
                                    path, file.length(), layout->end()));
    }
    return {.status = CncOpenStatus::ready, .file = CncFile{std::move(file), *layout}, .error = {ErrorCode::none, {}}};
}

void CncFile::publish_version() noexcept {
    // release [cnc-version] -> try_open, ours or a peer's: everything a client may look at is initialised.
    store_release(header().cnc_version, cnc_version.packed());
}

CncHeader& CncFile::header() const noexcept {
    return field_at<CncHeader>(file_.bytes().data());
}

SemanticVersion CncFile::version() const noexcept {
    // acquire [cnc-version] <- publish_version
    return SemanticVersion::unpack(load_acquire(header().cnc_version));
}

// relaxed below: the fields are constant once the version is published; another process could still write to them.

std::int64_t CncFile::client_liveness_timeout_ns() const noexcept {
    return load_relaxed(header().client_liveness_timeout_ns);
}

std::int64_t CncFile::start_timestamp_ms() const noexcept {
    return load_relaxed(header().start_timestamp_ms);
}

std::int64_t CncFile::pid() const noexcept {
    return load_relaxed(header().pid);
}

std::int32_t CncFile::file_page_size() const noexcept {
    const std::int32_t size = load_relaxed(header().file_page_size);
    return size == 0 ? default_file_page_size : size;
}

}  // namespace cpperon::shm
