#include "cpperon/base/this_thread.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <pthread.h>
#include <sched.h>
#include <string>

#include "cpperon/base/error.hpp"

namespace cpperon {

void name_this_thread(const std::string_view name) noexcept {
    std::array<char, 16> terminated{};  // what the system keeps
    name.copy(terminated.data(), terminated.size() - 1);
    ::pthread_setname_np(::pthread_self(), terminated.data());  // fails for longer names only
}

void keep_this_thread_on(const int processor) {
    const auto refuse = [processor](const int system_error) {
        throw IoError("cannot keep the thread on processor " + std::to_string(processor), system_error);
    };
    if (processor < 0 || processor >= CPU_SETSIZE) {
        refuse(EINVAL);
    }
    cpu_set_t processors;
    CPU_ZERO(&processors);
    CPU_SET(static_cast<std::size_t>(processor), &processors);
    const int failure = ::pthread_setaffinity_np(::pthread_self(), sizeof processors, &processors);
    if (failure != 0) {
        refuse(failure);
    }
}

}  // namespace cpperon
