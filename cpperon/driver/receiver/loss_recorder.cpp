#include "cpperon/driver/receiver/loss_recorder.hpp"

namespace cpperon::driver {

void LossRecorder::on_gap(const ReportedGap& gap, const std::int64_t now_ms) {
    const std::int64_t bytes_lost = bytes_not_counted_yet(gap);
    if (bytes_lost == 0 || is_report_full_) {
        return;
    }
    if (entry_) {
        entry_->record(bytes_lost, now_ms);
    } else {
        entry_ = report_.create_entry({.bytes_lost = bytes_lost,
                                       .now_ms = now_ms,
                                       .session_id = source_.session_id,
                                       .stream_id = source_.stream_id,
                                       .channel = source_.channel,
                                       .source = source_.source});
        is_report_full_ = !entry_;
    }
    last_counted_ = gap;
}

/// What lies before the end of the range counted last was counted with it, or is part of it.
std::int64_t LossRecorder::bytes_not_counted_yet(const ReportedGap& gap) const noexcept {
    const std::int64_t counted_end = last_counted_.term_offset + last_counted_.length;
    if (last_counted_.length == 0 || gap.term_id != last_counted_.term_id || gap.term_offset >= counted_end) {
        return gap.length;
    }
    const std::int64_t end = gap.term_offset + gap.length;
    return end > counted_end ? end - counted_end : 0;
}

}  // namespace cpperon::driver
