#include "cpperon/client/pending.hpp"

#include <cstdint>
#include <limits>

#include "cpperon/base/parse_value.hpp"

namespace cpperon::client {

void PendingState::fail(ErrorInfo error) {
    settle(Status::failed, [&] { error_ = std::move(error); });
}

void PendingState::cancel() noexcept {
    const bool was_waiting = settle(Status::failed, [&] { error_ = {ErrorCode::closed, "the request was cancelled"}; });
    if (was_waiting) {
        owner_->on_cancel(registration_id_);
    }
}

void PendingState::poll() {
    if (!is_settled()) {
        owner_->on_poll(*this);
    }
}

std::optional<ErrorInfo> PendingState::wait(const std::chrono::nanoseconds timeout) {
    if (is_settled()) {
        return std::nullopt;
    }
    if (std::optional<ErrorInfo> refusal = owner_->refuse_waiting()) {
        return refusal;
    }
    NanoClock& clock = owner_->nano_clock();
    const std::int64_t start_ns = clock.nano_time();
    while (!is_settled()) {
        owner_->on_wait(*this);
        if (timeout.count() > 0 && clock.nano_time() - start_ns >= timeout.count() && !is_settled()) {
            const bool gave_up = settle(Status::failed, [&] {
                error_ = {ErrorCode::timed_out, "no answer within the " + format_duration(timeout.count()) +
                                                    " the caller allowed; the request was cancelled"};
            });
            if (gave_up) {
                owner_->on_cancel(registration_id_);
            }
        }
    }
    return std::nullopt;
}

void PendingState::pause(const std::chrono::nanoseconds duration) {
    std::unique_lock lock{mutex_};
    settled_.wait_for(lock, duration, [&] { return is_settled(); });
}

}  // namespace cpperon::client
