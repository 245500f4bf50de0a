#include "tools/stop_signal.hpp"

#include <atomic>
#include <csignal>

namespace cpperon::tools {

namespace {

// relaxed everywhere: nothing but the value is handed over.
std::atomic<bool> is_signalled{false};
static_assert(std::atomic<bool>::is_always_lock_free, "the signal handler must not lock");

}  // namespace

void listen_for_stop() {
    struct sigaction action {};
    action.sa_handler = [](int) { is_signalled.store(true, std::memory_order_relaxed); };
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigemptyset(&action.sa_mask);
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

bool is_stop_requested() noexcept {
    return is_signalled.load(std::memory_order_relaxed);
}

}  // namespace cpperon::tools
