/// A driver with a client, and what a test wants to know about them, for streams over the system's sockets.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "cpperon/base/mapped_file.hpp"
#include "cpperon/cpperon.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/shm/cnc_file.hpp"
#include "cpperon/shm/directory.hpp"
#include "cpperon/shm/error_log_reader.hpp"
#include "cpperon/shm/loss_report_reader.hpp"
#include "tests/support/sanitizer.hpp"
#include "tests/system/child_process.hpp"
#include "tests/system/port_lease.hpp"

namespace cpperon::system_test {

/// Type ids of counters. spec: 06 §19.1
namespace counter_type {
inline constexpr std::int32_t sender_position = 2;
inline constexpr std::int32_t image_high_water_mark = 3;
inline constexpr std::int32_t subscriber_position = 4;
inline constexpr std::int32_t image_position = 5;
inline constexpr std::int32_t send_channel = 6;
inline constexpr std::int32_t receive_channel = 7;
inline constexpr std::int32_t sender_limit = 9;
inline constexpr std::int32_t congestion_control = 10;
inline constexpr std::int32_t local_address = 14;
inline constexpr std::int32_t flow_control_receivers = 17;
inline constexpr std::int32_t destinations = 18;
inline constexpr std::int32_t naks_sent = 20;
}  // namespace counter_type

/// A driver that does not make tests wait, with small terms. Time-outs that a busy machine could run into are longer
/// than heartbeats (100 ms) by far; publications linger long enough to say in one that they have ended.
inline DriverContext quick_driver() {
    constexpr int patience = test::is_sanitized ? 5 : 1;
    return {.counters_buffer_length = 1'048'576,
            .term_length = 65'536,
            .ipc_term_length = 65'536,
            .publication_connection_timeout = patience * std::chrono::seconds{1},
            .publication_linger_timeout = std::chrono::milliseconds{300},
            .status_message_timeout = std::chrono::milliseconds{20},
            .image_liveness_timeout = patience * std::chrono::seconds{1},
            .flow_control_receiver_timeout = patience * std::chrono::seconds{1},
            .timer_interval = std::chrono::milliseconds{5},
            .counters_free_to_reuse_timeout = std::chrono::milliseconds{1}};
}

/// One side of a network: a driver in this process and a client of it.
class Host {
public:
    explicit Host(const DriverContext& settings = quick_driver()) : driver(settings), aeron(connect(settings)) {}
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    ~Host() = default;

    /// What has to be done by the test's thread where nothing has a thread of its own.
    void step() {
        if (is_stepped_) {
            driver.do_work();
            aeron.do_work();
        }
    }

