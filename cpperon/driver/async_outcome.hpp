/// The cell in which the outcome of something appears that may block, and therefore is done by the native resource
/// agent. Written once by that agent, taken once by the conductor. spec: 06 §2.1
#pragma once

#include <atomic>
#include <optional>
#include <utility>

#include "cpperon/base/result.hpp"

namespace cpperon::driver {

template <typename T>
class AsyncOutcome {
public:
    /// Native resource agent: hands over the outcome. Once.
    void complete(Result<T> outcome) {
        outcome_.emplace(std::move(outcome));
        // release [async-outcome] -> poll: the outcome is complete before it is seen.
        is_complete_.store(true, std::memory_order_release);
    }

    /// Conductor: nothing while the agent is at it; then, once, the value or the error to reply with.
    [[nodiscard]] std::optional<Result<T>> poll() {
        // acquire [async-outcome] <- complete
        if (!is_complete_.load(std::memory_order_acquire)) {
            return std::nullopt;
        }
        std::optional<Result<T>> outcome = std::exchange(outcome_, std::nullopt);
        // release [outcome-taken] -> is_taken: this thread touches the outcome no more.
        is_taken_.store(true, std::memory_order_release);
        return outcome;
    }

    /// Native resource agent: the conductor has the outcome.
    [[nodiscard]] bool is_taken() const noexcept {
        // acquire [outcome-taken] <- poll
        return is_taken_.load(std::memory_order_acquire);
    }

private:
    std::optional<Result<T>> outcome_;
    std::atomic<bool> is_complete_{false};
    std::atomic<bool> is_taken_{false};
};

}  // namespace cpperon::driver
