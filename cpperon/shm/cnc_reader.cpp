#include "cpperon/shm/cnc_reader.hpp"

#include <thread>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"
#include "cpperon/shm/cnc_file.hpp"
#include "cpperon/shm/directory.hpp"
#include "cpperon/shm/many_to_one_ring_buffer.hpp"
#include "cpperon/shm/open_cnc.hpp"

namespace cpperon {

namespace {

CncConstants constants_of(const shm::CncFile& file) noexcept {
    const auto length = [](const shm::CncSection& section) { return static_cast<std::int32_t>(section.length); };
    const shm::CncLayout& layout = file.layout();
    return {.cnc_version = file.version(),
            .to_driver_buffer_length = length(layout.to_driver),
            .to_clients_buffer_length = length(layout.to_clients),
            .counters_metadata_buffer_length = length(layout.counters_metadata),
            .counters_values_buffer_length = length(layout.counters_values),
            .error_log_buffer_length = length(layout.error_log),
            .client_liveness_timeout = std::chrono::nanoseconds{file.client_liveness_timeout_ns()},
            .start_timestamp_ms = file.start_timestamp_ms(),
            .pid = file.pid(),
            .file_page_size = file.file_page_size()};
}

}  // namespace

CncFile CncFile::open(const std::string& directory, const std::chrono::nanoseconds timeout) {
    return try_open(directory, timeout).value_or_throw();
}

Result<CncFile> CncFile::try_open(const std::string& directory, const std::chrono::nanoseconds timeout) {
    std::string of_driver =
        directory.empty() ? shm::configured_directory(shm::UserEnvironment::of_process()) : directory;
    const auto sleep = [](const std::chrono::nanoseconds duration) { std::this_thread::sleep_for(duration); };
    Result<shm::CncFile> file =
        shm::open_cnc_read_only(shm::cnc_path(of_driver), timeout, SystemNanoClock::instance(), sleep);
    if (!file) {
        return file.error();
    }
    return CncFile{std::move(of_driver), std::make_shared<const shm::CncFile>(std::move(file).value())};
}

CncFile::CncFile(std::string directory, std::shared_ptr<const shm::CncFile> file)
    : directory_(std::move(directory)),
      file_(std::move(file)),
      constants_(constants_of(*file_)),
      counters_(file_->counters_metadata(), file_->counters_values()),
      errors_(file_->error_log()) {}

const std::string& CncFile::path() const noexcept {
    return file_->path();
}

std::int64_t CncFile::driver_heartbeat_ms() const noexcept {
    return shm::ManyToOneRingBuffer{file_->to_driver_buffer()}.consumer_heartbeat_ms();
}

bool CncFile::is_driver_active(const std::chrono::nanoseconds timeout, EpochClock& clock) const noexcept {
    const std::int64_t heartbeat_ms = driver_heartbeat_ms();
    const std::chrono::milliseconds age{heartbeat_ms > 0 ? clock.epoch_ms() - heartbeat_ms : 0};
    return heartbeat_ms > 0 && age <= std::chrono::duration_cast<std::chrono::milliseconds>(timeout);
}

Result<MappedFile> CncFile::try_map_loss_report() const {
    const std::string path = shm::loss_report_path(directory_);
    try {
        return MappedFile::open(path, Access::read_only);
    } catch (const IoError& error) {
        return ErrorInfo{ErrorCode::io_error,
                         fmt::format("cannot read the loss report: {}; pass the directory of a driver", error.what())};
    }
}

}  // namespace cpperon
