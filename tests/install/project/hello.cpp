/// Starts a media driver inside the program and sends a message through it.
#include <chrono>
#include <cpperon/cpperon.hpp>
#include <cstddef>
#include <cstdio>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>

int main() try {
    cpperon::EmbeddedDriver driver;
    auto aeron = cpperon::Aeron::connect({.directory = driver.directory()});
    auto subscription = aeron.add_subscription("aeron:ipc", 1001);
    auto publication = aeron.add_publication("aeron:ipc", 1001);

    std::string received;
    bool is_sent = false;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (received.empty()) {
        if (!is_sent) {
            const cpperon::OfferResult result = publication.offer("hello");
            if (!result && !result.is_retryable()) {
                throw cpperon::OfferError{result};
            }
            is_sent = static_cast<bool>(result);
        }
        subscription.poll(
            [&](const std::span<const std::byte> message, const cpperon::Header& /*header*/) {
                received.assign(reinterpret_cast<const char*>(message.data()), message.size());
            },
            10);
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error{"the message did not arrive within 30 seconds"};
        }
        std::this_thread::yield();
    }
    std::printf("received: %s\n", received.c_str());
    return received == "hello" ? 0 : 1;
} catch (const std::exception& error) {
    std::fprintf(stderr, "failed: %s\n", error.what());
    return 1;
}
