/// Alignment arithmetic for layouts.
#pragma once

#include <concepts>

namespace cpperon {

/// The smallest multiple of `alignment`, a power of two, that is not below `value`.
template <std::integral T>
[[nodiscard]] constexpr T align_up(const T value, const T alignment) noexcept {
    return static_cast<T>((value + (alignment - 1)) & ~(alignment - 1));
}

template <std::integral T>
[[nodiscard]] constexpr bool is_power_of_two(const T value) noexcept {
    return value > 0 && (value & (value - 1)) == 0;
}

}  // namespace cpperon
