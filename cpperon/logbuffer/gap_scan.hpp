/// Finds the first gap in a term that is being rebuilt. Used by the driver's conductor, for loss detection.
/// spec: 03 §13.4
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "cpperon/logbuffer/term_rebuilder.hpp"

namespace cpperon::logbuffer {

struct GapScan {
    std::int32_t rebuild_offset = 0;  ///< everything before it is contiguous
    std::optional<Gap> gap;           ///< starts at `rebuild_offset`; none: contiguous up to the limit

    friend bool operator==(const GapScan&, const GapScan&) noexcept = default;
};

/// Scans `term` from `rebuild_offset` to `limit_offset`, the offset of the high-water mark if it is in the same term,
/// else the term length. Offsets are multiples of 32. spec: 03 §13.4
[[nodiscard]] GapScan scan_for_gap(std::span<const std::byte> term, std::int32_t rebuild_offset,
                                   std::int32_t limit_offset) noexcept;

}  // namespace cpperon::logbuffer
