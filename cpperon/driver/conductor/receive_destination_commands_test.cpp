#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/conductor/receiving_fixture.hpp"

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ReceiveDestinationCommands : public ReceivingTest {
protected:
    std::vector<std::string> add(const std::string_view destination_channel) {
        return execute(command::AddReceiveDestinationCommand{.client_id = client,
                                                             .correlation_id = 25,
                                                             .registration_id = subscription,
                                                             .channel = destination_channel});
    }
    std::vector<std::string> remove(const std::string_view destination_channel) {
        return execute(command::RemoveReceiveDestinationCommand{.client_id = client,
                                                                .correlation_id = 26,
                                                                .registration_id = subscription,
                                                                .channel = destination_channel});
    }
    void subscribe(const std::string& channel_text = "aeron:udp?control-mode=manual") {
        subscription = add_subscription(client, channel_text);
        status_id = hear<command::SubscriptionReadyEvent>().channel_status_id;
        receiver_hears();
    }

    std::int64_t subscription = 0;
    std::int32_t status_id = -1;
};

TEST_F(ReceiveDestinationCommands, ReceiveDestinationOfAnUnknownOrIpcSubscriptionIsRefused) {
    const std::int64_t ipc_subscription = add_subscription(client);
    static_cast<void>(events());

    for (const std::int64_t target : {ipc_subscription, std::int64_t{4242}}) {
        for (const std::string destination_channel :
             {"aeron:ipc", "aeron:udp?endpoint=localhost:24325", "aeron-spy:aeron:udp?endpoint=localhost:24325"}) {
            EXPECT_THAT(execute(command::AddReceiveDestinationCommand{.client_id = client,
                                                                      .correlation_id = 25,
                                                                      .registration_id = target,
                                                                      .channel = destination_channel}),
                        ElementsAre("ERROR(25, 2)"))
                << destination_channel;
            const std::string removed_channel =
                destination_channel + (destination_channel == "aeron:ipc" ? "?" : "|") + "alias=other";
            EXPECT_THAT(
                execute(command::RemoveReceiveDestinationCommand{
                    .client_id = client, .correlation_id = 26, .registration_id = target, .channel = removed_channel}),
                ElementsAre("ERROR(26, 2)"))
                << removed_channel;
        }
    }
}

// Drivers of the reference look for links with this id and text and ask for nothing else: neither whether the
// subscription has a channel that allows destinations, nor whether the link came as a destination. spec: 05 §9.2
TEST_F(ReceiveDestinationCommands, RemovalOfALinkGoesByIdAndTextAlone) {
    subscribe("aeron:udp?endpoint=localhost:24325");

    EXPECT_THAT(remove("aeron:ipc"), ElementsAre("ERROR(26, 2)"));
    EXPECT_THAT(remove("aeron-spy:aeron:udp?endpoint=localhost:24326"), ElementsAre("ERROR(26, 2)"));
    EXPECT_THAT(remove("aeron:udp?endpoint=localhost:24326"), ElementsAre("ERROR(26, 1)"));

    subscription = add_subscription(client);
    static_cast<void>(events());

    EXPECT_THAT(remove("aeron:ipc"), ElementsAre("OPERATION_SUCCESS(26)"));
    EXPECT_THAT(remove("aeron:ipc"), ElementsAre("ERROR(26, 2)"));
}

TEST_F(ReceiveDestinationCommands, ReceiveDestinationIsCheckedBeforeItsSubscription) {
    struct Case {
        std::string channel;
        std::string answer;
    };
    for (const Case& each : {Case{"aeron:tcp", "ERROR(25, 1)"}, Case{"aeron-spy:aeron:ipc", "ERROR(25, 1)"},
                             Case{"aeron:ipcx", "ERROR(25, 1)"}, Case{"aeron:ipc?session-id=x", "ERROR(25, 11)"}}) {
        EXPECT_THAT(execute(command::AddReceiveDestinationCommand{
                        .client_id = client, .correlation_id = 25, .registration_id = 4242, .channel = each.channel}),
                    ElementsAre(each.answer))
            << each.channel;
    }
}

TEST_F(ReceiveDestinationCommands, NoneMakesARecordOfItsClient) {
    execute(command::AddReceiveDestinationCommand{.client_id = client, .correlation_id = 26, .channel = "aeron:ipc"});

    EXPECT_EQ(allocated_counters(), system_counter_count);
}

// Sockets.

