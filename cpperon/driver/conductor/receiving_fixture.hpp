/// The scenery for tests of the conductor's receiving side: there is no receiver, the test reads what it is told, does
/// what concerns sockets, and speaks for it. One thread. For tests only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/atomic_byte.hpp"
#include "cpperon/driver/conductor/conductor_fixture.hpp"
#include "cpperon/driver/receiver/image_receiver.hpp"
#include "cpperon/driver/receiver/receive_endpoint.hpp"
#include "cpperon/logbuffer/term_rebuilder.hpp"
#include "cpperon/wire/frames.hpp"

namespace cpperon::driver {

/// What a SETUP says.
struct TestSetup {
    std::int32_t session_id = 7;
    std::int32_t stream_id = 1001;
    std::int32_t initial_term_id = -3;
    std::int32_t active_term_id = -3;
    std::int32_t term_offset = 0;
    std::int32_t term_length = 65'536;
    std::int32_t mtu_length = 1'408;
    std::uint8_t flags = 0;
};

class ReceivingTest : public ConductorTest {
protected:
    static constexpr std::string_view channel = "aeron:udp?endpoint=localhost:24325";

    /// What the receiver was told since the last call, as text; what it was told of is remembered.
    std::vector<std::string> receiver_hears() {
        std::vector<std::string> texts;
        for (const ReceiverCommand& command : told_to_receiver()) {
            texts.push_back(std::visit([this](const auto& known) { return hear_command(known); }, command));
        }
        return texts;
    }
    /// The receiver lets go of everything it was told to.
    void receiver_lets_go() {
        receiver_hears();
        for (ReceiverEvent& event : std::exchange(releases_, {})) {
            receiver_says(std::move(event));
        }
    }

