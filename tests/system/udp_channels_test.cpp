/// What the parameters of UDP channels do to streams, end to end: ports, tags, spies, destinations, groups, response
/// channels, time-stamps.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/system/udp_host.hpp"

namespace cpperon::system_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::EndsWith;
using testing::StartsWith;

class UdpChannels : public UdpFixture {
protected:
    static constexpr std::int32_t stream_id = 1'001;

    static std::string port_of(const std::string& address) { return address.substr(address.rfind(':') + 1); }
    /// A message on the publication arrives at the subscription.
    template <typename AnyPublication>
    void expect_flow(const AnyPublication& publication, const Subscription& subscription, const std::string& message) {
        wait_for_connection(publication, {subscription});
        send(publication, message);
        EXPECT_EQ(receive(subscription), message);
    }
    static std::int64_t now_ns() {
        return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    }

    Host& host = add_host();
    Aeron& aeron = host.aeron;
    const std::string channel = ports.in("aeron:udp?endpoint=127.0.0.1:$0");
};

// spec: 04-C92, 05-C9
TEST_F(UdpChannels, SubscriptionToAnyPortTellsWhichItGot) {
    const Subscription subscription = aeron.add_subscription("aeron:udp?endpoint=localhost:0", stream_id);

    ASSERT_EQ(subscription.channel_status(), ChannelStatus::active);
    const std::vector<std::string> addresses = subscription.local_socket_addresses();
    ASSERT_EQ(addresses.size(), 1U);
    EXPECT_THAT(addresses.front(), StartsWith("127.0.0.1:"));
    EXPECT_NE(port_of(addresses.front()), "0");
    EXPECT_EQ(subscription.resolved_endpoint(), addresses.front());
    const auto resolved = subscription.try_resolve_channel_endpoint_port();
    ASSERT_EQ(resolved, "aeron:udp?endpoint=localhost:" + port_of(addresses.front()));
    EXPECT_THAT(aeron.counters_reader().label(static_cast<std::int32_t>(subscription.channel_status_id())),
                EndsWith(" " + addresses.front()));
    expect_flow(aeron.add_publication(*resolved, stream_id), subscription, "to a port the system chose");
}

TEST_F(UdpChannels, PublicationToDynamicDestinationsOnAnyPortTellsWhichItGot) {
    const Publication publication =
        aeron.add_publication("aeron:udp?control=127.0.0.1:0|control-mode=dynamic", stream_id);
    const std::vector<std::string> addresses = publication.local_socket_addresses();
    ASSERT_EQ(addresses.size(), 1U);

    const Subscription subscription = aeron.add_subscription(
        "aeron:udp?endpoint=127.0.0.1:0|control-mode=dynamic|control=" + addresses.front(), stream_id);

    expect_flow(publication, subscription, "to whoever asked");
}

// spec: 06-C52
TEST_F(UdpChannels, PortsComeFromTheRangeOfTheSettingsUntilItIsExhausted) {
    // Two leases are two ports in a row unless another test is in the way.
    const std::uint16_t low = std::min(ports.at(5), ports.at(6));
    const std::uint16_t high = std::max(ports.at(5), ports.at(6));
    if (high != low + 1) {
        GTEST_SKIP() << "another test has the port in between";
    }
    DriverContext settings = quick_driver();
    settings.receiver_wildcard_port_range = {.low = low, .high = high};
    Host& ranged = add_host(settings);
    const auto add = [&] { return ranged.aeron.add_subscription("aeron:udp?endpoint=127.0.0.1:0", stream_id); };

    const Subscription first = add();
    Subscription second = add();
    std::vector<std::string> found{*first.resolved_endpoint(), *second.resolved_endpoint()};
    std::sort(found.begin(), found.end());
    EXPECT_THAT(found, ElementsAre("127.0.0.1:" + std::to_string(low), "127.0.0.1:" + std::to_string(high)));
    try {
        static_cast<void>(add());
        FAIL() << "a third port was found";
    } catch (const RegistrationError& error) {
        EXPECT_EQ(error.code(), ErrorCode::generic_error);
        EXPECT_THAT(error.what(), testing::HasSubstr("no available ports in range"));
    }

    second.close();
    wait_until([&] { return ranged.counters(counter_type::receive_channel).size() == 1; }, "the port to be free");
    EXPECT_NO_THROW(static_cast<void>(add()));
}

