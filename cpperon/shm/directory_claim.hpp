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

/// Leaves the directory freshly made, with `publications` and `images` in it and nothing else.
/// Throws `ActiveDriverError` if a driver is alive in it or did not finish its start, `IoError` where the system
/// refuses.
void claim_directory(const DirectoryClaim& claim);

/// Writes the errors a previous driver left in its `cnc.dat` to a text file beside the directory and returns its path;
/// nothing where there is no such file, no error in it, or another major version. Throws `IoError`. spec: 01 §2.5
std::optional<std::string> save_error_log(const std::string& directory, EpochClock& clock);

}  // namespace cpperon::shm
