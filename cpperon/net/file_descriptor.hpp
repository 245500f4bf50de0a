/// A file descriptor with an owner. Used by the system's sockets.
#pragma once

#include <unistd.h>
#include <utility>

namespace cpperon::net {

/// Closes what it holds; -1: nothing.
class FileDescriptor {
public:
    FileDescriptor() noexcept = default;
    explicit FileDescriptor(const int value) noexcept : value_(value) {}
    FileDescriptor(FileDescriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    ~FileDescriptor() { close(); }

    [[nodiscard]] int value() const noexcept { return value_; }
    [[nodiscard]] bool is_open() const noexcept { return value_ >= 0; }

    void close() noexcept {
        if (is_open()) {
            ::close(std::exchange(value_, -1));
        }
    }

private:
    int value_ = -1;
};

}  // namespace cpperon::net
