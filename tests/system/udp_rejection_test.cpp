/// Images that their subscribers reject: the publisher hears who it was and why, the image ends, and the streams of
/// others go on. spec: 04 §6.12, §9.10, 06 §11.6
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/system/udp_host.hpp"

namespace cpperon::system_test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int32_t stream_id = 1'001;

/// `$0`, `$1` ... are ports.
struct RejectedChannel {
    std::string name;
    std::string publication;
    std::string subscription;
    std::string source;  ///< of what the receiver says

    friend void PrintTo(const RejectedChannel& channel, std::ostream* const out) { *out << channel.name; }
};

class UdpRejectionOn : public UdpFixture, public testing::WithParamInterface<RejectedChannel> {};

// Heard each time that the receiver says so, but told once. spec: 04-C78, 07-C53
TEST_P(UdpRejectionOn, IsToldToThePublisherOnceWithItsSourceAndReason) {
    if (GetParam().source.starts_with('[') && !has_ipv6()) {
        GTEST_SKIP() << "this host has no IPv6";
    }
    Host& publisher = add_host();
    Host& subscriber = add_host();
    const Subscription subscription =
        subscriber.aeron.add_subscription(ports.in(GetParam().subscription) + "|rejoin=false", stream_id);
    const Publication publication = publisher.aeron.add_publication(ports.in(GetParam().publication), stream_id);
    wait_for_connection(publication, {subscription});
    const Image image = *subscription.image_at(0);

    image.reject("not wanted");

    wait_until([&] { return !publisher.publication_errors().empty(); }, "the publisher to be told");
    wait_until([&] { return !publication.is_connected(); }, "the publication to be disconnected");
    wait_until([&] { return publisher.value(SystemCounter::error_frames_received) > 3; }, "the receiver to insist");
    wait_until([&] { return image.is_closed(); }, "the image to end");
    const std::vector<PublicationError> told = publisher.publication_errors();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].registration_id, publication.registration_id());
    EXPECT_EQ(told[0].original_registration_id, publication.original_registration_id());
    EXPECT_EQ(told[0].destination_registration_id, null_registration_id);
    EXPECT_EQ(told[0].session_id, publication.session_id());
    EXPECT_EQ(told[0].stream_id, stream_id);
    EXPECT_EQ(told[0].group_tag, -1);
    EXPECT_EQ(told[0].source_address, ports.in(GetParam().source));
    EXPECT_EQ(told[0].code, ErrorCode::image_rejected);
    EXPECT_EQ(told[0].message, "not wanted");
    EXPECT_THAT(subscriber.publication_errors(), IsEmpty());
    EXPECT_EQ(subscriber.value(SystemCounter::images_rejected), 1);
    EXPECT_GT(subscriber.value(SystemCounter::error_frames_sent), 3);
    EXPECT_THAT(publisher.errors(), Contains(HasSubstr("not wanted")));
    EXPECT_EQ(publication.offer("x").status(), OfferStatus::not_connected);

    // Heartbeats go on, and nobody listens.
    const std::int64_t heartbeats = publisher.value(SystemCounter::heartbeats_sent);
    wait_until([&] { return publisher.value(SystemCounter::heartbeats_sent) > heartbeats + 3; }, "heartbeats");
    EXPECT_EQ(subscription.image_count(), 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Channels, UdpRejectionOn,
    testing::Values(RejectedChannel{.name = "Unicast",
                                    .publication = "aeron:udp?endpoint=127.0.0.1:$0",
                                    .subscription = "aeron:udp?endpoint=127.0.0.1:$0",
                                    .source = "127.0.0.1:$0"},
                    RejectedChannel{.name = "UnicastIpv6",
                                    .publication = "aeron:udp?endpoint=[::1]:$0",
                                    .subscription = "aeron:udp?endpoint=[::1]:$0",
                                    .source = "[::1]:$0"},
                    RejectedChannel{.name = "Multicast",
                                    .publication = "aeron:udp?endpoint=224.20.30.61:$0|interface=localhost",
                                    .subscription = "aeron:udp?endpoint=224.20.30.61:$0|interface=localhost",
                                    .source = "127.0.0.1:$0"},
                    RejectedChannel{.name = "DynamicDestinations",
                                    .publication = "aeron:udp?control=127.0.0.1:$0|control-mode=dynamic|fc=min",
                                    .subscription = "aeron:udp?endpoint=127.0.0.1:$1|control=127.0.0.1:$0",
                                    .source = "127.0.0.1:$1"}),
    [](const auto& instance) { return instance.param.name; });

class UdpRejection : public UdpFixture {
protected:
    const std::string channel = ports.in("aeron:udp?endpoint=127.0.0.1:$0");
};

