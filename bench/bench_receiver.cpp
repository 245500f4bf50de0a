/// What does a message cost the driver's receiver, from the datagrams in its buffer to the log of the image? And a duty
/// cycle in which nothing arrives, with one image and with a thousand?
///
/// Leaves out: the system calls and the kernel's copy (datagrams come from memory, as 64 KiB runs that are in the
/// cache), the conductor, and the subscriber. The log is ahead of the cache, as that of a fast stream is.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/machine.hpp"
#include "cpperon/base/clock.hpp"
#include "cpperon/base/this_thread.hpp"
#include "cpperon/driver/conductor/driver_errors.hpp"
#include "cpperon/driver/receiver/image_receiver.hpp"
#include "cpperon/driver/receiver/receive_destination.hpp"
#include "cpperon/driver/receiver/receive_endpoint.hpp"
#include "cpperon/driver/receiver/receiver.hpp"
#include "cpperon/driver/receiver/receiver_context.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/driver/test_counters.hpp"
#include "cpperon/logbuffer/test_log.hpp"
#include "cpperon/shm/distinct_error_log.hpp"

namespace {

using namespace cpperon;          // NOLINT(google-build-using-namespace): a program of its own
using namespace cpperon::driver;  // NOLINT(google-build-using-namespace)
using Clock = std::chrono::steady_clock;

constexpr std::int32_t mtu_length = 1'408;
constexpr std::int32_t term_length = 16 * 1'024 * 1'024;
constexpr std::size_t max_run_length = 64 * 1'024;

/// Takes everything that is sent and forgets it.
class NullSocket final : public net::UdpSocket {
public:
    net::SendOutcome send(const std::span<const net::DatagramRun> runs,
                          const net::SocketAddress* /*destination*/) noexcept override {
        return {.bytes_sent = runs.front().length, .is_complete = true};
    }
    [[nodiscard]] std::optional<ErrorInfo> reconnect(const net::SocketAddress& /*remote*/) override {
        return std::nullopt;
    }
    [[nodiscard]] const net::SocketAddress& local_address() const noexcept override { return address_; }
    [[nodiscard]] std::int64_t send_buffer_length() const noexcept override { return 0; }
    [[nodiscard]] std::int64_t receive_buffer_length() const noexcept override { return 0; }

private:
    net::SocketAddress address_;
};

/// Hands over the run it was given, once.
class NullPoller final : public net::SocketPoller {
public:
    void add(net::UdpSocket& /*socket*/, net::ReceiveHandler& handler) override { handler_ = &handler; }
    void remove(net::UdpSocket& /*socket*/) override {}
    std::int64_t poll() override {
        if (next.bytes.empty()) {
            return 0;
        }
        const net::ReceivedRun run = std::exchange(next, {});
        handler_->on_datagrams(run);
        return static_cast<std::int64_t>(run.bytes.size());
    }

