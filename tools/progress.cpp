#include "tools/progress.hpp"

#include <chrono>
#include <cstdio>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

namespace cpperon::tools {

Progress::Progress(const bool is_wanted, std::function<std::string()> text) {
    const bool is_terminal = ::isatty(STDERR_FILENO) == 1;
    if (!is_terminal && !is_wanted) {
        return;
    }
    printer_ = std::thread{[this, is_terminal, text = std::move(text)] {
        while (!is_finished_.try_acquire_for(std::chrono::seconds{1})) {
            if (is_terminal) {
                fmt::print(stderr, "\r\033[K{}", text());
                std::fflush(stderr);
            } else {
                fmt::print(stderr, "{}\n", text());
            }
        }
        if (is_terminal) {
            fmt::print(stderr, "\r\033[K");
            std::fflush(stderr);
        }
    }};
}

Progress::~Progress() {
    if (printer_.joinable()) {
        is_finished_.release();
        printer_.join();
    }
}

}  // namespace cpperon::tools
