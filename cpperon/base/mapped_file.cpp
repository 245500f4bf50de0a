#include "cpperon/base/mapped_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"

namespace cpperon {

namespace {

/// A file descriptor, closed with the scope.
class Descriptor {
public:
    explicit Descriptor(const int value) noexcept : value_(value) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (value_ >= 0) {
            ::close(value_);
        }
    }
    [[nodiscard]] int value() const noexcept { return value_; }

private:
    int value_;
};

std::span<std::byte> map(const int descriptor, const std::string& path, const std::size_t length, const Access access,
                         const bool populate) {
    const int protection = access == Access::read_write ? PROT_READ | PROT_WRITE : PROT_READ;
    const int flags = MAP_SHARED | (populate ? MAP_POPULATE : 0);
    void* const address = ::mmap(nullptr, length, protection, flags, descriptor, 0);
    if (address == MAP_FAILED) {
        throw IoError(fmt::format("cannot map {} bytes of '{}'", length, path), errno);
    }
    return {static_cast<std::byte*>(address), length};
}

}  // namespace

MappedFile MappedFile::create(const std::string& path, const std::int64_t length, const Allocation allocation) {
    const Descriptor file{::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666)};
    if (file.value() < 0) {
        throw IoError(fmt::format("cannot create '{}'", path), errno);
    }
    try {
        const int failure = allocation == Allocation::reserved ? ::posix_fallocate(file.value(), 0, length)
                                                               : (::ftruncate(file.value(), length) == 0 ? 0 : errno);
        if (failure != 0) {
            throw IoError(fmt::format("cannot give '{}' its length of {} bytes", path, length), failure);
        }
        return {map(file.value(), path, static_cast<std::size_t>(length), Access::read_write,
                    allocation == Allocation::reserved),
                path};
    } catch (...) {
        ::unlink(path.c_str());
        throw;
    }
}

MappedFile MappedFile::open(const std::string& path, const Access access, const bool pre_touch) {
    const int flags = access == Access::read_write ? O_RDWR : O_RDONLY;
    // Not blocking: a pipe in the file's place must not make us wait for its other end.
    const Descriptor file{::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK)};
    if (file.value() < 0) {
        throw IoError(fmt::format("cannot open '{}'", path), errno);
    }
    struct stat status {};
    if (::fstat(file.value(), &status) != 0) {
        throw IoError(fmt::format("cannot read the length of '{}'", path), errno);
    }
    if (!S_ISREG(status.st_mode)) {
        throw IoError(fmt::format("cannot map '{}', which is not a regular file", path), EINVAL);
    }
    if (status.st_size == 0) {
        return {{}, path};
    }
    return {map(file.value(), path, static_cast<std::size_t>(status.st_size), access, pre_touch), path};
}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    if (this != &other) {
        unmap();
        bytes_ = std::exchange(other.bytes_, {});
        path_ = std::move(other.path_);
    }
    return *this;
}

void MappedFile::flush() const {
    if (is_mapped() && ::msync(bytes_.data(), bytes_.size(), MS_SYNC) != 0) {
        throw IoError(fmt::format("cannot write back '{}'", path_), errno);
    }
}

void MappedFile::unmap() noexcept {
    if (is_mapped()) {
        ::munmap(bytes_.data(), bytes_.size());
        bytes_ = {};
    }
}

}  // namespace cpperon
