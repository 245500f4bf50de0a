/// Logs that go back to the store with their owner, to be unmapped and deleted: one that is there, and one that is
/// being made. Conductor only. spec: 06 §15.1
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "cpperon/base/error.hpp"
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

/// A log that was asked for.
class PendingLog {
public:
    /// `store` must outlive the object.
    PendingLog(LogBufferStore& store, const logbuffer::LogParams& params)
        : store_(store), creation_(store.create(params)) {}
    PendingLog(const PendingLog&) = delete;
    PendingLog& operator=(const PendingLog&) = delete;
    /// Who asked may be gone before the answer was taken.
    ~PendingLog() {
        if (auto outcome = creation_->poll(); outcome && outcome->has_value()) {
            store_.destroy(std::move(*outcome).value());
        }
    }

    /// Nothing while it is being made; then, once, the log. Throws `RegistrationError` where it cannot be made.
    [[nodiscard]] std::optional<OwnedLog> poll() {
        std::optional<Result<logbuffer::LogFile>> outcome = creation_->poll();
        if (!outcome) {
            return std::nullopt;
        }
        if (!outcome->has_value()) {
            throw RegistrationError(outcome->error());
        }
        return OwnedLog{store_, std::move(*outcome).value()};
    }

private:
    LogBufferStore& store_;
    std::shared_ptr<LogCreation> creation_;
};

}  // namespace cpperon::driver
