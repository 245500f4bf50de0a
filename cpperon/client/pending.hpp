/// What an asynchronous call leaves in its caller's hands until the driver has answered. Used by applications; settled
/// by the client conductor. spec: 02 §10.5, 07 §A.2
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "cpperon/base/clock.hpp"
#include "cpperon/base/ids.hpp"
#include "cpperon/base/result.hpp"

namespace cpperon::client {

class PendingState;

/// Whoever settles a pending state: the client conductor, or an attempt to connect. Threads: any.
class PendingOwner {
public:
    PendingOwner() = default;
    PendingOwner(const PendingOwner&) = delete;
    PendingOwner& operator=(const PendingOwner&) = delete;
    virtual ~PendingOwner() = default;

    /// Called by each poll: does what only the caller's thread does for this request, without waiting.
    virtual void on_poll(PendingState& state) = 0;

    /// Called again and again by a thread that waits: makes one step towards the answer, or pauses for a moment.
    virtual void on_wait(PendingState& state) = 0;

    /// Why the calling thread must not wait (it runs a callback of this client); nothing if it may.
    [[nodiscard]] virtual std::optional<ErrorInfo> refuse_waiting() const = 0;

    /// Nobody will take the answer: what the driver made, or is about to make, is to be given back.
    virtual void on_cancel(RegistrationId registration_id) noexcept = 0;

    /// What the time-outs of waiting calls are measured by.
    [[nodiscard]] virtual NanoClock& nano_clock() noexcept = 0;
};

/// One request on its way, shared by the caller's `Pending` and the one who settles it. It is settled once.
class PendingState {
public:
    PendingState(std::shared_ptr<PendingOwner> owner, const RegistrationId registration_id) noexcept
        : owner_(std::move(owner)), registration_id_(registration_id) {}
    PendingState(const PendingState&) = delete;
    PendingState& operator=(const PendingState&) = delete;
    virtual ~PendingState() = default;

    [[nodiscard]] RegistrationId registration_id() const noexcept { return registration_id_; }

    // acquire [pending-settled] <- settle(): value and error are complete before the status says so.
    [[nodiscard]] bool is_settled() const noexcept {
        return status_.load(std::memory_order_acquire) != Status::waiting;
    }
    [[nodiscard]] bool has_failed() const noexcept { return status_.load(std::memory_order_acquire) == Status::failed; }

    /// Requires `has_failed()`.
    [[nodiscard]] const ErrorInfo& error() const noexcept { return error_; }

    /// Settles with an error; without effect once settled. Any thread.
    void fail(ErrorInfo error);

    /// Settles as cancelled and tells the owner; without effect once settled. Any thread.
    void cancel() noexcept;

    /// Lets the owner do its part of a poll.
    void poll();

    /// Returns once settled (cancelled after `timeout` with `timed_out`; 0: the owner's deadline alone counts), or
    /// with the reason why this thread must not wait, and then nothing has changed.
    [[nodiscard]] std::optional<ErrorInfo> wait(std::chrono::nanoseconds timeout);

    /// Pauses the calling thread until settled, at most for `duration` of real time.
    void pause(std::chrono::nanoseconds duration);

protected:
    enum class Status { waiting, succeeded, failed };

    /// Runs `complete` and publishes `status`, unless settled already.
    template <typename Complete>
    bool settle(const Status status, Complete&& complete) {
        {
            const std::lock_guard lock{mutex_};
            // relaxed: written under the lock only.
            if (status_.load(std::memory_order_relaxed) != Status::waiting) {
                return false;
            }
            complete();
            // release [pending-settled] -> is_settled(), has_failed()
            status_.store(status, std::memory_order_release);
        }
        settled_.notify_all();
        return true;
    }

private:
    // Constant after construction.
    std::shared_ptr<PendingOwner> owner_;
    RegistrationId registration_id_;

    std::mutex mutex_;
    std::condition_variable settled_;
    std::atomic<Status> status_{Status::waiting};
    ErrorInfo error_;  // written before [pending-settled]
};

/// A request that is answered with a `T`.
template <typename T>
class PendingResult final : public PendingState {
public:
    using PendingState::PendingState;

    /// Settles with a value. False, and the value is dropped, once settled.
    bool succeed(T value) {
        return settle(Status::succeeded, [&] { value_.emplace(std::move(value)); });
    }

