/// A driver in the hands of a test: a real directory with a real `cnc.dat`, from which the test reads commands and into
/// which it writes events, byte for byte as a driver would. Single-threaded, on a manual clock.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "cpperon/base/clock.hpp"
#include "cpperon/client/aeron.hpp"
#include "cpperon/command/codec.hpp"
#include "cpperon/logbuffer/log_file.hpp"
#include "cpperon/shm/broadcast_transmitter.hpp"
#include "cpperon/shm/cnc_file.hpp"
#include "cpperon/shm/counters_manager.hpp"
#include "cpperon/shm/directory.hpp"
#include "cpperon/shm/many_to_one_ring_buffer.hpp"
#include "tests/support/temporary_directory.hpp"

namespace cpperon::client {

/// A command as it lay in the ring.
struct ReceivedCommand {
    std::vector<std::byte> payload;
    std::int32_t type_id = 0;

    template <typename T>
    [[nodiscard]] T as() const {
        EXPECT_EQ(type_id, command::type_id<T>);
        const command::Decoded<T> decoded = command::decode<T>(payload);
        if (type_id != command::type_id<T> || !decoded) {
            throw std::runtime_error("another command was expected");
        }
        return *decoded;
    }
};

class FakeDriver {
public:
    static constexpr std::int64_t session_ids_protocol_version = command::control_protocol_version;

    FakeDriver(const std::string& directory, ManualClock& clock,
               const std::int64_t protocol_version = session_ids_protocol_version,
               const std::chrono::nanoseconds client_liveness_timeout = std::chrono::seconds{10})
        : directory_(directory),
          clock_(clock),
          cnc_(create_cnc(directory, clock, client_liveness_timeout)),
          ring_(cnc_.to_driver_buffer()),
          transmitter_(cnc_.to_clients_buffer()),
          counters_(cnc_.counters_metadata(), cnc_.counters_values(), clock, 0) {
        for (std::int32_t id = 0; id <= 43; ++id) {
            EXPECT_EQ(counters_.allocate({.type_id = 0, .label = "system", .registration_id = id, .owner_id = -1}), id);
        }
        counters_.counter(43).set_release(protocol_version);
        static_cast<void>(ring_.next_correlation_id());
        beat();
        cnc_.publish_version();
    }

    [[nodiscard]] shm::ManyToOneRingBuffer& ring() { return ring_; }
    [[nodiscard]] shm::CountersManager& counters() { return counters_; }
    [[nodiscard]] shm::CncFile& cnc() { return cnc_; }

    /// Shows that the driver is alive.
    void beat() { ring_.set_consumer_heartbeat_ms(clock_.epoch_ms()); }
    void shut_down() { ring_.set_consumer_heartbeat_ms(-1); }

    template <command::Message T>
    void send(const T& event) {
        std::vector<std::byte> payload(command::encoded_length(event));
        command::encode(event, payload);
        send_raw(command::type_id<T>, payload);
    }
    void send_raw(const std::int32_t type_id, const std::span<const std::byte> payload) {
        EXPECT_EQ(transmitter_.transmit(type_id, payload), shm::BroadcastTransmitResult::transmitted);
    }

    [[nodiscard]] std::optional<ReceivedCommand> next_command() {
        std::optional<ReceivedCommand> command;
        for (int attempt = 0; attempt < 2 && !command; ++attempt) {  // the first may see only padding
            ring_.consume(
                [&](const std::int32_t type_id, const std::span<const std::byte> payload) {
                    command = ReceivedCommand{{payload.begin(), payload.end()}, type_id};
                },
                1);
        }
        return command;
    }
    /// The next command, which must be there. Throws otherwise.
    [[nodiscard]] ReceivedCommand expect_command() {
        std::optional<ReceivedCommand> command = next_command();
        if (!command) {
            throw std::runtime_error("a command was expected");
        }
        return *std::move(command);
    }
    [[nodiscard]] std::vector<ReceivedCommand> all_commands() {
        std::vector<ReceivedCommand> commands;
        while (std::optional<ReceivedCommand> command = next_command()) {
            commands.push_back(*std::move(command));
        }
        return commands;
    }

