/// What happens to a subscriber that falls too far behind without being tethered to its publisher. Decides only; the
/// conductor acts. spec: 06 §12, 03 §12.2
///
/// | State   | Condition, on a tick                      | Action                        | Next    |
/// | ------- | ----------------------------------------- | ----------------------------- | ------- |
/// | active  | position > limit                          | none; the time starts anew    | active  |
/// | active  | else, for longer than the window timeout  | image becomes unavailable     | linger  |
/// | linger  | for longer than the linger timeout, rejoin | none                         | resting |
/// | linger  | the same, no rejoin                       | position counter is freed     | closed  |
/// | resting | for longer than the resting timeout       | rejoin at the join position   | active  |
/// | closed  | -                                         | none                          | closed  |
///
/// In `active` and `linger` the position counts: it holds the publisher back, keeps it connected and undrained.
#pragma once

#include <cstdint>

namespace cpperon::driver {

enum class TetherState : std::uint8_t { active, linger, resting, closed };

/// What the conductor has to do after a transition.
enum class TetherAction : std::uint8_t { none, make_unavailable, free_counter, rejoin };

/// The effective time-outs of one publication or image.
struct TetherTimeouts {
    std::int64_t window_limit_timeout_ns = 0;
    std::int64_t linger_timeout_ns = 0;
    std::int64_t resting_timeout_ns = 0;
};

/// A subscriber is too far behind where its position does not pass this. `reference` is what it is measured against,
/// for example the consumer position of an IPC publication; `window_length` the publisher's or receiver's window.
[[nodiscard]] constexpr std::int64_t untethered_limit(const std::int64_t reference,
                                                      const std::int32_t window_length) noexcept {
    return reference - window_length + window_length / 4;
}

/// The state of one subscriber position. A tethered one stays active for ever.
class Tether {
public:
    constexpr Tether(const bool is_tethered, const bool is_rejoining, const std::int64_t now_ns) noexcept
        : is_tethered_(is_tethered), is_rejoining_(is_rejoining), time_of_last_update_ns_(now_ns) {}

    [[nodiscard]] constexpr TetherState state() const noexcept { return state_; }
    [[nodiscard]] constexpr bool counts() const noexcept {
        return state_ == TetherState::active || state_ == TetherState::linger;
    }
    /// Clients have been told of the image and not yet of its end.
    [[nodiscard]] constexpr bool is_available() const noexcept { return state_ == TetherState::active; }

    /// One tick: makes at most one transition and says what follows from it.
    [[nodiscard]] constexpr TetherAction on_tick(const std::int64_t position, const std::int64_t limit,
                                                 const TetherTimeouts& timeouts, const std::int64_t now_ns) noexcept {
        if (is_tethered_) {
            return TetherAction::none;
        }
        switch (state_) {
            case TetherState::active: return watch(position, limit, timeouts.window_limit_timeout_ns, now_ns);
            case TetherState::linger: return linger(timeouts.linger_timeout_ns, now_ns);
            case TetherState::resting: return rest(timeouts.resting_timeout_ns, now_ns);
            case TetherState::closed: break;
        }
        return TetherAction::none;
    }

private:
    [[nodiscard]] constexpr TetherAction watch(const std::int64_t position, const std::int64_t limit,
                                               const std::int64_t timeout_ns, const std::int64_t now_ns) noexcept {
        if (position > limit) {
            time_of_last_update_ns_ = now_ns;
            return TetherAction::none;
        }
        return enter_after(timeout_ns, now_ns, TetherState::linger, TetherAction::make_unavailable);
    }
    [[nodiscard]] constexpr TetherAction linger(const std::int64_t timeout_ns, const std::int64_t now_ns) noexcept {
        return is_rejoining_ ? enter_after(timeout_ns, now_ns, TetherState::resting, TetherAction::none)
                             : enter_after(timeout_ns, now_ns, TetherState::closed, TetherAction::free_counter);
    }
    [[nodiscard]] constexpr TetherAction rest(const std::int64_t timeout_ns, const std::int64_t now_ns) noexcept {
        return enter_after(timeout_ns, now_ns, TetherState::active, TetherAction::rejoin);
    }
    [[nodiscard]] constexpr TetherAction enter_after(const std::int64_t timeout_ns, const std::int64_t now_ns,
                                                     const TetherState next, const TetherAction action) noexcept {
        if (now_ns - time_of_last_update_ns_ <= timeout_ns) {
            return TetherAction::none;
        }
        state_ = next;
        time_of_last_update_ns_ = now_ns;
        return action;
    }

    // Constant after construction.
    bool is_tethered_;
    bool is_rejoining_;
    // Changes on ticks.
    TetherState state_ = TetherState::active;
    std::int64_t time_of_last_update_ns_;
};

}  // namespace cpperon::driver