// spec: 05-C17
TEST_F(UdpChannels, TagAloneStandsForTheChannelThatCarriesIt) {
    const Subscription subscription = aeron.add_subscription("aeron:udp?endpoint=127.0.0.1:0|tags=500", stream_id);
    const Subscription other_stream = aeron.add_subscription("aeron:udp?tags=500", stream_id + 1);
    EXPECT_EQ(other_stream.channel_status_id(), subscription.channel_status_id());

    const std::string resolved = "aeron:udp?endpoint=" + *subscription.resolved_endpoint();
    const Publication publication = aeron.add_publication(resolved + "|tags=7", stream_id);
    const Publication tagged = aeron.add_publication("aeron:udp?tags=7", stream_id + 1);
    EXPECT_EQ(tagged.channel_status_id(), publication.channel_status_id());

    expect_flow(publication, subscription, "one stream");
    expect_flow(tagged, other_stream, "another stream");
}

// spec: 05-C14, 05-C15
TEST_F(UdpChannels, EndpointIsSharedByChannelsOfTheSameSpelling) {
    const Subscription first = aeron.add_subscription(channel, stream_id);
    const Subscription second = aeron.add_subscription(channel + "|alias=x|session-id=4", stream_id);
    EXPECT_EQ(first.channel_status_id(), second.channel_status_id());
    EXPECT_EQ(host.counters(counter_type::receive_channel).size(), 1U);

    const Publication by_address = aeron.add_publication(channel, stream_id);
    const Publication by_name = aeron.add_publication(ports.in("aeron:udp?endpoint=localhost:$0"), stream_id);
    EXPECT_NE(by_address.channel_status_id(), by_name.channel_status_id());
    EXPECT_EQ(host.counters(counter_type::send_channel).size(), 2U);
    wait_until([&] { return first.image_count() == 2; }, "both images");
    EXPECT_EQ(second.image_count(), 0U);
}

