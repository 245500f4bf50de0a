/// Who of a publication's receivers was heard of lately. Sender only; decides, does no I/O. Anybody can send status
/// messages, each from another receiver: those for whom there is no room are not heard. spec: 04 §6.2, §6.3
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace cpperon::driver {

/// Receivers that one publication keeps in mind at a time; far more than answer one sender in earnest.
inline constexpr std::size_t max_receivers_per_publication = 4'096;

class LiveReceivers {
public:
    [[nodiscard]] bool is_empty() const noexcept { return receivers_.empty(); }

    /// A receiver said something; it is added if it is new. False: there is no room for it.
    bool on_heard(const std::int64_t receiver_id, const std::int64_t now_ns) {
        for (Receiver& receiver : receivers_) {
            if (receiver.id == receiver_id) {
                receiver.time_ns = now_ns;
                return true;
            }
        }
        if (receivers_.size() >= max_receivers_per_publication) {
            return false;
        }
        oldest_ns_ = std::min(oldest_ns_, now_ns);
        receivers_.push_back({.id = receiver_id, .time_ns = now_ns});
        return true;
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
