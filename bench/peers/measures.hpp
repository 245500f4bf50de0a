/// What the programs of the side-by-side benchmark measure, and how. Written once for those in C++;
/// `rust/src/bin/bench.rs` and `java/Bench.java` do the same, loop for loop.
///
/// A `Sender` has `bool try_send(std::span<const std::byte>)`, which declines where it would have to wait; a `Receiver`
/// has `int receive(handler, limit)`, which hands over what is there. One object may be both. Who waits for another
/// thread spins with the processor's pause instruction between, as the busy-spin idle strategy of each implementation
/// does.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cpperon/base/idle_strategy.hpp"
#include "cpperon/base/this_thread.hpp"

namespace peers {

using Clock = std::chrono::steady_clock;

constexpr int burst = 64;
constexpr int longest_wait_ms = 100;  ///< of a send or receive that waits: a thread looks whether it is to end

struct Settings {
    std::string directory;
    std::string channel;
    std::int32_t stream_id = 0;
    std::string measure;
    std::size_t length = 32;
    bool is_claiming = false;
    bool is_blocking = false;
    double seconds = 1.0;
    double warm_up = 1.0;
    int cpu = 0;
    int other_cpu = 1;
};

[[nodiscard]] inline Clock::time_point after(const Clock::time_point start, const double seconds) {
    return start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>{seconds});
}

inline void spin() noexcept {
    cpperon::SystemPause::instance().spin();
}

/// Counts what comes, and looks at each message.
struct Arrivals {
    std::int64_t messages = 0;
    std::int64_t bytes = 0;

    template <typename Receiver>
    int take(Receiver& in) {
        const int count = in.receive([this](const std::span<const std::byte> message) { on_message(message); }, burst);
        messages += count;
        return count;
    }
    void on_message(const std::span<const std::byte> message) { bytes += static_cast<std::int64_t>(message.size()); }

    /// Takes the rest of what was sent. Throws unless all of it comes, whole.
    template <typename Receiver>
    void take_rest(Receiver& in, const std::int64_t sent, const std::size_t length) {
        const Clock::time_point deadline = Clock::now() + std::chrono::seconds{10};
        while (messages < sent) {
            take(in);
            if (Clock::now() > deadline) {
                throw std::runtime_error(fmt::format("{} of {} messages did not come", sent - messages, sent));
            }
        }
        if (messages != sent || bytes != sent * static_cast<std::int64_t>(length)) {
            throw std::runtime_error(
                fmt::format("{} messages of {} bytes were sent, {} with {} bytes came", sent, length, messages, bytes));
        }
    }
};

/// One thread offers bursts, as far as they are taken, and polls back: messages that came back per second.
template <typename Sender, typename Receiver>
double stream_once(Sender& out, Receiver& in, const std::size_t length, const double seconds) {
    const std::vector<std::byte> message(length);
    Arrivals arrivals;
    std::int64_t sent = 0;
    const Clock::time_point start = Clock::now();
    const Clock::time_point end = after(start, seconds);
    Clock::time_point now = start;
    while (now < end) {
        for (int i = 0; i < 64; ++i) {
            for (int offered = 0; offered < burst && out.try_send(message); ++offered) {
                ++sent;
            }
            arrivals.take(in);
        }
        now = Clock::now();
    }
    const double rate = static_cast<double>(arrivals.messages) / std::chrono::duration<double>(now - start).count();
    arrivals.take_rest(in, sent, length);
    return rate;
}

template <typename Sender, typename Receiver>
nlohmann::json stream(Sender& out, Receiver& in, const Settings& settings) {
    cpperon::keep_this_thread_on(settings.cpu);
    static_cast<void>(stream_once(out, in, settings.length, settings.warm_up));
    return {{"messages_per_s", stream_once(out, in, settings.length, settings.seconds)}};
}

/// One thread offers as fast as it can, another on the other processor polls: messages that came per second.
template <typename Sender, typename Receiver>
nlohmann::json hand_over(Sender& out, Receiver& in, const Settings& settings) {
    std::atomic<bool> is_running{true};
    std::int64_t sent = 0;
    std::exception_ptr failure;
    std::atomic<bool> has_ended{false};
    std::thread publisher{[&] {
        try {
            cpperon::keep_this_thread_on(settings.cpu);
            const std::vector<std::byte> message(settings.length);
            while (is_running.load(std::memory_order_relaxed)) {
                if (out.try_send(message)) {
                    ++sent;
                } else {
                    spin();
                }
            }
        } catch (...) {
            failure = std::current_exception();
        }
        has_ended = true;
    }};
    cpperon::keep_this_thread_on(settings.other_cpu);
    Arrivals arrivals;
    const auto poll_until = [&](const Clock::time_point end) {
        Clock::time_point now = Clock::now();
        for (; now < end; now = Clock::now()) {
            for (int i = 0; i < 64; ++i) {
                if (arrivals.take(in) == 0) {
                    spin();
                }
            }
        }
        return now;
    };
    const Clock::time_point start = poll_until(after(Clock::now(), settings.warm_up));
    const std::int64_t before = arrivals.messages;
    const Clock::time_point end = poll_until(after(start, settings.seconds));
    const std::int64_t received = arrivals.messages - before;
    is_running = false;
    while (!has_ended) {
        arrivals.take(in);  // a publisher whose send waits for room gets it
    }
    publisher.join();
    if (failure) {
        std::rethrow_exception(failure);
    }
    arrivals.take_rest(in, sent, settings.length);
    return {{"messages_per_s", static_cast<double>(received) / std::chrono::duration<double>(end - start).count()}};
}

