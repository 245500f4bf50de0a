#include <cstdint>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/conductor/conductor_fixture.hpp"

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;

class SendDestinationCommands : public ConductorTest {
protected:
    const std::int64_t client = next_id();
};

TEST_F(SendDestinationCommands, SendDestinationOfAnUnknownOrIpcPublicationIsRefused) {
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

TEST_F(SendDestinationCommands, NoneMakesARecordOfItsClient) {
    execute(command::AddDestinationCommand{.client_id = client, .correlation_id = 25, .channel = "aeron:ipc"});

    EXPECT_EQ(allocated_counters(), system_counter_count);
}

}  // namespace
}  // namespace cpperon::driver
