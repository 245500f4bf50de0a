/// What other threads hand to the client conductor: requests to send, and resources to give back. spec: 02 §10.5, §10.8
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <utility>
#include <variant>
#include <vector>

#include "cpperon/base/ids.hpp"
#include "cpperon/client/request.hpp"

namespace cpperon::client {

/// What is to be given back, or not to be waited for any longer.
struct Removal {
    ResourceKind kind = ResourceKind::none;  ///< none: cancels a request of whatever kind
    RegistrationId id = null_registration_id;
    bool revoke = false;
    std::function<void()> on_complete;
};

/// Requests are bounded; removals are as many as there are resources, so that closing never fails.
/// Threads: any number put in, the conductor takes. Locks are held for the time of a move.
class ConductorInbox {
public:
    static constexpr std::size_t request_capacity = 256;

    enum class PostResult { taken, full, closed };

    /// In the order in which they were put in: who closes one resource and then adds another that takes its place, its
    /// session id for example, must find the place free.
    using Contents = std::vector<std::variant<Request, Removal>>;

    /// Moves from `request` only where the result is `taken`.
    [[nodiscard]] PostResult post(Request& request) {
        {
            const std::lock_guard lock{mutex_};
            if (is_closed_) {
                return PostResult::closed;
            }
            if (request_count_ >= request_capacity) {
                return PostResult::full;
            }
            contents_.emplace_back(std::move(request));
            ++request_count_;
            is_ringing_ = true;
        }
        bell_.notify_one();
        return PostResult::taken;
    }

    /// False, with nothing moved, once closed.
    bool post(Removal& removal) {
        {
            const std::lock_guard lock{mutex_};
            if (is_closed_) {
                return false;
            }
            contents_.emplace_back(std::move(removal));
            is_ringing_ = true;
        }
        bell_.notify_one();
        return true;
    }

    /// Wakes the conductor.
    void ring() noexcept {
        {
            const std::lock_guard lock{mutex_};
            is_ringing_ = true;
        }
        bell_.notify_one();
    }

    /// Conductor: returns when somebody put something in or rang since the last wait, at the latest after `duration` of
    /// real time.
    void wait(const std::chrono::nanoseconds duration) {
        std::unique_lock lock{mutex_};
        bell_.wait_for(lock, duration, [&] { return is_ringing_; });
        is_ringing_ = false;
    }

    /// Conductor: everything that was put in, in order.
    [[nodiscard]] Contents take() {
        const std::lock_guard lock{mutex_};
        request_count_ = 0;
        return std::exchange(contents_, {});
    }

    /// Takes everything and refuses what comes later.
    [[nodiscard]] Contents close() {
        const std::lock_guard lock{mutex_};
        is_closed_ = true;
        return std::exchange(contents_, {});
    }

private:
    std::mutex mutex_;
    std::condition_variable bell_;
    // Guarded by the mutex.
    Contents contents_;
    std::size_t request_count_ = 0;  // in contents_
    bool is_ringing_ = false;
    bool is_closed_ = false;
};

}  // namespace cpperon::client
