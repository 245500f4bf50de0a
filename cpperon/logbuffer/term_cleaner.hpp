/// Zeroes what every subscriber has left behind, before its partition comes up again. Used by the driver's conductor,
/// one cleaner per log. spec: 03 §14
#pragma once

#include <cstdint>

#include "cpperon/logbuffer/log_view.hpp"

namespace cpperon::logbuffer {

/// Borrows the log. Bounded: one step zeroes at most one term.
class TermCleaner {
public:
    /// `start_position`: where the log starts; nothing before it will be cleaned.
    TermCleaner(const LogView& log, const std::int64_t start_position) noexcept
        : log_(log), position_(start_position) {}

    /// One step towards `target`, not across a term's end; what remains is left to the next step. Returns the bytes
    /// cleaned. spec: 03 §14
    std::int32_t clean_up_to(std::int64_t target) noexcept;

    /// Everything before it is clean.
    [[nodiscard]] std::int64_t position() const noexcept { return position_; }

private:
    LogView log_;
    std::int64_t position_;
};

}  // namespace cpperon::logbuffer