// spec: 05-C23
TEST_F(UdpChannels, PublicationMayTakeSessionAndLengthsOfATaggedOne) {
    const Publication original =
        aeron.add_publication(channel + "|tags=1,22|session-id=4711|mtu=2k|term-length=128k", stream_id);

    const ExclusivePublication same =
        aeron.add_exclusive_publication(ports.in("aeron:udp?endpoint=127.0.0.1:$1|session-id=tag:22"), stream_id);

    EXPECT_EQ(same.session_id(), original.session_id());
    EXPECT_EQ(same.max_payload_length(), 2'048 - 32);
    EXPECT_EQ(same.term_buffer_length(), 131'072);
}

// spec: 07-C75
TEST_F(UdpChannels, PublicationStartsAtTheInitialPositionOfItsBuilder) {
    const std::string at_position = ChannelUriBuilder::from(channel).initial_position(131'168, 7, 65'536).build();
    const ChannelUri uri = ChannelUri::parse(at_position);
    EXPECT_EQ(uri.get("init-term-id"), "7");
    EXPECT_EQ(uri.get("term-id"), "9");
    EXPECT_EQ(uri.get("term-offset"), "96");

    const ExclusivePublication publication = aeron.add_exclusive_publication(at_position, stream_id);

    EXPECT_EQ(publication.position().position(), 131'168);
    EXPECT_EQ(publication.initial_term_id(), 7);
    EXPECT_EQ(publication.term_id(), 9);
    EXPECT_EQ(publication.term_offset(), 96);
}

// spec: 05-C24
TEST_F(UdpChannels, ExclusivePublicationGoesOnWhereTheChannelSays) {
    const Subscription subscription = aeron.add_subscription(channel, stream_id);
    const ExclusivePublication publication =
        aeron.add_exclusive_publication(channel + "|init-term-id=5|term-id=7|term-offset=64", stream_id);

    expect_flow(publication, subscription, "far into the stream");

    EXPECT_EQ(subscription.image_at(0)->join_position(), 131'136);
    EXPECT_EQ(subscription.image_at(0)->initial_term_id(), 5);
}

// spec: 04-C40, 06-C38, 03-C43
TEST_F(UdpChannels, SpyAloneConnectsAPublicationIfItIsToldSo) {
    const Publication plain = aeron.add_publication(channel, stream_id);
    const Publication simulated = aeron.add_publication(channel + "|ssc=true", stream_id + 1);
    const Subscription spy_of_plain = aeron.add_subscription("aeron-spy:" + channel, stream_id);
    const Subscription spy = aeron.add_subscription("aeron-spy:" + channel, stream_id + 1);
    EXPECT_EQ(spy.channel_status_id(), CounterId{-1});

    expect_flow(simulated, spy, "seen by the spy");
    EXPECT_EQ(spy.image_at(0)->source_identity(), "aeron:ipc");
    wait_until([&] { return spy_of_plain.image_count() == 1; }, "the image of the other spy");
    EXPECT_FALSE(plain.is_connected());
    EXPECT_EQ(plain.offer("x").status(), OfferStatus::not_connected);

    // 32 bytes a message, up to half a term ahead of the spy, which sees none of them for now.
    std::int64_t limit = 0;
    wait_until(
        [&] {
            limit = simulated.position_limit().position();
            return limit == 64 + 32'768;
        },
        "the limit to follow the spy");
    wait_until([&] { return simulated.offer("").status() == OfferStatus::back_pressured; }, "the window to be full");
    EXPECT_EQ(simulated.position_limit().position(), limit);
    wait_until(
        [&] {
            spy.poll([](std::span<const std::byte>, const Header&) {}, 10);
            return simulated.position_limit().position() > limit;
        },
        "the spy to make room");
}

// spec: 04-C39
TEST_F(UdpChannels, SlowSpyHoldsThePublisherButNotTheSender) {
    const Subscription subscription = aeron.add_subscription(channel, stream_id);
    const Publication publication = aeron.add_publication(channel, stream_id);
    const Subscription spy = aeron.add_subscription("aeron-spy:" + channel, stream_id);
    wait_for_connection(publication, {subscription, spy});

    wait_until(
        [&] {
            subscription.poll([](std::span<const std::byte>, const Header&) {}, 100);
            static_cast<void>(publication.offer("0123456789"));
            return host.value_of_only(counter_type::sender_position) >= 32'768;
        },
        "the sender to send half a term");

    EXPECT_EQ(publication.position_limit().position(), 32'768);
    EXPECT_EQ(publication.offer("x").status(), OfferStatus::back_pressured);
}

// spec: 06-C39
TEST_F(UdpChannels, SpyFindsAPublicationByItsTag) {
    const Publication publication = aeron.add_publication(channel + "|tags=5|ssc=true", stream_id);

    const Subscription spy = aeron.add_subscription("aeron-spy:aeron:udp?tags=5|session-id=99", stream_id);

    expect_flow(publication, spy, "for the tag");
}

// spec: 04-C50, 04-C51, 06-C51
TEST_F(UdpChannels, DynamicDestinationsComeAndGoWithTheirReceivers) {
    const std::string control = ports.in("control=127.0.0.1:$1");
    const Publication publication = aeron.add_publication("aeron:udp?control-mode=dynamic|" + control, stream_id);
    const auto destinations = [&] { return host.value_of_only(counter_type::destinations); };
    EXPECT_EQ(destinations(), 0);
    EXPECT_FALSE(publication.is_connected());

    Subscription elsewhere = aeron.add_subscription("aeron:udp?endpoint=127.0.0.1:0|" + control, stream_id + 1);
    wait_until([&] { return destinations() == 1; }, "the destination of a receiver of another stream");
    EXPECT_FALSE(publication.is_connected());
    const Subscription subscription = aeron.add_subscription("aeron:udp?endpoint=127.0.0.1:0|" + control, stream_id);
    wait_until([&] { return destinations() == 2; }, "the destination of a receiver");
    expect_flow(publication, subscription, "to both");

    elsewhere.close();
    wait_until([&] { return destinations() == 1; }, "the silent receiver to be dropped after 5 s");
    expect_flow(publication, subscription, "to one");
}

// spec: 02-C24, 04-C52, 07-C54
TEST_F(UdpChannels, ManualDestinationsAreRemovedByIdAndByAddress) {
    const Subscription first = aeron.add_subscription("aeron:udp?endpoint=127.0.0.1:0", stream_id);
    const Subscription second = aeron.add_subscription("aeron:udp?endpoint=127.0.0.1:0", stream_id);
    const Publication publication = aeron.add_publication("aeron:udp?control-mode=manual", stream_id);
    const auto destinations = [&] { return host.value_of_only(counter_type::destinations); };
    EXPECT_EQ(destinations(), 0);

    const RegistrationId id = publication.add_destination("aeron:udp?endpoint=" + *first.resolved_endpoint());
    publication.add_destination("aeron:udp?endpoint=" + *second.resolved_endpoint());
    wait_until([&] { return destinations() == 2; }, "two destinations");
    wait_for_connection(publication, {first, second});
    send(publication, "both");
    EXPECT_EQ(receive(first), "both");
    EXPECT_EQ(receive(second), "both");

    publication.remove_destination(id);
    wait_until([&] { return destinations() == 1; }, "one destination");
    wait_until([&] { return first.image_count() == 0; }, "the image of the removed destination to end");
    expect_flow(publication, second, "one");

    publication.remove_destination("aeron:udp?endpoint=" + *second.resolved_endpoint());
    wait_until([&] { return destinations() == 0; }, "no destination");
    wait_until([&] { return second.image_count() == 0; }, "the image of the removed destination to end");
}

// spec: 04-C47, 04-C48
TEST_F(UdpChannels, PublicationWaitsForTheGroupToBeComplete) {
    const std::string control = ports.in("control=127.0.0.1:$1");
    const Publication publication =
        aeron.add_publication("aeron:udp?control-mode=dynamic|fc=min,g:/2|" + control, stream_id);
    const auto group_size = [&] { return host.value_of_only(counter_type::flow_control_receivers); };

    const Subscription first = aeron.add_subscription("aeron:udp?endpoint=127.0.0.1:0|" + control, stream_id);
    wait_until([&] { return group_size() == 1; }, "the first receiver");
    EXPECT_FALSE(publication.is_connected());

    Subscription second = aeron.add_subscription("aeron:udp?endpoint=127.0.0.1:0|" + control, stream_id);
    wait_for_connection(publication, {first, second});
    EXPECT_EQ(group_size(), 2);

    second.close();
    wait_until([&] { return group_size() == 1; }, "the second receiver to leave");
    wait_until([&] { return !publication.is_connected(); }, "the publication to be disconnected");
}

// spec: 04-C46
TEST_F(UdpChannels, ReceiversWithoutTheTagOfTheGroupDoNotCount) {
    const std::string control = ports.in("control=127.0.0.1:$1");
    const Publication publication =
        aeron.add_publication("aeron:udp?control-mode=dynamic|fc=tagged,g:7/1|" + control, stream_id);
    const auto group_size = [&] { return host.value_of_only(counter_type::flow_control_receivers); };

    const Subscription untagged = aeron.add_subscription("aeron:udp?endpoint=127.0.0.1:0|" + control, stream_id);
    const Subscription other = aeron.add_subscription("aeron:udp?endpoint=127.0.0.1:0|gtag=8|" + control, stream_id);
    wait_until([&] { return untagged.image_count() == 1 && other.image_count() == 1; }, "their images");
    EXPECT_EQ(group_size(), 0);
    EXPECT_FALSE(publication.is_connected());

    const Subscription tagged = aeron.add_subscription("aeron:udp?endpoint=127.0.0.1:0|gtag=7|" + control, stream_id);
    wait_for_connection(publication, {tagged});
    EXPECT_EQ(group_size(), 1);
}

// spec: 05-C29
TEST_F(UdpChannels, GroupTagOfALaterSubscriptionOnAnEndpointIsIgnored) {
    const std::string endpoint = ports.in("aeron:udp?endpoint=127.0.0.1:$2|control=127.0.0.1:$1");
    const Publication publication = aeron.add_publication(
        ports.in("aeron:udp?control-mode=dynamic|fc=tagged,g:7/1|control=127.0.0.1:$1"), stream_id);
    const Subscription first = aeron.add_subscription(endpoint + "|gtag=7", stream_id + 1);
    const Subscription second = aeron.add_subscription(endpoint + "|gtag=8", stream_id);

    wait_for_connection(publication, {second});
}

// spec: 04-C82, 04-C83, 05-C38
TEST_F(UdpChannels, RequesterGetsItsAnswersOnAResponseChannel) {
    Host& server = add_host();
    const std::string control = ports.in("control=127.0.0.1:$1");
    const Subscription requests = server.aeron.add_subscription(channel, stream_id);
    const Subscription answers = aeron.add_subscription("aeron:udp?control-mode=response|" + control, stream_id + 1);
    const Publication request = aeron.add_publication(
        channel + "|response-correlation-id=" + std::to_string(static_cast<std::int64_t>(answers.registration_id())),
        stream_id);
    wait_for_connection(request, {requests});
    EXPECT_EQ(answers.image_count(), 0U);

    const Publication answer = server.aeron.add_publication(
        "aeron:udp?control-mode=response|" + control + "|response-correlation-id=" +
            std::to_string(static_cast<std::int64_t>(requests.image_at(0)->correlation_id())),
        stream_id + 1);

    expect_flow(answer, answers, "the answer");
    EXPECT_EQ(answers.image_at(0)->session_id(), answer.session_id());
    expect_flow(request, requests, "the next request");
    expect_flow(answer, answers, "the next answer");
}

// spec: 04-C84
TEST_F(UdpChannels, TwoRequestersGetAnswersOfTheirOwn) {
    Host& server = add_host();
    Host& other = add_host();
    const std::string control = ports.in("control=127.0.0.1:$1");
    const Subscription requests = server.aeron.add_subscription(channel, stream_id);
    struct Requester {
        Subscription answers;
        Publication request;
        Publication answer;
    };
    std::vector<Requester> requesters;
    for (Aeron* const client : {&aeron, &aeron, &other.aeron}) {
        Requester requester{.answers =
                                client->add_subscription("aeron:udp?control-mode=response|" + control, stream_id + 1)};
        const auto id = static_cast<std::int64_t>(requester.answers.registration_id());
        requester.request =
            client->add_publication(channel + "|response-correlation-id=" + std::to_string(id), stream_id);
        wait_until([&] { return requests.image_by_session(requester.request.session_id()).has_value(); }, "the image");
        const Image image = *requests.image_by_session(requester.request.session_id());
        requester.answer = server.aeron.add_publication(
            "aeron:udp?control-mode=response|" + control +
                "|response-correlation-id=" + std::to_string(static_cast<std::int64_t>(image.correlation_id())),
            stream_id + 1);
        requesters.push_back(std::move(requester));
    }

    for (const Requester& requester : requesters) {
        wait_for_connection(requester.answer, {requester.answers});
        send(requester.answer, std::to_string(static_cast<std::int32_t>(requester.answer.session_id())));
    }

    for (const Requester& requester : requesters) {
        EXPECT_EQ(receive(requester.answers), std::to_string(static_cast<std::int32_t>(requester.answer.session_id())));
        EXPECT_EQ(requester.answers.image_count(), 1U);
    }
}

// spec: 04-C85, 05-C39
TEST_F(UdpChannels, ResponsePublicationNeedsAnImageThatAwaitsOne) {
    const Subscription subscription = aeron.add_subscription(channel, stream_id);
    const Publication publication = aeron.add_publication(channel, stream_id);
    wait_for_connection(publication, {subscription});
    const std::string response = ports.in("aeron:udp?control-mode=response|control=127.0.0.1:$1");
    const auto answering = [&](const std::int64_t id) {
        return response + "|response-correlation-id=" + std::to_string(id);
    };
    const auto image = static_cast<std::int64_t>(subscription.image_at(0)->correlation_id());

    for (const std::string& refused : {response, answering(123'456'789), answering(image)}) {
        try {
            static_cast<void>(aeron.add_publication(refused, stream_id + 1));
            FAIL() << refused;
        } catch (const RegistrationError& error) {
            EXPECT_EQ(error.code(), ErrorCode::generic_error) << error.what();
        }
    }
    EXPECT_EQ(host.counters(counter_type::send_channel).size(), 1U) << "a refused publication leaves no endpoint";
    const Publication prototype = aeron.add_publication(response + "|response-correlation-id=prototype", stream_id + 1);
    EXPECT_EQ(prototype.term_buffer_length(), 65'536);
    EXPECT_FALSE(prototype.is_connected());
}

// spec: 04-C86, 04-C87
TEST_F(UdpChannels, TimeStampsAreWrittenWhereTheChannelsSay) {
    const Subscription subscription = aeron.add_subscription(channel + "|channel-rcv-ts-offset=8", stream_id);
    const Publication publication = aeron.add_publication(channel + "|channel-snd-ts-offset=reserved", stream_id);
    wait_for_connection(publication, {subscription});
    const std::int64_t before = now_ns();

    const std::string first_payload(16, '.');
    send(publication, first_payload);
    send(publication, "short");

    std::int64_t sent = 0;
    std::int64_t received = 0;
    wait_until(
        [&] {
            return subscription.poll(
                       [&](const std::span<const std::byte> message, const Header& header) {
                           ASSERT_EQ(message.size(), 16U);
                           sent = header.reserved_value();
                           std::memcpy(&received, message.data() + 8, sizeof received);
                           EXPECT_EQ(std::memcmp(message.data(), first_payload.data(), 8), 0);
                       },
                       1) > 0;
        },
        "the message");
    EXPECT_EQ(receive(subscription), "short") << "where there is no room for a time-stamp, nothing is written";
    EXPECT_GE(sent, before);
    EXPECT_GE(received, sent);
    EXPECT_LE(received, now_ns());
}

TEST_F(UdpChannels, KernelTimeStampsAreWrittenWhereTheChannelSays) {
    const Subscription subscription = aeron.add_subscription(channel + "|media-rcv-ts-offset=0", stream_id);
    const Publication publication = aeron.add_publication(channel, stream_id);
    wait_for_connection(publication, {subscription});
    const std::int64_t before = now_ns();

    send(publication, "01234567");

    std::int64_t received = 0;
    const std::string message = receive(subscription);
    ASSERT_EQ(message.size(), sizeof received);
    std::memcpy(&received, message.data(), sizeof received);
    EXPECT_GE(received, before);
    EXPECT_LE(received, now_ns());
}

// spec: 05-C12
TEST_F(UdpChannels, MulticastWithoutAnInterfaceTakesOneThatIsMadeForIt) {
    const std::string multicast = ports.in("aeron:udp?endpoint=224.20.30.47:$1");
    const Subscription subscription = aeron.add_subscription(multicast, stream_id);
    const Publication publication = aeron.add_publication(multicast, stream_id);

    expect_flow(publication, subscription, "to the group");
}

}  // namespace
}  // namespace cpperon::system_test
