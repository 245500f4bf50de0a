#include "cpperon/driver/receiver/loss_detector.hpp"

#include "cpperon/logbuffer/gap_scan.hpp"
#include "cpperon/logbuffer/position.hpp"

namespace cpperon::driver {

LossDetector::Finding LossDetector::scan(const logbuffer::LogView& log, const Range& range,
                                         const std::int64_t now_ns) noexcept {
    Finding finding{.rebuild_position = range.rebuild_position};
    if (range.rebuild_position >= range.high_water_mark) {
        return finding;
    }
    const std::int32_t shift = log.position_bits_to_shift();
    const std::int32_t term_count = logbuffer::term_count_of_position(range.rebuild_position, shift);
    const bool ends_in_this_term = logbuffer::term_count_of_position(range.high_water_mark, shift) == term_count;
    const logbuffer::GapScan scan = logbuffer::scan_for_gap(
        log.term(logbuffer::index_of_term_count(term_count)),
        logbuffer::term_offset_of_position(range.rebuild_position, log.term_length()),
        ends_in_this_term ? logbuffer::term_offset_of_position(range.high_water_mark, log.term_length())
                          : log.term_length());
    finding.rebuild_position = logbuffer::begin_position_of_term(term_count, shift) + scan.rebuild_offset;
    if (!scan.gap) {
        return finding;
    }
    const ReportedGap gap{.term_id = logbuffer::add_to_term_id(log.initial_term_id(), term_count),
                          .term_offset = scan.gap->term_offset,
                          .length = scan.gap->length};
    if (!is_active(gap)) {
        active_gap_ = gap;
        report_time_ns_ = now_ns + delay_.first_ns();
        finding.is_loss_found = true;
    }
    if (now_ns >= report_time_ns_) {
        finding.report = gap;
        report_time_ns_ = now_ns + delay_.retry_ns();
    }
    return finding;
}

bool LossDetector::is_active(const ReportedGap& gap) const noexcept {
    return active_gap_ && active_gap_->term_id == gap.term_id && active_gap_->term_offset == gap.term_offset &&
           active_gap_->length == gap.length;
}

}  // namespace cpperon::driver