// spec: 04-C75
TEST_F(ReceiveDestinationCommands, EachDestinationHasASocketAndAnAddressOfItsOwn) {
    subscribe("aeron:udp?control-mode=manual|so-rcvbuf=256k");

    EXPECT_THAT(add("aeron:udp?endpoint=localhost:43050"), ElementsAre("OPERATION_SUCCESS(25)"));
    EXPECT_THAT(add("aeron:udp?endpoint=localhost:0"), ElementsAre("OPERATION_SUCCESS(25)"));

    EXPECT_THAT(receiver_hears(), ElementsAre("AddDestination", "AddDestination"));
    EXPECT_EQ(transport.open_sockets(), 2);
    EXPECT_EQ(transport.last_socket().spec().receive_buffer_length, 262'144);
    EXPECT_EQ(reader().label(48), fmt::format("rcv-local-sockaddr: {} 127.0.0.1:43050", status_id));
    EXPECT_EQ(reader().label(49), fmt::format("rcv-local-sockaddr: {} 127.0.0.1:40001", status_id));
    EXPECT_EQ(reader().registration_id(49), subscription);
}

// spec: 05-C42
TEST_F(ReceiveDestinationCommands, RemovalGoesByTheTextOfTheEndpoint) {
    subscribe();
    add("aeron:udp?endpoint=localhost:43050");
    receiver_hears();

    EXPECT_THAT(remove("aeron:udp?endpoint=127.0.0.1:43050"), ElementsAre("OPERATION_SUCCESS(26)"));
    EXPECT_THAT(receiver_hears(), IsEmpty());
    EXPECT_THAT(remove("aeron:udp?endpoint=localhost:43050|alias=x"), ElementsAre("OPERATION_SUCCESS(26)"));

    EXPECT_THAT(receiver_hears(), ElementsAre("RemoveDestination"));
    EXPECT_EQ(value(48), 2);
    EXPECT_EQ(transport.open_sockets(), 1);
    receiver_lets_go();
    EXPECT_EQ(transport.open_sockets(), 0);
    EXPECT_EQ(reader().state(48), CounterState::reclaimed);
}

// It failed to bind: the receiver still had the socket of the one before.
TEST_F(ReceiveDestinationCommands, OneThatWasRemovedCanBeAddedAgainAtOnce) {
    subscribe();
    add("aeron:udp?endpoint=localhost:43050");
    receiver_hears();
    EXPECT_THAT(remove("aeron:udp?endpoint=localhost:43050"), ElementsAre("OPERATION_SUCCESS(26)"));

    EXPECT_THAT(add("aeron:udp?endpoint=localhost:43050"), IsEmpty());
    receiver_lets_go();

    EXPECT_THAT(events(), ElementsAre("OPERATION_SUCCESS(25)"));
    EXPECT_EQ(transport.open_sockets(), 1);
    // One that is still used is not waited for: whether there may be another is the system's to say.
    EXPECT_THAT(add("aeron:udp?endpoint=localhost:43050"), ElementsAre("OPERATION_SUCCESS(25)"));
}

TEST_F(ReceiveDestinationCommands, OfSeveralEqualDestinationsTheLastOneGoes) {
    subscribe();
    add("aeron:udp?endpoint=localhost:0");
    add("aeron:udp?endpoint=localhost:0");

    remove("aeron:udp?endpoint=localhost:0");
    receiver_lets_go();

    EXPECT_EQ(transport.last_socket().local_address().port(), 40'001);
}

// spec: 05-C40, 02-C26
TEST_F(ReceiveDestinationCommands, AnswersTheRowsOfTheSpecification) {
    struct Case {
        std::string channel;
        std::string answer;
    };
    subscribe();
    for (const Case& each : {
             Case{"aeron:udp?control=localhost:43051", "OPERATION_SUCCESS(25)"},
             Case{"aeron:udp?control-mode=manual", "OPERATION_SUCCESS(25)"},
             Case{"aeron:udp?endpoint=localhost:43060|mtu=1408", "ERROR(25, 1)"},
             Case{"aeron:udp?endpoint=localhost:43060|so-rcvbuf=1m", "ERROR(25, 1)"},
             Case{"aeron:udp?endpoint=localhost:43060|control-mode=response", "ERROR(25, 1)"},
             Case{"aeron:udp?endpoint=localhost:43060|ats=true", "ERROR(25, 11)"},
             Case{"aeron:udp?endpoint=nohost.invalid:43052", "ERROR(25, 9)"},
             Case{"aeron:udp?endpoint=224.20.30.40:43053", "ERROR(25, 11)"},
             Case{"aeron:ipc", "OPERATION_SUCCESS(25)"},
             Case{"aeron:ipc?mtu=1", "OPERATION_SUCCESS(25)"},
             Case{"aeron-spy:aeron:udp?endpoint=localhost:43001|mtu=2k", "OPERATION_SUCCESS(25)"},
             Case{"aeron:ipc?reliable=x", "ERROR(25, 11)"},
             Case{"aeron-spy:aeron:udp?endpoint=nohost.invalid:43052", "ERROR(25, 9)"},
         }) {
        EXPECT_THAT(add(each.channel), ElementsAre(each.answer)) << each.channel;
    }
    EXPECT_THAT(remove("aeron:udp?endpoint=localhost:49999"), ElementsAre("OPERATION_SUCCESS(26)"));
    EXPECT_THAT(remove("aeron:ipc"), ElementsAre("OPERATION_SUCCESS(26)"));
    EXPECT_THAT(remove("aeron:ipc"), ElementsAre("ERROR(26, 2)"));

    subscribe("aeron:udp?endpoint=localhost:43002");
    EXPECT_THAT(add("aeron:udp?endpoint=localhost:43060"), ElementsAre("ERROR(25, 1)"));
    EXPECT_THAT(add("aeron:ipc"), ElementsAre("ERROR(25, 1)"));
}

TEST_F(ReceiveDestinationCommands, SocketThatCannotBeOpenedLeavesNothingBehind) {
    subscribe();
    const int counters_before = allocated_counters();
    transport.fail_with({.code = ErrorCode::generic_error, .message = "failed to bind 127.0.0.1:43050"});

    EXPECT_THAT(add("aeron:udp?endpoint=localhost:43050"), ElementsAre("ERROR(25, 11)"));

    EXPECT_EQ(allocated_counters(), counters_before);
    EXPECT_THAT(receiver_hears(), IsEmpty());
}

TEST_F(ReceiveDestinationCommands, ImageComesThroughADestinationThatIsThere) {
    subscribe();
    add("aeron:udp?endpoint=localhost:43050");

    announce();

    EXPECT_THAT(events(), ElementsAre(fmt::format("AVAILABLE_IMAGE({}, {})", last_image_id(), subscription)));
}

TEST_F(ReceiveDestinationCommands, ImageIsNotMadeForADestinationThatIsBeingRemoved) {
    subscribe();
    add("aeron:udp?endpoint=localhost:43050");
    logs.hold();
    announce();
    remove("aeron:udp?endpoint=localhost:43050");
    receiver_hears();

    logs.complete_waiting();
    settle();

    EXPECT_THAT(events(), IsEmpty());
    EXPECT_THAT(receiver_hears(), ElementsAre("ClearInitInProgress(1001, 7)"));
}

TEST_F(ReceiveDestinationCommands, DestinationsGoWithTheirSubscription) {
    subscribe();
    add("aeron:udp?endpoint=localhost:43050");
    add("aeron:ipc");
    add("aeron-spy:aeron:udp?endpoint=localhost:43001");

    remove_subscription(client, subscription);
    receiver_lets_go();

    EXPECT_EQ(transport.open_sockets(), 0);
    add_publication(client);
    EXPECT_THAT(events(), ElementsAre(HasSubstr("OPERATION_SUCCESS"), HasSubstr("PUBLICATION_READY")));
}

// Links to publications of this driver.

// spec: 02-C25
TEST_F(ReceiveDestinationCommands, IpcDestinationGetsThePublicationsOfItsStreamUnderTheIdOfTheSubscription) {
    const std::int64_t publication = add_publication(client);
    subscribe();

    EXPECT_THAT(add("aeron:ipc?alias=x"), ElementsAre("OPERATION_SUCCESS(25)", fmt::format("AVAILABLE_IMAGE({}, {})",
                                                                                           publication, subscription)));
    EXPECT_THAT(remove("aeron:ipc?alias=y"), ElementsAre("ERROR(26, 2)"));
    EXPECT_THAT(
        remove("aeron:ipc?alias=x"),
        ElementsAre("OPERATION_SUCCESS(26)", fmt::format("UNAVAILABLE_IMAGE({}, {})", publication, subscription)));
}

TEST_F(ReceiveDestinationCommands, SessionOfAnIpcDestinationIsItsOwn) {
    add_exclusive_publication(client, "aeron:ipc?session-id=7");
    const std::int64_t eight = add_exclusive_publication(client, "aeron:ipc?session-id=8");
    subscribe();

    EXPECT_THAT(add("aeron:ipc?session-id=8"),
                ElementsAre("OPERATION_SUCCESS(25)", fmt::format("AVAILABLE_IMAGE({}, {})", eight, subscription)));
}

// spec: 02-C25, 06-C40
TEST_F(ReceiveDestinationCommands, SpyDestinationCarriesTheIdOfTheSubscription) {
    const std::int64_t publication = add_publication(client, "aeron:udp?endpoint=localhost:43001");
    subscribe();

    EXPECT_THAT(
        add("aeron-spy:aeron:udp?endpoint=localhost:43001"),
        ElementsAre("OPERATION_SUCCESS(25)", fmt::format("AVAILABLE_IMAGE({}, {})", publication, subscription)));
    EXPECT_THAT(
        remove("aeron-spy:aeron:udp?endpoint=localhost:43001"),
        ElementsAre("OPERATION_SUCCESS(26)", fmt::format("UNAVAILABLE_IMAGE({}, {})", publication, subscription)));
    EXPECT_THAT(remove("aeron-spy:aeron:udp?endpoint=localhost:43001"), ElementsAre("ERROR(26, 2)"));
}

}  // namespace
}  // namespace cpperon::driver
