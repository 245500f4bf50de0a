/// Decides which gaps that receivers ask for are sent again, and when. No I/O: its owner sends. Sender only.
/// spec: 04 §6.8
///
/// | State     | Event                        | What happens                      | Next      |
/// | --------- | ---------------------------- | --------------------------------- | --------- |
/// | inactive  | NAK, no delay configured     | resent at once                    | lingering |
/// | inactive  | NAK, a delay configured      | nothing yet                       | delayed   |
/// | delayed   | delay is over                | resent                            | lingering |
/// | lingering | linger time-out is over      | nothing                           | inactive  |
/// | active    | NAK that starts inside       | ignored                           | as it was |
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cpperon::driver {

/// A part of one term.
struct TermRange {
    std::int32_t term_id = 0;
    std::int32_t term_offset = 0;
    std::int32_t length = 0;

    friend bool operator==(const TermRange&, const TermRange&) noexcept = default;
};

struct RetransmitSpec {
    bool has_group_semantics = false;
    std::int32_t max_resend = 16;  ///< ranges at a time; without group semantics it is one, the last asked for
    std::int64_t delay_ns = 0;
    std::int64_t linger_ns = 10'000'000;
};

class RetransmitHandler {
public:
    explicit RetransmitHandler(const RetransmitSpec& spec);

    enum class Verdict : std::uint8_t {
        send_now,  ///< the caller sends the range
        later,     ///< `poll` will hand it out
        ignore,    ///< it was sent again a moment ago, or is about to be
        overflow,  ///< too many at a time
    };
    /// `range`: what to send again, already cut to what flow control allows.
    [[nodiscard]] Verdict on_nak(const TermRange& range, std::int64_t now_ns);

    /// Ends what is over, and calls `resend(range)` for each range whose delay is.
    template <typename Resend>
    void poll(const std::int64_t now_ns, const Resend& resend) {
        if (active_count_ == 0) {
            return;
        }
        for (Action& action : actions_) {
            if (action.state == State::inactive || now_ns <= action.expiry_ns) {
                continue;
            }
            if (action.state == State::delayed) {
                linger(action, now_ns);
                resend(action.range);
            } else {
                action.state = State::inactive;
                --active_count_;
            }
        }
    }

private:
    enum class State : std::uint8_t { inactive, delayed, lingering };
    struct Action {
        State state = State::inactive;
        TermRange range;
        std::int64_t expiry_ns = 0;
    };

    [[nodiscard]] bool is_covered(const TermRange& range) const noexcept;
    [[nodiscard]] Action* pick() noexcept;
    void linger(Action& action, std::int64_t now_ns) const noexcept;

    // Constant after construction.
    RetransmitSpec spec_;
    // Changes with NAKs and time.
    std::vector<Action> actions_;
    std::int32_t active_count_ = 0;
};

}  // namespace cpperon::driver
