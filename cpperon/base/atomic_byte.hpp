/// Shared flags of one byte: the few fields of shared files that are narrower than a word. Used by `logbuffer`.
/// design §4.4, style §6
#pragma once

#include <atomic>
#include <cstdint>

namespace cpperon {

[[nodiscard]] inline std::uint8_t load_acquire(const std::uint8_t& field) noexcept {
    static_assert(std::atomic_ref<std::uint8_t>::is_always_lock_free);
    return std::atomic_ref<std::uint8_t>(const_cast<std::uint8_t&>(field)).load(std::memory_order_acquire);
}

inline void store_release(std::uint8_t& field, const std::uint8_t value) noexcept {
    std::atomic_ref<std::uint8_t>(field).store(value, std::memory_order_release);
}

}  // namespace cpperon
