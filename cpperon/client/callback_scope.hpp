/// Knows whether the calling thread is inside a callback of a client, so that a call that would wait for the conductor
/// there fails instead of waiting for itself. spec: 02 §10.11
#pragma once

namespace cpperon::client {

/// Marks the calling thread as running a callback of `owner` for as long as it lives. Scopes of several owners nest: a
/// callback of one client may step another.
class CallbackScope {
public:
    explicit CallbackScope(const void* const owner) noexcept : owner_(owner), outer_(innermost) { innermost = this; }
    CallbackScope(const CallbackScope&) = delete;
    CallbackScope& operator=(const CallbackScope&) = delete;
    ~CallbackScope() { innermost = outer_; }

    [[nodiscard]] static bool is_inside(const void* const owner) noexcept {
        for (const CallbackScope* scope = innermost; scope != nullptr; scope = scope->outer_) {
            if (scope->owner_ == owner) {
                return true;
            }
        }
        return false;
    }

private:
    inline static thread_local const CallbackScope* innermost = nullptr;

    const void* owner_;
    const CallbackScope* outer_;
};

}  // namespace cpperon::client
