/// What does the transport alone cost: a byte, a datagram, a poll that finds nothing?
///
/// One thread sends bursts of runs over the loopback interface and polls them back, so no time is lost waiting for
/// another processor. Leaves out: the network card, the hand-over between processors, and everything that the driver
/// does with a datagram.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/utsname.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cpperon/base/this_thread.hpp"
#include "cpperon/net/system_udp_transport.hpp"

namespace {

using namespace cpperon::net;

constexpr int rounds = 10;
constexpr std::uint32_t datagram_length = 1'376;

struct Settings {
    double seconds = 0.2;  ///< of each round
    std::uint32_t burst = 47;
    std::size_t batches_per_poll = 4;
    int cpu = 0;
};

class Counter final : public ReceiveHandler {
public:
    void on_datagrams(const ReceivedRun& run) override {
        bytes += static_cast<std::int64_t>(run.bytes.size());
        last_byte = run.bytes.back();
    }
    void on_receive_error(int /*system_error*/) override { throw std::runtime_error("receiving failed"); }

    std::int64_t bytes = 0;
    std::byte last_byte{};
};

/// Two sockets, connected, and what the second one gets.
class Loop {
public:
    Loop(const OffloadSettings& offload, const Settings& settings)
        : transport_(offload), poller_(transport_.make_poller(settings.batches_per_poll)) {
        const SocketAddress host = SocketAddress::ipv4({127, 0, 0, 1}, 0);
        receiver_ =
            transport_.open({.bind_address = host, .receive_buffer_length = 2 * 1'024 * 1'024}).value_or_throw();
        sender_ = transport_
                      .open({.bind_address = host,
                             .connect_to = receiver_->local_address(),
                             .send_buffer_length = 2 * 1'024 * 1'024})
                      .value_or_throw();
        poller_->add(*receiver_, counter_);
    }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop() { poller_->remove(*receiver_); }

    /// Sends and polls until all has come back.
    void pass(const DatagramRun& run) {
        const std::int64_t wanted = counter_.bytes + run.length;
        if (!sender_->send({&run, 1}, nullptr).is_complete) {
            throw std::runtime_error("the send buffer is too short for a burst");
        }
        for (int polls = 0; counter_.bytes < wanted; ++polls) {
            poller_->poll();
            if (polls > 1'000'000) {
                throw std::runtime_error("datagrams were lost: the receive buffer is too short for a burst");
            }
        }
    }
    void poll_nothing() { poller_->poll(); }

private:
    SystemUdpTransport transport_;
    std::unique_ptr<SocketPoller> poller_;
    Counter counter_;
    std::unique_ptr<UdpSocket> receiver_;
    std::unique_ptr<UdpSocket> sender_;
};

/// Nanoseconds per call of `act`: the median of the rounds.
template <typename Act>
double measure(const Settings& settings, const Act& act) {
    std::vector<double> figures;
    for (int round = 0; round < rounds; ++round) {
        const auto start = std::chrono::steady_clock::now();
        std::int64_t calls = 0;
        std::chrono::duration<double> elapsed{};
        while (elapsed.count() < settings.seconds) {
            for (int i = 0; i < 64; ++i) {
                act();
            }
            calls += 64;
            elapsed = std::chrono::steady_clock::now() - start;
        }
        figures.push_back(elapsed.count() * 1e9 / static_cast<double>(calls));
    }
    std::sort(figures.begin(), figures.end());
    return figures[figures.size() / 2];
}

struct Way {
    std::string_view name;
    OffloadSettings offload;
};
constexpr std::array ways{
    Way{"both offloads", {.segmentation_offload = true, .receive_offload = true}},
    Way{"segmentation offload", {.segmentation_offload = true, .receive_offload = false}},
    Way{"receive offload", {.segmentation_offload = false, .receive_offload = true}},
    Way{"no offload", {.segmentation_offload = false, .receive_offload = false}},
};

void run(const Settings& settings) {
    if (settings.cpu >= 0) {
        cpperon::keep_this_thread_on(settings.cpu);
    }
    utsname system{};
    ::uname(&system);
    fmt::print("{} {}, gcc {}, bursts of {} datagrams of {} bytes, {} batches per poll\n", system.sysname,
               system.release, __VERSION__, settings.burst, datagram_length, settings.batches_per_poll);
    const std::vector<std::byte> bytes(std::size_t{settings.burst} * datagram_length);
    const DatagramRun burst{
        .data = bytes.data(), .length = static_cast<std::uint32_t>(bytes.size()), .segment_length = datagram_length};
    const DatagramRun single{.data = bytes.data(), .length = datagram_length, .segment_length = datagram_length};
    for (const Way& way : ways) {
        Loop loop{way.offload, settings};
        const double burst_ns = measure(settings, [&] { loop.pass(burst); });
        const double single_ns = measure(settings, [&] { loop.pass(single); });
        const double idle_ns = measure(settings, [&] { loop.poll_nothing(); });
        fmt::print("{:<22} {:8.2f} GB/s {:8.2f} M datagrams/s {:8.0f} ns one datagram there {:8.0f} ns idle poll\n",
                   way.name, static_cast<double>(bytes.size()) / burst_ns, settings.burst * 1e3 / burst_ns, single_ns,
                   idle_ns);
    }
}

}  // namespace

int main(int argc, char** argv) {
    Settings settings;
    CLI::App app{"What the UDP transport alone costs: one thread sends bursts over loopback and polls them back."};
    app.add_option("--seconds", settings.seconds, "Of each of the ten rounds of a case")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--burst", settings.burst, "Datagrams per burst")->check(CLI::Range(1, 700))->capture_default_str();
    app.add_option("--batches", settings.batches_per_poll, "Messages that one poll takes at most")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    app.add_option("--cpu", settings.cpu, "Processor of the thread; -1: any")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    try {
        run(settings);
    } catch (const std::exception& failure) {
        fmt::print(stderr, "bench_udp_transport: {}\n", failure.what());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
