/// What may be passed to a poll. Public. spec: 03 §16, 07 §A.10
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "cpperon/logbuffer/header.hpp"

namespace cpperon {

/// What a controlled handler wants done with the fragment it was given. spec: 03 §16.3
enum class ControlledAction : std::uint8_t {
    abort = 1,     ///< not consumed: stop here; it will be delivered again
    break_ = 2,    ///< consumed: stop behind it
    commit = 3,    ///< consumed: publish the position now and go on
    continue_ = 4  ///< consumed: go on; the position is published at the end of the poll
};

/// Takes a fragment in place: its bytes and header are valid until it returns.
template <typename F>
concept FragmentHandler = std::invocable < F&,
        std::span<const std::byte>,
const Header& > ;

/// The same, saying how to go on.
template <typename F>
concept ControlledFragmentHandler = std::is_invocable_r_v < ControlledAction,
        F&, std::span<const std::byte>,
const Header& > ;

/// Takes a run of whole frames, headers included, with session id and term id.
template <typename F>
concept BlockHandler = std::invocable<F&, std::span<const std::byte>, std::int32_t, std::int32_t>;

}  // namespace cpperon
