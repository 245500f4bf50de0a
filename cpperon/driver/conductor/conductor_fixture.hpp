/// The scenery for tests of the conductor: its memory, a store of log files that does what the test says, a clock that
/// stands still, and clients that speak by the command codec and hear every event. One thread. For tests only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stdlib.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/clock.hpp"
#include "cpperon/base/random.hpp"
#include "cpperon/command/codec.hpp"
#include "cpperon/driver/conductor/driver_conductor.hpp"
#include "cpperon/driver/conductor/driver_errors.hpp"
#include "cpperon/driver/conductor/fake_network.hpp"
#include "cpperon/driver/log_buffer_store.hpp"
#include "cpperon/driver/receiver/receiver_context.hpp"
#include "cpperon/driver/sender/sender_context.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/logbuffer/concurrent_appender.hpp"
#include "cpperon/logbuffer/exclusive_appender.hpp"
#include "cpperon/shm/broadcast_receiver.hpp"
#include "cpperon/shm/broadcast_transmitter.hpp"
#include "cpperon/shm/counters_manager.hpp"
#include "cpperon/shm/distinct_error_log.hpp"
#include "cpperon/shm/error_log_reader.hpp"
#include "cpperon/shm/loss_report.hpp"
#include "cpperon/shm/many_to_one_ring_buffer.hpp"

namespace cpperon::driver {

using namespace std::chrono_literals;

/// Zeroed memory, aligned as a mapping is.
class SharedSection {
public:
    explicit SharedSection(const std::size_t length) : words_(length / sizeof(std::int64_t)) {}
    [[nodiscard]] std::span<std::byte> bytes() noexcept { return std::as_writable_bytes(std::span{words_}); }

private:
    std::vector<std::int64_t> words_;
};

/// Creates real log files in a directory of its own; at once, when told to, or not at all.
class FakeLogBufferStore final : public LogBufferStore {
public:
    FakeLogBufferStore() {
        std::string pattern = "/dev/shm/cpperon-conductor-XXXXXX";
        directory_ = ::mkdtemp(pattern.data());
    }
    ~FakeLogBufferStore() override { std::filesystem::remove_all(directory_); }

    [[nodiscard]] std::shared_ptr<LogCreation> create(const logbuffer::LogParams& params) override {
        requests_.push_back(params);
        auto creation = std::make_shared<LogCreation>();
        waiting_.emplace_back(params, creation);
        if (!is_holding_) {
            complete_waiting();
        }
        return creation;
    }
    void destroy(const logbuffer::LogFile log) override {
        std::filesystem::remove(log.path());
        ++destroyed_;
    }

    /// From now on creations wait for `complete_waiting`.
    void hold() { is_holding_ = true; }
    void complete_waiting() {
        for (auto& [params, creation] : std::exchange(waiting_, {})) {
            creation->complete(failure_
                                   ? Result<logbuffer::LogFile>{*failure_}
                                   : Result<logbuffer::LogFile>{logbuffer::LogFile::create(
                                         fmt::format("{}/{}.logbuffer", directory_, params.correlation_id), params)});
        }
    }
    /// From now on creations fail.
    void fail_with(const ErrorInfo& failure) { failure_ = failure; }
    void recover() { failure_.reset(); }

    [[nodiscard]] const std::vector<logbuffer::LogParams>& requests() const { return requests_; }
    [[nodiscard]] int destroyed() const { return destroyed_; }
    [[nodiscard]] std::ptrdiff_t files() const {
        return std::distance(std::filesystem::directory_iterator{directory_}, {});
    }

private:
    std::string directory_;
    bool is_holding_ = false;
    std::optional<ErrorInfo> failure_;
    std::vector<std::pair<logbuffer::LogParams, std::shared_ptr<LogCreation>>> waiting_;
    std::vector<logbuffer::LogParams> requests_;
    int destroyed_ = 0;
};

/// An event as it was heard.
struct HeardEvent {
    std::int32_t type_id = 0;
    std::vector<std::byte> payload;
};

/// The publishing end of a log, as a client has it.
class TestPublisher {
public:
    TestPublisher(const std::string& log_file_name, std::int64_t& limit, const std::int32_t session_id,
                  const std::int32_t stream_id)
        : log_(logbuffer::LogFile::open(log_file_name)),
          obedient_(log_.view(), limit, session_id, stream_id),
          wild_(log_.view(), no_limit, session_id, stream_id) {}

