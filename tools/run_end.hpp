/// How a measurement came to its end. For `ping` and `throughput`.
#pragma once

#include <string_view>

namespace cpperon::tools {

enum class RunEnd {
    complete,
    stopped,      ///< by Ctrl-C
    unanswered,   ///< nothing came back any more, for as long as the patience was
    driver_gone,  ///< the driver died or was closed, or has given the client up
};

/// For programs.
[[nodiscard]] constexpr std::string_view to_string(const RunEnd end) noexcept {
    switch (end) {
        case RunEnd::complete: return "complete";
        case RunEnd::stopped: return "stopped";
        case RunEnd::unanswered: return "unanswered";
        case RunEnd::driver_gone: return "driver_gone";
    }
    return "unknown";
}

/// For people: a line below the results of what was not done; empty where there is nothing to say.
[[nodiscard]] constexpr std::string_view line_of(const RunEnd end) noexcept {
    switch (end) {
        case RunEnd::stopped: return "Stopped before it was done.\n";
        case RunEnd::driver_gone: return "The driver went away before it was done.\n";
        case RunEnd::complete:
        case RunEnd::unanswered: break;
    }
    return {};
}

}  // namespace cpperon::tools
