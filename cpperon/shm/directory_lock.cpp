#include "cpperon/shm/directory_lock.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"

namespace cpperon::shm {

namespace {

constexpr std::chrono::milliseconds retry{1};

bool is_still_at(const std::string& directory, const int descriptor) noexcept {
    struct stat locked {};
    struct stat named {};
    return ::fstat(descriptor, &locked) == 0 && ::stat(directory.c_str(), &named) == 0 &&
           locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
}

}  // namespace

std::optional<DirectoryLock> DirectoryLock::try_acquire(const std::string& directory, const Patience& patience) {
    const std::int64_t start_ns = patience.nano_clock.nano_time();
    while (true) {
        DirectoryLock lock{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        if (lock.descriptor_ < 0) {
            if (errno == ENOENT) {
                return std::nullopt;
            }
            throw IoError(fmt::format("cannot open the directory '{}'", directory), errno);
        }
        if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) == 0) {
            if (is_still_at(directory, lock.descriptor_)) {
                return lock;
            }
            continue;  // another process replaced it
        }
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return lock;  // a file system without locks: the heartbeat alone decides
        }
        if (patience.nano_clock.nano_time() - start_ns >= patience.timeout_ms * 1'000'000) {
            throw ActiveDriverError(fmt::format(
                "another media driver has been starting or ending in '{}' for {} ms; stop it, or use another directory",
                directory, patience.timeout_ms));
        }
        patience.sleep(retry);
    }
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

DirectoryLock& DirectoryLock::operator=(DirectoryLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

DirectoryLock::~DirectoryLock() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

}  // namespace cpperon::shm