TEST_F(UdpRejection, StreamComesBackAsANewImageToWhoeverMayRejoin) {
    Host& host = add_host();
    const Subscription subscription = host.aeron.add_subscription(channel, stream_id);
    const Publication publication = host.aeron.add_publication(channel, stream_id);
    wait_for_connection(publication, {subscription});
    send(publication, "before");
    EXPECT_EQ(receive(subscription), "before");
    const Image rejected = *subscription.image_at(0);

    rejected.reject("start again");

    wait_until([&] { return rejected.is_closed(); }, "the rejected image to end");
    wait_for_connection(publication, {subscription});
    send(publication, "after");
    EXPECT_EQ(receive(subscription), "after");
    EXPECT_NE(subscription.image_at(0)->correlation_id(), rejected.correlation_id());
    EXPECT_EQ(subscription.image_at(0)->join_position(), 64);
}

TEST_F(UdpRejection, NamesTheDestinationAndTheGroupOfTheReceiverAndLeavesTheOthersAlone) {
    const std::string other_channel = ports.in("aeron:udp?endpoint=127.0.0.1:$1");
    Host& publisher = add_host();
    const Subscription content = add_host().aeron.add_subscription(channel, stream_id);
    const Subscription rejecting = add_host().aeron.add_subscription(other_channel + "|gtag=9|rejoin=false", stream_id);
    const Publication publication = publisher.aeron.add_publication("aeron:udp?control-mode=manual|fc=min", stream_id);
    publication.add_destination(channel);
    const RegistrationId destination = publication.add_destination(other_channel);
    wait_for_connection(publication, {content, rejecting});
    // A destination is known by its receiver from the first status message on.
    send(publication, "to both");
    EXPECT_EQ(receive(content), "to both");
    EXPECT_EQ(receive(rejecting), "to both");

    rejecting.image_at(0)->reject("too much");

    wait_until([&] { return !publisher.publication_errors().empty(); }, "the publisher to be told");
    const PublicationError told = publisher.publication_errors().front();
    EXPECT_EQ(told.destination_registration_id, destination);
    EXPECT_EQ(told.group_tag, 9);
    EXPECT_EQ(told.source_address, ports.in("127.0.0.1:$1"));
    EXPECT_EQ(told.message, "too much");
    wait_until([&] { return rejecting.image_count() == 0; }, "the rejected image to end");
    EXPECT_TRUE(publication.is_connected());
    send(publication, "to one");
    EXPECT_EQ(receive(content), "to one");
}

// spec: 04-C78
TEST_F(UdpRejection, EachReceiverOfAGroupIsToldOfByItself) {
    const std::string group = ports.in("aeron:udp?endpoint=224.20.30.63:$0|interface=localhost");
    Host& publisher = add_host();
    std::vector<Subscription> subscriptions;
    for (int i = 0; i < 2; ++i) {
        subscriptions.push_back(add_host().aeron.add_subscription(group + "|rejoin=false", stream_id));
    }
    const Publication publication = publisher.aeron.add_publication(group, stream_id);
    wait_for_connection(publication, subscriptions);

    subscriptions[0].image_at(0)->reject("by the first");
    wait_until([&] { return publisher.publication_errors().size() == 1; }, "the first rejection");
    EXPECT_TRUE(publication.is_connected());
    send(publication, "to the second");
    EXPECT_EQ(receive(subscriptions[1]), "to the second");
    subscriptions[1].image_at(0)->reject("by the second");
    wait_until([&] { return publisher.publication_errors().size() == 2; }, "the second rejection");
    wait_until([&] { return !publication.is_connected(); }, "the publication to be disconnected");

    const std::vector<PublicationError> told = publisher.publication_errors();
    EXPECT_NE(told[0].receiver_id, told[1].receiver_id);
    EXPECT_EQ(told[0].message, "by the first");
    EXPECT_EQ(told[1].message, "by the second");
}

// spec: 04-C79
TEST_F(UdpRejection, ReasonMayBe1023BytesLong) {
    Host& host = add_host();
    const Subscription subscription = host.aeron.add_subscription(channel, stream_id);
    const Publication publication = host.aeron.add_publication(channel, stream_id);
    wait_for_connection(publication, {subscription});
    const Image image = *subscription.image_at(0);

    EXPECT_FALSE(image.async_reject(std::string(1'024, 'r')).try_wait());
    image.reject(std::string(1'023, 'r'));

    wait_until([&] { return !host.publication_errors().empty(); }, "the publisher to be told");
    EXPECT_EQ(host.publication_errors().front().message, std::string(1'023, 'r'));
    EXPECT_EQ(host.value(SystemCounter::images_rejected), 1);
}

}  // namespace
}  // namespace cpperon::system_test
