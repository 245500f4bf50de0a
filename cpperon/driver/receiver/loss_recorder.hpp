/// Writes down what an image loses in the driver's loss report: every byte once, however often it is asked for. Used by
/// the conductor, one for each image. spec: 04 §15, 06 §20
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cpperon/driver/receiver/image_signals.hpp"
#include "cpperon/shm/loss_report.hpp"

namespace cpperon::driver {

/// Whose losses they are.
struct LossSource {
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::string channel;  ///< of the receive endpoint, as its creator spelled it
    std::string source;   ///< `ip:port` of the sender
};

class LossRecorder {
public:
    /// `report` must outlive the object.
    LossRecorder(shm::LossReport& report, LossSource source) : report_(report), source_(std::move(source)) {}

    /// Each time a gap is reported. `now_ms`: epoch.
    void on_gap(const ReportedGap& gap, std::int64_t now_ms);

private:
    [[nodiscard]] std::int64_t bytes_not_counted_yet(const ReportedGap& gap) const noexcept;

    shm::LossReport& report_;
    LossSource source_;
    ReportedGap last_counted_;  // of length 0 until something was
    std::optional<shm::LossReportEntry> entry_;
    bool is_report_full_ = false;
};

}  // namespace cpperon::driver
