#include <cstdint>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/conductor/network_publication_fixture.hpp"

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SenderEventsTest : public NetworkPublicationFixture {
protected:
    static constexpr std::string_view named = "aeron:udp?endpoint=far.away:24325";
    const net::SocketAddress first_address = net::SocketAddress::ipv4({10, 0, 0, 1}, 24'325);
    const net::SocketAddress second_address = net::SocketAddress::ipv4({10, 0, 0, 2}, 24'325);

    SenderEventsTest() { resolver.names.hosts["far.away"] = first_address.with_port(0); }

    SendEndpoint* publish_on(const std::string_view channel) {
        add_publication(client, channel);
        return last_told_to_sender<sender_command::AddEndpoint>().endpoint;
    }
    [[nodiscard]] sender_event::ReceiverError rejection_of(const Stream& stream) const {
        return {.publication_registration_id = stream.publication,
                .session_id = SessionId{stream.session_id},
                .stream_id = test_stream,
                .receiver_id = 0x1234,
                .source = net::SocketAddress::ipv4({192, 0, 2, 7}, 5'555),
                .code = ErrorCode::image_rejected,
                .text = "not for me"};
    }
};

// Re-resolution. spec: 04 §13.3

// spec: 06-C58
TEST_F(SenderEventsTest, NameThatHasMovedIsFollowed) {
    SendEndpoint* const endpoint = publish_on(named);
    resolver.names.hosts["far.away"] = second_address.with_port(0);

    sender_says(
        sender_event::ReResolveEndpoint{.endpoint = endpoint, .name = "far.away:24325", .current = first_address});

    const auto change = last_told_to_sender<sender_command::ChangeAddress>();
    EXPECT_EQ(change.endpoint, endpoint);
    EXPECT_EQ(change.name, "far.away:24325");
    EXPECT_EQ(change.address, second_address);
    EXPECT_EQ(system_counter(SystemCounter::resolution_changes), 1);
}

TEST_F(SenderEventsTest, EndpointsOfEqualTagsAreComparedByWhereTheySendByNow) {
    SendEndpoint* const endpoint = publish_on("aeron:udp?endpoint=far.away:24325|tags=3");
    resolver.names.hosts["far.away"] = second_address.with_port(0);
    sender_says(
        sender_event::ReResolveEndpoint{.endpoint = endpoint, .name = "far.away:24325", .current = first_address});
    static_cast<void>(events());

    const std::int64_t id = add_publication(client, "aeron:udp?endpoint=far.away:24325|tags=3");

    EXPECT_NE(hear<command::PublicationReadyEvent>().registration_id, id);
}

TEST_F(SenderEventsTest, NameThatStaysWhereItIsChangesNothing) {
    SendEndpoint* const endpoint = publish_on(named);

    sender_says(
        sender_event::ReResolveEndpoint{.endpoint = endpoint, .name = "far.away:24325", .current = first_address});

    EXPECT_THAT(names_of_commands_to_sender(), IsEmpty());
    EXPECT_EQ(system_counter(SystemCounter::resolution_changes), 0);
}

TEST_F(SenderEventsTest, NameThatNoLongerResolvesIsLoggedAndTheOldAddressKept) {
    SendEndpoint* const endpoint = publish_on(named);
    resolver.names.hosts.erase("far.away");

    sender_says(
        sender_event::ReResolveEndpoint{.endpoint = endpoint, .name = "far.away:24325", .current = first_address});

    EXPECT_THAT(names_of_commands_to_sender(), IsEmpty());
    EXPECT_THAT(logged_errors(), ElementsAre(HasSubstr("far.away")));
}

TEST_F(SenderEventsTest, WhatCannotBeHandledYetStaysInTheQueueWithItsBound) {
    const Stream stream = publish(named);
    resolver.hold();
    sender_says(sender_event::ReResolveEndpoint{
        .endpoint = &stream.sender->endpoint(), .name = "far.away:24325", .current = first_address});
    for (int i = 0; i < 10; ++i) {
        sender_says(sender_event::ResponseSetup{.response_correlation_id = 4'242});
    }

    EXPECT_FALSE(sender_events.try_push(sender_event::ResponseSetup{.response_correlation_id = 4'242}, 10));
    resolver.complete_waiting();
    settle();
    EXPECT_TRUE(sender_events.try_push(sender_event::ResponseSetup{.response_correlation_id = 4'242}, 10));
}

TEST_F(SenderEventsTest, EndpointThatClosedMeanwhileIsLeftAlone) {
    const Stream stream = publish(named);
    SendEndpoint* const endpoint = &stream.sender->endpoint();
    resolver.names.hosts["far.away"] = second_address.with_port(0);
    resolver.hold();
    sender_says(
        sender_event::ReResolveEndpoint{.endpoint = endpoint, .name = "far.away:24325", .current = first_address});
    sender_events.push(sender_event::PublicationReleased{.publication = stream.sender});
    remove_publication(client, stream.publication);
    pass(8s);

    // What the sender said later waits until the name is known.
    EXPECT_THAT(names_of_commands_to_sender(), ElementsAre("RemovePublication"));
    resolver.complete_waiting();
    settle();
    EXPECT_THAT(names_of_commands_to_sender(), ElementsAre("ChangeAddress", "RemoveEndpoint"));
    sender_says(
        sender_event::ReResolveEndpoint{.endpoint = endpoint, .name = "far.away:24325", .current = first_address});
    EXPECT_THAT(names_of_commands_to_sender(), IsEmpty());  // it is closing
    sender_says(sender_event::EndpointReleased{.endpoint = endpoint});
    sender_says(
        sender_event::ReResolveEndpoint{.endpoint = endpoint, .name = "far.away:24325", .current = first_address});
    EXPECT_THAT(names_of_commands_to_sender(), IsEmpty());
}

// Rejections. spec: 04 §6.12

TEST_F(SenderEventsTest, RejectionByAReceiverReachesThePublishers) {
    const Stream stream = publish();
    sender_event::ReceiverError rejection = rejection_of(stream);
    rejection.group_tag = 9;
    rejection.destination_registration_id = 42;

    sender_says(rejection);

    EXPECT_THAT(events(), ElementsAre(fmt::format("PUBLICATION_ERROR({}, 13)", stream.publication)));
    const auto event = last<command::PublicationErrorEvent>();
    EXPECT_EQ(event.session_id, stream.session_id);
    EXPECT_EQ(event.stream_id, test_stream);
    EXPECT_EQ(event.receiver_id, 0x1234);
    EXPECT_EQ(event.group_tag, 9);
    EXPECT_EQ(event.destination_registration_id, 42);
    EXPECT_EQ(event.address_type, command::AddressType::ipv4);
    EXPECT_EQ(event.source_port, 5'555);
    EXPECT_EQ(event.source_address[0], std::byte{192});
    EXPECT_EQ(event.source_address[3], std::byte{7});
    EXPECT_EQ(event.message, "not for me");
    EXPECT_THAT(logged_errors(),
                ElementsAre(testing::AllOf(HasSubstr("receiver 4660"), HasSubstr("not for me"), HasSubstr("(13)"))));
}

TEST_F(SenderEventsTest, RejectionWithoutGroupFromAnIpv6Receiver) {
    const Stream stream = publish();
    sender_event::ReceiverError rejection = rejection_of(stream);
    rejection.source = net::SocketAddress::ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 7);

    sender_says(rejection);

    const auto event = hear<command::PublicationErrorEvent>();
    EXPECT_EQ(event.address_type, command::AddressType::ipv6);
    EXPECT_EQ(event.source_address[15], std::byte{1});
    EXPECT_EQ(event.group_tag, -1);
    EXPECT_EQ(event.destination_registration_id, -1);
}

TEST_F(SenderEventsTest, WhatReceiversWriteCannotFillTheErrorLog) {
    const Stream stream = publish();
    for (int i = 0; i < 100; ++i) {
        sender_event::ReceiverError rejection = rejection_of(stream);
        rejection.receiver_id = i;
        rejection.text = fmt::format("reason {}", i);
        sender_says(rejection);
    }

    EXPECT_EQ(events().size(), 100U);
    EXPECT_EQ(logged_errors().size(), 2U);
    EXPECT_EQ(system_counter(SystemCounter::errors), 100);
}

TEST_F(SenderEventsTest, RejectionOfAPublicationThatIsGoneIsNobodysBusiness) {
    static_cast<void>(conductor());
    sender_says(sender_event::ReceiverError{.publication_registration_id = 4'242, .code = ErrorCode::image_rejected});

    EXPECT_THAT(events(), IsEmpty());
    EXPECT_THAT(logged_errors(), IsEmpty());
}

}  // namespace
}  // namespace cpperon::driver
