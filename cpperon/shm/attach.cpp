#include "cpperon/shm/attach.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "cpperon/shm/counters_reader.hpp"
#include "cpperon/shm/directory.hpp"
#include "cpperon/shm/many_to_one_ring_buffer.hpp"
#include "cpperon/shm/system_counters_reader.hpp"

namespace cpperon::shm {

namespace {

using std::chrono::milliseconds;

// How long to wait after each kind of failure. spec: 01 §3.3
constexpr milliseconds absent_retry{16};
constexpr milliseconds starting_retry{1};
constexpr milliseconds dead_driver_retry{100};

/// spec: 01 §3.3
SemanticVersion control_protocol_version(const CncFile& cnc) {
    const std::optional<std::int64_t> packed =
        system_counter_value({cnc.counters_metadata(), cnc.counters_values()}, SystemCounter::control_protocol_version);
    return packed ? SemanticVersion::unpack(static_cast<std::int32_t>(*packed)) : SemanticVersion{};
}

}  // namespace

DriverAttach::DriverAttach(Options options, NanoClock& nano_clock, EpochClock& epoch_clock)
    : options_(std::move(options)),
      path_(cnc_path(options_.directory)),
      nano_clock_(nano_clock),
      epoch_clock_(epoch_clock),
      start_ns_(nano_clock.nano_time()) {
    constexpr std::int64_t max_timeout_ms = std::numeric_limits<std::int64_t>::max() / 1'000'000;
    options_.driver_timeout_ms = std::clamp<std::int64_t>(options_.driver_timeout_ms, 0, max_timeout_ms);
}

AttachStep DriverAttach::poll() {
    CncOpening opening = CncFile::try_open(path_, Access::read_write);
    switch (opening.status) {
        case CncOpenStatus::absent:
        case CncOpenStatus::inaccessible: return retry_or_fail(absent_retry, std::move(opening.error));
        case CncOpenStatus::unpublished:
        case CncOpenStatus::truncated: return retry_or_fail(starting_retry, std::move(opening.error));
        case CncOpenStatus::incompatible:
        case CncOpenStatus::malformed:
        case CncOpenStatus::unreadable: return {.state = AttachState::failed, .error = std::move(opening.error)};
        case CncOpenStatus::ready: break;
    }
    return attach_if_alive(std::move(*opening.file));
}

AttachStep DriverAttach::attach_if_alive(CncFile cnc) {
    ManyToOneRingBuffer to_driver{cnc.to_driver_buffer()};
    const std::int64_t heartbeat_ms = to_driver.consumer_heartbeat_ms();
    if (heartbeat_ms == 0) {
        return retry_or_fail(
            starting_retry, {ErrorCode::driver_timeout,
                             fmt::format("the media driver of '{}' has given no sign of life yet; restart it", path_)});
    }
    const std::int64_t now_ms = epoch_clock_.epoch_ms();
    if (heartbeat_ms < now_ms - options_.driver_timeout_ms) {
        return retry_or_fail(
            dead_driver_retry,
            {ErrorCode::driver_timeout,
             heartbeat_ms < 0
                 ? fmt::format("the media driver of '{}' was closed; start it again", path_)
                 : fmt::format("the media driver of '{}' is dead: its last sign of life is {} ms old, the driver "
                               "timeout is {} ms; start it again",
                               path_, static_cast<std::uint64_t>(now_ms) - static_cast<std::uint64_t>(heartbeat_ms),
                               options_.driver_timeout_ms)});
    }
    AttachStep step{.state = AttachState::attached};
    const std::int64_t inter_service_timeout_ns = cnc.client_liveness_timeout_ns();
    const SemanticVersion protocol_version = control_protocol_version(cnc);
    step.driver = AttachedDriver{.cnc = std::move(cnc),
                                 .client_id = to_driver.next_correlation_id(),
                                 .inter_service_timeout_ns = inter_service_timeout_ns,
                                 .control_protocol_version = protocol_version};
    return step;
}

AttachStep DriverAttach::retry_or_fail(const std::chrono::nanoseconds retry_after, ErrorInfo error) const {
    const std::chrono::nanoseconds elapsed{nano_clock_.nano_time() - start_ns_};
    const std::chrono::nanoseconds timeout = milliseconds{options_.driver_timeout_ms};
    if (elapsed >= timeout) {
        error.message += fmt::format(" (waited {} ms)", options_.driver_timeout_ms);
        return {.state = AttachState::failed, .error = std::move(error)};
    }
    return {.state = AttachState::pending, .retry_after = std::min(retry_after, timeout - elapsed)};
}

}  // namespace cpperon::shm
