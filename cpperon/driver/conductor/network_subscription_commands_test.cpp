#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/conductor/receiving_fixture.hpp"

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class NetworkSubscriptionCommands : public ReceivingTest {
protected:
    /// The code that adding a subscription is answered with; 0: it was added.
    int code_of_adding(const std::string& added, const std::int32_t stream_id = test_stream) {
        static_cast<void>(events());
        add_subscription(client, added, stream_id);
        for (const std::string& event : events()) {
            if (event.starts_with("ERROR")) {
                return static_cast<int>(last<command::ErrorEvent>().code);
            }
            if (event.starts_with("SUBSCRIPTION_READY")) {
                return 0;
            }
        }
        ADD_FAILURE() << added << " was not answered";
        return -1;
    }
    std::string error_of_adding(const std::string& added) {
        EXPECT_NE(code_of_adding(added), 0) << added;
        return std::string{last<command::ErrorEvent>().message};
    }
    std::int32_t status_id_of_adding(const std::string& added) {
        static_cast<void>(events());
        add_subscription(client, added);
        return hear<command::SubscriptionReadyEvent>().channel_status_id;
    }
};

// spec: 02-C10, 02-C16
TEST_F(NetworkSubscriptionCommands, CountersOfTheChannelComeBeforeTheHeartbeatAndTheHeartbeatBeforeTheReply) {
    const std::int64_t id = add_subscription(client, channel);

    EXPECT_THAT(events(), ElementsAre("COUNTER_READY(1, 48)", fmt::format("SUBSCRIPTION_READY({}, 46)", id)));
    EXPECT_EQ(reader().label(46), "rcv-channel: aeron:udp?endpoint=localhost:24325 127.0.0.1:24325");
    EXPECT_EQ(reader().type_id(46), 7);
    EXPECT_EQ(reader().value(46), 1);
    EXPECT_EQ(reader().registration_id(46), id);
    EXPECT_EQ(reader().owner_id(46), 0);
    EXPECT_EQ(reader().label(47), "rcv-local-sockaddr: 46 127.0.0.1:24325");
    EXPECT_EQ(reader().value(47), 1);
    EXPECT_EQ(reader().registration_id(47), id);
}

