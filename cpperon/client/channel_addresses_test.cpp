// Where sockets are bound, as a client reads it in the counters of its driver.
#include "cpperon/client/channel_addresses.hpp"

#include <gmock/gmock.h>

#include "cpperon/client/fake_driver_test_support.hpp"

namespace cpperon::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ChannelAddresses : public ClientTest {
protected:
    static constexpr std::int64_t initializing = 0;
    static constexpr std::int64_t active = 1;
    static constexpr std::int64_t closing = 2;

    Subscription subscribe(const std::string_view channel, const std::int32_t status_id) {
        Pending<Subscription> pending = aeron.async_add_subscription(channel, 1'001);
        static_cast<void>(driver->expect_command());
        driver->send(command::SubscriptionReadyEvent{.correlation_id = number(pending.registration_id()),
                                                     .channel_status_id = status_id});
        run();
        return pending.poll().value().value();
    }
    void set(const std::int32_t counter_id, const std::int64_t value) {
        driver->counters().counter(counter_id).set_release(value);
    }
};

// spec: 06-C53
TEST_F(ChannelAddresses, AreThoseOfTheCountersThatNameTheChannelsStatus) {
    connect();
    const std::int32_t status_id = driver->make_counter(7, active);
    const std::int32_t other_status_id = driver->make_counter(7, active);
    driver->make_local_address(status_id, "127.0.0.1:24567");
    driver->make_local_address(other_status_id, "127.0.0.1:1");
    driver->make_local_address(status_id, "[::1]:24568");
    driver->make_local_address(status_id, "127.0.0.1:2", closing);

    const Subscription subscription = subscribe("aeron:udp?control-mode=manual", status_id);

    EXPECT_THAT(subscription.local_socket_addresses(), ElementsAre("127.0.0.1:24567", "[::1]:24568"));
    EXPECT_EQ(subscription.resolved_endpoint(), "127.0.0.1:24567");
    EXPECT_EQ(subscription.channel_status(), ChannelStatus::active);
    EXPECT_EQ(subscription.channel_status_id(), CounterId{status_id});
}

TEST_F(ChannelAddresses, AreThereOnlyWhileTheChannelIsActiveAndTheHandleOpen) {
    connect();
    const std::int32_t status_id = driver->make_counter(7, initializing);
    driver->make_local_address(status_id, "127.0.0.1:24567");
    const Subscription subscription = subscribe("aeron:udp?endpoint=localhost:24567", status_id);

    EXPECT_THAT(subscription.local_socket_addresses(), IsEmpty());
    set(status_id, active);
    EXPECT_THAT(subscription.local_socket_addresses(), ElementsAre("127.0.0.1:24567"));
    set(status_id, closing);
    EXPECT_EQ(subscription.resolved_endpoint(), std::nullopt);
    set(status_id, active);
    subscription.close();
    EXPECT_THAT(subscription.local_socket_addresses(), IsEmpty());
    EXPECT_THAT(Subscription{}.local_socket_addresses(), IsEmpty());
}

TEST_F(ChannelAddresses, AreNoneWithoutAStatusIndicator) {
    connect();
    driver->make_local_address(-1, "127.0.0.1:24567");

    EXPECT_THAT(subscribe("aeron:ipc", -1).local_socket_addresses(), IsEmpty());
    EXPECT_THAT(subscribe("aeron:udp?endpoint=localhost:1", 100'000).local_socket_addresses(), IsEmpty());
}

TEST_F(ChannelAddresses, OfAPublicationAreThoseOfItsSocket) {
    connect();
    const std::int32_t status_id = driver->make_counter(6, active);
    driver->make_local_address(status_id, "0.0.0.0:55555");
    Pending<Publication> pending = aeron.async_add_publication("aeron:udp?endpoint=localhost:1", 1'001);
    static_cast<void>(driver->expect_command());
    driver->send_publication_ready(number(pending.registration_id()), number(pending.registration_id()), 1'001,
                                   status_id);
    run();
    const Publication publication = pending.poll().value().value();

    EXPECT_THAT(publication.local_socket_addresses(), ElementsAre("0.0.0.0:55555"));
    publication.close();
    EXPECT_THAT(publication.local_socket_addresses(), IsEmpty());
    EXPECT_THAT(ExclusivePublication{}.local_socket_addresses(), IsEmpty());
}

TEST_F(ChannelAddresses, AreLeftOutWhereTheKeyIsOneThatNoDriverWrites) {
    connect();
    const std::int32_t status_id = driver->make_counter(7, active);
    const auto make = [&](const std::int32_t length) {
        std::vector<std::byte> key(max_counter_key_length, std::byte{'x'});
        std::memcpy(key.data(), &status_id, sizeof(status_id));
        std::memcpy(key.data() + 4, &length, sizeof(length));
        static_cast<void>(driver->counters().allocate({.type_id = 14, .key = key, .label = "", .initial_value = 1}));
    };
    make(1'000'000);
    make(-5);
    make(104);

    EXPECT_THAT(subscribe("aeron:udp?control-mode=manual", status_id).local_socket_addresses(),
                ElementsAre(std::string(104, 'x')));
}

// spec: 07-C56
TEST_F(ChannelAddresses, FillInThePortThatWasLeftToTheDriver) {
    connect();
    const std::int32_t status_id = driver->make_counter(7, initializing);
    driver->make_local_address(status_id, "127.0.0.1:42061");
    const Subscription subscription = subscribe("aeron:udp?alias=a|endpoint=localhost:0|rcv-wnd=64k|x=y", status_id);

    EXPECT_EQ(subscription.try_resolve_channel_endpoint_port(), std::nullopt);
    set(status_id, active);
    EXPECT_EQ(subscription.try_resolve_channel_endpoint_port(),
              "aeron:udp?alias=a|endpoint=localhost:42061|rcv-wnd=64k|x=y");
    subscription.close();
    EXPECT_EQ(subscription.try_resolve_channel_endpoint_port(), std::nullopt);
}

TEST_F(ChannelAddresses, LeaveAChannelAloneThatHasNoPortToFillIn) {
    connect();
    const std::int32_t status_id = driver->make_counter(7, active);
    driver->make_local_address(status_id, "127.0.0.1:42061");

    for (const std::string channel :
         {"aeron:udp?endpoint=localhost:7", "aeron:udp?endpoint=localhost:0|control-mode=manual",
          "aeron:udp?control=localhost:7", "aeron:ipc?endpoint=localhost:0", "aeron:ipc",
          "aeron-spy:aeron:udp?endpoint=localhost:0", "aeron:udp?endpoint=localhost"}) {
        EXPECT_EQ(subscribe(channel, status_id).try_resolve_channel_endpoint_port(), channel);
    }
}

TEST_F(ChannelAddresses, DoNotFillInAPortThatIsNone) {
    for (const std::string_view bound : {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:x", "[::1]"}) {
        EXPECT_EQ(with_bound_port("aeron:udp?endpoint=localhost:0", bound), std::nullopt) << bound;
    }
    EXPECT_EQ(with_bound_port("aeron:udp?endpoint=[::1]:0", "[::1]:7"), "aeron:udp?endpoint=[::1]:7");
}

}  // namespace
}  // namespace cpperon::client
