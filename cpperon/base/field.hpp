/// Typed views of fields inside byte spans, for layouts of shared memory. Used by every room that maps files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace cpperon {

/// The `T` that lies at `address`, which the caller knows to be aligned for it and inside its buffer.
template <typename T>
requires std::is_trivially_copyable_v<T>
[[nodiscard]] inline T& field_at(std::byte* const address) noexcept {
    return *static_cast<T*>(static_cast<void*>(address));
}

template <typename T>
requires std::is_trivially_copyable_v<T>
[[nodiscard]] inline const T& field_at(const std::byte* const address) noexcept {
    return *static_cast<const T*>(static_cast<const void*>(address));
}

/// True where atomic 8-byte fields may lie at multiples of 8 from the start of `bytes`.
[[nodiscard]] inline bool is_aligned_for_atomics(const std::span<const std::byte> bytes) noexcept {
    return reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(std::int64_t) == 0;
}

}  // namespace cpperon
