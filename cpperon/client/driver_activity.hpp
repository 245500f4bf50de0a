/// Finds a driver without connecting to it: where it would be, and whether it is alive. Public. spec: 07 §B.12, §D.1
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace cpperon {

/// The directory of this user's driver where nobody says otherwise: `/dev/shm/aeron-<user>`, whatever `AERON_DIR` says.
[[nodiscard]] std::string default_directory();

/// Whether a driver on `directory` gave a sign of life within `timeout`. Waits, at most for `timeout`, where a driver
/// is about to start. `log` is told what was found. Reads only. Throws `InvalidArgumentError` for a timeout below 0,
/// and `IoError` where the file is there and cannot be read, which says nothing about the driver. Any thread.
[[nodiscard]] bool is_driver_active(const std::string& directory,
                                    std::chrono::milliseconds timeout = std::chrono::seconds{10},
                                    const std::function<void(std::string_view finding)>& log = {});

}  // namespace cpperon
