#include "cpperon/driver/conductor/response_channels.hpp"

#include <cstdint>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/conductor/receiving_fixture.hpp"

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ResponseChannels : public ReceivingTest {
protected:
    static constexpr std::string_view response_channel =
        "aeron:udp?control-mode=response|control=localhost:24326|endpoint=localhost:24327";

    /// A client that asks, and its request is on its way: the peer offers its response.
    void ask() {
        subscription = add_subscription(client, response_channel);
        receiver_hears();
        add_publication(client,
                        fmt::format("aeron:udp?endpoint=localhost:24328|response-correlation-id={}", subscription));
        settle();
        static_cast<void>(events());
    }
    void peer_offers(const std::int32_t session_id) {
        sender_says(sender_event::ResponseSetup{.response_correlation_id = subscription,
                                                .response_session_id = SessionId{session_id}});
    }

    std::int64_t subscription = 0;
};

// spec: 05-C38, 04-C82
TEST_F(ResponseChannels, SubscriptionForResponsesTakesTheSessionThatThePeerOffers) {
    ask();

    peer_offers(99);

    EXPECT_THAT(receiver_hears(), ElementsAre("AddInterest(1001, 99)"));
    announce({.session_id = 99});
    EXPECT_THAT(events(), ElementsAre(fmt::format("AVAILABLE_IMAGE({}, {})", last_image_id(), subscription)));
}

// spec: 05-C38
TEST_F(ResponseChannels, SubscriptionForResponsesGetsNoImageBeforeItHasASession) {
    add_subscription(client, std::string{response_channel}, 1002);
    ask();

    announce({.session_id = 99});

    EXPECT_THAT(events(), IsEmpty());
    EXPECT_THAT(receiver_hears(), ElementsAre("ClearInitInProgress(1001, 99)"));
}

TEST_F(ResponseChannels, OfferThatIsRepeatedAsksForTheSetupAgain) {
    ask();
    peer_offers(99);
    receiver_hears();

    peer_offers(99);
    peer_offers(100);

    EXPECT_THAT(receiver_hears(), ElementsAre("RequestSetup(1001, 99)", "RequestSetup(1001, 99)"));
}

TEST_F(ResponseChannels, OfferForNobodyIsIgnored) {
    ask();
    remove_subscription(client, subscription);
    receiver_hears();

    peer_offers(99);

    EXPECT_THAT(receiver_hears(), IsEmpty());
    EXPECT_THAT(logged_errors(), IsEmpty());
}

TEST_F(ResponseChannels, EndpointClosesWithTheSubscriptionWhateverItWaitsFor) {
    ask();
    peer_offers(99);
    receiver_hears();

    remove_subscription(client, subscription);

    EXPECT_THAT(receiver_hears(), ElementsAre("RemoveInterest(1001, 99)", "RemoveEndpoint"));
}

// spec: 04-C84
TEST_F(ResponseChannels, TwoSubscriptionsForResponsesOnOneAddressTakeDifferentSessions) {
    ask();
    const std::int64_t first = subscription;
    ask();
    const std::int64_t second = subscription;
    peer_offers(2);
    subscription = first;
    peer_offers(1);
    EXPECT_THAT(receiver_hears(), ElementsAre("AddInterest(1001, 2)", "AddInterest(1001, 1)"));

    announce({.session_id = 1});
    EXPECT_THAT(events(), ElementsAre(fmt::format("AVAILABLE_IMAGE({}, {})", last_image_id(), first)));
    announce({.session_id = 2});
    EXPECT_THAT(events(), ElementsAre(fmt::format("AVAILABLE_IMAGE({}, {})", last_image_id(), second)));
}

// spec: 04-C82, 04-C83
TEST_F(ResponseChannels, ImageAnnouncesTheResponseUntilThePeerIsConnected) {
    add_subscription(client, channel);
    const std::int64_t id = create_image({.flags = wire::setup_flag::send_response});
    EXPECT_EQ(image->signals().response_session_id, ImageSignals::no_response_session);

    add_publication(client, fmt::format("aeron:udp?control-mode=response|control=localhost:24329|session-id=42|"
                                        "response-correlation-id={}",
                                        id));
    settle();

    EXPECT_THAT(events(), ElementsAre(HasSubstr("PUBLICATION_READY")));
    EXPECT_EQ(image->signals().response_session_id, 42);
    EXPECT_TRUE(image->signals().is_status_due);
    sender_says(sender_event::ResponseConnected{.response_correlation_id = id});
    EXPECT_EQ(image->signals().response_session_id, ImageSignals::no_response_session);
}

// spec: 04-C85
TEST_F(ResponseChannels, ResponseToAnImageThatDidNotAskOrIsNotThereIsRefused) {
    add_subscription(client, channel);
    const std::int64_t id = create_image();
    const std::string response = "aeron:udp?control-mode=response|control=localhost:24329|response-correlation-id=";

    add_publication(client, response + std::to_string(id));
    settle();
    EXPECT_THAT(events(), ElementsAre(HasSubstr(", 11)")));
    EXPECT_THAT(std::string{last<command::ErrorEvent>().message}, HasSubstr("did not request a response channel"));

    add_publication(client, response + "4242");
    settle();
    EXPECT_THAT(events(), ElementsAre(HasSubstr(", 11)")));
    EXPECT_THAT(std::string{last<command::ErrorEvent>().message}, HasSubstr("image.correlationId=4242 not found"));
}

}  // namespace
}  // namespace cpperon::driver
