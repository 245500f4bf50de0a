/// Finds what is missing in an image, and decides when it is reported: to be asked for, or to be given up. Only the
/// first gap of a term is looked at. Used by the conductor, one for each image; decides only. spec: 04 §9.5
#pragma once

#include <cstdint>
#include <optional>

#include "cpperon/driver/receiver/feedback_delay.hpp"
#include "cpperon/driver/receiver/image_signals.hpp"
#include "cpperon/logbuffer/log_view.hpp"

namespace cpperon::driver {

class LossDetector {
public:
    explicit LossDetector(const FeedbackDelay& delay) noexcept : delay_(delay) {}

    struct Range {
        std::int64_t rebuild_position = 0;  ///< everything before it is known to be there
        std::int64_t high_water_mark = 0;   ///< nothing is behind it
    };
    struct Finding {
        std::int64_t rebuild_position = 0;  ///< everything before it is there
        bool is_loss_found = false;         ///< a gap that was not known before
        std::optional<ReportedGap> report;  ///< its delay is over
    };

    /// Walks the term of the rebuild position, up to the high-water mark or the term's end. Positions are multiples of
    /// 32 and not negative.
    [[nodiscard]] Finding scan(const logbuffer::LogView& log, const Range& range, std::int64_t now_ns) noexcept;

private:
    [[nodiscard]] bool is_active(const ReportedGap& gap) const noexcept;

    FeedbackDelay delay_;
    std::optional<ReportedGap> active_gap_;  // found last; whether it is still there, the next scan tells
    std::int64_t report_time_ns_ = 0;
};

}  // namespace cpperon::driver