    /// From now on offers whatever the driver says.
    void ignore_limit() { appender_ = &wild_; }

    OfferResult offer(const std::size_t length) {
        const std::vector<std::byte> message(length, std::byte{0x5a});
        return appender_->offer(std::span<const std::byte>{message});
    }
    /// Offers messages of `step` framed bytes until the stream is at `position`, over the ends of terms.
    void offer_up_to(const std::int64_t position, const std::int32_t step = 32) {
        while (appender_->position().position() < position) {
            const OfferResult result = offer(static_cast<std::size_t>(step) - 32);
            ASSERT_TRUE(result || result.status() == OfferStatus::admin_action) << to_string(result.status());
        }
    }
    /// Claims and dies.
    void claim(const std::size_t length) {
        logbuffer::FrameClaim claim;
        ASSERT_TRUE(appender_->try_claim(length, claim));
    }
    [[nodiscard]] std::int64_t position() const { return appender_->position().position(); }
    [[nodiscard]] logbuffer::LogMetadata& metadata() const { return log_.metadata(); }
    [[nodiscard]] const logbuffer::LogFile& log() const { return log_; }

private:
    static constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();

    logbuffer::LogFile log_;
    logbuffer::ConcurrentAppender obedient_;
    logbuffer::ConcurrentAppender wild_;
    logbuffer::ConcurrentAppender* appender_ = &obedient_;
};

/// A conductor that has been started and nobody has talked to yet: counters 0 to 45 exist, and id 0 is drawn.
class ConductorTest : public ::testing::Test {
protected:
    static constexpr std::int32_t ring_length = 65'536 + 768;
    static constexpr std::int32_t broadcast_length = 131'072 + 128;
    static constexpr std::size_t max_counters = 128;
    static constexpr std::int32_t test_stream = 1001;

    ConductorTest() {
        context.ipc_term_length = 65'536;
        static_cast<void>(ring.next_correlation_id());
    }

    /// Starts the conductor, if it was not; settings can be changed before.
    DriverConductor& conductor() {
        if (!conductor_) {
            conductor_ = std::make_unique<DriverConductor>(context, DriverResources{.commands = ring,
                                                                                    .events = transmitter,
                                                                                    .counters = counters,
                                                                                    .system_counters = system_counters,
                                                                                    .errors = error_log,
                                                                                    .logs = logs,
                                                                                    .channels = resolver,
                                                                                    .transport = transport,
                                                                                    .sender = sender,
                                                                                    .receiver = receiver_agent,
                                                                                    .loss_report = loss_report,
                                                                                    .nano_clock = clock,
                                                                                    .epoch_clock = clock,
                                                                                    .random = random});
        }
        return *conductor_;
    }
    void close_conductor() { conductor_.reset(); }

    // Clients.

    std::int64_t next_id() { return ring.next_correlation_id(); }

    void write(const std::int32_t type_id, const std::span<const std::byte> payload) {
        static_cast<void>(conductor());
        ASSERT_EQ(ring.write(type_id, payload), shm::RingWriteResult::written);
    }
    template <command::Message Command>
    void write(const Command& command) {
        std::vector<std::byte> payload(command::encoded_length(command));
        command::encode(command, payload);
        write(command::type_id<Command>, payload);
    }

    /// Lets the conductor do all it has to do at this moment.
    void settle() {
        for (int cycles = 0; cycles < 100; ++cycles) {
            if (conductor().do_work() == 0) {
                return;
            }
        }
        FAIL() << "the conductor does not come to rest";
    }

    template <command::Message Command>
    std::vector<std::string> execute(const Command& command) {
        write(command);
        settle();
        return events();
    }

