/// Subscriptions that receive over several destinations: what comes over each, what they add up to, and what is left
/// when one is removed. spec: 04 §9.11
#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/system/udp_traffic.hpp"

namespace cpperon::system_test {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

class ReceiveDestinations : public UdpFixture {
protected:
    static constexpr std::int32_t stream_id = 1'001;

    [[nodiscard]] Subscription add_manual_subscription() const {
        return host.aeron.add_subscription("aeron:udp?control-mode=manual", stream_id);
    }
    /// A message on the publication arrives at the subscription, which has nothing else to read.
    template <typename AnyPublication>
    void expect_flow(const AnyPublication& publication, const Subscription& subscription, const std::string& message) {
        wait_until(
            [&] {
                return publication.is_connected() &&
                       subscription.image_by_session(publication.session_id()).has_value();
            },
            "publication and subscription to be connected");
        send(publication, message);
        EXPECT_EQ(receive(subscription), message);
    }

    Host& host = add_host();
    const std::string first = ports.in("aeron:udp?endpoint=127.0.0.1:$0");
    const std::string second = ports.in("aeron:udp?endpoint=127.0.0.1:$1");
};

// spec: 07-C55
TEST_F(ReceiveDestinations, BothAreReceivedFromAndRemovingOneEndsItsImage) {
    const Subscription subscription = add_manual_subscription();
    EXPECT_THAT(subscription.local_socket_addresses(), testing::IsEmpty());
    subscription.add_destination(first);
    subscription.add_destination(second);
    const ExclusivePublication to_first = host.aeron.add_exclusive_publication(first, stream_id);
    const ExclusivePublication to_second = host.aeron.add_exclusive_publication(second, stream_id);

    expect_flow(to_first, subscription, "over the first");
    expect_flow(to_second, subscription, "over the second");
    EXPECT_EQ(subscription.image_count(), 2U);
    EXPECT_THAT(subscription.local_socket_addresses(),
                UnorderedElementsAre(ports.in("127.0.0.1:$0"), ports.in("127.0.0.1:$1")));
    const Image of_first = *subscription.image_by_session(to_first.session_id());

    subscription.remove_destination(first);

    wait_until([&] { return of_first.is_closed(); }, "the image of the removed destination to end");
    wait_until([&] { return !to_first.is_connected(); }, "its publication to be disconnected");
    EXPECT_EQ(subscription.image_count(), 1U);
    EXPECT_THAT(subscription.local_socket_addresses(), UnorderedElementsAre(ports.in("127.0.0.1:$1")));
    expect_flow(to_second, subscription, "still over the second");
}

TEST_F(ReceiveDestinations, OneThatIsAddedAgainBringsAnImageAgain) {
    const Subscription subscription = add_manual_subscription();
    const ExclusivePublication publication = host.aeron.add_exclusive_publication(first, stream_id);
    for (int i = 0; i < 3; ++i) {
        subscription.add_destination(first);
        expect_flow(publication, subscription, "round " + std::to_string(i));
        subscription.remove_destination(first);
        wait_until([&] { return subscription.image_count() == 0; }, "the image of the removed destination to end");
    }
}

TEST_F(ReceiveDestinations, PortOfARemovedOneIsFreeForOthers) {
    const Subscription subscription = add_manual_subscription();
    subscription.add_destination(first);
    EXPECT_THROW(static_cast<void>(host.aeron.add_subscription(ports.in("aeron:udp?endpoint=localhost:$0"), stream_id)),
                 RegistrationError);

    subscription.remove_destination(first);
    wait_until([&] { return subscription.local_socket_addresses().empty(); }, "the socket to be closed");

    const Subscription other = host.aeron.add_subscription(ports.in("aeron:udp?endpoint=localhost:$0"), stream_id);
    expect_flow(host.aeron.add_publication(first, stream_id), other, "to the next one");
}

// spec: 04-C75
TEST_F(ReceiveDestinations, StreamThatComesOverTwoIsReadOnceAndOutlivesTheFirst) {
    Host& publisher = add_host();
    const Subscription subscription = add_manual_subscription();
    subscription.add_destination(first);
    subscription.add_destination(second);
    const Publication publication = publisher.aeron.add_publication("aeron:udp?control-mode=manual", stream_id);
    publication.add_destination(first);
    publication.add_destination(second);
    wait_for_connection(publication, {subscription});
    const Image image = *subscription.image_at(0);
    wait_until([&] { return image.active_transport_count() == 2; }, "the image to be received from two sources");

    Transfer transfer{{.count = test::is_sanitized ? 100 : 500, .max_length = 4'000}};
    transfer.add_reader(subscription);
    bool is_removed = false;
    wait_until(
        [&] {
            if (!is_removed && image.position() > 65'536) {
                subscription.remove_destination(first);
                is_removed = true;
            }
            return !transfer.step(publication);
        },
        "all messages");

    transfer.expect_complete();
    EXPECT_TRUE(is_removed);
    wait_until([&] { return image.active_transport_count() == 1; }, "the image to be received from one source");
    EXPECT_FALSE(image.is_closed());
    publication.close();
    wait_until([&] { return image.is_closed(); }, "the image to end with its publication");
    EXPECT_TRUE(image.is_end_of_stream());
}

TEST_F(ReceiveDestinations, GroupsSpiesAndSharedMemoryFeedOneSubscription) {
    const std::vector<std::string> channels{
        first,
        ports.in("aeron:udp?endpoint=224.20.30.59:$2|interface=localhost"),
        "aeron:ipc",
        ports.in("aeron:udp?endpoint=127.0.0.1:$3|ssc=true"),
    };
    std::vector<std::string> destinations{channels};
    destinations.back() = ports.in("aeron-spy:aeron:udp?endpoint=127.0.0.1:$3");
    const Subscription subscription = add_manual_subscription();
    std::vector<ExclusivePublication> publications;
    for (std::size_t i = 0; i < channels.size(); ++i) {
        subscription.add_destination(destinations[i]);
        publications.push_back(host.aeron.add_exclusive_publication(channels[i], stream_id));
    }

    for (const ExclusivePublication& publication : publications) {
        expect_flow(publication, subscription, "over " + std::string{publication.channel()});
    }
    EXPECT_EQ(subscription.image_count(), 4U);

    for (std::size_t i = 0; i < destinations.size(); ++i) {
        SCOPED_TRACE(destinations[i]);
        const Image image = *subscription.image_by_session(publications[i].session_id());
        subscription.remove_destination(destinations[i]);
        wait_until([&] { return image.is_closed(); }, "the image of the removed destination to end");
        EXPECT_EQ(subscription.image_count(), destinations.size() - i - 1);
    }
}

TEST_F(ReceiveDestinations, OneWithAControlAddressAsksThePublisherForTheStream) {
    const Publication publication =
        host.aeron.add_publication(ports.in("aeron:udp?control=127.0.0.1:$2|control-mode=dynamic"), stream_id);
    const Subscription subscription = add_manual_subscription();
    const std::string destination = ports.in("aeron:udp?endpoint=127.0.0.1:0|control=127.0.0.1:$2");

    subscription.add_destination(destination);
    expect_flow(publication, subscription, "to whoever asked");
    EXPECT_EQ(host.value_of_only(counter_type::destinations), 1);

    subscription.remove_destination(destination);
    wait_until([&] { return subscription.image_count() == 0; }, "the image of the removed destination to end");
    wait_until([&] { return host.value_of_only(counter_type::destinations) == 0; },
               "the silent receiver to be dropped after 5 s");
}

TEST_F(ReceiveDestinations, GoWithTheirSubscription) {
    const Subscription subscription = add_manual_subscription();
    for (const std::string& destination : {first, second, std::string{"aeron:ipc"}}) {
        subscription.add_destination(destination);
    }
    const Publication publication = host.aeron.add_publication(first, stream_id);
    expect_flow(publication, subscription, "while it lasts");

    subscription.close();
    publication.close();

    expect_nothing_left(host);
    EXPECT_EQ(host.value(SystemCounter::errors), 0) << testing::PrintToString(host.errors());
}

// spec: 02-C26, 05-C40
TEST_F(ReceiveDestinations, AreRefusedWithAReason) {
    const Subscription manual = add_manual_subscription();
    const Subscription unicast = host.aeron.add_subscription(second, stream_id);
    struct Row {
        const Subscription& subscription;
        std::string destination;
        ErrorCode code;
        std::string text;
    };
    for (const Row& row :
         {Row{manual, first + "|mtu=1408", ErrorCode::invalid_channel, "destinations must not contain the key: mtu"},
          Row{manual, first + "|rcv-wnd=1k", ErrorCode::invalid_channel,
              "destinations must not contain the key: rcv-wnd"},
          Row{manual, first + "|control-mode=response", ErrorCode::invalid_channel, "control-mode=response"},
          Row{manual, ports.in("aeron:udp?endpoint=nohost.invalid:$2"), ErrorCode::unknown_host, "nohost.invalid"},
          Row{manual, second, ErrorCode::generic_error, "failed to bind"},
          Row{unicast, first, ErrorCode::invalid_channel, "does not allow manual control of destinations"}}) {
        SCOPED_TRACE(row.destination);
        const Result<RegistrationId> result = row.subscription.async_add_destination(row.destination).try_wait();
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, row.code) << result.error().message;
        EXPECT_THAT(result.error().message, HasSubstr(row.text));
    }
    EXPECT_THAT(manual.local_socket_addresses(), testing::IsEmpty());

    EXPECT_NO_THROW(manual.remove_destination(first)) << "whoever removes what is not there has what they want";
    EXPECT_THROW(manual.remove_destination("aeron:ipc"), RegistrationError);
}

}  // namespace
}  // namespace cpperon::system_test