    /// Makes the log of a publication and returns its path.
    std::string make_log(const std::int64_t registration_id, const std::int32_t session_id,
                         const std::int32_t stream_id) {
        const std::string path = shm::publication_log_path(directory_, registration_id);
        logs_.push_back(logbuffer::LogFile::create(
            path, {.correlation_id = registration_id, .session_id = session_id, .stream_id = stream_id}));
        return path;
    }
    [[nodiscard]] std::int32_t make_counter(const std::int32_t type_id, const std::int64_t value = 0) {
        return counters_.allocate({.type_id = type_id, .label = "of the fake driver", .initial_value = value}).value();
    }
    /// What a driver makes for a socket of the channel with this status counter.
    std::int32_t make_local_address(const std::int32_t channel_status_id, const std::string_view address,
                                    const std::int64_t value = 1) {
        std::vector<std::byte> key(8 + address.size());
        const auto length = static_cast<std::int32_t>(address.size());
        std::memcpy(key.data(), &channel_status_id, sizeof(channel_status_id));
        std::memcpy(key.data() + 4, &length, sizeof(length));
        std::memcpy(key.data() + 8, address.data(), address.size());
        return counters_.allocate({.type_id = 14, .key = key, .label = "rcv-local-sockaddr", .initial_value = value})
            .value();
    }
    std::int32_t make_heartbeat(const std::int64_t client_id) {
        return counters_
            .allocate({.type_id = 11,
                       .key = std::as_bytes(std::span{&client_id, 1}),
                       .label = "client-heartbeat: id=" + std::to_string(client_id),
                       .registration_id = client_id,
                       .owner_id = client_id,
                       .initial_value = clock_.epoch_ms()})
            .value();
    }