    /// Each gives the correlation id of the command, which has been executed; what was heard waits in `events()`.
    std::int64_t add_publication(const std::int64_t client, const std::string_view channel = "aeron:ipc",
                                 const std::int32_t stream_id = test_stream) {
        return add<command::AddPublicationCommand>(client, channel, stream_id);
    }
    std::int64_t add_exclusive_publication(const std::int64_t client, const std::string_view channel = "aeron:ipc",
                                           const std::int32_t stream_id = test_stream) {
        return add<command::AddExclusivePublicationCommand>(client, channel, stream_id);
    }
    std::int64_t add_subscription(const std::int64_t client, const std::string_view channel = "aeron:ipc",
                                  const std::int32_t stream_id = test_stream) {
        return add<command::AddSubscriptionCommand>(client, channel, stream_id);
    }
    std::int64_t add_counter(const std::int64_t client, const std::string_view label = "my label") {
        const std::int64_t correlation_id = next_id();
        write(command::AddCounterCommand{
            .client_id = client, .correlation_id = correlation_id, .type_id = 1101, .label = label});
        settle();
        return correlation_id;
    }
    std::int64_t remove_publication(const std::int64_t client, const std::int64_t registration_id,
                                    const bool revoke = false) {
        const std::int64_t correlation_id = next_id();
        write(command::RemovePublicationCommand{.client_id = client,
                                                .correlation_id = correlation_id,
                                                .registration_id = registration_id,
                                                .flags = revoke ? 1U : 0U});
        settle();
        return correlation_id;
    }
    std::int64_t remove_subscription(const std::int64_t client, const std::int64_t registration_id) {
        const std::int64_t correlation_id = next_id();
        write(command::RemoveSubscriptionCommand{
            .client_id = client, .correlation_id = correlation_id, .registration_id = registration_id});
        settle();
        return correlation_id;
    }
    void close_client(const std::int64_t client) {
        write(command::ClientCloseCommand{.client_id = client});
        settle();
    }
    /// The client's heartbeat stops.
    void kill(const std::int64_t client) { dead_clients_.insert(client); }

    TestPublisher publisher_of(const command::PublicationReadyEvent& ready) {
        return {std::string{ready.log_file_name}, value_word(ready.position_limit_id), ready.session_id,
                ready.stream_id};
    }

    // Time.

    /// As many ticks as fit, the last of them at `duration` or just after; clients that live give signs of life.
    void pass(const std::chrono::nanoseconds duration) {
        const auto step = context.timer_interval + 1ns;
        for (auto passed = 0ns; passed < duration; passed += step) {
            tick();
        }
    }
    /// One timer interval and what it takes to be beyond it.
    void tick() {
        static_cast<void>(conductor());
        clock.advance(context.timer_interval + 1ns);
        beat_hearts();
        settle();
    }

    // The other agents.

    /// What the sender was told since the last call, in order.
    std::vector<SenderCommand> told_to_sender() { return told_to(sender_commands); }
    std::vector<ReceiverCommand> told_to_receiver() { return told_to(receiver_commands); }
    /// The sender lets go of all that it was told to remove, and of what is removed thereupon.
    void sender_releases() {
        for (auto commands = told_to_sender(); !commands.empty(); commands = told_to_sender()) {
            for (const SenderCommand& command : commands) {
                if (const auto* const removed = std::get_if<sender_command::RemovePublication>(&command)) {
                    sender_says(sender_event::PublicationReleased{.publication = removed->publication});
                } else if (const auto* const closed = std::get_if<sender_command::RemoveEndpoint>(&command)) {
                    sender_says(sender_event::EndpointReleased{.endpoint = closed->endpoint});
                }
            }
        }
    }
    /// The same for the receiver.
    void receiver_releases() {
        for (auto commands = told_to_receiver(); !commands.empty(); commands = told_to_receiver()) {
            for (const ReceiverCommand& command : commands) {
                if (const auto* const removed = std::get_if<receiver_command::RemoveImage>(&command)) {
                    receiver_says(receiver_event::ImageReleased{.image = removed->image});
                } else if (const auto* const destination = std::get_if<receiver_command::RemoveDestination>(&command)) {
                    receiver_says(receiver_event::DestinationReleased{.endpoint = destination->endpoint,
                                                                      .destination = destination->destination});
                } else if (const auto* const closed = std::get_if<receiver_command::RemoveEndpoint>(&command)) {
                    receiver_says(receiver_event::EndpointReleased{.endpoint = closed->endpoint});
                }
            }
        }
    }
    /// The sender or the receiver tells the conductor something, and the conductor acts on it.
    void sender_says(SenderEvent event) {
        sender_events.push(std::move(event));
        settle();
    }
    void receiver_says(ReceiverEvent event) {
        receiver_events.push(std::move(event));
        settle();
    }

