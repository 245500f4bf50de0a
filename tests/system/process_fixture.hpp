/// A driver and its clients, each a process of its own, on a directory of the test.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cpperon/base/clock.hpp"
#include "cpperon/cpperon.hpp"
#include "cpperon/shm/cnc_file.hpp"
#include "cpperon/shm/directory.hpp"
#include "cpperon/shm/many_to_one_ring_buffer.hpp"
#include "tests/support/sanitizer.hpp"
#include "tests/system/driver_process.hpp"

namespace cpperon::system_test {

/// Time-outs must be short, or tests wait, and longer than a busy machine lets a process stand still.
inline constexpr int patience_factor = test::is_sanitized ? 5 : 1;
inline constexpr std::chrono::milliseconds client_liveness_timeout = std::chrono::milliseconds{1'000} * patience_factor;
inline constexpr std::chrono::milliseconds short_driver_timeout = std::chrono::milliseconds{1'000} * patience_factor;

class ProcessFixture : public testing::Test {
protected:
    /// A driver that does not make tests wait; ready for clients when this returns.
    [[nodiscard]] std::unique_ptr<DriverProcess> start_driver(const std::vector<std::string>& more_arguments = {}) {
        const auto milliseconds = [](const std::chrono::milliseconds duration) {
            return std::to_string(duration.count()) + "ms";
        };
        std::vector<std::string> arguments{
            "-Daeron.dir=" + directory,
            "-Daeron.counters.buffer.length=1m",
            "-Daeron.ipc.term.buffer.length=64k",
            "-Daeron.timer.interval=5ms",
            "-Daeron.client.liveness.timeout=" + milliseconds(client_liveness_timeout),
            "-Daeron.publication.unblock.timeout=" + milliseconds(client_liveness_timeout * 3 / 2),
            "-Daeron.publication.linger.timeout=1ms",
            "-Daeron.counters.free.to.reuse.timeout=1ms",
            "-Daeron.driver.timeout=" + milliseconds(short_driver_timeout)};
        arguments.insert(arguments.end(), more_arguments.begin(), more_arguments.end());
        auto driver = std::make_unique<DriverProcess>(arguments, std::vector<std::string>{});
        wait_until([&] { return driver->has_ended() || is_driven_by(driver->pid()); }, "the driver to start");
        EXPECT_FALSE(driver->has_ended()) << driver->error_output();
        return driver;
    }

    /// A client process on the driver of `directory`, or of another one.
    [[nodiscard]] std::unique_ptr<ChildProcess> start_peer(const std::string& role,
                                                           const std::vector<std::string>& arguments = {},
                                                           const std::optional<std::string>& of_driver = {}) const {
        std::vector<std::string> command{CPPERON_BIN "/system_test_peer", "--directory", of_driver.value_or(directory)};
        command.insert(command.end(), arguments.begin(), arguments.end());
        command.push_back(role);
        return std::make_unique<ChildProcess>(std::move(command));
    }

    /// What comes behind `event` in the first such line a peer prints.
    static std::string wait_for_event(ChildProcess& peer, const std::string& event) {
        std::optional<std::string> found;
        wait_until(
            [&] {
                const bool has_ended = peer.has_ended();
                found = find_event(peer, event);
                return found || has_ended;
            },
            "a process to print '" + event + "'");
        EXPECT_TRUE(found) << "it has ended without '" << event << "': " << peer.output() << peer.error_output();
        return found.value_or("");
    }
    static std::optional<std::string> find_event(const ChildProcess& peer, const std::string& event) {
        const std::string output = peer.output();
        // A last line that is not complete yet does not count.
        std::istringstream lines{output.substr(0, output.rfind('\n') + 1)};
        for (std::string line; std::getline(lines, line);) {
            if (line == event) {
                return "";
            }
            if (line.starts_with(event + " ")) {
                return line.substr(event.size() + 1);
            }
        }
        return std::nullopt;
    }

    /// A client in this process.
    [[nodiscard]] Aeron connect(Context context = {}) const {
        context.directory = directory;
        context.keepalive_interval = std::chrono::milliseconds{20};
        return Aeron::connect(context);
    }

    /// Polls until a message came.
    static std::string receive(const Subscription& subscription) {
        std::string received;
        wait_until(
            [&] {
                return subscription.poll(
                           [&](const std::span<const std::byte> message, const Header&) {
                               received.assign(reinterpret_cast<const char*>(message.data()), message.size());
                           },
                           1) > 0;
            },
            "a message");
        return received;
    }
    static void send(const Publication& publication, const std::string& message) {
        wait_until([&] { return static_cast<bool>(publication.offer(message)); }, "an offer to be taken");
    }
    /// A message on a stream of its own goes from this client to itself: the driver serves it.
    static void expect_served(Aeron& aeron, const std::int32_t stream_id = 77) {
        const Subscription subscription = aeron.add_subscription("aeron:ipc", stream_id);
        const Publication publication = aeron.add_publication("aeron:ipc", stream_id);
        send(publication, "served");
        EXPECT_EQ(receive(subscription), "served");
    }

    [[nodiscard]] std::size_t count_logs() const {
        const std::filesystem::directory_iterator logs{directory + "/publications"};
        return static_cast<std::size_t>(std::distance(begin(logs), end(logs)));
    }
    static std::size_t count_counters(const CountersReader& counters) {
        std::size_t count = 0;
        counters.for_each([&](const CounterView&) { ++count; });
        return count;
    }

    [[nodiscard]] std::optional<std::int64_t> driver_heartbeat_ms() const {
        const auto cnc = open_cnc();
        return cnc ? std::optional{shm::ManyToOneRingBuffer{cnc->to_driver_buffer()}.consumer_heartbeat_ms()}
                   : std::nullopt;
    }
    /// Until a new driver would take the dead one's directory.
    void wait_until_driver_counts_as_dead() const {
        wait_until(
            [&] {
                return SystemEpochClock::instance().epoch_ms() - driver_heartbeat_ms().value_or(0) >
                       short_driver_timeout.count();
            },
            "the dead driver's last sign of life to be old");
    }

    ScratchDirectory scratch;
    std::string directory = scratch / "aeron";

private:
    [[nodiscard]] std::optional<shm::CncFile> open_cnc() const {
        return shm::CncFile::try_open(shm::cnc_path(directory), Access::read_only).file;
    }
    [[nodiscard]] bool is_driven_by(const pid_t pid) const {
        const auto cnc = open_cnc();
        return cnc && cnc->pid() == pid;
    }
};

}  // namespace cpperon::system_test