    /// The value or the error; once only. Requires `is_settled()`.
    [[nodiscard]] Result<T> take() {
        if (has_failed()) {
            return error();
        }
        return std::move(*value_);
    }

private:
    std::optional<T> value_;  // written before [pending-settled]
};

}  // namespace cpperon::client

namespace cpperon {

/// The coming answer to an asynchronous call: poll it, wait for it, or drop it. Dropping or cancelling an unfinished
/// one gives back whatever the driver makes of it, also where its answer comes later.
///
/// A request fails with the driver's code and text; with `driver_timeout` when the driver has not answered within the
/// client's driver timeout; with `closed`, or the code of what ended the client (`driver_timeout`, `client_timeout`,
/// `conductor_service_timeout`), when the client ends first; with `buffer_full` or `driver_buffer_full`, where trying
/// again later may help; with `invalid_argument` or `invalid_channel` for arguments that are refused without asking.
///
/// The answer is handed out once. After that, and after `cancel`, polls and waits answer with the error `closed`.
/// Threads: one at a time. Move-only; a moved-from one behaves like one whose answer was handed out.
template <typename T>
class [[nodiscard]] Pending {
public:
    Pending() noexcept = default;
    explicit Pending(std::shared_ptr<client::PendingResult<T>> state) noexcept
        : state_(std::move(state)), registration_id_(state_->registration_id()) {}
    Pending(Pending&& other) noexcept
        : state_(std::move(other.state_)),
          registration_id_(std::exchange(other.registration_id_, null_registration_id)) {}
    Pending& operator=(Pending&& other) noexcept {
        if (this != &other) {
            cancel();
            state_ = std::move(other.state_);
            registration_id_ = std::exchange(other.registration_id_, null_registration_id);
        }
        return *this;
    }
    Pending(const Pending&) = delete;
    Pending& operator=(const Pending&) = delete;
    ~Pending() { cancel(); }

    /// Nothing yet, the value, or the error as a value. Does not wait or throw; a client in invoker mode must be
    /// stepped by the caller between polls.
    [[nodiscard]] std::optional<Result<T>> poll() {
        if (!state_) {
            return Result<T>{already_taken()};
        }
        state_->poll();
        if (!state_->is_settled()) {
            return std::nullopt;
        }
        return std::exchange(state_, nullptr)->take();
    }

    /// As `poll`, but throws the error: the subclass of `Error` that fits its code.
    [[nodiscard]] std::optional<T> poll_or_throw() {
        std::optional<Result<T>> result = poll();
        if (!result) {
            return std::nullopt;
        }
        return std::move(*result).value_or_throw();
    }

    /// Waits for the value or the error. A `timeout` above 0 bounds the wait: then the request is cancelled and the
    /// error is `timed_out`. Steps a client in invoker mode. Inside a callback of the client it fails at once with
    /// `reentrant_call`, and the request goes on.
    [[nodiscard]] Result<T> try_wait(const std::chrono::nanoseconds timeout = {}) {
        if (!state_) {
            return already_taken();
        }
        if (std::optional<ErrorInfo> refusal = state_->wait(timeout)) {
            return std::move(*refusal);
        }
        return std::exchange(state_, nullptr)->take();
    }

    /// As `try_wait`, but throws the error.
    T wait(const std::chrono::nanoseconds timeout = {}) { return try_wait(timeout).value_or_throw(); }

    /// Gives up an unfinished request; otherwise drops an answer that was not taken. May be called again.
    void cancel() noexcept {
        if (state_) {
            state_->cancel();
            state_ = nullptr;
        }
    }

    /// Of the resource to come, known at once; -1 for what has none. It stays after the answer was taken.
    [[nodiscard]] RegistrationId registration_id() const noexcept { return registration_id_; }

    /// True when `poll` would give an answer.
    [[nodiscard]] bool is_done() const noexcept { return !state_ || state_->is_settled(); }

private:
    [[nodiscard]] static ErrorInfo already_taken() {
        return {ErrorCode::closed, "the request was cancelled, or its answer has been taken already"};
    }

    std::shared_ptr<client::PendingResult<T>> state_;
    RegistrationId registration_id_ = null_registration_id;
};

namespace client {

/// A request that has failed before anybody was asked.
template <typename T>
Pending<T> failed_pending(ErrorInfo error) {
    auto state = std::make_shared<PendingResult<T>>(nullptr, null_registration_id);
    state->fail(std::move(error));
    return Pending<T>{std::move(state)};
}

}  // namespace client

}  // namespace cpperon
