/// What a simulation found: the first thing that must not be. Written by everybody who watches.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "cpperon/base/clock.hpp"

namespace cpperon::sim {

class Verdict {
public:
    Verdict(NanoClock& clock, const bool is_verbose) : clock_(clock), is_verbose_(is_verbose) {}

    template <typename... Args>
    void fail(fmt::format_string<Args...> text, Args&&... args) {
        if (!failure_) {
            failure_ = fmt::format("at {} ns: {}", clock_.nano_time(), fmt::format(text, std::forward<Args>(args)...));
        }
    }
    template <typename... Args>
    void note(fmt::format_string<Args...> text, Args&&... args) {
        if (is_verbose_) {
            fmt::print("{:>14} {}\n", clock_.nano_time(), fmt::format(text, std::forward<Args>(args)...));
        }
    }
    [[nodiscard]] bool has_failed() const noexcept { return failure_.has_value(); }
    [[nodiscard]] bool is_verbose() const noexcept { return is_verbose_; }
    [[nodiscard]] const std::optional<std::string>& failure() const noexcept { return failure_; }

private:
    NanoClock& clock_;
    bool is_verbose_;
    std::optional<std::string> failure_;
};

}  // namespace cpperon::sim
