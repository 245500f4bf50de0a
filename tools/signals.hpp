/// Waiting for the signals that end, stop or resize a program. For commands that go on until Ctrl-C and wait meanwhile;
/// those that are busy meanwhile ask the flag of `stop_signal.hpp`, which costs no system call.
#pragma once

#include <chrono>
#include <csignal>

#include "cpperon/net/file_descriptor.hpp"

namespace cpperon::tools {

/// Takes those of these signals that are not ignored out of their usual course, from construction to destruction. One
/// at a time, made before the program's other threads begin, which inherit that.
class Signals {
public:
    enum class Kind {
        none,
        stop,     ///< SIGINT, SIGTERM, SIGHUP
        suspend,  ///< SIGTSTP
        resize,   ///< SIGWINCH
    };

    Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    ~Signals();

    /// Waits until a signal comes, or until something can be read from `input` (-1: nothing), or until the time is up.
    /// The signal, if it was one.
    [[nodiscard]] Kind wait(std::chrono::nanoseconds timeout, int input = -1);

    /// Whether the time went by; false once the user wants an end. Ctrl-Z stops the program meanwhile.
    [[nodiscard]] bool pause(std::chrono::nanoseconds duration);

private:
    sigset_t before_{};
    net::FileDescriptor descriptor_;
};

}  // namespace cpperon::tools
