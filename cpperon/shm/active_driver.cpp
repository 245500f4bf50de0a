#include "cpperon/shm/active_driver.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"
#include "cpperon/shm/cnc_file.hpp"
#include "cpperon/shm/directory.hpp"
#include "cpperon/shm/many_to_one_ring_buffer.hpp"

namespace cpperon::shm {

namespace {

/// While a driver publishes its file. spec: 01 §2.4
constexpr std::chrono::milliseconds starting_retry{1};

}  // namespace

ActiveDriverProbe::ActiveDriverProbe(const std::string& directory, const std::int64_t timeout_ms, NanoClock& nano_clock,
                                     EpochClock& epoch_clock)
    : path_(cnc_path(directory)),
      timeout_ms_(std::clamp<std::int64_t>(timeout_ms, 0, std::numeric_limits<std::int64_t>::max() / 1'000'000)),
      nano_clock_(nano_clock),
      epoch_clock_(epoch_clock),
      start_ns_(nano_clock.nano_time()) {}

ActivityCheck ActiveDriverProbe::poll() {
    const CncOpening opening = CncFile::try_open(path_, Access::read_only);
    switch (opening.status) {
        case CncOpenStatus::ready: break;
        case CncOpenStatus::unpublished:
            if (nano_clock_.nano_time() - start_ns_ < timeout_ms_ * 1'000'000) {
                return {.activity = DriverActivity::pending, .retry_after = starting_retry, .reason = {}};
            }
            return {.activity = DriverActivity::unpublished, .reason = opening.error.message};
        case CncOpenStatus::absent:
        case CncOpenStatus::truncated:
        case CncOpenStatus::malformed: return {.activity = DriverActivity::inactive, .reason = opening.error.message};
        case CncOpenStatus::incompatible: return {.activity = DriverActivity::unknown, .reason = opening.error.message};
        case CncOpenStatus::inaccessible:
        case CncOpenStatus::unreadable: detail::throw_error({ErrorCode::io_error, opening.error.message});
    }
    const std::int64_t heartbeat_ms = ManyToOneRingBuffer{opening.file->to_driver_buffer()}.consumer_heartbeat_ms();
    if (heartbeat_ms <= 0) {
        return {
            .activity = DriverActivity::inactive,
            .reason = fmt::format("the driver of '{}' was {}", path_, heartbeat_ms == 0 ? "never ready" : "closed")};
    }
    // Both are epoch times, the heartbeat positive: no overflow.
    const std::int64_t age_ms = epoch_clock_.epoch_ms() - heartbeat_ms;
    return {.activity = age_ms <= timeout_ms_ ? DriverActivity::active : DriverActivity::inactive,
            .reason = fmt::format("the last sign of life in '{}' is {} ms old, the timeout is {} ms", path_, age_ms,
                                  timeout_ms_)};
}

}  // namespace cpperon::shm
