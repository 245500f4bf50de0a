/// Where the driver's agents record what went wrong. spec: 06 §20, 02 §6.3
#pragma once

#include <atomic>
#include <string_view>

#include "cpperon/base/error.hpp"

namespace cpperon::shm {
class DistinctErrorLog;
}

namespace cpperon::driver {

class SystemCounters;

/// Counts every error (system counter 15) and keeps each distinct one in the CnC file's error log. Any thread.
class DriverErrors {
public:
    /// Both must outlive the object.
    DriverErrors(shm::DistinctErrorLog& log, SystemCounters& counters) noexcept : log_(log), counters_(counters) {}

    /// `text` says what failed on what. What a peer can vary at will does not belong into it: each distinct text takes
    /// room in the log for ever. The first error that no longer fits goes to stderr; it says so, and later ones are
    /// only counted. An error that merely asks the client to try again, `resource_temporarily_unavailable`, is neither
    /// counted nor kept.
    void record(ErrorCode code, std::string_view text);

private:
    shm::DistinctErrorLog& log_;
    SystemCounters& counters_;
    std::atomic<bool> has_told_that_log_is_full_{false};
};

/// The code to answer a command with: codes that travel stay as they are, everything else is `generic_error`.
/// spec: 02 §6.3
[[nodiscard]] ErrorCode wire_code_of(ErrorCode code) noexcept;

}  // namespace cpperon::driver