    // What clients hear and see.

    /// What was heard since the last call, as text: `AVAILABLE_IMAGE(image, subscription)` and so on.
    std::vector<std::string> events() {
        heard_.clear();
        std::vector<std::string> texts;
        while (receiver.receive([&](const std::int32_t type_id, const std::span<const std::byte> payload) {
            heard_.push_back({.type_id = type_id, .payload = {payload.begin(), payload.end()}});
        }) != shm::BroadcastReceiveResult::nothing) {
        }
        for (const HeardEvent& event : heard_) {
            const auto decoded = command::decode_event(event.type_id, event.payload);
            texts.push_back(decoded ? std::visit([](const auto& known) { return text_of(known); }, *decoded)
                                    : "UNDECODABLE");
        }
        return texts;
    }
    /// The last event of a type among those of the last call of `events()`; its texts are valid until the next.
    template <command::Message Event>
    Event last() {
        for (auto event = heard_.rbegin(); event != heard_.rend(); ++event) {
            if (event->type_id == command::type_id<Event>) {
                return *command::decode<Event>(event->payload);
            }
        }
        ADD_FAILURE() << "no event of type " << to_string(Event::type) << " was heard";
        return {};
    }
    template <command::Message Event>
    Event hear() {
        static_cast<void>(events());
        return last<Event>();
    }

    [[nodiscard]] std::int64_t system_counter(const SystemCounter counter) const {
        return system_counters.value(counter);
    }
    [[nodiscard]] const CountersReader& reader() const { return counters.reader(); }
    [[nodiscard]] std::int64_t value(const std::int32_t counter_id) const { return reader().value(counter_id); }
    void set_value(const std::int32_t counter_id, const std::int64_t value) {
        counters.counter(counter_id).set_release(value);
    }
    [[nodiscard]] int allocated_counters() const {
        int count = 0;
        reader().for_each([&](const CounterView&) { ++count; });
        return count;
    }
    [[nodiscard]] std::vector<std::string> logged_errors() const {
        std::vector<std::string> texts;
        ErrorLogReader{error_log_section.bytes()}.for_each(
            [&](const ErrorObservation& error) { texts.emplace_back(error.text); });
        return texts;
    }

