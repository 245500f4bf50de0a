#include "tools/watched_driver.hpp"

#include <utility>

#include <fmt/format.h>

namespace cpperon::tools {

WatchedDriver::WatchedDriver(const DriverOption& option) : cnc_(option.open()) {
    directory_ = cnc_.directory();
}

DriverSnapshot WatchedDriver::look() {
    // Every time: the files of a driver that was killed are replaced long before its last sign of life is old.
    if (const Result<CncFile> found = CncFile::try_open(directory_)) {
        const CncConstants& present = cnc_.constants();
        const CncConstants& other = found->constants();
        if (present.pid != other.pid || present.start_timestamp_ms != other.start_timestamp_ms) {
            news_ = fmt::format("another driver came, pid {} after {}", other.pid, present.pid);
            cnc_ = *found;
            last_state_.reset();
        }
    }
    DriverSnapshot snapshot = take_snapshot(cnc_);
    if (last_state_ && *last_state_ != snapshot.state) {
        switch (snapshot.state) {
            case DriverState::alive: news_ = "the driver is alive again"; break;
            case DriverState::dead: news_ = "the driver gives no sign of life; waiting for it, or for another"; break;
            case DriverState::closed: news_ = "the driver was closed; waiting for another"; break;
        }
    }
    last_state_ = snapshot.state;
    return snapshot;
}

std::optional<std::string> WatchedDriver::take_news() {
    return std::exchange(news_, std::nullopt);
}

}  // namespace cpperon::tools
