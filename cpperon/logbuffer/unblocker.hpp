/// Gets a log going again whose publisher died between claim and commit, or before it rotated. Used by the driver's
/// conductor. spec: 03 §15.2
#pragma once

#include <cstdint>

#include "cpperon/logbuffer/log_view.hpp"

namespace cpperon::logbuffer {

/// Looks at the log at `blocked_position`, where its consumers have stood for too long, and turns what blocks them into
/// padding, or rotates. True if something was done. Committed frames, and a claim with nothing behind it in an open
/// term, are left alone. `blocked_position` is a multiple of 32. spec: 03 §15.2
bool unblock_log(const LogView& log, std::int64_t blocked_position) noexcept;

}  // namespace cpperon::logbuffer
