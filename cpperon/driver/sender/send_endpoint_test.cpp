#include "cpperon/driver/sender/send_endpoint.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/sender/sender_fixture.hpp"

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SendEndpointTest : public SenderTest {
protected:
    /// `length` bytes of a frame that says it has `frame_length`.
    static std::vector<std::byte> frame(const std::size_t length, const std::int32_t frame_length,
                                        const std::uint8_t version, const std::uint16_t type) {
        std::vector<std::byte> bytes(std::max<std::size_t>(length, 8));
        const wire::FrameHeader header{.frame_length = frame_length, .version = version, .flags = 0, .type = type};
        std::memcpy(bytes.data(), &header, sizeof header);
        bytes.resize(length);
        return bytes;
    }
    static std::vector<std::byte> encoded(const auto& frame) {
        std::vector<std::byte> bytes(2'048);
        bytes.resize(wire::encode(frame, bytes));
        return bytes;
    }
    std::vector<std::string> errors_logged() {
        std::vector<std::string> texts;
        const ErrorLogReader reader{error_log_section.bytes()};
        reader.for_each([&](const ErrorObservation& error) { texts.emplace_back(error.text); });
        return texts;
    }
};

// Checks.

// spec: 04-C2
TEST_F(SendEndpointTest, AnInvalidDatagramIsCountedAndChangesNothingElse) {
    TestStream& stream = add_connected_stream();

    deliver_bytes(frame(7, 7, 0, 3));
    deliver_bytes(frame(36, 36, 1, 3));
    deliver_bytes(frame(36, -1, 0, 3));
    deliver_bytes(frame(36, 36, 0, 0x08));
    deliver_bytes(frame(36, 36, 0, 0xFFFF));
    deliver_bytes(frame(35, 35, 0, 3));

    EXPECT_EQ(count(SystemCounter::invalid_packets), 6);
    EXPECT_EQ(count(SystemCounter::status_messages_received), 1);
    EXPECT_EQ(stream.sender_limit, 32'768);
}

// spec: 04-C2
TEST_F(SendEndpointTest, EachKindOfNonsenseIsCountedEachTimeAndLoggedOnce) {
    TestStream& stream = add_connected_stream();
    const wire::StatusMessage status{.session_id = 0x11223344, .stream_id = 1001, .consumption_term_id = 7};
    const wire::Nak nak{.session_id = 0x11223344, .stream_id = 1001, .term_id = 7};
    wire::StatusMessage unaligned_status = status;
    unaligned_status.consumption_term_offset = 16;
    wire::StatusMessage wide_status = status;
    wide_status.receiver_window = 32'769;
    wire::Nak long_nak = nak;
    long_nak.gap_length = 65'568;
    std::vector<std::byte> error_without_text = encoded(wire::ErrorFrame{});
    error_without_text[36] = std::byte{1};  // the length of its text
    struct Nonsense {
        std::vector<std::byte> datagram;
        std::string text;
    };
    const std::vector<Nonsense> all{
        {frame(7, 7, 0, 3), "datagram too short"},
        {frame(36, -1, 0, 3), "frame length negative"},
        {frame(36, 36, 1, 3), "frame version unknown"},
        {frame(36, 36, 0, 0x0A), "frame type unknown"},
        {frame(33, 33, 0, 1), "length of a data datagram is no multiple of 32"},
        {frame(36, 37, 0, 3), "frame length beyond the end of the datagram"},
        {encoded(unaligned_status), "term offset outside of the term"},
        {encoded(wide_status), "receiver window negative, or more than half a term"},
        {encoded(long_nak), "gap of a NAK outside of its term"},
        {error_without_text, "error text longer than its frame"},
    };

    std::int64_t expected = 0;
    std::vector<::testing::Matcher<std::string>> texts;
    for (const auto& [datagram, text] : all) {
        for (int i = 0; i < 3; ++i) {
            deliver_bytes(datagram);
            EXPECT_EQ(count(SystemCounter::invalid_packets), ++expected) << text;
        }
        texts.push_back(HasSubstr("a sender dropped a datagram: " + text));
    }

    EXPECT_THAT(errors_logged(), ::testing::ElementsAreArray(texts));
    EXPECT_EQ(count(SystemCounter::errors), static_cast<std::int64_t>(all.size()));
    EXPECT_EQ(count(SystemCounter::status_messages_received), 1);
    EXPECT_EQ(count(SystemCounter::naks_received), 0);
    EXPECT_EQ(count(SystemCounter::error_frames_received), 0);
    EXPECT_EQ(stream.sender_limit, 32'768);
    EXPECT_TRUE(stream.publication->signals().has_receivers);
}

TEST_F(SendEndpointTest, FramesForReceiversAreIgnored) {
    deliver_bytes(frame(64, 64, 0, 1));
    deliver_bytes(frame(32, 192, 0, 0));
    deliver(wire::Setup{});
    deliver_bytes(frame(22, 22, 0, 7));

    EXPECT_EQ(count(SystemCounter::invalid_packets), 0);
}

TEST_F(SendEndpointTest, EveryDatagramOfARunIsLookedAt) {
    TestStream& stream = add_stream();
    std::array<std::byte, 36 * 2 + 28> run{};
    wire::encode(wire::StatusMessage{.session_id = 0x11223344,
                                     .stream_id = 1001,
                                     .consumption_term_id = 7,
                                     .receiver_window = 4'096,
                                     .receiver_id = 1},
                 run);
    wire::encode(wire::StatusMessage{.session_id = 0x11223344,
                                     .stream_id = 1001,
                                     .consumption_term_id = 7,
                                     .receiver_window = 8'192,
                                     .receiver_id = 2},
                 std::span{run}.subspan(36));
    wire::encode(wire::Nak{.session_id = 0x11223344, .stream_id = 1001, .term_id = 7}, std::span{run}.subspan(72));

    poller.deliver(*channel.socket, run, 36, receiver_address);
    step();

    EXPECT_EQ(stream.sender_limit, 8'192);
    EXPECT_EQ(stream.naks_received, 1);
    EXPECT_EQ(count(SystemCounter::status_messages_received), 2);
}

// spec: 04-C9
TEST_F(SendEndpointTest, ANakEndsWithItsTerm) {
    TestStream& stream = add_connected_stream();

    ask_for(stream, 64'128, 1'408);
    EXPECT_EQ(stream.naks_received, 1);
    EXPECT_EQ(count(SystemCounter::invalid_packets), 0);
    ask_for(stream, 64'128, 1'440);
    ask_for(stream, 64, 2'147'483'647);
    ask_for(stream, 16, 32);
    ask_for(stream, 32, -32);
    EXPECT_EQ(stream.naks_received, 1);
    EXPECT_EQ(count(SystemCounter::naks_received), 1);
    EXPECT_EQ(count(SystemCounter::invalid_packets), 4);
}

// spec: 04-C9
TEST_F(SendEndpointTest, ANakForAnUnknownSessionChangesNoCounter) {
    add_connected_stream();

    deliver(wire::Nak{.session_id = 1, .stream_id = 1001, .term_id = 7, .gap_length = -1});
    deliver(wire::Nak{.session_id = 0x11223344, .stream_id = 1002, .term_id = 7, .gap_length = 32});

    EXPECT_EQ(count(SystemCounter::naks_received), 0);
    EXPECT_EQ(count(SystemCounter::invalid_packets), 0);
}

// spec: 04-C11
TEST_F(SendEndpointTest, AnErrorWhoseTextIsNotInTheFrameIsInvalid) {
    std::array<std::byte, 1'100> buffer{};
    const std::size_t length = wire::encode(wire::ErrorFrame{.text = "text"}, buffer);
    const std::int32_t too_long = 5;
    std::memcpy(buffer.data() + 36, &too_long, sizeof too_long);

    deliver_bytes(std::span{buffer}.first(length));

    EXPECT_EQ(count(SystemCounter::invalid_packets), 1);
    EXPECT_EQ(count(SystemCounter::error_frames_received), 0);
}

TEST_F(SendEndpointTest, AStatusMessageForAnUnknownSessionIsCounted) {
    deliver(wire::StatusMessage{.session_id = 1, .stream_id = 2, .receiver_window = 524'288, .receiver_id = 1});

    EXPECT_EQ(count(SystemCounter::status_messages_received), 1);
    EXPECT_EQ(count(SystemCounter::status_messages_rejected), 0);
}

TEST_F(SendEndpointTest, StreamsOfOneChannelAreToldApart) {
    TestStream& first = add_stream();
    TestStream& second = add_stream([](StreamSettings& settings) { settings.log.session_id = -1; });
    TestStream& third = add_stream([](StreamSettings& settings) { settings.log.stream_id = -1; });

    say(first, {.window = 1'024});
    say(second, {.window = 2'048});
    say(third, {.window = 4'096});

    EXPECT_EQ(first.sender_limit, 1'024);
    EXPECT_EQ(second.sender_limit, 2'048);
    EXPECT_EQ(third.sender_limit, 4'096);
}

// Where to.

TEST_F(SendEndpointTest, SendsToItsAddressUnlessItIsConnected) {
    add_stream();
    ASSERT_THAT(channel.socket->sent, SizeIs(1));
    EXPECT_EQ(channel.socket->sent[0].destination, receiver_address);

    use_channel({.is_connected = true});
    add_stream();
    ASSERT_THAT(channel.socket->sent, SizeIs(1));
    EXPECT_EQ(channel.socket->sent[0].destination, std::nullopt);
}

TEST_F(SendEndpointTest, AHardErrorIsLoggedOnceAndCountedEachTime) {
    add_stream();
    channel.socket->room = 0;
    channel.socket->system_error = 13;

    for (int i = 0; i < 5; ++i) {
        step_after(101ms);
    }

    EXPECT_EQ(count(SystemCounter::short_sends), 5);
    EXPECT_THAT(errors_logged(), ElementsAre(HasSubstr("a sender cannot send: ")));
    EXPECT_EQ(count(SystemCounter::errors), 1);
}

TEST_F(SendEndpointTest, AFullBufferIsNoError) {
    add_stream();
    channel.socket->room = 0;

    step_after(101ms);

    EXPECT_EQ(count(SystemCounter::short_sends), 1);
    EXPECT_EQ(count(SystemCounter::errors), 0);
}

TEST_F(SendEndpointTest, AReceiveErrorIsLoggedOnce) {
    channel.endpoint->on_receive_error(12);
    channel.endpoint->on_receive_error(12);

    EXPECT_EQ(count(SystemCounter::errors), 1);
    EXPECT_THAT(errors_logged(), ElementsAre(HasSubstr("a sender cannot receive: ")));
}

// Several destinations.

class SendDestinationsTest : public SendEndpointTest {
protected:
    static net::SocketAddress peer(const std::uint16_t port) { return net::SocketAddress::ipv4({10, 0, 0, 7}, port); }
    void use(const ControlMode mode) {
        use_channel({.control_mode = mode, .destinations = shm::AtomicCounter{destinations}});
    }
    std::vector<std::uint16_t> take_ports() {
        std::vector<std::uint16_t> ports;
        for (const SentDatagram& sent : channel.socket->take_sent()) {
            ports.push_back(sent.destination->port());
        }
        return ports;
    }

    std::int64_t destinations = 0;
};

// spec: 04-C50
TEST_F(SendDestinationsTest, AStatusMessageAddsADynamicDestinationUntilItFallsSilent) {
    use(ControlMode::dynamic);
    TestStream& stream = add_stream();

    say_from(peer(1), stream, {.receiver_id = 1});
    say_from(peer(2), stream, {.receiver_id = 2});
    EXPECT_EQ(destinations, 2);
    take_ports();
    step_after(101ms);
    EXPECT_THAT(take_ports(), testing::UnorderedElementsAre(1, 2));

    clock.advance(3s);
    say_from(peer(2), stream, {.receiver_id = 2});
    step_after(3s);
    EXPECT_EQ(destinations, 1);
}

// spec: 04-C51
TEST_F(SendDestinationsTest, AskingForAnySetupAddsADynamicDestination) {
    use(ControlMode::dynamic);

    deliver(wire::StatusMessage{.flags = wire::status_flag::send_setup, .receiver_id = 1}, peer(1));

    EXPECT_EQ(destinations, 1);
    add_stream();
    EXPECT_THAT(take_ports(), ElementsAre(1));
}

TEST_F(SendDestinationsTest, StrangersAreNoDestinationsBeyondABound) {
    use(ControlMode::dynamic);
    TestStream& stream = add_stream();
    for (std::size_t i = 0; i < max_dynamic_destinations; ++i) {
        say_from(peer(static_cast<std::uint16_t>(i + 1)), stream, {.window = 4'096, .receiver_id = 1});
    }
    ASSERT_EQ(destinations, 4'096);
    ASSERT_EQ(count(SystemCounter::status_messages_rejected), 0);

    say_from(peer(60'000), stream, {.window = 8'192, .receiver_id = 1});
    say_from(peer(60'001), stream, {.window = 8'192, .receiver_id = 1});

    EXPECT_EQ(destinations, 4'096);
    EXPECT_EQ(stream.sender_limit, 4'096);  // whom nothing is sent to does not raise it
    EXPECT_EQ(count(SystemCounter::status_messages_rejected), 2);
    EXPECT_THAT(errors_logged(), ElementsAre(HasSubstr("has 4096 destinations, as many as it may have")));
    step_after(6s);
    say_from(peer(60'000), stream, {.window = 8'192, .receiver_id = 1});
    EXPECT_EQ(destinations, 1);
}

TEST_F(SendDestinationsTest, ARejectedStatusMessageAddsNoDestination) {
    use(ControlMode::dynamic);
    TestStream& stream = add_stream();

    say_from(peer(1), stream, {.position = 65'536});

    EXPECT_EQ(count(SystemCounter::status_messages_rejected), 1);
    EXPECT_EQ(destinations, 0);
}

// spec: 04-C53
TEST_F(SendDestinationsTest, WithoutDestinationsTheSenderMovesWithinItsLimit) {
    use(ControlMode::dynamic);
    TestStream& stream = add_stream();
    stream.append_many(30, 1'408);
    step();
    EXPECT_EQ(stream.sender_position, 0);

    say_from(peer(1), stream, {.window = 2'816});
    clock.advance(6s);
    step();
    step();

    EXPECT_EQ(destinations, 0);
    EXPECT_EQ(stream.sender_position, 2'816);
    EXPECT_EQ(count(SystemCounter::short_sends), 0);
}

// spec: 04-C52, 06-C51
TEST_F(SendDestinationsTest, ManualDestinationsComeAndGoByCommand) {
    use(ControlMode::manual);
    TestStream& stream = add_stream();
    for (const std::uint16_t port : {std::uint16_t{1}, std::uint16_t{2}, std::uint16_t{3}}) {
        command(sender_command::AddDestination{
            .endpoint = channel.endpoint.get(),
            .destination = {.registration_id = 100 + port, .endpoint = "10.0.0.7:1", .address = peer(port)}});
    }
    EXPECT_EQ(destinations, 3);

    say_from(peer(4), stream, {});
    EXPECT_EQ(destinations, 3);

    command(sender_command::RemoveDestination{.endpoint = channel.endpoint.get(), .address = peer(1)});
    command(sender_command::RemoveDestinationById{.endpoint = channel.endpoint.get(), .registration_id = 102});
    EXPECT_EQ(destinations, 1);
    channel.socket->sent.clear();
    step_after(101ms);
    EXPECT_THAT(take_ports(), ElementsAre(3));
}

TEST_F(SendDestinationsTest, AnErrorNamesTheDestinationOfItsReceiver) {
    use(ControlMode::manual);
    TestStream& stream = add_stream();
    command(sender_command::AddDestination{
        .endpoint = channel.endpoint.get(),
        .destination = {.registration_id = 101, .endpoint = "10.0.0.7:1", .address = peer(1)}});
    say_from(peer(1), stream, {.receiver_id = 5});

    deliver(wire::ErrorFrame{.session_id = 0x11223344, .stream_id = 1001, .receiver_id = 5, .error_code = 13}, peer(1));

    const auto errors_heard = hear<sender_event::ReceiverError>();
    ASSERT_THAT(errors_heard, SizeIs(1));
    EXPECT_EQ(errors_heard[0].destination_registration_id, 101);
    EXPECT_EQ(errors_heard[0].group_tag, std::nullopt);
}

TEST_F(SendDestinationsTest, CommandsForDestinationsOfAChannelWithoutThemChangeNothing) {
    add_stream();
    channel.socket->sent.clear();

    command(sender_command::AddDestination{.endpoint = channel.endpoint.get(), .destination = {.address = peer(1)}});
    command(sender_command::RemoveDestination{.endpoint = channel.endpoint.get(), .address = peer(1)});
    command(sender_command::RemoveDestinationById{.endpoint = channel.endpoint.get(), .registration_id = 1});
    step_after(101ms);

    EXPECT_THAT(take_ports(), ElementsAre(receiver_address.port()));
}

// Names.

using SendEndpointNamesTest = SendDestinationsTest;

TEST_F(SendEndpointNamesTest, TheNameOfASilentUnicastEndpointIsLookedUpAgainEverySecond) {
    use_channel({.is_connected = true, .endpoint = "host:40123"});
    TestStream& stream = add_connected_stream();

    step_after(4s);
    say(stream, {});
    step_after(5s);
    EXPECT_THAT(hear<sender_event::ReResolveEndpoint>(), IsEmpty());
    step_after(1s + 1ns);
    const auto asked = hear<sender_event::ReResolveEndpoint>();
    ASSERT_THAT(asked, SizeIs(1));
    EXPECT_EQ(asked[0].endpoint, channel.endpoint.get());
    EXPECT_EQ(asked[0].name, "host:40123");
    EXPECT_EQ(asked[0].current, receiver_address);
    step_after(1s + 1ns);
    EXPECT_THAT(hear<sender_event::ReResolveEndpoint>(), SizeIs(1));
}

TEST_F(SendEndpointNamesTest, AnsweringEndpointsAndOtherKindsOfChannelsAreLeftAlone) {
    for (SendEndpointSpec spec :
         {SendEndpointSpec{.is_multicast = true, .endpoint = "224.0.1.1:40123"},
          SendEndpointSpec{.control_mode = ControlMode::dynamic, .endpoint = "host:40123"},
          SendEndpointSpec{.control_mode = ControlMode::response, .endpoint = "host:40123"}, SendEndpointSpec{}}) {
        const Endpoint other = add_endpoint(std::move(spec));
        step_after(6s);
        EXPECT_THAT(hear<sender_event::ReResolveEndpoint>(), IsEmpty());
        command(sender_command::RemoveEndpoint{.endpoint = other.endpoint.get()});
    }
}

TEST_F(SendEndpointNamesTest, NamesAreNotLookedUpWhereThatIsTurnedOff) {
    context.settings.re_resolution_check_interval_ns = 0;
    use_channel({.endpoint = "host:40123"});

    step_after(60s);

    EXPECT_THAT(hear<sender_event::ReResolveEndpoint>(), IsEmpty());
}

TEST_F(SendEndpointNamesTest, ANewAddressTakesThePlaceOfTheOld) {
    use_channel({.endpoint = "host:40123"});
    add_stream();
    channel.socket->sent.clear();

    command(
        sender_command::ChangeAddress{.endpoint = channel.endpoint.get(), .name = "other:40123", .address = peer(2)});
    command(
        sender_command::ChangeAddress{.endpoint = channel.endpoint.get(), .name = "host:40123", .address = peer(1)});
    step_after(101ms);

    EXPECT_THAT(take_ports(), ElementsAre(1));
}

TEST_F(SendEndpointNamesTest, AConnectedSocketIsReconnectedOrStaysWhereItIs) {
    use_channel({.is_connected = true, .endpoint = "host:40123"});
    command(
        sender_command::ChangeAddress{.endpoint = channel.endpoint.get(), .name = "host:40123", .address = peer(1)});
    EXPECT_EQ(channel.socket->connected_to, peer(1));

    channel.socket->reconnect_failure = ErrorInfo{.code = ErrorCode::generic_error, .message = "no route"};
    command(
        sender_command::ChangeAddress{.endpoint = channel.endpoint.get(), .name = "host:40123", .address = peer(2)});

    EXPECT_EQ(channel.socket->connected_to, peer(1));
    EXPECT_THAT(errors_logged(), ElementsAre(HasSubstr("no route")));
    step_after(6s);
    const auto asked = hear<sender_event::ReResolveEndpoint>();
    ASSERT_THAT(asked, SizeIs(1));
    EXPECT_EQ(asked[0].current, peer(1));
}

// spec: 04-C91
TEST_F(SendEndpointNamesTest, AManualDestinationThatWasUnknownGetsDataOnceItsNameResolves) {
    use(ControlMode::manual);
    add_stream();
    command(sender_command::AddDestination{.endpoint = channel.endpoint.get(),
                                           .destination = {.registration_id = 101, .endpoint = "later:1"}});
    EXPECT_EQ(destinations, 1);

    step_after(5s + 1ns);
    const auto asked = hear<sender_event::ReResolveEndpoint>();
    ASSERT_THAT(asked, SizeIs(1));
    EXPECT_EQ(asked[0].name, "later:1");
    EXPECT_EQ(asked[0].current, std::nullopt);
    EXPECT_THAT(take_ports(), IsEmpty());

    command(sender_command::ChangeAddress{.endpoint = channel.endpoint.get(), .name = "later:1", .address = peer(1)});
    step_after(101ms);
    EXPECT_THAT(take_ports(), ElementsAre(1));
}

}  // namespace
}  // namespace cpperon::driver
