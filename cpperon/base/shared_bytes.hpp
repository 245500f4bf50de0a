/// Copies of bytes that another thread or process may be changing meanwhile: each word is moved by a relaxed atomic
/// access, so that a torn copy is a value to be rejected and not undefined behaviour. Used by readers that find out
/// afterwards whether what they copied is valid (broadcast, labels), and by their writers.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "cpperon/base/field.hpp"

namespace cpperon {

namespace detail {

using SharedByte = unsigned char;
using SharedCopyWord = std::uint64_t;

/// How many of `length` bytes lie before the first word boundary at or after `address`.
[[nodiscard]] inline std::size_t bytes_before_word(const std::byte* const address, const std::size_t length) noexcept {
    const std::size_t misalignment = reinterpret_cast<std::uintptr_t>(address) % sizeof(SharedCopyWord);
    const std::size_t head = misalignment == 0 ? 0 : sizeof(SharedCopyWord) - misalignment;
    return head < length ? head : length;
}

// relaxed throughout: the order comes from the fences and the atomic fields around the copy.

template <typename T>
inline void load_one(std::byte* const to, const std::byte* const from) noexcept {
    const T value = std::atomic_ref<T>(const_cast<T&>(field_at<T>(from))).load(std::memory_order_relaxed);
    std::memcpy(to, &value, sizeof(T));
}

template <typename T>
inline void store_one(std::byte* const to, const std::byte* const from) noexcept {
    T value;
    std::memcpy(&value, from, sizeof(T));
    std::atomic_ref<T>(field_at<T>(to)).store(value, std::memory_order_relaxed);
}

}  // namespace detail

/// Copies `to.size()` bytes out of shared memory.
inline void load_bytes_relaxed(const std::span<std::byte> to, const std::byte* from) noexcept {
    std::byte* out = to.data();
    std::byte* const words = out + detail::bytes_before_word(from, to.size());
    std::byte* const end = out + to.size();
    for (; out != words; ++out, ++from) {
        detail::load_one<detail::SharedByte>(out, from);
    }
    for (; end - out >= static_cast<std::ptrdiff_t>(sizeof(detail::SharedCopyWord));
         out += sizeof(detail::SharedCopyWord), from += sizeof(detail::SharedCopyWord)) {
        detail::load_one<detail::SharedCopyWord>(out, from);
    }
    for (; out != end; ++out, ++from) {
        detail::load_one<detail::SharedByte>(out, from);
    }
}

/// Copies `from` into shared memory; touches no byte beyond.
inline void store_bytes_relaxed(std::byte* to, const std::span<const std::byte> from) noexcept {
    const std::byte* in = from.data();
    const std::byte* const words = in + detail::bytes_before_word(to, from.size());
    const std::byte* const end = in + from.size();
    for (; in != words; ++in, ++to) {
        detail::store_one<detail::SharedByte>(to, in);
    }
    for (; end - in >= static_cast<std::ptrdiff_t>(sizeof(detail::SharedCopyWord));
         in += sizeof(detail::SharedCopyWord), to += sizeof(detail::SharedCopyWord)) {
        detail::store_one<detail::SharedCopyWord>(to, in);
    }
    for (; in != end; ++in, ++to) {
        detail::store_one<detail::SharedByte>(to, in);
    }
}

}  // namespace cpperon
