#include "cpperon/client/driver_activity.hpp"

#include <fmt/format.h>

#include "cpperon/base/clock.hpp"
#include "cpperon/base/error.hpp"
#include "cpperon/base/idle_strategy.hpp"
#include "cpperon/shm/active_driver.hpp"
#include "cpperon/shm/directory.hpp"

namespace cpperon {

std::string default_directory() {
    return shm::default_directory(shm::UserEnvironment::of_process());
}

bool is_driver_active(const std::string& directory, const std::chrono::milliseconds timeout,
                      const std::function<void(std::string_view finding)>& log) {
    if (timeout.count() < 0) {
        throw InvalidArgumentError(fmt::format("the timeout is {} ms; it must not be below 0", timeout.count()));
    }
    const shm::ActivityCheck check = shm::check_driver_activity(
        directory, timeout.count(), SystemNanoClock::instance(), SystemEpochClock::instance(),
        [](const std::chrono::nanoseconds pause) { SystemPause::instance().sleep(pause.count()); });
    if (log) {
        log(check.reason);
    }
    return check.activity == shm::DriverActivity::active;
}

}  // namespace cpperon
