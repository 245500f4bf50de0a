/// What a controlled handler wants done after it was given one message; for rings, logs and subscriptions alike.
/// spec: 01 §4.5, 07 §A.5
#pragma once

#include <cstdint>

namespace cpperon {

// NOLINTBEGIN(readability-identifier-naming): the plain words are keywords.
/// How a controlled handler wants to go on.
enum class ControlledAction : std::uint8_t {
    abort = 1,      ///< not consumed: stop, and offer this message again next time
    break_ = 2,     ///< consumed: stop
    commit = 3,     ///< consumed: publish the position now, then go on
    continue_ = 4,  ///< consumed: go on; the position is published at the end
};
// NOLINTEND(readability-identifier-naming)

}  // namespace cpperon
