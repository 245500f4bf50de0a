#include "cpperon/shm/open_cnc.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace cpperon::shm {

namespace {

/// spec: 07 §B.11
constexpr std::chrono::milliseconds retry_interval{16};

}  // namespace

Result<CncFile> open_cnc_read_only(const std::string& path, const std::chrono::nanoseconds timeout, NanoClock& clock,
                                   const std::function<void(std::chrono::nanoseconds)>& sleep) {
    const std::int64_t start_ns = clock.nano_time();
    while (true) {
        CncOpening opening = CncFile::try_open(path, Access::read_only);
        if (opening.status == CncOpenStatus::ready) {
            return std::move(*opening.file);
        }
        const std::chrono::nanoseconds remaining = timeout - std::chrono::nanoseconds{clock.nano_time() - start_ns};
        if (!opening.may_become_ready()) {
            return std::move(opening.error);
        }
        if (remaining.count() <= 0) {
            if (timeout.count() > 0) {
                opening.error.message += fmt::format(
                    " (waited {} ms)", std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count());
            }
            return std::move(opening.error);
        }
        sleep(std::min<std::chrono::nanoseconds>(retry_interval, remaining));
    }
}

}  // namespace cpperon::shm
