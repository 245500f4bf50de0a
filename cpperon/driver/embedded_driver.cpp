#include "cpperon/driver/embedded_driver.hpp"

#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "cpperon/base/random.hpp"
#include "cpperon/shm/directory.hpp"

namespace cpperon {

namespace {

/// Beside the default directory, and nobody else's.
std::string unique_directory() {
    SystemRandomSource random;
    return fmt::format("{}-{}-{:016x}", shm::default_directory(shm::UserEnvironment::of_process()), ::getpid(),
                       random.next_u64());
}

DriverContext embedded(DriverContext context) {
    context.threading_mode = context.threading_mode.value_or(ThreadingMode::shared);
    if (context.directory.empty()) {
        context.directory = unique_directory();
        context.delete_directory_on_shutdown = true;
    }
    return context;
}

MainLoop main_loop_of(const DriverContext& context) {
    return context.threading_mode == ThreadingMode::invoker ? MainLoop::by_caller : MainLoop::on_own_thread;
}

}  // namespace

EmbeddedDriver::EmbeddedDriver(const DriverContext& context) : driver_(embedded(context), main_loop_of(context)) {}

}  // namespace cpperon
