/// Where the conductor gets its log files from and gives them back to: the seam to the native resource agent, which
/// does what may block. The conductor itself never creates, maps, unmaps or deletes a log. spec: 06 §2.1, §15
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "cpperon/base/result.hpp"
#include "cpperon/logbuffer/log_file.hpp"

namespace cpperon::driver {

/// The cell in which the outcome of one creation appears. Written once by the native resource agent, read by the
/// conductor. spec: 06 §2.1
class LogCreation {
public:
    /// Native resource agent: hands over the outcome. Once.
    void complete(Result<logbuffer::LogFile> outcome) {
        outcome_.emplace(std::move(outcome));
        // release [log-creation] -> poll: the outcome is complete before it is seen.
        is_complete_.store(true, std::memory_order_release);
    }

    /// Conductor: nothing while the agent is at it; then, once, the log or the error to reply with: `storage_space`
    /// where the disk is full, otherwise `generic_error`.
    [[nodiscard]] std::optional<Result<logbuffer::LogFile>> poll() {
        // acquire [log-creation] <- complete
        if (!is_complete_.load(std::memory_order_acquire)) {
            return std::nullopt;
        }
        std::optional<Result<logbuffer::LogFile>> outcome = std::exchange(outcome_, std::nullopt);
        // release [log-taken] -> is_taken: this thread touches the outcome no more.
        is_taken_.store(true, std::memory_order_release);
        return outcome;
    }

    /// Native resource agent: the conductor has the outcome.
    [[nodiscard]] bool is_taken() const noexcept {
        // acquire [log-taken] <- poll
        return is_taken_.load(std::memory_order_acquire);
    }

private:
    std::optional<Result<logbuffer::LogFile>> outcome_;
    std::atomic<bool> is_complete_{false};
    std::atomic<bool> is_taken_{false};
};

/// Called by the conductor's thread only; neither call blocks.
class LogBufferStore {
public:
    virtual ~LogBufferStore() = default;

    /// Asks for the file `publications/<correlation id>.logbuffer` (`images/` for an image) below the driver's
    /// directory, its metadata filled from `params`. The answer comes in a later duty cycle and must be taken.
    [[nodiscard]] virtual std::shared_ptr<LogCreation> create(const logbuffer::LogParams& params) = 0;

    /// Unmaps and deletes the file of a log that nothing in the driver reads or writes any longer.
    virtual void destroy(logbuffer::LogFile log) = 0;
};

}  // namespace cpperon::driver
