#include "tools/signals.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/signalfd.h>
#include <system_error>
#include <unistd.h>

#include "cpperon/base/clock.hpp"

namespace cpperon::tools {

Signals::Signals() {
    sigset_t taken;
    ::sigemptyset(&taken);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGWINCH}) {
        // One that is ignored stays so: the program was started with nohup, or in the background of a script.
        struct sigaction course {};
        if (::sigaction(signal, nullptr, &course) == 0 && course.sa_handler != SIG_IGN) {
            ::sigaddset(&taken, signal);
        }
    }
    ::pthread_sigmask(SIG_BLOCK, &taken, &before_);
    descriptor_ = net::FileDescriptor{::signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK)};
    if (!descriptor_.is_open()) {
        const int reason = errno;
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
        throw std::system_error(reason, std::generic_category(), "cannot wait for signals");
    }
}

Signals::~Signals() {
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

Signals::Kind Signals::wait(const std::chrono::nanoseconds timeout, const int input) {
    std::array<::pollfd, 2> sources{
        {{.fd = descriptor_.value(), .events = POLLIN, .revents = 0}, {.fd = input, .events = POLLIN, .revents = 0}}};
    const auto left = std::max(timeout, std::chrono::nanoseconds{0});
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const ::timespec time{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
    if (::ppoll(sources.data(), sources.size(), &time, nullptr) <= 0 || sources[0].revents == 0) {
        return Kind::none;
    }
    ::signalfd_siginfo signal{};
    if (::read(descriptor_.value(), &signal, sizeof signal) != static_cast<ssize_t>(sizeof signal)) {
        return Kind::none;
    }
    switch (static_cast<int>(signal.ssi_signo)) {
        case SIGTSTP: return Kind::suspend;
        case SIGWINCH: return Kind::resize;
        default: return Kind::stop;
    }
}

bool Signals::pause(const std::chrono::nanoseconds duration) {
    NanoClock& clock = SystemNanoClock::instance();
    const std::int64_t deadline_ns = clock.nano_time() + duration.count();
    for (std::int64_t now_ns = clock.nano_time(); now_ns < deadline_ns; now_ns = clock.nano_time()) {
        switch (wait(std::chrono::nanoseconds{deadline_ns - now_ns})) {
            case Kind::stop: return false;
            case Kind::suspend: ::raise(SIGSTOP); break;
            case Kind::resize:
            case Kind::none: break;
        }
    }
    return true;
}

}  // namespace cpperon::tools
