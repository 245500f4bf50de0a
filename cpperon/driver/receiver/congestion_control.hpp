/// How far the sender of an image may run ahead of its slowest subscriber: a window that stands still, or one that
/// grows and shrinks with what the network carries. Used by the conductor, one for each image; decides only.
/// spec: 04 §10
#pragma once

#include <cstdint>
#include <variant>

namespace cpperon::driver {

/// What one look at an image has shown.
struct RebuildProgress {
    bool is_loss_found = false;             ///< since the last look
    std::int64_t consumption_position = 0;  ///< of the slowest subscriber that counts
    std::int64_t scheduled_position = 0;    ///< of the last status message that was scheduled
    std::int64_t rtt_ns = 0;                ///< measured last
    std::int64_t now_ns = 0;
};

struct WindowDecision {
    std::int32_t window_length = 0;
    bool forces_status = false;  ///< tell the sender now, even if nothing else asks for it
};

/// The window that a receiver asks for, as far as the stream allows: a sender takes no more than half a term.
/// spec: 04 §9.6
[[nodiscard]] std::int32_t effective_window_length(std::int64_t window_length, std::int32_t term_length) noexcept;

/// spec: 04 §10.1
class StaticWindow {
public:
    explicit StaticWindow(const std::int32_t window_length) noexcept : window_length_(window_length) {}

    [[nodiscard]] WindowDecision on_rebuild(const RebuildProgress& /*progress*/) const noexcept {
        return {.window_length = window_length_};
    }
    [[nodiscard]] std::int32_t window_length() const noexcept { return window_length_; }

private:
    std::int32_t window_length_;
};

/// Shrinks by a fifth when something is lost, and finds back along a cubic curve whose inflection is the window at
/// which that happened. Windows are counted in packets of the sender's MTU. spec: 04 §10.2
class CubicWindow {
public:
    struct Spec {
        std::int32_t max_window_length = 0;
        std::int32_t mtu_length = 0;
        std::int64_t initial_rtt_ns = 100'000;  ///< also the least time from one growth to the next
        bool is_tcp_friendly = false;           ///< grows at least as fast as TCP does
        std::int64_t now_ns = 0;
    };
    explicit CubicWindow(const Spec& spec) noexcept;

    [[nodiscard]] WindowDecision on_rebuild(const RebuildProgress& progress) noexcept;
    [[nodiscard]] std::int32_t window_length() const noexcept;

private:
    void shrink(std::int64_t now_ns) noexcept;
    void grow(const RebuildProgress& progress) noexcept;
    void set_inflection(std::int32_t packets) noexcept;

    // Constant after construction.
    std::int32_t max_window_length_;
    std::int32_t mtu_length_;
    std::int32_t max_packets_;
    std::int64_t update_interval_ns_;
    bool is_tcp_friendly_;
    // Changes.
    std::int32_t packets_;             // the window
    std::int32_t inflection_packets_;  // the window when something was lost last
    double seconds_to_inflection_;     // from that loss until the curve is back there
    std::int64_t time_of_last_loss_ns_;
    std::int64_t time_of_last_update_ns_;
};

class CongestionControl {
public:
    explicit CongestionControl(const StaticWindow& window) noexcept : window_(window) {}
    explicit CongestionControl(const CubicWindow& window) noexcept : window_(window) {}

    [[nodiscard]] WindowDecision on_rebuild(const RebuildProgress& progress) noexcept {
        return std::visit([&](auto& window) { return window.on_rebuild(progress); }, window_);
    }
    [[nodiscard]] std::int32_t window_length() const noexcept {
        return std::visit([](const auto& window) { return window.window_length(); }, window_);
    }

private:
    std::variant<StaticWindow, CubicWindow> window_;
};

}  // namespace cpperon::driver
