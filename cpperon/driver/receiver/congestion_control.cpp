#include "cpperon/driver/receiver/congestion_control.hpp"

#include <algorithm>
#include <cmath>

namespace cpperon::driver {

namespace {

// spec: 04 §10.2
constexpr double curvature = 0.4;  // C
constexpr double reduction = 0.2;  // B
constexpr std::int32_t initial_packets = 10;

double seconds(const std::int64_t duration_ns) noexcept {
    return static_cast<double>(duration_ns) / 1e9;
}

}  // namespace

std::int32_t effective_window_length(const std::int64_t window_length, const std::int32_t term_length) noexcept {
    return static_cast<std::int32_t>(std::min<std::int64_t>(window_length, term_length / 2));
}

CubicWindow::CubicWindow(const Spec& spec) noexcept
    : max_window_length_(spec.max_window_length),
      mtu_length_(spec.mtu_length),
      max_packets_(std::max(1, spec.max_window_length / spec.mtu_length)),
      update_interval_ns_(spec.initial_rtt_ns),
      is_tcp_friendly_(spec.is_tcp_friendly),
      packets_(std::min(initial_packets, max_packets_)),
      inflection_packets_(max_packets_),
      seconds_to_inflection_(0),
      time_of_last_loss_ns_(spec.now_ns),
      time_of_last_update_ns_(spec.now_ns) {
    set_inflection(max_packets_);
}

WindowDecision CubicWindow::on_rebuild(const RebuildProgress& progress) noexcept {
    bool forces_status = false;
    if (progress.is_loss_found) {
        shrink(progress.now_ns);
        forces_status = true;
    } else if (packets_ < max_packets_ && progress.now_ns > time_of_last_update_ns_ + update_interval_ns_) {
        grow(progress);
    } else if (packets_ == 1 && progress.consumption_position > progress.scheduled_position) {
        // A quarter of so small a window may be less than the sender needs to send anything at all.
        forces_status = true;
    }
    return {.window_length = window_length(), .forces_status = forces_status};
}

std::int32_t CubicWindow::window_length() const noexcept {
    return static_cast<std::int32_t>(std::min<std::int64_t>(std::int64_t{packets_} * mtu_length_, max_window_length_));
}

void CubicWindow::shrink(const std::int64_t now_ns) noexcept {
    set_inflection(packets_);
    packets_ = std::max(1, static_cast<std::int32_t>(static_cast<double>(packets_) * (1.0 - reduction)));
    time_of_last_loss_ns_ = now_ns;
}

/// In floating point up to the end: after hours the curve is far beyond what an integer holds.
void CubicWindow::grow(const RebuildProgress& progress) noexcept {
    const double since_loss = seconds(progress.now_ns - time_of_last_loss_ns_);
    const double from_inflection = since_loss - seconds_to_inflection_;
    double packets = inflection_packets_ + std::trunc(curvature * from_inflection * from_inflection * from_inflection);
    packets = std::min<double>(packets, max_packets_);
    if (is_tcp_friendly_ && packets < inflection_packets_ && progress.rtt_ns > 0) {
        const double tcp_packets =
            std::trunc(inflection_packets_ * (1.0 - reduction) +
                       (3.0 * reduction / (2.0 - reduction)) * (since_loss / seconds(progress.rtt_ns)));
        packets = std::min<double>(std::max(packets, tcp_packets), max_packets_);
    }
    packets_ = std::max(1, static_cast<std::int32_t>(packets));
    time_of_last_update_ns_ = progress.now_ns;
}

void CubicWindow::set_inflection(const std::int32_t packets) noexcept {
    inflection_packets_ = packets;
    seconds_to_inflection_ = std::cbrt(packets * reduction / curvature);
}

}  // namespace cpperon::driver
