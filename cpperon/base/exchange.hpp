/// Swapping a shared word, beside the accesses of `atomic.hpp`. Used for counters that several threads write.
#pragma once

#include "cpperon/base/atomic.hpp"

namespace cpperon {

/// Sequentially consistent; returns the value before.
template <SharedWord T>
inline T exchange(T& field, const std::type_identity_t<T> value) noexcept {
    return detail::shared(field).exchange(value, std::memory_order_seq_cst);
}

}  // namespace cpperon
