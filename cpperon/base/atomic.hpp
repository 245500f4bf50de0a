/// The only way to touch memory that is shared between threads or processes: the order stands in the call, the pairing
/// access in a comment at the call. Used by every room. design §4.4, style §6
#pragma once

#include <atomic>
#include <cstdint>
#include <type_traits>

namespace cpperon {

template <typename T>
concept SharedWord = std::is_integral_v<T> &&(sizeof(T) == 4 || sizeof(T) == 8);

namespace detail {

/// An atomic view of a field. Loads through a pointer to const never write.
template <SharedWord T>
[[nodiscard]] inline std::atomic_ref<T> shared(const T& field) noexcept {
    static_assert(std::atomic_ref<T>::is_always_lock_free);
    return std::atomic_ref<T>(const_cast<T&>(field));
}

}  // namespace detail

template <SharedWord T>
[[nodiscard]] inline T load_relaxed(const T& field) noexcept {
    return detail::shared(field).load(std::memory_order_relaxed);
}

template <SharedWord T>
[[nodiscard]] inline T load_acquire(const T& field) noexcept {
    return detail::shared(field).load(std::memory_order_acquire);
}

template <SharedWord T>
inline void store_relaxed(T& field, const std::type_identity_t<T> value) noexcept {
    detail::shared(field).store(value, std::memory_order_relaxed);
}

template <SharedWord T>
inline void store_release(T& field, const std::type_identity_t<T> value) noexcept {
    detail::shared(field).store(value, std::memory_order_release);
}

/// Sequentially consistent; returns the value before the addition.
template <SharedWord T>
inline T fetch_add(T& field, const std::type_identity_t<T> delta) noexcept {
    return detail::shared(field).fetch_add(delta, std::memory_order_seq_cst);
}

/// Sequentially consistent; true if `field` held `expected` and now holds `desired`.
template <SharedWord T>
[[nodiscard]] inline bool compare_exchange(T& field, std::type_identity_t<T> expected,
                                           const std::type_identity_t<T> desired) noexcept {
    return detail::shared(field).compare_exchange_strong(expected, desired, std::memory_order_seq_cst);
}

/// Adds for a field that only this thread writes: a plain read, then a release store.
template <SharedWord T>
inline void add_release(T& field, const std::type_identity_t<T> delta) noexcept {
    // relaxed: this thread is the only writer.
    store_release(field, static_cast<T>(load_relaxed(field) + delta));
}

/// No store after it becomes visible before a store that precedes it.
inline void release_fence() noexcept {
    std::atomic_thread_fence(std::memory_order_release);
}

/// No load after it is done before a load that precedes it.
inline void acquire_fence() noexcept {
    std::atomic_thread_fence(std::memory_order_acquire);
}

}  // namespace cpperon
