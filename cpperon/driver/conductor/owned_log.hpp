/// A log that goes back to the store with its owner, to be unmapped and deleted. Conductor only. spec: 06 §15.1
#pragma once

#include <optional>
#include <utility>

#include "cpperon/driver/log_buffer_store.hpp"

namespace cpperon::driver {

/// Movable; a moved-from one owns nothing.
class OwnedLog {
public:
    /// `store` must outlive the object.
    OwnedLog(LogBufferStore& store, logbuffer::LogFile log) noexcept : store_(&store), log_(std::move(log)) {}

    OwnedLog(OwnedLog&& other) noexcept : store_(other.store_), log_(std::exchange(other.log_, std::nullopt)) {}
    OwnedLog(const OwnedLog&) = delete;
    OwnedLog& operator=(const OwnedLog&) = delete;
    OwnedLog& operator=(OwnedLog&&) = delete;
    ~OwnedLog() {
        if (log_) {
            store_->destroy(*std::exchange(log_, std::nullopt));
        }
    }

    [[nodiscard]] const logbuffer::LogFile& file() const noexcept { return *log_; }

private:
    LogBufferStore* store_;
    std::optional<logbuffer::LogFile> log_;
};

}  // namespace cpperon::driver
