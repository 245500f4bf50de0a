/// Counts messages and prints their rate, once a second and at the end.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <semaphore>
#include <string_view>
#include <thread>

#include <fmt/format.h>

namespace samples {

/// `on_message` is for one thread; a thread of its own prints, so that the counting one never waits for the terminal.
class RateReporter {
public:
    /// `each_second`: whether to print more than the total.
    explicit RateReporter(const bool each_second = true) {
        if (each_second) {
            printer_ = std::thread{[this] {
                while (!is_finished_.try_acquire_for(std::chrono::seconds{1})) {
                    print_since(before_, "");
                    before_ = now();
                }
            }};
        }
    }
    RateReporter(const RateReporter&) = delete;
    RateReporter& operator=(const RateReporter&) = delete;
    ~RateReporter() { stop(); }

    void on_message(const std::size_t length) noexcept {
        // relaxed: one thread writes, and the printer may be a message behind.
        messages_.store(messages_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        bytes_.store(bytes_.load(std::memory_order_relaxed) + length, std::memory_order_relaxed);
    }

    [[nodiscard]] std::uint64_t messages() const noexcept { return messages_.load(std::memory_order_relaxed); }

    /// Ends the lines of each second, and prints that of the whole time.
    void print_total() {
        stop();
        print_since(start_, "Total: ");
    }

private:
    struct Moment {
        std::chrono::steady_clock::time_point time;
        std::uint64_t messages = 0;
        std::uint64_t bytes = 0;
    };

    [[nodiscard]] Moment now() const noexcept {
        return {std::chrono::steady_clock::now(), messages(), bytes_.load(std::memory_order_relaxed)};
    }

    void print_since(const Moment& before, const std::string_view prefix) const {
        const Moment here = now();
        const double elapsed_s = std::chrono::duration<double>(here.time - before.time).count();
        fmt::print("{}{:.0f} ms, {:.4g} messages/s, {:.4g} bytes/s, {} messages and {:.1f} MiB in all\n", prefix,
                   elapsed_s * 1e3, static_cast<double>(here.messages - before.messages) / elapsed_s,
                   static_cast<double>(here.bytes - before.bytes) / elapsed_s, here.messages,
                   static_cast<double>(here.bytes) / (1024.0 * 1024.0));
    }

    void stop() {
        if (printer_.joinable()) {
            is_finished_.release();
            printer_.join();
        }
    }

    std::atomic<std::uint64_t> messages_{0};
    std::atomic<std::uint64_t> bytes_{0};
    const Moment start_ = now();
    Moment before_ = start_;  // of the printer
    std::binary_semaphore is_finished_{0};
    std::thread printer_;
};

}  // namespace samples