/// Times from an offer until the message is back, one message on its way at a time; sorted.
template <typename Sender, typename Receiver>
std::vector<std::int64_t> time_messages(Sender& out, Receiver& in, const std::size_t length, const double seconds) {
    const std::vector<std::byte> message(length);
    const auto handler = [](std::span<const std::byte> /*message*/) {};
    std::vector<std::int64_t> times_ns;
    times_ns.reserve(static_cast<std::size_t>(seconds * 10'000'000));
    const Clock::time_point end = after(Clock::now(), seconds);
    for (Clock::time_point start = Clock::now(); start < end;) {
        while (!out.try_send(message)) {
            spin();
        }
        while (in.receive(handler, 1) == 0) {
            spin();
        }
        const Clock::time_point now = Clock::now();
        times_ns.push_back(std::chrono::duration_cast<std::chrono::nanoseconds>(now - start).count());
        start = now;
    }
    std::sort(times_ns.begin(), times_ns.end());
    return times_ns;
}

/// One thread sends a message and waits until it has it back.
template <typename Sender, typename Receiver>
nlohmann::json loop(Sender& out, Receiver& in, const Settings& settings) {
    cpperon::keep_this_thread_on(settings.cpu);
    static_cast<void>(time_messages(out, in, settings.length, settings.warm_up));
    const std::vector<std::int64_t> times_ns = time_messages(out, in, settings.length, settings.seconds);
    return {{"p50_ns", times_ns[times_ns.size() / 2]},
            {"p99_ns", times_ns[times_ns.size() * 99 / 100]},
            {"round_trips", times_ns.size()}};
}

/// The same, but a thread on the other processor sends each message back.
template <typename Sender, typename Receiver>
nlohmann::json round_trip(Sender& out, Receiver& in, Receiver& echo_in, Sender& echo_out, const Settings& settings) {
    std::atomic<bool> is_running{true};
    std::thread echo{[&] {
        cpperon::keep_this_thread_on(settings.other_cpu);
        const auto handler = [&](const std::span<const std::byte> message) {
            while (!echo_out.try_send(message) && is_running.load(std::memory_order_relaxed)) {
                spin();
            }
        };
        while (is_running.load(std::memory_order_relaxed)) {
            if (echo_in.receive(handler, 1) == 0) {
                spin();
            }
        }
    }};
    nlohmann::json figures = loop(out, in, settings);
    is_running = false;
    echo.join();
    return figures;
}

/// What is measured between two sockets that both send and receive.
template <typename End>
nlohmann::json pair(End& here, End& there, const Settings& settings) {
    if (settings.measure == "stream") {
        return stream(here, there, settings);
    }
    if (settings.measure == "hand-over") {
        return hand_over(here, there, settings);
    }
    if (settings.measure == "loop") {
        return loop(here, there, settings);
    }
    return round_trip(here, here, there, there, settings);
}

/// To be called before a library makes its own threads, which stay where they were made: on the other processor where
/// that has nothing else to do, as the driver of the others.
inline void place_library_threads(const Settings& settings) {
    if (settings.measure == "stream" || settings.measure == "loop") {
        cpperon::keep_this_thread_on(settings.other_cpu);
    }
}

/// The `main` of each program: one line of JSON, or one of complaint. `run` takes the settings and gives the figures.
template <typename Run>
int program(int argc, char** argv, const std::string_view name, const Run& run) {
    Settings settings;
    CLI::App app{fmt::format("Side-by-side benchmark: {}. Prints one line of JSON.", name)};
    if (name == "cpperon") {
        app.add_option("--dir", settings.directory, "Directory of the media driver")->required();
        app.add_option("--stream", settings.stream_id, "First of two streams that nobody had before")->required();
        app.add_flag("--claim", settings.is_claiming, "Write in place (try_claim) instead of offering");
    } else {
        app.add_flag("--block", settings.is_blocking, "Let sends and receives wait instead of trying again and again");
    }
    app.add_option("--channel", settings.channel, "Where the messages go")->required();
    app.add_option("--measure", settings.measure, "What to measure; see bench/README.md")
        ->required()
        ->check(CLI::IsMember({"stream", "hand-over", "round-trip", "loop"}));
    app.add_option("--length", settings.length, "Bytes of a message")->check(CLI::Range(8, 1'376));
    app.add_option("--seconds", settings.seconds, "How long to measure")->check(CLI::PositiveNumber);
    app.add_option("--warm-up", settings.warm_up, "Seconds of the same before")->check(CLI::PositiveNumber);
    app.add_option("--cpu", settings.cpu, "Processor of the thread that sends");
    app.add_option("--other-cpu", settings.other_cpu, "Processor of the thread at the other end, where there are two");
    CLI11_PARSE(app, argc, argv);
    try {
        fmt::print("{}\n", run(settings).dump());
        return EXIT_SUCCESS;
    } catch (const std::exception& failure) {
        fmt::print(stderr, "{}: {}\n", argv[0], failure.what());
        return EXIT_FAILURE;
    }
}

}  // namespace peers
