/// What a publication makes of what its receivers say.
#include <cstdint>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/sender/sender_fixture.hpp"

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using PublicationFeedbackTest = SenderTest;

// Status messages.

// spec: 04-C30
TEST_F(PublicationFeedbackTest, TheFirstStatusMessageConnectsThePublication) {
    TestStream& stream = add_stream();
    stream.log.metadata().is_connected = 0;
    EXPECT_FALSE(stream.publication->signals().has_receivers);

    say(stream, {.position = 0, .window = 8'192});

    EXPECT_TRUE(stream.publication->signals().has_receivers);
    EXPECT_EQ(stream.log.metadata().is_connected, 1);
    EXPECT_EQ(stream.sender_limit, 8'192);
    EXPECT_EQ(count(SystemCounter::status_messages_received), 1);
}

// spec: 04-C30
TEST_F(PublicationFeedbackTest, AReceiverIsForgottenFiveSecondsAfterItsLastStatusMessage) {
    TestStream& stream = add_connected_stream();

    step_after(5s - 1ns);
    EXPECT_TRUE(stream.publication->signals().has_receivers);
    step_after(1ns);
    EXPECT_FALSE(stream.publication->signals().has_receivers);
}

// spec: 04-C31
TEST_F(PublicationFeedbackTest, TheGoodbyeOfTheLastReceiverEndsTheConnectionAtOnce) {
    TestStream& stream = add_connected_stream();
    say(stream, {.receiver_id = 2});

    say(stream, {.receiver_id = 1, .flags = wire::status_flag::end_of_stream});
    EXPECT_TRUE(stream.publication->signals().has_receivers);
    say(stream, {.receiver_id = 2, .flags = wire::status_flag::end_of_stream});
    EXPECT_FALSE(stream.publication->signals().has_receivers);
    EXPECT_EQ(stream.log.metadata().is_connected, 0);
}

TEST_F(PublicationFeedbackTest, FurtherReceiversThanThereIsRoomForAreNotHeard) {
    TestStream& stream = add_stream();
    for (std::int64_t receiver = 1; receiver <= 4'096; ++receiver) {
        say(stream, {.window = 4'096, .receiver_id = receiver});
    }
    ASSERT_EQ(count(SystemCounter::status_messages_rejected), 0);

    say(stream, {.window = 8'192, .receiver_id = -1});
    say(stream, {.window = 8'192, .receiver_id = -2});

    EXPECT_EQ(stream.sender_limit, 4'096);
    EXPECT_EQ(count(SystemCounter::status_messages_rejected), 2);
    EXPECT_EQ(count(SystemCounter::errors), 1);  // logged once
    say(stream, {.window = 8'192, .receiver_id = 2});
    EXPECT_EQ(stream.sender_limit, 8'192);
}

// spec: 04-C32
TEST_F(PublicationFeedbackTest, OneReceiverDoesNotKeepAnotherAlive) {
    TestStream& stream = add_connected_stream();
    step_after(3s);
    say(stream, {.receiver_id = 2});
    step_after(3s);

    say(stream, {.receiver_id = 2, .flags = wire::status_flag::end_of_stream});

    EXPECT_FALSE(stream.publication->signals().has_receivers);
}

// spec: 04-C29
TEST_F(PublicationFeedbackTest, TheConductorHearsOfAGoodbyeByUnicastOnly) {
    TestStream& unicast = add_connected_stream();
    say(unicast, {.flags = wire::status_flag::end_of_stream});
    EXPECT_TRUE(unicast.publication->signals().has_received_unicast_eos);

    for (SendEndpointSpec spec :
         {SendEndpointSpec{.is_multicast = true}, SendEndpointSpec{.control_mode = ControlMode::dynamic},
          SendEndpointSpec{.control_mode = ControlMode::manual}}) {
        use_channel(spec);
        TestStream& group = add_connected_stream();
        say(group, {.flags = wire::status_flag::end_of_stream});
        EXPECT_FALSE(group.publication->signals().has_received_unicast_eos);
    }
}

// spec: 04-C6
TEST_F(PublicationFeedbackTest, AWindowIsAtMostHalfATerm) {
    TestStream& stream = add_stream();

    say(stream, {.position = 0, .window = 32'769});
    EXPECT_EQ(stream.sender_limit, 0);
    EXPECT_EQ(count(SystemCounter::invalid_packets), 1);
    EXPECT_EQ(count(SystemCounter::status_messages_received), 0);
    say(stream, {.position = 0, .window = 32'768});
    EXPECT_EQ(stream.sender_limit, 32'768);
    EXPECT_EQ(count(SystemCounter::invalid_packets), 1);
}

// spec: 04-C7
TEST_F(PublicationFeedbackTest, APositionIsAtMostHalfATermAwayFromTheSenders) {
    TestStream& stream = add_stream([](StreamSettings& settings) { settings.start_position = 655'360; });

    say(stream, {.position = 655'360 - 32'768 - 32});
    say(stream, {.position = 655'360 + 32'768 + 32});
    EXPECT_EQ(count(SystemCounter::status_messages_rejected), 2);
    EXPECT_EQ(count(SystemCounter::status_messages_received), 2);
    EXPECT_FALSE(stream.publication->signals().has_receivers);
    EXPECT_EQ(stream.sender_limit, 655'360);

    say(stream, {.position = 655'360 - 32'768});
    EXPECT_TRUE(stream.publication->signals().has_receivers);
    say(stream, {.position = 655'360 + 32'768});
    EXPECT_EQ(stream.sender_limit, 655'360 + 65'536);
    EXPECT_EQ(count(SystemCounter::status_messages_rejected), 2);
}

// spec: 04-C8
TEST_F(PublicationFeedbackTest, TheQuestionForASetupMayComeFromAnywhere) {
    TestStream& stream = add_stream([](StreamSettings& settings) { settings.start_position = 655'360; });
    take_setups();
    clock.advance(101ms);

    ask_for_setup(stream);
    step();

    EXPECT_THAT(take_setups(), SizeIs(1));
    EXPECT_EQ(count(SystemCounter::status_messages_rejected), 0);
    EXPECT_EQ(count(SystemCounter::status_messages_received), 1);
}

TEST_F(PublicationFeedbackTest, TheQuestionForASetupIsNoSignOfLife) {
    TestStream& stream = add_stream();
    stream.log.metadata().is_connected = 0;

    ask_for_setup(stream);
    stream.append(64);
    step_after(200ms);

    EXPECT_FALSE(stream.publication->signals().has_receivers);
    EXPECT_EQ(stream.log.metadata().is_connected, 0);
    EXPECT_EQ(stream.sender_limit, 0);
    EXPECT_THAT(take_data(), IsEmpty());
}

TEST_F(PublicationFeedbackTest, AfterTheEndOfTheStreamNobodyGetsASetup) {
    TestStream& stream = add_connected_stream();
    stream.publication->signals().is_end_of_stream = true;

    ask_for_setup(stream);
    step_after(101ms);

    EXPECT_THAT(take_setups(), IsEmpty());
}

TEST_F(PublicationFeedbackTest, AfterTheEndOfTheStreamALateReceiverDoesNotReconnectIt) {
    TestStream& stream = add_connected_stream();
    stream.publication->signals().is_end_of_stream = true;
    stream.log.metadata().is_connected = 0;

    say(stream, {});

    EXPECT_EQ(stream.log.metadata().is_connected, 0);
    EXPECT_TRUE(stream.publication->signals().has_receivers);
}

// Flow control, through the publication; the strategies have tests of their own.

// spec: 04-C44
TEST_F(PublicationFeedbackTest, TheLimitFollowsTheSlowestReceiverWhereMinIsAskedFor) {
    TestStream& stream =
        add_stream([](StreamSettings& settings) { settings.flow_control.strategy = uri::FlowControlStrategy::min; });
    say(stream, {.position = 4'096, .window = 8'192, .receiver_id = 1});
    say(stream, {.position = 2'048, .window = 8'192, .receiver_id = 2});

    step();
    EXPECT_EQ(stream.sender_limit, 10'240);
    EXPECT_EQ(stream.fc_receivers, 2);
    step_after(4s);
    say(stream, {.position = 4'096, .window = 8'192, .receiver_id = 1});
    step_after(1s + 1ns);
    EXPECT_EQ(stream.sender_limit, 12'288);
}

// spec: 04-C47
TEST_F(PublicationFeedbackTest, IsConnectedOnceTheGroupIsComplete) {
    TestStream& stream = add_stream([](StreamSettings& settings) {
        settings.flow_control.strategy = uri::FlowControlStrategy::min;
        settings.flow_control.group_min_size = 2;
    });
    stream.log.metadata().is_connected = 0;
    EXPECT_FALSE(stream.publication->signals().has_required_receivers);

    say(stream, {.receiver_id = 1});
    EXPECT_FALSE(stream.publication->signals().has_required_receivers);
    EXPECT_EQ(stream.log.metadata().is_connected, 0);
    say(stream, {.receiver_id = 2});
    EXPECT_TRUE(stream.publication->signals().has_required_receivers);
    EXPECT_EQ(stream.log.metadata().is_connected, 1);
}

// spec: 04-C40
TEST_F(PublicationFeedbackTest, ASimulatedConnectionOutlivesTheReceivers) {
    TestStream& stream =
        add_connected_stream([](StreamSettings& settings) { settings.spies_simulate_connection = true; });
    stream.publication->signals().has_spies = true;

    say(stream, {.flags = wire::status_flag::end_of_stream});

    EXPECT_FALSE(stream.publication->signals().has_receivers);
    EXPECT_EQ(stream.log.metadata().is_connected, 1);
}

// Errors.

wire::ErrorFrame rejection(const std::int64_t receiver_id) {
    return {.session_id = 0x11223344,
            .stream_id = 1001,
            .receiver_id = receiver_id,
            .group_tag = 123,
            .error_code = 13,
            .text = "rejected"};
}

// spec: 04-C78
TEST_F(PublicationFeedbackTest, TheRejectionOfALiveReceiverIsToldOnce) {
    TestStream& stream = add_connected_stream();

    deliver(rejection(1));
    deliver(rejection(1));

    const auto errors_heard = hear<sender_event::ReceiverError>();
    ASSERT_THAT(errors_heard, SizeIs(1));
    EXPECT_EQ(errors_heard[0].publication_registration_id, TestStream::registration_id);
    EXPECT_EQ(errors_heard[0].destination_registration_id, -1);
    EXPECT_EQ(errors_heard[0].session_id, SessionId{0x11223344});
    EXPECT_EQ(errors_heard[0].stream_id, 1001);
    EXPECT_EQ(errors_heard[0].receiver_id, 1);
    EXPECT_EQ(errors_heard[0].group_tag, 123);
    EXPECT_EQ(errors_heard[0].source, receiver_address);
    EXPECT_EQ(errors_heard[0].code, ErrorCode::image_rejected);
    EXPECT_EQ(errors_heard[0].text, "rejected");
    EXPECT_EQ(count(SystemCounter::error_frames_received), 2);
    step();
    EXPECT_FALSE(stream.publication->signals().has_receivers);
}

TEST_F(PublicationFeedbackTest, TheRejectionOfAnUnknownReceiverIsOnlyCounted) {
    TestStream& stream = add_connected_stream();

    deliver(rejection(2));

    EXPECT_THAT(hear<sender_event::ReceiverError>(), IsEmpty());
    EXPECT_EQ(count(SystemCounter::error_frames_received), 1);
    EXPECT_TRUE(stream.publication->signals().has_receivers);
}

// Round trips.

// spec: 04-C81
TEST_F(PublicationFeedbackTest, ARequestToMeasureTheRoundTripIsAnsweredWithItsOwnTime) {
    add_connected_stream();

    deliver(wire::RttMeasurement{.flags = wire::rtt_flag::reply_requested,
                                 .session_id = 0x11223344,
                                 .stream_id = 1001,
                                 .echo_timestamp_ns = 1'000'000'000,
                                 .reception_delta_ns = 5,
                                 .receiver_id = 99});

    EXPECT_THAT(take<wire::RttMeasurement>(wire::FrameType::rtt_measurement, &wire::decode_rtt_measurement),
                ElementsAre(wire::RttMeasurement{.flags = 0,
                                                 .session_id = 0x11223344,
                                                 .stream_id = 1001,
                                                 .echo_timestamp_ns = 1'000'000'000,
                                                 .reception_delta_ns = 0,
                                                 .receiver_id = 99}));
}

TEST_F(PublicationFeedbackTest, AnAnswerOrARequestForAnotherStreamIsNotAnswered) {
    add_connected_stream();

    deliver(wire::RttMeasurement{.flags = 0, .session_id = 0x11223344, .stream_id = 1001, .receiver_id = 99});
    deliver(wire::RttMeasurement{
        .flags = wire::rtt_flag::reply_requested, .session_id = 1, .stream_id = 1001, .receiver_id = 99});

    EXPECT_THAT(channel.socket->sent, IsEmpty());
}

// Response channels.

class ResponseTest : public SenderTest {
protected:
    TestStream& add_response() {
        use_channel({.control_mode = ControlMode::response});
        return add_stream([](StreamSettings& settings) {
            settings.is_response = true;
            settings.response_correlation_id = 55;
        });
    }
};

// spec: 04-C82
TEST_F(ResponseTest, IsSilentUntilAReceiverAsksForASetup) {
    TestStream& response = add_response();
    response.append(64);

    for (int i = 0; i < 20; ++i) {
        step_after(101ms);
    }
    EXPECT_THAT(channel.socket->sent, IsEmpty());
    EXPECT_EQ(count(SystemCounter::short_sends), 0);

    const net::SocketAddress peer = net::SocketAddress::ipv4({10, 0, 0, 9}, 5'555);
    ask_for_setup(response, peer);
    step();
    ASSERT_THAT(channel.socket->sent, SizeIs(1));
    EXPECT_EQ(channel.socket->sent[0].destination, peer);
    EXPECT_THAT(take_setups(), SizeIs(1));

    say_from(peer, response, {});
    step();
    ASSERT_THAT(channel.socket->sent, SizeIs(1));
    EXPECT_EQ(channel.socket->sent[0].destination, peer);
    EXPECT_EQ(response.sender_position, 64);
}

TEST_F(ResponseTest, FollowsThePeerToAnotherAddress) {
    TestStream& response = add_response();
    ask_for_setup(response, net::SocketAddress::ipv4({10, 0, 0, 9}, 5'555));
    clock.advance(101ms);

    const net::SocketAddress other = net::SocketAddress::ipv4({10, 0, 0, 9}, 6'666);
    ask_for_setup(response, other);
    channel.socket->sent.clear();
    step_after(101ms);

    ASSERT_THAT(channel.socket->sent, SizeIs(1));
    EXPECT_EQ(channel.socket->sent[0].destination, other);
}

// spec: 04-C84
TEST_F(ResponseTest, TwoOnOneChannelEachHaveTheirPeer) {
    TestStream& first = add_response();
    TestStream& second = add_stream([](StreamSettings& settings) {
        settings.log.session_id = 2;
        settings.is_response = true;
        settings.response_correlation_id = 56;
    });

    const net::SocketAddress peer = net::SocketAddress::ipv4({10, 0, 0, 9}, 5'555);
    const net::SocketAddress other = net::SocketAddress::ipv4({10, 0, 0, 9}, 6'666);
    ask_for_setup(first, peer);
    ask_for_setup(second, other);
    step();

    ASSERT_THAT(channel.socket->sent, SizeIs(2));
    for (const SentDatagram& sent : channel.socket->sent) {
        EXPECT_EQ(sent.destination, wire::decode_setup(sent.bytes).session_id == 2 ? other : peer);
    }
}

// spec: 04-C83
TEST_F(ResponseTest, TheConductorHearsOfTheFirstReceiver) {
    TestStream& response = add_response();
    ask_for_setup(response);

    say(response, {.receiver_id = 1});
    say(response, {.receiver_id = 2});

    EXPECT_THAT(hear<sender_event::ResponseConnected>(),
                ElementsAre(Field(&sender_event::ResponseConnected::response_correlation_id, 55)));
    step_after(6s);
    step();
    say(response, {.receiver_id = 1});
    EXPECT_THAT(hear<sender_event::ResponseConnected>(), SizeIs(1));
}

TEST_F(ResponseTest, WhatStrangersSayToTheConductorHasABound) {
    TestStream& stream = add_stream([](StreamSettings& settings) { settings.response_correlation_id = 55; });
    for (int i = 0; i < 5'000; ++i) {
        deliver(wire::ResponseSetup{.session_id = 0x11223344, .stream_id = 1001, .response_session_id = i});
    }
    say(stream, {});  // the first receiver, of which the conductor must hear
    EXPECT_EQ(count(SystemCounter::errors), 1);

    EXPECT_THAT(hear<sender_event::ResponseSetup>(), SizeIs(4'096));
    EXPECT_THAT(hear<sender_event::ResponseConnected>(), IsEmpty());
    step_after(1ms);
    EXPECT_THAT(hear<sender_event::ResponseConnected>(), SizeIs(1));
    step_after(1ms);
    EXPECT_THAT(hear<sender_event::ResponseConnected>(), IsEmpty());
    EXPECT_EQ(count(SystemCounter::errors), 1);
}

TEST_F(ResponseTest, WithoutACorrelationIdTheConductorHearsNothing) {
    TestStream& stream = add_connected_stream();

    deliver(wire::ResponseSetup{.session_id = 0x11223344, .stream_id = 1001, .response_session_id = 9});

    EXPECT_THAT(hear<sender_event::ResponseConnected>(), IsEmpty());
    EXPECT_THAT(hear<sender_event::ResponseSetup>(), IsEmpty());
    EXPECT_TRUE(stream.publication->signals().has_receivers);
}

// spec: 04-C82
TEST_F(ResponseTest, TheConductorHearsWhichSessionAnswers) {
    add_connected_stream([](StreamSettings& settings) { settings.response_correlation_id = 55; });

    deliver(wire::ResponseSetup{.session_id = 0x11223344, .stream_id = 1001, .response_session_id = 0x55667788});
    const auto setups = hear<sender_event::ResponseSetup>();

    ASSERT_THAT(setups, SizeIs(1));
    EXPECT_EQ(setups[0].response_correlation_id, 55);
    EXPECT_EQ(setups[0].response_session_id, SessionId{0x55667788});
}

}  // namespace
}  // namespace cpperon::driver
