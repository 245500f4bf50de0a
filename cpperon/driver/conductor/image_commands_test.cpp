#include <cstdint>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/conductor/conductor_fixture.hpp"

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ImageCommands : public ConductorTest {
protected:
    std::vector<std::string> reject(const std::int64_t image, const std::string_view reason = "test") {
        return execute(command::RejectImageCommand{
            .client_id = client, .correlation_id = 21, .image_correlation_id = image, .reason = reason});
    }

    const std::int64_t client = next_id();
};

// spec: 02-C28, 04-C96, 06-C49
TEST_F(ImageCommands, RejectTakesTheImageFromAllSubscribersUntilTheLivenessTimeoutIsOver) {
    const std::int64_t publication = add_publication(client);
    TestPublisher publisher = publisher_of(hear<command::PublicationReadyEvent>());
    const std::int64_t first = add_subscription(client);
    const std::int64_t second = add_subscription(next_id());
    static_cast<void>(events());

    EXPECT_THAT(reject(publication),
                ElementsAre(fmt::format("PUBLICATION_ERROR({}, 13)", publication),
                            fmt::format("UNAVAILABLE_IMAGE({}, {})", publication, first),
                            fmt::format("UNAVAILABLE_IMAGE({}, {})", publication, second), "OPERATION_SUCCESS(21)"));
    EXPECT_EQ(publisher.metadata().is_connected, 0);
    EXPECT_EQ(system_counter(SystemCounter::images_rejected), 1);
    EXPECT_EQ(system_counter(SystemCounter::errors), 1);
    EXPECT_THAT(logged_errors(), ElementsAre(testing::HasSubstr("was rejected by a subscriber")));

    pass(9s);
    EXPECT_THAT(events(), IsEmpty());
    EXPECT_EQ(publisher.metadata().is_connected, 0);
    pass(2s);
    EXPECT_THAT(events(), ElementsAre(fmt::format("AVAILABLE_IMAGE({}, {})", publication, first),
                                      fmt::format("AVAILABLE_IMAGE({}, {})", publication, second)));
    EXPECT_EQ(publisher.metadata().is_connected, 1);
}

TEST_F(ImageCommands, PublicationErrorSaysWhoAndWhy) {
    const std::int64_t publication = add_publication(client, "aeron:ipc?session-id=77");
    reject(publication, "test");

    const auto error = last<command::PublicationErrorEvent>();
    EXPECT_EQ(error.registration_id, publication);
    EXPECT_EQ(error.destination_registration_id, -1);
    EXPECT_EQ(error.session_id, 77);
    EXPECT_EQ(error.stream_id, test_stream);
    EXPECT_EQ(error.receiver_id, -1);
    EXPECT_EQ(error.group_tag, -1);
    EXPECT_EQ(error.address_type, command::AddressType::ipv4);
    EXPECT_EQ(error.source_port, 0);
    EXPECT_EQ(error.source_address[0], std::byte{0x7f});
    EXPECT_EQ(error.source_address[3], std::byte{0x01});
    EXPECT_EQ(error.message, "test");
}

TEST_F(ImageCommands, SubscriptionsAddedMeanwhileWaitToo) {
    const std::int64_t publication = add_publication(client);
    reject(publication);

    const std::int64_t subscription = add_subscription(client);
    EXPECT_THAT(events(), ElementsAre(fmt::format("SUBSCRIPTION_READY({}, -1)", subscription)));
    pass(11s);

    EXPECT_THAT(events(), ElementsAre(fmt::format("AVAILABLE_IMAGE({}, {})", publication, subscription)));
}

TEST_F(ImageCommands, EachFurtherRejectStartsTheCoolDownAnew) {
    const std::int64_t publication = add_publication(client);
    const std::int64_t subscription = add_subscription(client);
    reject(publication);
    pass(8s);
    EXPECT_THAT(reject(publication),
                ElementsAre(fmt::format("PUBLICATION_ERROR({}, 13)", publication), "OPERATION_SUCCESS(21)"));

    pass(9s);
    EXPECT_THAT(events(), IsEmpty());
    pass(2s);
    EXPECT_THAT(events(), ElementsAre(fmt::format("AVAILABLE_IMAGE({}, {})", publication, subscription)));
}

// spec: 02-C28
TEST_F(ImageCommands, RejectOfAnUnknownImageOrWithALongReasonIsRefused) {
    const std::int64_t publication = add_publication(client);
    const std::int64_t subscription = add_subscription(client);
    static_cast<void>(events());

    EXPECT_THAT(reject(4242), ElementsAre("ERROR(21, 11)"));
    EXPECT_THAT(reject(subscription), ElementsAre("ERROR(21, 11)"));
    EXPECT_THAT(reject(publication, std::string(1'024, 'x')), ElementsAre("ERROR(21, 11)"));
    EXPECT_EQ(system_counter(SystemCounter::images_rejected), 0);
    EXPECT_THAT(reject(publication, std::string(1'023, 'x')).back(), "OPERATION_SUCCESS(21)");
}

// spec: 02-C5
TEST_F(ImageCommands, CommandEndsWithItsReasonHoweverShort) {
    const std::int64_t publication = add_publication(client);
    static_cast<void>(events());
    const command::RejectImageCommand command{
        .client_id = client, .correlation_id = 21, .image_correlation_id = publication, .reason = "x"};
    std::vector<std::byte> payload(command::encoded_length(command));
    command::encode(command, payload);

    write(0x10, std::span{payload}.first(37));
    settle();

    EXPECT_THAT(events(), ElementsAre(fmt::format("PUBLICATION_ERROR({}, 13)", publication), "OPERATION_SUCCESS(21)"));
}

// spec: 02-C6
TEST_F(ImageCommands, CommandWithoutClientAndCorrelationIdIsExecuted) {
    const std::int64_t publication = add_publication(client);
    static_cast<void>(events());

    EXPECT_THAT(execute(command::RejectImageCommand{.image_correlation_id = publication, .reason = "test"}),
                ElementsAre(fmt::format("PUBLICATION_ERROR({}, 13)", publication), "OPERATION_SUCCESS(0)"));
}

TEST_F(ImageCommands, EndOfTheCoolDownWaitsUntilACounterIsFree) {
    const std::int64_t publication = add_publication(client);
    const std::int64_t subscription = add_subscription(client);
    reject(publication);
    clock.advance(2s);
    while (allocated_counters() < static_cast<int>(max_counters)) {
        add_counter(client);
    }
    const std::int64_t last_counter = hear<command::CounterReadyEvent>().registration_id;

    pass(11s);
    EXPECT_THAT(events(), IsEmpty());
    EXPECT_GE(system_counter(SystemCounter::errors), 1);
    execute(command::RemoveCounterCommand{.client_id = client, .correlation_id = 30, .registration_id = last_counter});
    pass(2s);

    EXPECT_THAT(events(), ElementsAre(fmt::format("AVAILABLE_IMAGE({}, {})", publication, subscription)));
}

}  // namespace
}  // namespace cpperon::driver