TEST_F(NetworkSubscriptionCommands, ReceiverIsToldOfTheEndpointAndThenOfTheStream) {
    add_subscription(client, channel);

    EXPECT_THAT(receiver_hears(), ElementsAre("AddEndpoint", "AddInterest(1001)"));
    ASSERT_EQ(transport.open_sockets(), 1);
    EXPECT_EQ(transport.last_socket().spec().bind_address, *net::SocketAddress::try_parse("127.0.0.1", 24325));
    EXPECT_EQ(transport.last_socket().spec().receive_buffer_length, 131'072);
}

// spec: 04-C92, 05-C9
TEST_F(NetworkSubscriptionCommands, PortThatIsLeftOpenIsPublished) {
    const std::int32_t status = status_id_of_adding("aeron:udp?endpoint=localhost:0");

    EXPECT_EQ(reader().label(status), "rcv-channel: aeron:udp?endpoint=localhost:0 127.0.0.1:40001");
    EXPECT_EQ(reader().label(status + 1), fmt::format("rcv-local-sockaddr: {} 127.0.0.1:40001", status));
}

// spec: 05-C14
TEST_F(NetworkSubscriptionCommands, EqualCanonicalFormsShareOneEndpoint) {
    const std::int32_t first = status_id_of_adding("aeron:udp?endpoint=localhost:24325");
    const std::int32_t second = status_id_of_adding("aeron:udp?endpoint=localhost:24325|alias=x");

    EXPECT_EQ(first, second);
    EXPECT_EQ(transport.open_sockets(), 1);
    EXPECT_THAT(receiver_hears(), ElementsAre("AddEndpoint", "AddInterest(1001)"));
    EXPECT_NE(status_id_of_adding("aeron:udp?endpoint=127.0.0.1:24325"), first);
}

TEST_F(NetworkSubscriptionCommands, EachStreamAndEachSessionIsAnInterestOfItsOwn) {
    add_subscription(client, channel);
    receiver_hears();

    add_subscription(client, std::string{channel} + "|session-id=7");
    add_subscription(client, channel, 1002);

    EXPECT_THAT(receiver_hears(), ElementsAre("AddInterest(1001, 7)", "AddInterest(1002)"));
}

// spec: 05-C28
TEST_F(NetworkSubscriptionCommands, AnswersTheSequenceOfTheSpecification) {
    struct Case {
        std::string channel;
        int code;
        std::int32_t stream_id = test_stream;
    };
    const std::string existing = "aeron:udp?endpoint=localhost:41001";
    for (const Case& each : {
             Case{existing, 0},
             Case{existing + "|reliable=false", 11},
             Case{existing + "|reliable=false", 0, 2},
             Case{existing + "|rejoin=false", 11},
             Case{existing + "|tether=false", 0},
             Case{existing + "|group=true", 0},
             Case{existing + "|group=xyz", 0},
             Case{existing + "|sparse=false", 0},
             Case{existing + "|session-id=5|reliable=false", 0},
             Case{existing + "|session-id=5", 11},
             Case{existing + "|session-id=tag:5", 11},
             Case{existing + "|so-rcvbuf=64k", 11},
             Case{existing + "|so-rcvbuf=128k", 0},
             Case{existing + "|rcv-wnd=64k", 0},
             Case{existing + "|so-sndbuf=128k", 11},
             Case{existing + "|rcv-wnd=256k", 11},
             Case{existing + "|media-rcv-ts-offset=reserved", 11},
             Case{existing + "|channel-rcv-ts-offset=8", 11},
             Case{existing + "|channel-snd-ts-offset=8", 0},
             Case{existing + "|gtag=5", 0},
             Case{existing + "|gtag=x", 0},
             Case{existing + "|cc=cubic|nak-delay=5ms", 0},
             Case{existing + "|nak-delay=junk", 0},
             Case{existing + "|init-term-id=5", 0},
             Case{existing + "|mtu=33|term-length=5|linger=x", 0},
             Case{existing + "|control-mode=response", 11},
             Case{existing + "|untethered-resting-timeout=x", 11},
             Case{"aeron:udp?endpoint=localhost:41002|so-rcvbuf=256k", 0},
             Case{"aeron:udp?endpoint=localhost:41002", 11},
             Case{"aeron:udp?endpoint=localhost:41003|gtag=x", 11},
             Case{"aeron:udp?endpoint=localhost:41004|so-rcvbuf=64k", 11},
             Case{"aeron:udp?endpoint=localhost:41005|so-rcvbuf=64k|rcv-wnd=64k", 0},
             Case{"aeron:udp?endpoint=127.0.0.1:0|tags=500", 0},
             Case{"aeron:udp?tags=500", 0},
             Case{"aeron:udp?endpoint=127.0.0.1:0|tags=500", 0},
             Case{"aeron:udp?endpoint=127.0.0.1:41010|tags=500", 11},
             Case{"aeron:udp?tags=501", 0},
             Case{"aeron:udp?tags=501", 0},
             Case{"aeron:udp?control-mode=dynamic", 1},
             Case{"aeron:udp?control-mode=manual", 0},
             Case{"aeron:udp?control-mode=response", 0},
             Case{"aeron:udp?endpoint=localhost:41015|media-rcv-ts-offset=reserved|channel-rcv-ts-offset=reserved", 11},
         }) {
        EXPECT_EQ(code_of_adding(each.channel, each.stream_id), each.code) << each.channel;
    }
}

TEST_F(NetworkSubscriptionCommands, TagAloneFindsTheEndpointThatHasIt) {
    const std::int32_t status = status_id_of_adding("aeron:udp?endpoint=127.0.0.1:0|tags=500");

    EXPECT_EQ(status_id_of_adding("aeron:udp?tags=500"), status);
    EXPECT_EQ(status_id_of_adding("aeron:udp?endpoint=127.0.0.1:0|tags=500"), status);
    EXPECT_NE(status_id_of_adding("aeron:udp?tags=501"), status);
}

// spec: 05-C35
TEST_F(NetworkSubscriptionCommands, ControlAloneWorksButNotWithPortZero) {
    EXPECT_EQ(code_of_adding("aeron:udp?control=localhost:24326"), 0);
    EXPECT_THAT(error_of_adding("aeron:udp?control=localhost:0"), HasSubstr("has port=0 for subscription"));
}

// spec: 05-C43
TEST_F(NetworkSubscriptionCommands, TransportSecurityIsRefused) {
    EXPECT_EQ(code_of_adding(std::string{channel} + "|ats=true"), 11);
    EXPECT_EQ(code_of_adding(std::string{channel} + "|ats=false"), 0);
    EXPECT_EQ(code_of_adding(std::string{channel} + "|ats=true"), 11);
}

TEST_F(NetworkSubscriptionCommands, GroupTagIsThatOfTheFirst) {
    add_subscription(client, std::string{channel} + "|gtag=5");
    add_subscription(client, std::string{channel} + "|gtag=6");

    receiver_hears();

    EXPECT_EQ(endpoint->group_tag(), 5);
}

// spec: 04-C62
TEST_F(NetworkSubscriptionCommands, EachEndpointHasTheNextReceiverId) {
    add_subscription(client, channel);
    receiver_hears();
    const std::int64_t first = endpoint->receiver_id();

    add_subscription(client, "aeron:udp?endpoint=localhost:24326");
    receiver_hears();

    EXPECT_EQ(endpoint->receiver_id(), first + 1);
}

TEST_F(NetworkSubscriptionCommands, MalformedChannelIsRefusedWithoutAskingForNames) {
    EXPECT_EQ(code_of_adding("aeron:udp"), 1);
    EXPECT_EQ(code_of_adding("aeron:udp?endpoint"), 1);
    EXPECT_THAT(resolver.requests(), ElementsAre("aeron:udp?endpoint"));
}

// spec: 06-C57, 02-C33
TEST_F(NetworkSubscriptionCommands, NameThatDoesNotResolveIsAnsweredAfterwardsAndNothingIsLeftBehind) {
    resolver.hold();
    const std::int64_t id = add_subscription(client, "aeron:udp?endpoint=nohost.invalid:24325");
    EXPECT_THAT(events(), IsEmpty());

    resolver.complete_waiting();
    settle();

    EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, 9)", id)));
    EXPECT_EQ(allocated_counters(), system_counter_count);
}

