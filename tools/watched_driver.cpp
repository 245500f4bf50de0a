#include "tools/watched_driver.hpp"

#include <utility>

#include <fmt/format.h>

#include "cpperon/shm/directory.hpp"

namespace cpperon::tools {

std::string_view DriverLook::state() const noexcept {
    return snapshot ? to_string(snapshot->state) : "absent";
}

WatchedDriver::WatchedDriver(const std::string& directory)
    : directory_(directory.empty() ? shm::configured_directory(shm::UserEnvironment::of_process()) : directory) {}

WatchedDriver::WatchedDriver(CncFile present) : directory_(present.directory()), last_(std::move(present)) {}

DriverLook WatchedDriver::look() {
    DriverLook look{.directory = directory_};
    // Every time: the files of a driver that was killed are replaced long before its last sign of life is old.
    const Result<CncFile> found = CncFile::try_open(directory_);
    if (found) {
        const CncConstants& now = found->constants();
        if (last_ &&
            (last_->constants().pid != now.pid || last_->constants().start_timestamp_ms != now.start_timestamp_ms)) {
            look.news = fmt::format("another driver came, pid {} after {}", now.pid, last_->constants().pid);
            last_state_.reset();
        }
        last_ = *found;
    }
    if (!last_) {
        look.problem = found.error().message;
        return look;
    }
    look.snapshot = take_snapshot(*last_);
    const DriverState state = look.snapshot->state;
    if (last_state_ && *last_state_ != state) {
        switch (state) {
            case DriverState::alive: look.news = "the driver is alive again"; break;
            case DriverState::dead:
                look.news = "the driver gives no sign of life; waiting for it, or for another";
                break;
            case DriverState::closed: look.news = "the driver was closed; waiting for another"; break;
        }
    }
    last_state_ = state;
    return look;
}

}  // namespace cpperon::tools
