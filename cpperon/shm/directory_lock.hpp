/// Lets one driver after the other take possession of an Aeron directory, when several start at the same moment.
/// Drivers of other make do not know of it: towards them the heartbeat alone decides. Used by a driver that starts or
/// ends. spec: 01 §2.3
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "cpperon/base/clock.hpp"

namespace cpperon::shm {

/// The exclusive lock of a directory, as long as the object lives. The system gives it back when the process dies.
class DirectoryLock {
public:
    struct Patience {
        std::int64_t timeout_ms = 10'000;
        NanoClock& nano_clock;
        std::function<void(std::chrono::nanoseconds)> sleep;
    };

    /// Nothing where there is no such directory. Waits while another process has the lock, and takes care that it is
    /// still the directory of this name then. A file system without locks gives one that excludes nobody. Throws
    /// `ActiveDriverError` when it takes too long, `IoError` where the directory cannot be opened.
    [[nodiscard]] static std::optional<DirectoryLock> try_acquire(const std::string& directory,
                                                                  const Patience& patience);

    DirectoryLock(DirectoryLock&& other) noexcept;
    DirectoryLock& operator=(DirectoryLock&& other) noexcept;
    ~DirectoryLock();

private:
    explicit DirectoryLock(int descriptor) noexcept : descriptor_(descriptor) {}

    int descriptor_ = -1;
};

}  // namespace cpperon::shm