TEST_F(NetworkSubscriptionCommands, SocketThatCannotBeOpenedLeavesNothingBehind) {
    transport.fail_with({.code = ErrorCode::generic_error, .message = "failed to bind 127.0.0.1:24325"});

    EXPECT_THAT(error_of_adding(std::string{channel}), HasSubstr("failed to bind"));

    EXPECT_EQ(allocated_counters(), system_counter_count);
    EXPECT_THAT(receiver_hears(), IsEmpty());
    transport.recover();
    EXPECT_EQ(code_of_adding(std::string{channel}), 0);
}

TEST_F(NetworkSubscriptionCommands, BadGroupTagClosesTheSocketThatWasOpenedForIt) {
    EXPECT_EQ(code_of_adding(std::string{channel} + "|gtag=x"), 11);

    EXPECT_EQ(transport.open_sockets(), 0);
    EXPECT_EQ(allocated_counters(), system_counter_count);
}

TEST_F(NetworkSubscriptionCommands, OutOfCountersRefusesTheWholeSubscription) {
    while (allocated_counters() < static_cast<int>(max_counters) - 1) {
        add_counter(client);
    }

    EXPECT_EQ(code_of_adding(std::string{channel}), 11);

    EXPECT_EQ(transport.open_sockets(), 0);
    EXPECT_EQ(allocated_counters(), static_cast<int>(max_counters) - 1);
}

TEST_F(NetworkSubscriptionCommands, RemovalClosesTheEndpointAsSoonAsTheReceiverHasLetGo) {
    const std::int64_t first = add_subscription(client, channel);
    const std::int64_t second = add_subscription(client, channel);
    receiver_hears();
    static_cast<void>(events());

    remove_subscription(client, first);
    EXPECT_THAT(receiver_hears(), IsEmpty());
    const std::int64_t correlation_id = remove_subscription(client, second);

    EXPECT_THAT(receiver_hears(), ElementsAre("RemoveInterest(1001)", "RemoveEndpoint"));
    EXPECT_THAT(events(),
                ElementsAre(HasSubstr("OPERATION_SUCCESS"), fmt::format("OPERATION_SUCCESS({})", correlation_id)));
    EXPECT_EQ(transport.open_sockets(), 1);
    receiver_lets_go();
    EXPECT_EQ(transport.open_sockets(), 0);
    EXPECT_EQ(allocated_counters(), system_counter_count + 1);  // the client's heartbeat
}