    // Declared in the order in which they depend on each other.
    DriverContext context;
    ManualClock clock;
    SeededRandomSource random{42};
    mutable SharedSection error_log_section{65'536};
    SharedSection ring_section{ring_length};
    SharedSection broadcast_section{broadcast_length};
    SharedSection counters_metadata{max_counters * 512};
    SharedSection counters_values{max_counters * 128};
    shm::ManyToOneRingBuffer ring{ring_section.bytes()};
    shm::BroadcastTransmitter transmitter{broadcast_section.bytes()};
    shm::BroadcastReceiver receiver{broadcast_section.bytes()};
    shm::CountersManager counters{counters_metadata.bytes(), counters_values.bytes(), clock, 1'000};
    SystemCounters system_counters{counters, {}};
    shm::DistinctErrorLog error_log{error_log_section.bytes(), clock};
    DriverErrors agent_errors{error_log, system_counters};
    SharedSection loss_report_section{4'096};
    shm::LossReport loss_report{loss_report_section.bytes()};
    FakeLogBufferStore logs;
    FakeUdpTransport transport;
    FakeChannelResolver resolver;
    // The other agents are not there: tests read what they are told, and speak for them.
    std::unique_ptr<net::SocketPoller> poller = transport.make_poller(1);
    SenderCommands sender_commands;
    SenderEvents sender_events;
    SenderContext sender{clock, clock, *poller, system_counters, agent_errors, sender_commands, sender_events, {}};
    ReceiverCommands receiver_commands;
    ReceiverEvents receiver_events;
    ReceiverContext receiver_agent{clock,           clock, *poller, system_counters, agent_errors, receiver_commands,
                                   receiver_events, {}};

private:
    template <typename Command>
    static std::vector<Command> told_to(HandOverQueue<Command>& queue) {
        std::deque<Command> commands;
        queue.take_all(commands);
        return {commands.begin(), commands.end()};
    }
    template <command::Message Command>
    std::int64_t add(const std::int64_t client, const std::string_view channel, const std::int32_t stream_id) {
        Command command;
        command.client_id = client;
        command.correlation_id = next_id();
        command.stream_id = stream_id;
        command.channel = channel;
        write(command);
        settle();
        return command.correlation_id;
    }
    void beat_hearts() {
        reader().for_each([&](const CounterView& counter) {
            if (counter.type_id == 11 && counter.value != 0 && !dead_clients_.contains(counter.owner_id)) {
                set_value(counter.id, clock.epoch_ms());
            }
        });
    }
    std::int64_t& value_word(const std::int32_t counter_id) {
        return field_at<std::int64_t>(counters_values.bytes().data() + static_cast<std::ptrdiff_t>(counter_id) * 128);
    }

    static std::string text_of(const command::ErrorEvent& event) {
        return fmt::format("ERROR({}, {})", event.offending_correlation_id, static_cast<std::int32_t>(event.code));
    }
    static std::string text_of(const command::AvailableImageEvent& event) {
        return fmt::format("AVAILABLE_IMAGE({}, {})", event.correlation_id, event.subscription_registration_id);
    }
    static std::string text_of(const command::UnavailableImageEvent& event) {
        return fmt::format("UNAVAILABLE_IMAGE({}, {})", event.correlation_id, event.subscription_registration_id);
    }
    static std::string text_of(const command::PublicationReadyEvent& event) {
        return fmt::format("PUBLICATION_READY({}, {})", event.correlation_id, event.registration_id);
    }
    static std::string text_of(const command::ExclusivePublicationReadyEvent& event) {
        return fmt::format("EXCLUSIVE_PUBLICATION_READY({}, {})", event.correlation_id, event.registration_id);
    }
    static std::string text_of(const command::SubscriptionReadyEvent& event) {
        return fmt::format("SUBSCRIPTION_READY({}, {})", event.correlation_id, event.channel_status_id);
    }
    static std::string text_of(const command::OperationSuccessEvent& event) {
        return fmt::format("OPERATION_SUCCESS({})", event.correlation_id);
    }
    static std::string text_of(const command::CounterReadyEvent& event) {
        return fmt::format("COUNTER_READY({}, {})", event.registration_id, event.counter_id);
    }
    static std::string text_of(const command::UnavailableCounterEvent& event) {
        return fmt::format("UNAVAILABLE_COUNTER({}, {})", event.registration_id, event.counter_id);
    }
    static std::string text_of(const command::ClientTimeoutEvent& event) {
        return fmt::format("CLIENT_TIMEOUT({})", event.client_id);
    }
    static std::string text_of(const command::StaticCounterEvent& event) {
        return fmt::format("STATIC_COUNTER({}, {})", event.correlation_id, event.counter_id);
    }
    static std::string text_of(const command::PublicationErrorEvent& event) {
        return fmt::format("PUBLICATION_ERROR({}, {})", event.registration_id, static_cast<std::int32_t>(event.code));
    }
    static std::string text_of(const command::NextAvailableSessionIdEvent& event) {
        return fmt::format("NEXT_AVAILABLE_SESSION_ID({}, {})", event.correlation_id, event.session_id);
    }

    std::set<std::int64_t> dead_clients_;
    std::vector<HeardEvent> heard_;
    std::unique_ptr<DriverConductor> conductor_;
};

}  // namespace cpperon::driver