    [[nodiscard]] std::int64_t value(const SystemCounter counter) const {
        return aeron.counters_reader().value(static_cast<std::int32_t>(counter));
    }
    /// Allocated counters of a type.
    [[nodiscard]] std::vector<std::int32_t> counters(const std::int32_t type_id) const {
        std::vector<std::int32_t> ids;
        aeron.counters_reader().for_each([&](const CounterView& counter) {
            if (counter.type_id == type_id) {
                ids.push_back(counter.id);
            }
        });
        return ids;
    }
    /// The value of the only counter of a type; -1 where there is not exactly one.
    [[nodiscard]] std::int64_t value_of_only(const std::int32_t type_id) const {
        const std::vector<std::int32_t> ids = counters(type_id);
        return ids.size() == 1 ? aeron.counters_reader().value(ids.front()) : -1;
    }
    /// All counters of streams and channels: those that come and go with them. spec: 06 §19.1
    [[nodiscard]] std::size_t stream_counter_count() const {
        constexpr std::int32_t client_heartbeat = 11;
        std::size_t count = 0;
        aeron.counters_reader().for_each([&](const CounterView& counter) {
            count += counter.type_id > 0 && counter.type_id <= 20 && counter.type_id != client_heartbeat ? 1U : 0U;
        });
        return count;
    }
    /// Log files of publications and images.
    [[nodiscard]] std::size_t log_count() const {
        std::size_t count = 0;
        for (const std::string_view folder : {"/publications", "/images"}) {
            const std::filesystem::directory_iterator logs{driver.directory() + std::string{folder}};
            count += static_cast<std::size_t>(std::distance(begin(logs), end(logs)));
        }
        return count;
    }
    /// The texts of the driver's error log.
    [[nodiscard]] std::vector<std::string> errors() const {
        std::vector<std::string> texts;
        for (const auto& [text, count] : error_counts()) {
            texts.push_back(text);
        }
        return texts;
    }
    /// And how often each of them was recorded.
    [[nodiscard]] std::vector<std::pair<std::string, std::int32_t>> error_counts() const {
        const auto cnc = shm::CncFile::try_open(shm::cnc_path(driver.directory()), Access::read_only).file;
        std::vector<std::pair<std::string, std::int32_t>> errors;
        if (cnc) {
            ErrorLogReader{cnc->error_log()}.for_each(
                [&](const ErrorObservation& error) { errors.emplace_back(error.text, error.count); });
        }
        return errors;
    }
    /// How many bytes the loss report says were lost by images of a stream.
    [[nodiscard]] std::int64_t lost_bytes(const std::int32_t stream_id) const {
        const MappedFile report = MappedFile::open(shm::loss_report_path(driver.directory()), Access::read_only);
        std::int64_t bytes = 0;
        LossReportReader{report.bytes()}.for_each(
            [&](const LossObservation& loss) { bytes += loss.stream_id == stream_id ? loss.total_bytes_lost : 0; });
        return bytes;
    }
    /// What receivers told publications of the client, so far.
    [[nodiscard]] std::vector<PublicationError> publication_errors() const {
        const std::lock_guard lock{mutex_};
        return publication_errors_;
    }

private:
    [[nodiscard]] Aeron connect(const DriverContext& settings) {
        is_stepped_ = settings.threading_mode == ThreadingMode::invoker;
        Context context{.directory = driver.directory(),
                        .idle_sleep_duration = std::chrono::milliseconds{1},
                        .on_publication_error = [this](const PublicationError& error) {
                            const std::lock_guard lock{mutex_};
                            publication_errors_.push_back(error);
                        }};
        if (is_stepped_) {
            context.invoker_mode = true;
            context.driver_do_work = [this] { return driver.do_work(); };
        }
        return Aeron::connect(context);
    }

    mutable std::mutex mutex_;
    std::vector<PublicationError> publication_errors_;
    bool is_stepped_ = false;

public:
    EmbeddedDriver driver;
    Aeron aeron;  // closed first
};

/// Hosts on this machine, and ports of the test's own.
class UdpFixture : public testing::Test {
protected:
    Host& add_host(const DriverContext& settings = quick_driver()) {
        return *hosts_.emplace_back(std::make_unique<Host>(settings));
    }
    /// Ahead of what they use of a derived fixture.
    void close_hosts() { hosts_.clear(); }
    void step() {
        for (const auto& host : hosts_) {
            host->step();
        }
    }
    /// As `system_test::wait_until`, for hosts without threads too.
    bool wait_until(const std::function<bool()>& condition, const std::string_view what) {
        return system_test::wait_until(
            [&] {
                step();
                return condition();
            },
            what);
    }

    template <typename AnyPublication>
    void send(const AnyPublication& publication, const std::string& message) {
        wait_until([&] { return static_cast<bool>(publication.offer(message)); }, "an offer to be taken");
    }
    /// Polls until a message came.
    std::string receive(const Subscription& subscription) {
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
    /// Until a publication has a receiver and each subscription an image.
    template <typename AnyPublication>
    void wait_for_connection(const AnyPublication& publication, const std::vector<Subscription>& subscriptions) {
        wait_until(
            [&] {
                return publication.is_connected() &&
                       std::all_of(subscriptions.begin(), subscriptions.end(),
                                   [](const Subscription& subscription) { return subscription.image_count() > 0; });
            },
            "publication and subscriptions to be connected");
    }
    /// All streams were closed: nothing of them is left in the driver.
    void expect_nothing_left(const Host& host) {
        wait_until([&] { return host.log_count() == 0; }, "the log files to be deleted");
        wait_until([&] { return host.stream_counter_count() == 0; },
                   "the counters of streams and channels to be freed");
    }

    Ports ports;

private:
    std::vector<std::unique_ptr<Host>> hosts_;
};

}  // namespace cpperon::system_test
