/// Clients come, give signs of life, close or die: what the conductor makes of it. spec: 02 §9, 06 §7.4
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

class ClientLifecycle : public ConductorTest {
protected:
    const std::int64_t client = next_id();
    const std::int64_t other_client = next_id();
};

// spec: 02-C29, 06-C29
TEST_F(ClientLifecycle, KilledClientIsMissedAndEverythingItHadGoes) {
    const std::int64_t subscription = add_subscription(client);
    const std::int64_t publication = add_publication(client);
    const std::int64_t counter = add_counter(client);
    static_cast<void>(events());
    kill(client);

    pass(9s);
    EXPECT_THAT(events(), IsEmpty());
    pass(2s);

    EXPECT_THAT(events(), ElementsAre("CLIENT_TIMEOUT(1)", "UNAVAILABLE_COUNTER(1, 46)",
                                      fmt::format("UNAVAILABLE_COUNTER({}, 50)", counter)));
    EXPECT_EQ(system_counter(SystemCounter::client_timeouts), 1);
    pass(3s);
    EXPECT_EQ(allocated_counters(), system_counter_count);
    EXPECT_EQ(logs.files(), 0);
    static_cast<void>(subscription);
    static_cast<void>(publication);
}

// spec: 02-C29
TEST_F(ClientLifecycle, SharedPublicationOfAKilledClientSurvivesWithItsOtherHolder) {
    const std::int64_t subscription = add_subscription(other_client);
    const std::int64_t publication = add_publication(client);
    add_publication(other_client);
    kill(client);
    pass(15s);
    EXPECT_THAT(events().back(), HasSubstr("UNAVAILABLE_COUNTER(1, "));

    const std::int64_t third_client = next_id();
    const std::int64_t joined = add_publication(third_client);

    EXPECT_THAT(events(),
                ElementsAre(HasSubstr("COUNTER_READY"), fmt::format("PUBLICATION_READY({}, {})", joined, publication)));
    static_cast<void>(subscription);
}

TEST_F(ClientLifecycle, OtherSubscribersOfADeadClientsPublicationHearOfItsEndLater) {
    const std::int64_t subscription = add_subscription(other_client);
    const std::int64_t publication = add_publication(client);
    static_cast<void>(events());
    kill(client);

    pass(15s);

    EXPECT_THAT(events(), ElementsAre("CLIENT_TIMEOUT(1)", HasSubstr("UNAVAILABLE_COUNTER(1, "),
                                      fmt::format("UNAVAILABLE_IMAGE({}, {})", publication, subscription)));
}

// spec: 02-C30, 06-C30
TEST_F(ClientLifecycle, ClosedClientGoesAtTheNextTickWithoutATimeout) {
    add_subscription(client);
    add_publication(client);
    const std::int64_t counter = add_counter(client);
    static_cast<void>(events());

    close_client(client);
    EXPECT_THAT(events(), IsEmpty());
    EXPECT_EQ(value(46), 0);
    tick();

    EXPECT_THAT(events(),
                ElementsAre("UNAVAILABLE_COUNTER(1, 46)", fmt::format("UNAVAILABLE_COUNTER({}, 50)", counter)));
    EXPECT_EQ(system_counter(SystemCounter::client_timeouts), 0);
    pass(2s);
    EXPECT_EQ(allocated_counters(), system_counter_count);
    EXPECT_EQ(logs.files(), 0);
}

// spec: 02-C34, 06-C31
TEST_F(ClientLifecycle, KeepaliveCommandAloneKeepsAClientAlive) {
    add_counter(client);
    static_cast<void>(events());
    kill(client);  // it writes nothing to its counter

    for (int i = 0; i < 30; ++i) {
        write(command::ClientKeepaliveCommand{.client_id = client});
        tick();
    }
    EXPECT_THAT(events(), IsEmpty());
    pass(12s);

    EXPECT_THAT(events().front(), "CLIENT_TIMEOUT(1)");
}

TEST_F(ClientLifecycle, LivenessIsCountedInWholeMillisecondsFromTheLastHeartbeat) {
    Client record;
    record.heartbeat = OwnedCounter::allocate(counters, {.initial_value = 1'000'000});

    EXPECT_FALSE(record.is_dead(1'010'000, 10'000));
    EXPECT_TRUE(record.is_dead(1'010'001, 10'000));
    record.heartbeat.set(INT64_MAX);
    EXPECT_FALSE(record.is_dead(1'010'001, 10'000));
    record.heartbeat.set(INT64_MIN);
    EXPECT_TRUE(record.is_dead(1'010'001, 10'000));
}

TEST_F(ClientLifecycle, KeepaliveAndCloseOfAnUnknownClientAreIgnored) {
    EXPECT_THAT(execute(command::ClientKeepaliveCommand{.client_id = 4242}), IsEmpty());
    EXPECT_THAT(execute(command::ClientCloseCommand{.client_id = 4242}), IsEmpty());
    EXPECT_EQ(system_counter(SystemCounter::errors), 0);
}

TEST_F(ClientLifecycle, ClientThatCameBackGetsANewRecord) {
    add_counter(client);
    close_client(client);
    tick();
    static_cast<void>(events());

    const std::int64_t counter = add_counter(client);

    EXPECT_THAT(events(),
                ElementsAre(HasSubstr("COUNTER_READY(1, "), HasSubstr(fmt::format("COUNTER_READY({}, ", counter))));
}

// spec: 01-C34
TEST_F(ClientLifecycle, ClientWithoutResourcesHasNoCounterAndIsNeverMissed) {
    remove_subscription(client, 4242);
    static_cast<void>(events());

    pass(30s);

    EXPECT_THAT(events(), IsEmpty());
    EXPECT_EQ(allocated_counters(), system_counter_count);
}

TEST_F(ClientLifecycle, ThousandAddsAndClosesLeaveNothingBehind) {
    for (int i = 0; i < 1'000; ++i) {
        const std::int64_t subscription = add_subscription(client);
        const std::int64_t publication = i % 2 == 0 ? add_publication(client) : add_exclusive_publication(client);
        remove_publication(client, publication);
        remove_subscription(client, subscription);
        pass(3s);
        static_cast<void>(events());
    }

    EXPECT_EQ(allocated_counters(), system_counter_count + 1);
    EXPECT_EQ(logs.files(), 0);
    EXPECT_EQ(logs.destroyed(), 1'000);
    EXPECT_EQ(system_counter(SystemCounter::errors), 0);
}

}  // namespace
}  // namespace cpperon::driver
