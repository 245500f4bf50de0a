/// Who of a publication's receivers was heard of lately. Sender only; decides, does no I/O. spec: 04 §6.2, §6.3
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace cpperon::driver {

class LiveReceivers {
public:
    [[nodiscard]] bool is_empty() const noexcept { return receivers_.empty(); }

    /// A receiver said something; it is added if it is new.
    void on_heard(const std::int64_t receiver_id, const std::int64_t now_ns) {
        oldest_ns_ = std::min(oldest_ns_, now_ns);
        for (Receiver& receiver : receivers_) {
            if (receiver.id == receiver_id) {
                receiver.time_ns = now_ns;
                return;
            }
        }
        receivers_.push_back({.id = receiver_id, .time_ns = now_ns});
    }

    /// Whether it was there.
    bool remove(const std::int64_t receiver_id) {
        return std::erase_if(receivers_, [&](const Receiver& receiver) { return receiver.id == receiver_id; }) > 0;
    }

    /// Forgets those that were last heard of at or before `time_ns`. Looks through them only when one may be so old,
    /// so that it can be called in every duty cycle.
    void remove_silent_since(const std::int64_t time_ns) {
        if (oldest_ns_ > time_ns) {
            return;
        }
        std::erase_if(receivers_, [&](const Receiver& receiver) { return receiver.time_ns <= time_ns; });
        oldest_ns_ = std::numeric_limits<std::int64_t>::max();
        for (const Receiver& receiver : receivers_) {
            oldest_ns_ = std::min(oldest_ns_, receiver.time_ns);
        }
    }

private:
    struct Receiver {
        std::int64_t id = 0;
        std::int64_t time_ns = 0;
    };

    std::vector<Receiver> receivers_;
    /// No receiver was last heard of before; for how long ago this is, nobody needs to be looked at.
    std::int64_t oldest_ns_ = std::numeric_limits<std::int64_t>::max();
};

}  // namespace cpperon::driver