// spec: 06-C35, 05-C45
TEST_F(NetworkSubscriptionCommands, EndpointThatIsClosingIsToBeTriedAgainAndNoErrorIsLogged) {
    const std::int64_t id = add_subscription(client, channel);
    remove_subscription(client, id);

    EXPECT_EQ(code_of_adding(std::string{channel}), 10);
    EXPECT_THAT(std::string{last<command::ErrorEvent>().message}, HasSubstr("CLOSING state, please retry"));
    EXPECT_THAT(logged_errors(), IsEmpty());
    EXPECT_EQ(system_counter(SystemCounter::errors), 0);

    receiver_lets_go();
    EXPECT_EQ(code_of_adding(std::string{channel}), 0);
}

TEST_F(NetworkSubscriptionCommands, DeadClientLeavesNoEndpointBehind) {
    add_subscription(client, channel);
    receiver_hears();
    kill(client);

    pass(12s);
    EXPECT_THAT(receiver_hears(), ElementsAre("RemoveInterest(1001)", "RemoveEndpoint"));
    receiver_lets_go();

    EXPECT_EQ(transport.open_sockets(), 0);
    EXPECT_EQ(allocated_counters(), system_counter_count);
}

// spec: 06-C52
TEST_F(NetworkSubscriptionCommands, OpenPortsComeFromTheConfiguredRangeInTurn) {
    context.receiver_wildcard_port_range = {.low = 24'000, .high = 24'001};
    const std::string open_port = "aeron:udp?endpoint=localhost:0";
    const std::int64_t first = add_subscription(client, open_port);
    const std::int64_t second = add_subscription(client, open_port);
    EXPECT_EQ(transport.last_socket().local_address().port(), 24'001);
    EXPECT_THAT(error_of_adding(open_port), HasSubstr("no available ports in range 24000 24001"));

    remove_subscription(client, first);
    receiver_lets_go();

    EXPECT_EQ(code_of_adding(open_port), 0);
    EXPECT_EQ(transport.last_socket().local_address().port(), 24'000);
    remove_subscription(client, second);
}

TEST_F(NetworkSubscriptionCommands, ManualSubscriptionHasNoSocketUntilItGetsDestinations) {
    const std::int32_t status = status_id_of_adding("aeron:udp?control-mode=manual");

    EXPECT_EQ(transport.open_sockets(), 0);
    EXPECT_EQ(reader().label(status), "rcv-channel: aeron:udp?control-mode=manual ");
    EXPECT_EQ(reader().value(status), 1);
    EXPECT_THAT(receiver_hears(), ElementsAre("AddEndpoint", "AddInterest(1001)"));
}

// spec: 05-C31
TEST_F(NetworkSubscriptionCommands, WindowThatDoesNotFitTheReceiveBufferIsRefused) {
    EXPECT_THAT(error_of_adding(std::string{channel} + "|rcv-wnd=256k"),
                HasSubstr("Initial window greater than SO_RCVBUF"));
    EXPECT_THAT(error_of_adding("aeron:udp?control-mode=manual|so-rcvbuf=64k"),
                HasSubstr("Initial window greater than SO_RCVBUF"));
    EXPECT_EQ(transport.open_sockets(), 0);
}

TEST_F(NetworkSubscriptionCommands, SubscriptionForResponsesWantsNoStreamButKeepsItsEndpoint) {
    const std::int64_t id = add_subscription(client, "aeron:udp?control-mode=response|control=localhost:24326");
    EXPECT_THAT(receiver_hears(), ElementsAre("AddEndpoint"));

    remove_subscription(client, id);

    EXPECT_THAT(receiver_hears(), ElementsAre("RemoveEndpoint"));
}

}  // namespace
}  // namespace cpperon::driver