    /// A session announces itself through the destination that was opened last.
    void announce(const TestSetup& setup = {}) {
        receiver_hears();
        receiver_says(receiver_event::CreateImage{.endpoint = endpoint,
                                                  .destination = destination,
                                                  .stream_id = setup.stream_id,
                                                  .session_id = SessionId{setup.session_id},
                                                  .initial_term_id = setup.initial_term_id,
                                                  .active_term_id = setup.active_term_id,
                                                  .term_offset = setup.term_offset,
                                                  .term_length = setup.term_length,
                                                  .mtu_length = setup.mtu_length,
                                                  .flags = setup.flags,
                                                  .source = *net::SocketAddress::try_parse("192.0.2.9", 40'123)});
    }
    /// The same; what clients and the receiver heard is taken, and the log opened. The image's correlation id.
    std::int64_t create_image(const TestSetup& setup = {}) {
        static_cast<void>(events());
        announce(setup);
        const auto available = hear<command::AvailableImageEvent>();
        receiver_hears();
        position_id = available.subscriber_position_id;
        log.emplace(logbuffer::LogFile::open(std::string{available.log_file_name}));
        for (std::int32_t id = 0; id < static_cast<std::int32_t>(max_counters); ++id) {
            if (reader().state(id) == CounterState::allocated &&
                reader().registration_id(id) == available.correlation_id) {
                high_water_mark_id = reader().type_id(id) == 3 ? id : high_water_mark_id;
                rebuild_position_id = reader().type_id(id) == 5 ? id : rebuild_position_id;
                naks_sent_id = reader().type_id(id) == 20 ? id : naks_sent_id;
            }
        }
        return available.correlation_id;
    }

    /// Of the image made last: its id is of the sequence that commands draw theirs from.
    [[nodiscard]] std::int64_t last_image_id() const { return logs.requests().back().correlation_id; }

    /// A frame of `length` bytes, a multiple of 32, arrives at `position`, counted from the start of the initial term.
    void arrive(const std::int64_t position, const std::int32_t length) {
        std::vector<std::byte> packet(static_cast<std::size_t>(length));
        logbuffer::header_at(packet.data()).frame_length = length;
        logbuffer::header_at(packet.data()).type = logbuffer::data_type;
        const std::int32_t term_length = log->view().term_length();
        ASSERT_TRUE(logbuffer::insert_packet(
            log->term(logbuffer::index_of_position(position, log->view().position_bits_to_shift())),
            logbuffer::term_offset_of_position(position, term_length), packet));
        arrived_up_to(position + length);
    }
    void arrived_up_to(const std::int64_t position) {
        image->signals().time_of_last_packet_ns = clock.nano_time();
        set_value(high_water_mark_id, std::max(value(high_water_mark_id), position));
    }
    void consume_up_to(const std::int64_t position) { set_value(position_id, position); }
    /// The stream ends at what has arrived.
    void end_stream() {
        store_release(log->metadata().end_of_stream_position, value(high_water_mark_id));
        image->signals().is_end_of_stream = true;
    }
    void revoke_stream() {
        store_release(log->metadata().is_publication_revoked, std::uint8_t{1});
        end_stream();
    }
    [[nodiscard]] std::optional<ScheduledStatus> new_status() { return image->signals().status.try_load_newer(); }

    const std::int64_t client = next_id();
    // Heard of last.
    ReceiveEndpoint* endpoint = nullptr;
    ReceiveDestination* destination = nullptr;
    ImageReceiver* image = nullptr;
    std::optional<logbuffer::LogFile> log;
    std::int32_t position_id = -1;
    std::int32_t high_water_mark_id = -1;
    std::int32_t rebuild_position_id = -1;
    std::int32_t naks_sent_id = -1;

private:
    static std::string text_of(const std::int32_t stream_id, const std::optional<SessionId> session_id) {
        return session_id ? fmt::format("{}, {}", stream_id, static_cast<std::int32_t>(*session_id))
                          : fmt::format("{}", stream_id);
    }
    void remember_destination() {
        destination = static_cast<ReceiveDestination*>(&static_cast<FakeUdpPoller&>(*poller).last_handler());
    }

    std::string hear_command(const receiver_command::AddEndpoint& command) {
        endpoint = command.endpoint;
        const int sockets_before = static_cast<FakeUdpPoller&>(*poller).count();
        endpoint->open(clock.nano_time());
        if (static_cast<FakeUdpPoller&>(*poller).count() > sockets_before) {
            remember_destination();
        }
        return "AddEndpoint";
    }
    std::string hear_command(const receiver_command::RemoveEndpoint& command) {
        releases_.emplace_back(receiver_event::EndpointReleased{.endpoint = command.endpoint});
        return "RemoveEndpoint";
    }
    std::string hear_command(const receiver_command::AddInterest& command) {
        return fmt::format("AddInterest({})", text_of(command.stream_id, command.session_id));
    }
    std::string hear_command(const receiver_command::RemoveInterest& command) {
        return fmt::format("RemoveInterest({})", text_of(command.stream_id, command.session_id));
    }
    std::string hear_command(const receiver_command::RequestSetup& command) {
        return fmt::format("RequestSetup({})", text_of(command.stream_id, command.session_id));
    }
    std::string hear_command(const receiver_command::AddDestination& command) {
        endpoint->add_destination(*command.destination, clock.nano_time());
        remember_destination();
        return "AddDestination";
    }
    std::string hear_command(const receiver_command::RemoveDestination& command) {
        releases_.emplace_back(
            receiver_event::DestinationReleased{.endpoint = command.endpoint, .destination = command.destination});
        return "RemoveDestination";
    }
    std::string hear_command(const receiver_command::AddImage& command) {
        image = command.image;
        return "AddImage";
    }
    std::string hear_command(const receiver_command::RemoveImage& command) {
        releases_.emplace_back(receiver_event::ImageReleased{.image = command.image});
        return "RemoveImage";
    }
    std::string hear_command(const receiver_command::ClearCoolDown& command) {
        return fmt::format("ClearCoolDown({})", text_of(command.stream_id, command.session_id));
    }
    std::string hear_command(const receiver_command::ClearInitInProgress& command) {
        return fmt::format("ClearInitInProgress({})", text_of(command.stream_id, command.session_id));
    }
    std::string hear_command(const receiver_command::ChangeControlAddress& command) {
        return fmt::format("ChangeControlAddress({})", command.address.to_string());
    }
    std::string hear_command(const receiver_command::RejectImage& command) {
        return fmt::format("RejectImage({})", command.reason);
    }

    std::vector<ReceiverEvent> releases_;
};

}  // namespace cpperon::driver
