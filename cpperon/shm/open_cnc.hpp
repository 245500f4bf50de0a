/// Waits for a driver's `cnc.dat` to be there, for who only reads it: tools, and programs that watch a driver.
/// spec: 07 §B.11
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "cpperon/base/clock.hpp"
#include "cpperon/base/result.hpp"
#include "cpperon/shm/cnc_file.hpp"

namespace cpperon::shm {

/// Maps `cnc.dat` at `path` read-only, as soon as its driver has made it ready. Whether that driver still lives is not
/// asked. `timeout`: how long to try; 0 or less leaves one attempt. `sleep` is called between attempts.
/// Errors are those of `CncFile::try_open`: at once where waiting does not help, else after the timeout.
[[nodiscard]] Result<CncFile> open_cnc_read_only(const std::string& path, std::chrono::nanoseconds timeout,
                                                 NanoClock& clock,
                                                 const std::function<void(std::chrono::nanoseconds)>& sleep);

}  // namespace cpperon::shm
