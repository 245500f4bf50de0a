#include "cpperon/base/clock.hpp"

namespace cpperon {

std::int64_t SystemNanoClock::nano_time() noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

SystemNanoClock& SystemNanoClock::instance() noexcept {
    static SystemNanoClock clock;
    return clock;
}

std::int64_t SystemEpochClock::epoch_ms() noexcept {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

std::int64_t SystemEpochClock::epoch_ns() noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

SystemEpochClock& SystemEpochClock::instance() noexcept {
    static SystemEpochClock clock;
    return clock;
}

}  // namespace cpperon
