#include <cstdint>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/conductor/conductor_fixture.hpp"

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;

class DestinationCommands : public ConductorTest {
protected:
    const std::int64_t client = next_id();
};

TEST_F(DestinationCommands, SendDestinationOfAnUnknownOrIpcPublicationIsRefused) {
    const std::int64_t publication = add_publication(client);
    static_cast<void>(events());

    for (const std::int64_t target : {publication, std::int64_t{4242}}) {
        EXPECT_THAT(execute(command::AddDestinationCommand{.client_id = client,
                                                           .correlation_id = 25,
                                                           .registration_id = target,
                                                           .channel = "aeron:udp?endpoint=localhost:24325"}),
                    ElementsAre("ERROR(25, 3)"));
        EXPECT_THAT(execute(command::RemoveDestinationCommand{.client_id = client,
                                                              .correlation_id = 26,
                                                              .registration_id = target,
                                                              .channel = "aeron:udp?endpoint=localhost:24325"}),
                    ElementsAre("ERROR(26, 3)"));
        EXPECT_THAT(execute(command::RemoveDestinationByIdCommand{.client_id = client,
                                                                  .correlation_id = 30,
                                                                  .registration_id = target,
                                                                  .destination_registration_id = 25}),
                    ElementsAre("ERROR(30, 3)"));
    }
}

TEST_F(DestinationCommands, ReceiveDestinationOfAnUnknownOrIpcSubscriptionIsRefused) {
    const std::int64_t subscription = add_subscription(client);
    static_cast<void>(events());

    for (const std::int64_t target : {subscription, std::int64_t{4242}}) {
        for (const std::string channel :
             {"aeron:ipc", "aeron:udp?endpoint=localhost:24325", "aeron-spy:aeron:udp?endpoint=localhost:24325"}) {
            EXPECT_THAT(execute(command::AddReceiveDestinationCommand{
                            .client_id = client, .correlation_id = 25, .registration_id = target, .channel = channel}),
                        ElementsAre("ERROR(25, 2)"))
                << channel;
            EXPECT_THAT(execute(command::RemoveReceiveDestinationCommand{
                            .client_id = client, .correlation_id = 26, .registration_id = target, .channel = channel}),
                        ElementsAre("ERROR(26, 2)"))
                << channel;
        }
    }
}

TEST_F(DestinationCommands, ReceiveDestinationIsCheckedBeforeItsSubscription) {
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

TEST_F(DestinationCommands, NoneMakesARecordOfItsClient) {
    execute(command::AddDestinationCommand{.client_id = client, .correlation_id = 25, .channel = "aeron:ipc"});
    execute(command::AddReceiveDestinationCommand{.client_id = client, .correlation_id = 26, .channel = "aeron:ipc"});

    EXPECT_EQ(allocated_counters(), system_counter_count);
}

}  // namespace
}  // namespace cpperon::driver
