/// How a client finds its driver: the attach procedure, in steps for whoever must not wait, and as one call that waits.
/// spec: 01 §3.3
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "cpperon/base/clock.hpp"
#include "cpperon/base/result.hpp"
#include "cpperon/shm/cnc_file.hpp"

namespace cpperon::shm {

/// A driver that was alive a moment ago, and what a client needs to begin.
struct AttachedDriver {
    CncFile cnc;  ///< mapped read-write
    std::int64_t client_id = 0;
    /// The client must service its conductor more often than this. From the header's client liveness timeout.
    std::int64_t inter_service_timeout_ns = 0;
    /// 0.0.0 where the driver does not tell (before 1.44).
    SemanticVersion control_protocol_version;
};

enum class AttachState { pending, attached, failed };

/// Outcome of one step.
struct AttachStep {
    AttachState state = AttachState::pending;
    std::chrono::nanoseconds retry_after{0};  ///< pending: how long to wait before the next step
    std::optional<AttachedDriver> driver;     ///< attached
    ErrorInfo error;                          ///< failed
};

/// Tries to attach to the driver of a directory until it succeeds or the driver timeout has passed. The file is mapped
/// anew in each step, because a starting driver replaces it under the same name.
///
/// Errors: `driver_timeout` (no file, or no living driver), `client_timeout` (the driver did not finish its start),
/// both after the timeout; `incompatible_version`, `malformed_file`, `io_error` at once. Each text names the file and
/// what to do. Threads: one.
class DriverAttach {
public:
    struct Options {
        std::string directory;
        std::int64_t driver_timeout_ms = 10'000;  ///< for the whole procedure, and the oldest sign of life accepted
    };

    /// The timeout runs from here; a negative one counts as 0, which leaves one attempt. The clocks must outlive the
    /// object.
    DriverAttach(Options options, NanoClock& nano_clock, EpochClock& epoch_clock);

    /// Makes one attempt; does not wait or throw. After `attached` or `failed` it must not be called again.
    [[nodiscard]] AttachStep poll();

private:
    [[nodiscard]] AttachStep retry_or_fail(std::chrono::nanoseconds retry_after, ErrorInfo error) const;
    [[nodiscard]] AttachStep attach_if_alive(CncFile cnc);

    Options options_;
    std::string path_;
    NanoClock& nano_clock_;
    EpochClock& epoch_clock_;
    std::int64_t start_ns_;
};

/// Polls until attached; `sleep(std::chrono::nanoseconds)` is called between the steps. Fails as `DriverAttach` does.
template <typename Sleep>
[[nodiscard]] Result<AttachedDriver> attach(DriverAttach::Options options, NanoClock& nano_clock,
                                            EpochClock& epoch_clock, Sleep&& sleep) {
    DriverAttach attempt{std::move(options), nano_clock, epoch_clock};
    while (true) {
        AttachStep step = attempt.poll();
        if (step.state == AttachState::attached) {
            return std::move(*step.driver);
        }
        if (step.state == AttachState::failed) {
            return std::move(step.error);
        }
        sleep(step.retry_after);
    }
}

}  // namespace cpperon::shm
