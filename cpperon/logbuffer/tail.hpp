/// The raw tails and the active term count together: where the publishers of a log are, and the step to the next term.
/// Used by publishers and the driver's conductor. spec: 03 §4, §9.4
#pragma once

#include <cstdint>

#include "cpperon/logbuffer/log_view.hpp"

namespace cpperon::logbuffer {

/// The position up to which space of the log was claimed, clamped to the end of the active term. Any thread.
/// spec: 03 §12.3, §12.4
[[nodiscard]] std::int64_t producer_position(const LogView& log) noexcept;

/// Makes the term after `term_count`, whose id is `term_id`, the active one, unless somebody else did. Any number of
/// publishers and the conductor may try at the same time. spec: 03 §9.4
void rotate_log(LogMetadata& metadata, std::int32_t term_count, std::int32_t term_id) noexcept;

}  // namespace cpperon::logbuffer
