/// Keeps a handler from polling what it is being called from. Used by subscriptions and images, on the polling thread.
/// spec: 07 §E.3
#pragma once

#include <cassert>

namespace cpperon::client {

/// Marks a poll as under way for its scope; the mark belongs to the polling thread.
class PollGuard {
public:
    explicit PollGuard(bool& is_polling) noexcept : is_polling_(is_polling), is_first_(!is_polling) {
        assert(is_first_ && "a handler must not poll the subscription or image that called it");
        is_polling_ = true;
    }
    PollGuard(const PollGuard&) = delete;
    PollGuard& operator=(const PollGuard&) = delete;
    ~PollGuard() {
        if (is_first_) {
            is_polling_ = false;
        }
    }

    /// False inside a handler of the same subscription or image.
    [[nodiscard]] bool is_first() const noexcept { return is_first_; }

private:
    bool& is_polling_;
    bool is_first_;
};

}  // namespace cpperon::client
