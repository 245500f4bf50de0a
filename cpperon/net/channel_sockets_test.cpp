#include "cpperon/net/channel_sockets.hpp"

#include <string>

#include <gtest/gtest.h>

#include "cpperon/net/name_resolver_test_support.hpp"

namespace cpperon::net {
namespace {

constexpr SocketSettings settings{.send_buffer_length = 1'000, .receive_buffer_length = 2'000, .multicast_ttl = 4};

UdpChannel channel_of(const std::string& parameters, const ChannelUse use = ChannelUse::endpoint) {
    TableNameResolver resolver;
    return resolve_channel("aeron:udp?" + parameters, use, resolver, host_interfaces(), 0).value();
}

TEST(SendSocket, OfUnicastIsConnectedToItsEndpoint) {
    const SocketSpec spec = send_socket_spec(channel_of("endpoint=localhost:7|interface={lo}:9"), settings);

    EXPECT_EQ(spec.bind_address, address_of("127.0.0.1", 9));
    EXPECT_EQ(spec.connect_to, address_of("127.0.0.1", 7));
    EXPECT_FALSE(spec.multicast);
    EXPECT_EQ(spec.multicast_ttl, 0);
    EXPECT_EQ(spec.send_buffer_length, 1'000);
    EXPECT_EQ(spec.receive_buffer_length, 2'000);
    EXPECT_FALSE(spec.wants_media_timestamps);
}

TEST(SendSocket, IsNotConnectedIfPeersAreSeveralOrNotYetKnownOrTheSettingSaysSo) {
    for (const std::string parameters :
         {"control=localhost:8|control-mode=dynamic", "control-mode=manual", "endpoint=localhost:7|control-mode=manual",
          "endpoint=localhost:7|control=localhost:8|control-mode=response"}) {
        EXPECT_FALSE(send_socket_spec(channel_of(parameters), settings).connect_to) << parameters;
    }
    EXPECT_FALSE(send_socket_spec(channel_of("endpoint=localhost:7"), {.connects_unicast_senders = false}).connect_to);
}

TEST(SendSocket, BindsToTheControlAddress) {
    const SocketSpec spec = send_socket_spec(channel_of("endpoint=localhost:7|control=localhost:8"), settings);

    EXPECT_EQ(spec.bind_address, address_of("127.0.0.1", 8));
    EXPECT_EQ(spec.connect_to, address_of("127.0.0.1", 7));
}

// spec: 04 §20 trap 28
TEST(SendSocket, OfMulticastListensToTheControlGroupAndIsNotConnected) {
    const SocketSpec spec = send_socket_spec(channel_of("endpoint=224.0.1.1:7"), settings);

    EXPECT_EQ(spec.bind_address, address_of("0.0.0.0", 7));
    ASSERT_TRUE(spec.multicast);
    EXPECT_EQ(spec.multicast->group, address_of("224.0.1.2", 7));
    EXPECT_EQ(spec.multicast->interface_address, address_of("192.0.2.2"));
    EXPECT_EQ(spec.multicast->interface_index, 2U);
    EXPECT_FALSE(spec.connect_to);
    EXPECT_EQ(spec.multicast_ttl, 4);
}

TEST(ReceiveSocket, BindsToTheEndpoint) {
    const UdpChannel channel = channel_of("endpoint=localhost:7|control=localhost:8|interface={eth0}:9");
    const SocketSpec spec = receive_socket_spec(channel, channel, settings);

    EXPECT_EQ(spec.bind_address, address_of("127.0.0.1", 7));
    EXPECT_FALSE(spec.multicast);
    EXPECT_FALSE(spec.connect_to);
    EXPECT_FALSE(spec.wants_media_timestamps);
}

TEST(ReceiveSocket, OfMulticastJoinsTheDataGroupOnItsInterface) {
    const UdpChannel channel = channel_of("endpoint=[ff02::1]:7|interface={lo}|ttl=9");
    const SocketSpec spec = receive_socket_spec(channel, channel, settings);

    EXPECT_EQ(spec.bind_address, address_of("::", 7));
    ASSERT_TRUE(spec.multicast);
    EXPECT_EQ(spec.multicast->group, address_of("ff02::1", 7));
    EXPECT_EQ(spec.multicast->interface_address, address_of("::1"));
    EXPECT_EQ(spec.multicast->interface_index, 1U);
    EXPECT_EQ(spec.multicast_ttl, 9);
}

TEST(ReceiveSocket, OfADestinationTakesBuffersAndTimestampsFromItsSubscription) {
    const UdpChannel subscription =
        channel_of("control-mode=manual|so-rcvbuf=64k|so-sndbuf=32k|media-rcv-ts-offset=reserved|ttl=1");
    const UdpChannel destination = channel_of("endpoint=224.0.1.1:7|ttl=3", ChannelUse::destination);
    const SocketSpec spec = receive_socket_spec(destination, subscription, settings);

    EXPECT_EQ(spec.receive_buffer_length, 65'536);
    EXPECT_EQ(spec.send_buffer_length, 32'768);
    EXPECT_TRUE(spec.wants_media_timestamps);
    EXPECT_EQ(spec.multicast_ttl, 3);
}

}  // namespace
}  // namespace cpperon::net
