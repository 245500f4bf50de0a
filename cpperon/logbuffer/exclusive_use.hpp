/// Notices, in builds with assertions, that two threads are in what only one may use at a time. Used by the exclusive
/// appender. spec: 07 §F
#pragma once

#include <atomic>
#include <cassert>

namespace cpperon::logbuffer {

/// There in every build, so that a program with assertions may use a library without. Costs nothing without them.
class ExclusiveUse {
public:
    /// A use, from here to the end of the scope.
    class Scope {
    public:
#ifndef NDEBUG
        explicit Scope(ExclusiveUse& use) noexcept : use_(use) {
            // relaxed: it is to order nothing, or it would hide the race from tools that look for races.
            const bool was_in_use = use_.is_in_use_.exchange(true, std::memory_order_relaxed);
            assert(!was_in_use &&
                   "an exclusive publication is used by two threads at the same time, or by its supplier");
            static_cast<void>(was_in_use);
        }
        ~Scope() {
            use_.is_in_use_.store(false, std::memory_order_relaxed);
        }

    private:
        ExclusiveUse& use_;

    public:
#else
        explicit Scope(ExclusiveUse& /*use*/) noexcept {}
        ~Scope() = default;
#endif
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;
    };

private:
    std::atomic<bool> is_in_use_{false};
};

}  // namespace cpperon::logbuffer
