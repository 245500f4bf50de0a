/// Where the conductor gets its log files from and gives them back to: the seam to the native resource agent, which
/// does what may block. The conductor itself never creates, maps, unmaps or deletes a log. spec: 06 §2.1, §15
#pragma once

#include <memory>

#include "cpperon/driver/async_outcome.hpp"
#include "cpperon/logbuffer/log_file.hpp"

namespace cpperon::driver {

/// The log, or the error to reply with: `storage_space` where the disk is full, otherwise `generic_error`.
using LogCreation = AsyncOutcome<logbuffer::LogFile>;

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
