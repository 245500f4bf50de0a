#include "cpperon/driver/conductor/driver_errors.hpp"

#include <cstdint>
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include "cpperon/driver/system_counters.hpp"
#include "cpperon/shm/distinct_error_log.hpp"

namespace cpperon::driver {

void DriverErrors::record(const ErrorCode code, const std::string_view text) {
    if (code == ErrorCode::resource_temporarily_unavailable) {
        return;
    }
    counters_.increment(SystemCounter::errors);
    const std::string entry = fmt::format("({}) {}: {}", static_cast<std::int32_t>(code), to_string(code), text);
    if (log_.record(static_cast<std::int32_t>(code), entry) == shm::ErrorRecordResult::recorded) {
        return;
    }
    // relaxed: it orders nothing, one of several threads says it.
    if (!has_told_that_log_is_full_.exchange(true, std::memory_order_relaxed)) {
        fmt::print(stderr, "the error log is full, new errors are only counted from here on; the first: {}\n", entry);
    }
}

ErrorCode wire_code_of(const ErrorCode code) noexcept {
    constexpr auto first_client_code = static_cast<std::int32_t>(ErrorCode::driver_timeout);
    const auto number = static_cast<std::int32_t>(code);
    return number > 0 && number < first_client_code ? code : ErrorCode::generic_error;
}

}  // namespace cpperon::driver
