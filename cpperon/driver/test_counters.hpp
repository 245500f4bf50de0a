/// Counters sections in memory, for the tests of the driver.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cpperon/base/clock.hpp"
#include "cpperon/shm/counters_manager.hpp"

namespace cpperon::driver {

/// Room for 128 counters.
struct TestCounters {
    static constexpr std::size_t values_length = 128 * 128;

    std::vector<std::int64_t> metadata_words = std::vector<std::int64_t>(4 * values_length / 8);
    std::vector<std::int64_t> values_words = std::vector<std::int64_t>(values_length / 8);
    ManualClock clock;
    shm::CountersManager manager{std::as_writable_bytes(std::span{metadata_words}),
                                 std::as_writable_bytes(std::span{values_words}), clock, 1'000};

    [[nodiscard]] const CountersReader& reader() const noexcept { return manager.reader(); }
};

}  // namespace cpperon::driver
