/// Dice for the simulated network and for simulations on it: decisions drawn from a random source. The same source in
/// the same state decides the same.
#pragma once

#include <cstdint>

#include "cpperon/base/random.hpp"

namespace cpperon::net {

/// True with probability `rate`, from 0 to 1. What never or always happens draws nothing, so that a fault that is off
/// leaves the decisions about others as they are.
[[nodiscard]] inline bool happens(RandomSource& random, const double rate) noexcept {
    if (rate <= 0.0) {
        return false;
    }
    if (rate >= 1.0) {
        return true;
    }
    constexpr double unit = 1.0 / 9'007'199'254'740'992.0;  // 53 bits
    return static_cast<double>(random.next_u64() >> 11U) * unit < rate;
}

/// A number from `low` to `high`, both included. Where there is no choice nothing is drawn.
[[nodiscard]] inline std::int64_t between(RandomSource& random, const std::int64_t low,
                                          const std::int64_t high) noexcept {
    if (high <= low) {
        return low;
    }
    const std::uint64_t count = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
    const std::uint64_t drawn = random.next_u64();
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + (count == 0 ? drawn : drawn % count));
}

}  // namespace cpperon::net
