#include <cstdint>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/conductor/conductor_fixture.hpp"

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SubscriptionCommands : public ConductorTest {
protected:
    const std::int64_t client = next_id();
};

// spec: 02-C10
TEST_F(SubscriptionCommands, FirstAddOfAClientAnnouncesItsHeartbeatBeforeTheReply) {
    const std::int64_t id = add_subscription(client);

    EXPECT_THAT(events(), ElementsAre("COUNTER_READY(1, 46)", fmt::format("SUBSCRIPTION_READY({}, -1)", id)));
}

// spec: 02-C15..17, 06-C20
TEST_F(SubscriptionCommands, AddAfterThePublicationAnnouncesTheImageAfterItsOwnReply) {
    const std::int64_t publication = add_publication(client);
    const std::string log{hear<command::PublicationReadyEvent>().log_file_name};

    const std::int64_t subscription = add_subscription(client);

    EXPECT_THAT(events(), ElementsAre(fmt::format("SUBSCRIPTION_READY({}, -1)", subscription),
                                      fmt::format("AVAILABLE_IMAGE({}, {})", publication, subscription)));
    const auto image = last<command::AvailableImageEvent>();
    EXPECT_EQ(image.source_identity, "aeron:ipc");
    EXPECT_EQ(image.log_file_name, log);
}

TEST_F(SubscriptionCommands, PositionCounterBelongsToTheSubscriberAndRefersToThePublication) {
    const std::int64_t publication = add_publication(client, "aeron:ipc?session-id=7");
    const std::int64_t subscriber = next_id();
    const std::int64_t subscription = add_subscription(subscriber, "aeron:ipc?alias=mine");

    const std::int32_t id = hear<command::AvailableImageEvent>().subscriber_position_id;
    EXPECT_EQ(reader().type_id(id), 4);
    EXPECT_EQ(reader().label(id), fmt::format("sub-pos: {} 7 1001 aeron:ipc?alias=mine @0", subscription));
    EXPECT_EQ(reader().registration_id(id), subscription);
    EXPECT_EQ(reader().owner_id(id), subscriber);
    EXPECT_EQ(reader().reference_id(id), publication);
}

// spec: 06-C25
TEST_F(SubscriptionCommands, SubscriptionWithASessionLinksOnlyThatSession) {
    const std::int64_t seven = add_exclusive_publication(client, "aeron:ipc?session-id=7");
    add_exclusive_publication(client, "aeron:ipc?session-id=8");
    static_cast<void>(events());

    const std::int64_t subscription = add_subscription(client, "aeron:ipc?session-id=7");

    EXPECT_THAT(events(), ElementsAre(fmt::format("SUBSCRIPTION_READY({}, -1)", subscription),
                                      fmt::format("AVAILABLE_IMAGE({}, {})", seven, subscription)));
    add_exclusive_publication(client, "aeron:ipc?session-id=9");
    EXPECT_THAT(events(), ElementsAre(HasSubstr("EXCLUSIVE_PUBLICATION_READY")));
}

TEST_F(SubscriptionCommands, EqualSubscriptionsOfOneClientGetAnImageEach) {
    const std::int64_t first = add_subscription(client);
    const std::int64_t second = add_subscription(client);
    static_cast<void>(events());

    const std::int64_t publication = add_publication(client);

    EXPECT_THAT(events(),
                ElementsAre(HasSubstr("PUBLICATION_READY"), fmt::format("AVAILABLE_IMAGE({}, {})", publication, first),
                            fmt::format("AVAILABLE_IMAGE({}, {})", publication, second)));
}

// spec: 02-C18
TEST_F(SubscriptionCommands, RemoveIsAnsweredWithSuccessAlone) {
    add_publication(client);
    const std::int64_t subscription = add_subscription(client);
    const std::int32_t position_id = hear<command::AvailableImageEvent>().subscriber_position_id;

    const std::int64_t correlation_id = remove_subscription(client, subscription);
    pass(3s);

    EXPECT_THAT(events(), ElementsAre(fmt::format("OPERATION_SUCCESS({})", correlation_id)));
    EXPECT_EQ(reader().state(position_id), CounterState::reclaimed);
}

TEST_F(SubscriptionCommands, LastRemovalDisconnectsThePublicationAtOnce) {
    add_publication(client);
    TestPublisher publisher = publisher_of(hear<command::PublicationReadyEvent>());
    const std::int64_t first = add_subscription(client);
    const std::int64_t second = add_subscription(client);
    EXPECT_EQ(publisher.metadata().is_connected, 1);

    remove_subscription(client, first);
    EXPECT_EQ(publisher.metadata().is_connected, 1);
    remove_subscription(client, second);

    EXPECT_EQ(publisher.metadata().is_connected, 0);
}

// spec: 02-C19, 06-C33
TEST_F(SubscriptionCommands, RemovingTwiceIsAnUnknownSubscription) {
    const std::int64_t subscription = add_subscription(client);
    static_cast<void>(events());

    const std::int64_t first = remove_subscription(client, subscription);
    const std::int64_t second = remove_subscription(client, subscription);

    EXPECT_THAT(events(),
                ElementsAre(fmt::format("OPERATION_SUCCESS({})", first), fmt::format("ERROR({}, 2)", second)));
}

TEST_F(SubscriptionCommands, RemoveGoesByTheRegistrationIdAlone) {
    const std::int64_t subscription = add_subscription(client);
    static_cast<void>(events());

    const std::int64_t correlation_id = remove_subscription(next_id(), subscription);

    EXPECT_THAT(events(), ElementsAre(fmt::format("OPERATION_SUCCESS({})", correlation_id)));
}

TEST_F(SubscriptionCommands, BadParameterIsRefused) {
    const std::int64_t id = add_subscription(client, "aeron:ipc?session-id=tag:5");

    EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, 11)", id)));
}

TEST_F(SubscriptionCommands, OutOfCountersRefusesTheWholeSubscription) {
    for (int i = 0; i < 3; ++i) {
        add_exclusive_publication(client);
    }
    while (allocated_counters() < static_cast<int>(max_counters) - 2) {
        add_counter(client);
    }
    static_cast<void>(events());

    const std::int64_t id = add_subscription(client);

    EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, 11)", id)));
    EXPECT_EQ(allocated_counters(), static_cast<int>(max_counters) - 2);
    const std::int64_t correlation_id = remove_subscription(client, id);
    EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, 2)", correlation_id)));
}

TEST_F(SubscriptionCommands, ResponseSubscriptionMatchesNoOrdinaryPublication) {
    add_exclusive_publication(client, "aeron:ipc?session-id=7");
    static_cast<void>(events());

    const std::int64_t id = add_subscription(client, "aeron:ipc?control-mode=response");

    EXPECT_THAT(events(), ElementsAre(fmt::format("SUBSCRIPTION_READY({}, -1)", id)));
}

}  // namespace
}  // namespace cpperon::driver
