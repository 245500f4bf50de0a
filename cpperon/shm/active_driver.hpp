/// Finds out whether a driver is alive on a directory: a starting driver, and tools. spec: 01 §2.4
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "cpperon/base/clock.hpp"

namespace cpperon::shm {

enum class DriverActivity {
    pending,      ///< a driver may be starting: ask again
    active,       ///< it gave a sign of life within the timeout
    inactive,     ///< nothing there, closed, or dead
    unpublished,  ///< a file whose driver did not finish its start in time; safest is not to touch it
    unknown,      ///< a file of another major version: nobody here can read its signs of life
};

/// Outcome of one look.
struct ActivityCheck {
    DriverActivity activity = DriverActivity::pending;
    std::chrono::nanoseconds retry_after{0};  ///< pending: how long to wait before the next look
    std::string reason;                       ///< what was found, for a log
};

/// Looks at `cnc.dat` until it can tell. Reads only. Threads: one.
class ActiveDriverProbe {
public:
    /// `timeout_ms`: the oldest sign of life that counts, and how long to wait for a starting driver; runs from here.
    /// The clocks must outlive the object.
    ActiveDriverProbe(const std::string& directory, std::int64_t timeout_ms, NanoClock& nano_clock,
                      EpochClock& epoch_clock);

    /// One look; does not wait. Throws `Error` with code `io_error` where the file is there and the system refuses to
    /// map it, since that says nothing about the driver.
    [[nodiscard]] ActivityCheck poll();

private:
    std::string path_;
    std::int64_t timeout_ms_;
    NanoClock& nano_clock_;
    EpochClock& epoch_clock_;
    std::int64_t start_ns_;
};

/// Polls until it can tell; `sleep(std::chrono::nanoseconds)` is called between the looks. Never returns `pending`.
template <typename Sleep>
[[nodiscard]] ActivityCheck check_driver_activity(const std::string& directory, const std::int64_t timeout_ms,
                                                  NanoClock& nano_clock, EpochClock& epoch_clock, Sleep&& sleep) {
    ActiveDriverProbe probe{directory, timeout_ms, nano_clock, epoch_clock};
    while (true) {
        ActivityCheck check = probe.poll();
        if (check.activity != DriverActivity::pending) {
            return check;
        }
        sleep(check.retry_after);
    }
}

}  // namespace cpperon::shm
