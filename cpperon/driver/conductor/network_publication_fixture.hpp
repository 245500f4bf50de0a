/// The scenery for tests of network publications: streams on UDP channels, whose sender's half the test plays. For
/// tests only.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "cpperon/driver/conductor/conductor_fixture.hpp"
#include "cpperon/driver/sender/publication_sender.hpp"

namespace cpperon::driver {

class NetworkPublicationFixture : public ConductorTest {
protected:
    static constexpr std::string_view unicast = "aeron:udp?endpoint=localhost:24325";
    static constexpr std::string_view spy_on_unicast = "aeron-spy:aeron:udp?endpoint=localhost:24325";

    NetworkPublicationFixture() { context.term_length = 65'536; }

    const std::int64_t client = next_id();

    /// A publication, and what its sender does.
    struct Stream {
        std::int64_t publication = 0;
        std::int32_t session_id = 0;
        PublicationSender* sender = nullptr;
        std::unique_ptr<TestPublisher> publisher;
        // Counters.
        std::int32_t position_id = -1;
        std::int32_t limit_id = -1;
        std::int32_t sender_position_id = -1;

        [[nodiscard]] bool is_connected() const { return publisher->metadata().is_connected == 1; }
        [[nodiscard]] PublicationSignals& signals() const { return sender->signals(); }
    };

    Stream publish(const std::string_view channel = unicast) {
        const std::int64_t publication = add_publication(client, channel);
        return finish(publication, hear<command::PublicationReadyEvent>());
    }
    Stream publish_exclusively(const std::string_view channel = unicast) {
        const std::int64_t publication = add_exclusive_publication(client, channel);
        const auto ready = hear<command::ExclusivePublicationReadyEvent>();
        return finish(publication, {.session_id = ready.session_id,
                                    .stream_id = ready.stream_id,
                                    .position_limit_id = ready.position_limit_id,
                                    .log_file_name = ready.log_file_name});
    }

    struct Spy {
        std::int64_t subscription = 0;
        std::int32_t position_id = -1;
    };
    Spy spy(const std::string_view channel = spy_on_unicast) {
        const std::int64_t subscription = add_subscription(client, channel);
        return {.subscription = subscription,
                .position_id = hear<command::AvailableImageEvent>().subscriber_position_id};
    }
    void consume(const Spy& reader_of_log, const std::int64_t position) {
        set_value(reader_of_log.position_id, position);
        settle();
    }

    /// A receiver shows up, or the last one is gone.
    void set_has_receivers(const Stream& stream, const bool has_receivers) {
        stream.signals().has_receivers.store(has_receivers, std::memory_order_release);
        settle();
    }
    /// The sender has sent everything up to there.
    void send_up_to(const Stream& stream, const std::int64_t position) {
        set_value(stream.sender_position_id, position);
        settle();
    }

    /// What the sender was told to begin with, last.
    template <typename Command>
    Command last_told_to_sender() {
        Command last;
        bool is_told = false;
        for (const SenderCommand& command : told_to_sender()) {
            if (const auto* const known = std::get_if<Command>(&command)) {
                last = *known;
                is_told = true;
            }
        }
        EXPECT_TRUE(is_told) << "the sender was told nothing of the kind";
        return last;
    }
    /// Each by its name, in order.
    std::vector<std::string> names_of_commands_to_sender() {
        std::vector<std::string> names;
        for (const SenderCommand& command : told_to_sender()) {
            names.push_back(std::visit([](const auto& known) { return name_of(known); }, command));
        }
        return names;
    }

    [[nodiscard]] std::vector<std::string> labels(const std::int32_t type_id) const {
        std::vector<std::string> found;
        reader().for_each([&](const CounterView& counter) {
            if (counter.type_id == type_id) {
                found.emplace_back(counter.label);
            }
        });
        return found;
    }
    [[nodiscard]] std::int32_t counter_of(const std::int32_t type_id, const std::int64_t registration_id) const {
        return reader().find(type_id, registration_id).value_or(-1);
    }

private:
    Stream finish(const std::int64_t publication, const command::PublicationReadyEvent& ready) {
        Stream stream;
        stream.publication = publication;
        stream.session_id = ready.session_id;
        stream.sender = last_told_to_sender<sender_command::AddPublication>().publication;
        stream.publisher.reset(new TestPublisher(publisher_of(ready)));  // it cannot be moved
        stream.position_id = counter_of(12, publication);
        stream.limit_id = ready.position_limit_id;
        stream.sender_position_id = counter_of(2, publication);
        return stream;
    }

    static std::string name_of(const sender_command::AddEndpoint&) { return "AddEndpoint"; }
    static std::string name_of(const sender_command::RemoveEndpoint&) { return "RemoveEndpoint"; }
    static std::string name_of(const sender_command::AddPublication&) { return "AddPublication"; }
    static std::string name_of(const sender_command::RemovePublication&) { return "RemovePublication"; }
    static std::string name_of(const sender_command::AddDestination&) { return "AddDestination"; }
    static std::string name_of(const sender_command::RemoveDestination&) { return "RemoveDestination"; }
    static std::string name_of(const sender_command::RemoveDestinationById&) { return "RemoveDestinationById"; }
    static std::string name_of(const sender_command::ChangeAddress&) { return "ChangeAddress"; }
};

}  // namespace cpperon::driver
