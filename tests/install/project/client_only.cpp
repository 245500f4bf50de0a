/// A client that finds no driver where it looks, and says so.
#include <chrono>
#include <cpperon/cpperon.hpp>
#include <cstdio>

int main() try {
    const auto aeron = cpperon::Aeron::connect(
        {.directory = "/dev/shm/no-driver-is-here", .driver_timeout = std::chrono::milliseconds{1}});
    std::fprintf(stderr, "failed: there should be no driver in /dev/shm/no-driver-is-here\n");
    return 1;
} catch (const cpperon::DriverTimeoutError& error) {
    std::printf("%s\n", error.what());
    return 0;
}