    net::ReceivedRun next;

private:
    net::ReceiveHandler* handler_ = nullptr;
};

logbuffer::LogParams log_params(const std::int32_t length, const std::int32_t session_id) {
    logbuffer::LogParams params = logbuffer::vector_params();
    params.session_id = session_id;
    params.term_length = length;
    params.mtu_length = mtu_length;
    return params;
}

/// A receiver with images, and nothing else of a driver.
class Bench {
public:
    Bench(const int image_count, const std::int32_t length_of_terms) {
        endpoint.add_first(destination);
        commands.push(receiver_command::AddEndpoint{.endpoint = &endpoint});
        commands.push(receiver_command::AddInterest{.endpoint = &endpoint, .stream_id = 1'001});
        for (int i = 0; i < image_count; ++i) {
            logs.push_back(std::make_unique<logbuffer::TestLog>(log_params(length_of_terms, i)));
            images.push_back(std::make_unique<ImageReceiver>(
                ImageReceiverSpec{.endpoint = &endpoint,
                                  .destination = &destination,
                                  .session_id = SessionId{i},
                                  .stream_id = 1'001,
                                  .log = logs.back()->view(),
                                  .max_window_length = length_of_terms / 2,
                                  .now_ns = clock.nano_time(),
                                  .high_water_mark = shm::AtomicCounter{values.at(2 * static_cast<std::size_t>(i))},
                                  .naks_sent = shm::AtomicCounter{values.at(2 * static_cast<std::size_t>(i) + 1)}},
                context));
            commands.push(receiver_command::AddImage{.image = images.back().get()});
        }
        for (int i = 0; i < image_count + 2; ++i) {
            receiver.do_work();
        }
    }

    SystemNanoClock clock;
    TestCounters counters;
    SystemCounters system_counters{counters.manager, {}};
    std::vector<std::int64_t> error_words = std::vector<std::int64_t>(4'096);
    shm::DistinctErrorLog error_log{std::as_writable_bytes(std::span{error_words}), SystemEpochClock::instance()};
    DriverErrors errors{error_log, system_counters};
    NullPoller poller;
    ReceiverCommands commands;
    ReceiverEvents events;
    ReceiverContext context{.nano_clock = clock,
                            .epoch_clock = SystemEpochClock::instance(),
                            .poller = poller,
                            .system_counters = system_counters,
                            .errors = errors,
                            .commands = commands,
                            .events = events,
                            .settings = {}};
    Receiver receiver{context};
    ReceiveDestination destination{{}, std::make_unique<NullSocket>()};
    ReceiveEndpoint endpoint{{.receiver_id = 1}, context};
    std::vector<std::int64_t> values = std::vector<std::int64_t>(2'048);
    std::vector<std::unique_ptr<logbuffer::TestLog>> logs;
    std::vector<std::unique_ptr<ImageReceiver>> images;
};

/// Half a term of messages, as datagrams of equal length.
struct Traffic {
    std::vector<std::byte> bytes;
    std::uint32_t segment_length = 0;
    std::int64_t messages = 0;

    explicit Traffic(const std::int32_t message_length) {
        const std::int32_t frame_length = message_length + logbuffer::frame_header_length;
        const std::int32_t aligned = logbuffer::align_frame(frame_length);
        const std::int32_t frames_per_datagram = mtu_length / aligned;
        segment_length = static_cast<std::uint32_t>(frames_per_datagram * aligned);
        const std::int32_t datagrams = term_length / 2 / static_cast<std::int32_t>(segment_length);
        messages = std::int64_t{datagrams} * frames_per_datagram;
        bytes.resize(static_cast<std::size_t>(datagrams) * segment_length);
        for (std::size_t offset = 0; offset < bytes.size(); offset += static_cast<std::size_t>(aligned)) {
            const logbuffer::DataHeader header{.frame_length = frame_length,
                                               .flags = logbuffer::frame_flag::unfragmented,
                                               .type = logbuffer::data_type,
                                               .term_offset = static_cast<std::int32_t>(offset),
                                               .session_id = 0,
                                               .stream_id = 1'001,
                                               .term_id = logbuffer::vector_params().initial_term_id};
            std::memcpy(bytes.data() + offset, &header, sizeof header);
        }
    }
};

template <typename Work>
double elapsed_ns(const Work& work) {
    const auto start = Clock::now();
    work();
    return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

/// Nanoseconds for half a term, in the median of the rounds. `take` gets a run in a buffer that is in the cache.
template <typename Take, typename Reset>
double measure(const Traffic& traffic, const int rounds, const Take& take, const Reset& reset) {
    std::vector<std::byte> buffer(max_run_length);
    const std::size_t run_length = max_run_length / traffic.segment_length * traffic.segment_length;
    std::vector<double> ns;
    for (int round = 0; round < rounds; ++round) {
        double total = 0;
        for (std::size_t offset = 0; offset < traffic.bytes.size(); offset += run_length) {
            const std::size_t length = std::min(run_length, traffic.bytes.size() - offset);
            std::memcpy(buffer.data(), traffic.bytes.data() + offset, length);
            total += elapsed_ns([&] { take(std::span{buffer}.first(length), offset); });
        }
        ns.push_back(total);
        reset();
    }
    return median(ns);
}

nlohmann::json measure_messages(const std::int32_t message_length, const int rounds) {
    const Traffic traffic{message_length};
    Bench bench{1, term_length};
    std::byte* const term = bench.logs.front()->at(0, 0);
    const auto clean = [&] { std::memset(term, 0, traffic.bytes.size()); };
    const double inserted_ns = measure(
        traffic, rounds,
        [&](const std::span<std::byte> run, std::size_t /*offset*/) {
            bench.poller.next = {.bytes = run, .segment_length = traffic.segment_length};
            bench.receiver.do_work();
        },
        [&] {
            if (std::memcmp(term, traffic.bytes.data(), traffic.bytes.size()) != 0) {
                throw std::runtime_error("the log does not hold what was received");
            }
            clean();
        });
    const double copied_ns = measure(
        traffic, rounds,
        [&](const std::span<std::byte> run, const std::size_t offset) {
            std::memcpy(term + offset, run.data(), run.size());
        },
        clean);
    const auto messages = static_cast<double>(traffic.messages);
    const auto datagrams = static_cast<double>(traffic.bytes.size() / traffic.segment_length);
    return {{"ns_per_message", inserted_ns / messages},
            {"ns_per_datagram", inserted_ns / datagrams},
            {"gigabytes_per_second", static_cast<double>(traffic.bytes.size()) / inserted_ns},
            {"plain_copy_ns_per_datagram", copied_ns / datagrams}};
}

double measure_idle(const int image_count, const int rounds) {
    constexpr int cycles = 10'000;
    Bench bench{image_count, logbuffer::min_term_length};
    std::vector<double> ns;
    for (int round = 0; round < rounds; ++round) {
        ns.push_back(elapsed_ns([&] {
            for (int i = 0; i < cycles; ++i) {
                bench.receiver.do_work();
            }
        }));
    }
    return median(ns) / cycles;
}

void run(const int rounds, const bool json) {
    nlohmann::json figures;
    for (const std::int32_t length : {32, 1'344}) {
        figures[fmt::format("messages_{}", length)] = measure_messages(length, rounds);
    }
    for (const int count : {1, 1'000}) {
        figures[fmt::format("idle_{}_images_ns", count)] = measure_idle(count, rounds);
    }
    const nlohmann::json machine = bench::describe_machine();
    if (json) {
        figures["machine"] = machine;
        fmt::print("{}\n", figures.dump(2));
        return;
    }
    fmt::print("{}, {} processors, {}, commit {}\n", machine["kernel"].get<std::string>(),
               machine["processors"].get<unsigned>(), machine["compiler"].get<std::string>(),
               machine["commit"].get<std::string>());
    for (const std::string_view length : {"32", "1344"}) {
        const nlohmann::json& figure = figures[fmt::format("messages_{}", length)];
        fmt::print("{:>4}-byte messages: {:6.1f} ns each, {:6.1f} ns per datagram (copied only: {:.1f}), {:.1f} GB/s\n",
                   length, figure["ns_per_message"].get<double>(), figure["ns_per_datagram"].get<double>(),
                   figure["plain_copy_ns_per_datagram"].get<double>(), figure["gigabytes_per_second"].get<double>());
    }
    for (const int count : {1, 1'000}) {
        fmt::print("idle cycle, {:4} images: {:8.1f} ns\n", count,
                   figures[fmt::format("idle_{}_images_ns", count)].get<double>());
    }
}

}  // namespace

int main(int argc, char** argv) {
    int rounds = 51;
    int cpu = 0;
    bool json = false;
    CLI::App app{"What a message costs the driver's receiver, between the buffer of the socket and the image's log."};
    app.add_flag("--json", json, "Print one JSON object");
    app.add_option("--rounds", rounds, "Rounds of half a term, of which the median counts")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--cpu", cpu, "Processor of the thread; -1: any")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    try {
        if (cpu >= 0) {
            keep_this_thread_on(cpu);
        }
        run(rounds, json);
    } catch (const std::exception& failure) {
        fmt::print(stderr, "bench_receiver: {}\n", failure.what());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