    /// Answers an add; the log is made with the first one of an original registration id.
    template <typename Event = command::PublicationReadyEvent>
    void send_publication_ready(const std::int64_t correlation_id, const std::int64_t original_id,
                                const std::int32_t stream_id = 1'001, const std::int32_t channel_status_id = -1) {
        const std::string path = shm::publication_log_path(directory_, original_id);
        if (!std::filesystem::exists(path)) {
            make_log(original_id, 7, stream_id);
        }
        send(Event{.correlation_id = correlation_id,
                   .registration_id = original_id,
                   .session_id = 7,
                   .stream_id = stream_id,
                   .position_limit_id = make_counter(1),
                   .channel_status_id = channel_status_id,
                   .log_file_name = path});
    }
    /// Announces an IPC image of the publication; returns the id of its position counter.
    std::int32_t send_available_image(const std::int64_t image_id, const std::int64_t subscription_id) {
        const std::string path = shm::publication_log_path(directory_, image_id);
        if (!std::filesystem::exists(path)) {
            make_log(image_id, 7, 1'001);
        }
        const std::int32_t position_id = make_counter(4);
        send(command::AvailableImageEvent{.correlation_id = image_id,
                                          .session_id = 7,
                                          .stream_id = 1'001,
                                          .subscription_registration_id = subscription_id,
                                          .subscriber_position_id = position_id,
                                          .log_file_name = path,
                                          .source_identity = "aeron:ipc"});
        return position_id;
    }
    void send_unavailable_image(const std::int64_t image_id, const std::int64_t subscription_id) {
        send(command::UnavailableImageEvent{.correlation_id = image_id,
                                            .subscription_registration_id = subscription_id,
                                            .stream_id = 1'001,
                                            .channel = "aeron:ipc"});
    }

    /// Does what a friendly driver does with adds and removes; how many commands there were. For the scenery of tests.
    int serve() {
        const std::vector<ReceivedCommand> commands = all_commands();
        for (const ReceivedCommand& command : commands) {
            const command::Decoded<command::Command> decoded =
                command::decode_command(command.type_id, command.payload);
            EXPECT_TRUE(decoded);
            std::visit([&](const auto& c) { serve(c); }, *decoded);
        }
        return static_cast<int>(commands.size());
    }

private:
    static shm::CncFile create_cnc(const std::string& directory, ManualClock& clock,
                                   const std::chrono::nanoseconds client_liveness_timeout) {
        shm::create_directory(directory);
        return shm::CncFile::create(shm::cnc_path(directory),
                                    {.counters_values_buffer_length = shm::min_counters_values_buffer_length,
                                     .client_liveness_timeout_ns = client_liveness_timeout.count(),
                                     .start_timestamp_ms = clock.epoch_ms(),
                                     .pid = 4'242});
    }

    void serve(const command::AddPublicationCommand& c) {
        const auto [original, is_new] = shared_.try_emplace({std::string{c.channel}, c.stream_id}, c.correlation_id);
        send_publication_ready(c.correlation_id, original->second, c.stream_id);
    }
    void serve(const command::AddExclusivePublicationCommand& c) {
        send_publication_ready<command::ExclusivePublicationReadyEvent>(c.correlation_id, c.correlation_id,
                                                                        c.stream_id);
    }
    void serve(const command::AddSubscriptionCommand& c) {
        send(command::SubscriptionReadyEvent{.correlation_id = c.correlation_id});
    }
    void serve(const command::AddCounterCommand& c) {
        send(command::CounterReadyEvent{
            c.correlation_id, counters_.allocate({c.type_id, c.key, c.label, c.correlation_id, c.client_id}).value()});
    }
    void serve(const command::AddStaticCounterCommand& c) {
        send(command::StaticCounterEvent{
            c.correlation_id, counters_.allocate({c.type_id, c.key, c.label, c.registration_id, -1}).value()});
    }
    void serve(const command::GetNextAvailableSessionIdCommand& c) {
        send(command::NextAvailableSessionIdEvent{c.correlation_id, 4'711});
    }
    void serve(const auto& c) { send(command::OperationSuccessEvent{c.correlation_id}); }

    std::string directory_;
    ManualClock& clock_;
    shm::CncFile cnc_;
    shm::ManyToOneRingBuffer ring_;
    shm::BroadcastTransmitter transmitter_;
    shm::CountersManager counters_;
    std::vector<logbuffer::LogFile> logs_;
    std::map<std::pair<std::string, std::int32_t>, std::int64_t> shared_;
};

/// A client in invoker mode on a fake driver and a manual clock. Waiting calls are served; others are not until asked.
class ClientTest : public testing::Test {
protected:
    /// The settings the client is made with; to be changed before `connect`.
    Context context() {
        return {.directory = directory.path(),
                .invoker_mode = true,
                .driver_do_work = [this] { return driver->serve(); },
                .on_error =
                    [this](const Error& error) {
                        errors.push_back({error.code(), error.what()});
                    },
                .nano_clock = &clock,
                .epoch_clock = &clock,
                .environment = [](std::string_view) { return std::nullopt; }};
    }
    void start_driver() { driver.emplace(directory.path(), clock); }
    Aeron& connect() { return connect(context()); }
    Aeron& connect(const Context& settings) {
        if (!driver) {
            start_driver();
        }
        aeron = Aeron::connect(settings);
        return aeron;
    }

    /// Lets the client do all there is to do at this moment.
    void run() {
        while (aeron.do_work() > 0) {
        }
    }
    /// Lets time pass for both, in steps of the client's idle sleep; the driver shows that it lives.
    void pass(const std::chrono::milliseconds duration) {
        for (std::chrono::milliseconds passed{0}; passed < duration; passed += std::chrono::milliseconds{20}) {
            clock.advance(std::chrono::milliseconds{20});
            driver->beat();
            run();
        }
    }
    /// As `pass`, with a driver that is stopped.
    void pass_without_driver(const std::chrono::milliseconds duration) {
        for (std::chrono::milliseconds passed{0}; passed < duration; passed += std::chrono::milliseconds{20}) {
            clock.advance(std::chrono::milliseconds{20});
            run();
        }
    }
    [[nodiscard]] std::vector<ErrorCode> error_codes() const {
        std::vector<ErrorCode> codes;
        for (const ErrorInfo& error : errors) {
            codes.push_back(error.code);
        }
        return codes;
    }

    ManualClock clock;
    test::TemporaryDirectory directory;
    std::optional<FakeDriver> driver;
    std::vector<ErrorInfo> errors;
    Aeron aeron;
};

[[nodiscard]] inline std::int64_t number(const RegistrationId id) {
    return static_cast<std::int64_t>(id);
}

}  // namespace cpperon::client
