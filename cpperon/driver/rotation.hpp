/// Where each round over a list begins, so that nobody is always the last. Of one agent: sender or receiver.
/// spec: 04 §6.1
#pragma once

#include <cstddef>

namespace cpperon::driver {

class Rotation {
public:
    /// Calls `visit(i)` for each i below `count`, once, from one further than the last round on.
    template <typename Visit>
    void for_each(const std::size_t count, const Visit& visit) {
        std::size_t start = next_++;
        if (start >= count) {
            start = 0;
            next_ = 1;
        }
        for (std::size_t i = start; i < count; ++i) {
            visit(i);
        }
        for (std::size_t i = 0; i < start; ++i) {
            visit(i);
        }
    }

    /// The same, but it ends where `visit(i)` answers false; the next round begins behind that one.
    template <typename Visit>
    void for_each_while(const std::size_t count, const Visit& visit) {
        bool goes_on = true;
        for_each(count, [&](const std::size_t i) {
            if (goes_on && !visit(i)) {
                goes_on = false;
                next_ = i + 1;
            }
        });
    }

private:
    std::size_t next_ = 0;
};

}  // namespace cpperon::driver
