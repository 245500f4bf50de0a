/// What may be passed to a poll. Public. spec: 03 §16, 07 §A.10
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "cpperon/base/controlled_action.hpp"
#include "cpperon/logbuffer/header.hpp"

namespace cpperon {

/// Takes a fragment in place: its bytes and header are valid until it returns.
template <typename F>
concept FragmentHandler = requires(F& handler, std::span<const std::byte> fragment, const Header& header) {
    handler(fragment, header);
};

/// The same, saying how to go on.
template <typename F>
concept ControlledFragmentHandler = requires(F& handler, std::span<const std::byte> fragment, const Header& header) {
    { handler(fragment, header) } -> std::convertible_to<ControlledAction>;
};

/// Takes a run of whole frames, headers included, with session id and term id.
template <typename F>
concept BlockHandler = std::invocable<F&, std::span<const std::byte>, std::int32_t, std::int32_t>;

}  // namespace cpperon
