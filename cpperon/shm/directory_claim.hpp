/// A driver takes possession of its directory: refuses a live predecessor's, saves a dead one's errors, and starts from
/// an empty one. spec: 01 §2.3 steps 1 and 2, §2.5
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cpperon/base/clock.hpp"
#include "cpperon/shm/directory_lock.hpp"

namespace cpperon::shm {

struct DirectoryClaim {
    std::string directory;
    bool delete_on_start = false;  ///< removes the directory without asking whether a driver is alive in it
    std::int64_t driver_timeout_ms = 10'000;
    NanoClock& nano_clock;
    EpochClock& epoch_clock;
    /// Called between looks at a predecessor that may be starting.
    std::function<void(std::chrono::nanoseconds)> sleep;
    /// Called with what an operator may want to know: the directory exists, errors were saved. May be empty.
    std::function<void(std::string_view)> on_notice;
};

/// Leaves the directory with fresh `publications` and `images` in it and nothing else. The lock keeps others that start
/// at the same moment away: to be kept until they can see that a driver is alive.
/// Throws `ActiveDriverError` if a driver is alive in it, or starting, or did not finish its start; `IoError` where the
/// system refuses; `InvalidArgumentError` for a directory that holds something else and no `cnc.dat`, which cannot be
/// an Aeron directory and is left as it is.
[[nodiscard]] DirectoryLock claim_directory(const DirectoryClaim& claim);

/// Writes the errors a previous driver left in its `cnc.dat` to a text file beside the directory and returns its path;
/// nothing where there is no such file, no error in it, or another major version. Throws `IoError`. spec: 01 §2.5
std::optional<std::string> save_error_log(const std::string& directory, EpochClock& clock);

}  // namespace cpperon::shm
