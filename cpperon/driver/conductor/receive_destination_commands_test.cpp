#include <cstdint>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/conductor/conductor_fixture.hpp"

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;

class ReceiveDestinationCommands : public ConductorTest {
protected:
    const std::int64_t client = next_id();
};

TEST_F(ReceiveDestinationCommands, ReceiveDestinationOfAnUnknownOrIpcSubscriptionIsRefused) {
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

}  // namespace
}  // namespace cpperon::driver
