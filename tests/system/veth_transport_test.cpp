/// The UDP transport over an Ethernet device with an MTU of 1,500.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/net/datagram_test_support.hpp"
#include "cpperon/net/system_udp_transport.hpp"
#include "tests/system/veth_cable.hpp"

namespace cpperon::system_test {
namespace {

using namespace net;
using namespace net::test;
using testing::AllOf;
using testing::Each;
using testing::SizeIs;

const SocketAddress left_address = SocketAddress::ipv4({10, 77, 0, 1}, 0);
const SocketAddress right_address = SocketAddress::ipv4({10, 77, 0, 2}, 0);
const SocketAddress left_ipv6_address = SocketAddress::ipv6({0xfd, 0, 0, 0x77, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0);
const SocketAddress nobody = SocketAddress::ipv4({10, 77, 0, 99}, 40'123);

class VethTransport : public testing::Test {
protected:
    void SetUp() override {
        if (!cable.is_ready()) {
            GTEST_SKIP() << no_cable;
        }
    }
    static std::unique_ptr<UdpSocket> open_in(const NetworkNamespace& host, UdpTransport& transport,
                                              const SocketSpec& spec) {
        return host.call([&] { return transport.open(spec).value_or_throw(); });
    }
    /// What leaves on the left arrives on the right as it was.
    void expect_exchange(const OffloadSettings& offload) const {
        SystemUdpTransport transport{offload};
        const auto receiver = open_in(cable.right(), transport,
                                      {.bind_address = right_address, .receive_buffer_length = 2 * 1'024 * 1'024});
        const auto sender = open_in(cable.left(), transport,
                                    {.bind_address = left_address,
                                     .connect_to = receiver->local_address(),
                                     .send_buffer_length = 2 * 1'024 * 1'024});
        const auto poller = transport.make_poller(4);

        for (const std::uint32_t segment_length : {1'472U, 1'473U, 1'376U, 8'192U, 65'504U, 1'376U, 64U}) {
            Inbox inbox;
            poller->add(*receiver, inbox);
            const Bytes bytes = pattern(std::size_t{5} * segment_length);

            const SendOutcome outcome = sender->send(std::vector{run_of(bytes, segment_length)}, nullptr);

            EXPECT_TRUE(outcome.is_complete) << segment_length << ", error " << outcome.system_error;
            poll_until(*poller, "five datagrams", [&] { return inbox.datagrams.size() >= 5; });
            EXPECT_THAT(inbox.datagrams, Each(SizeIs(segment_length)));
            EXPECT_EQ(inbox.all_bytes(), bytes);
            poller->remove(*receiver);
        }
    }

    /// A socket of the right host that has joined `group`.
    std::unique_ptr<UdpSocket> join(UdpTransport& transport, const SocketAddress& group) const {
        return cable.right().call([&] {
            const std::vector<NetworkInterface> interfaces = transport.interfaces();
            const auto found = std::ranges::find_if(interfaces, [&](const NetworkInterface& one) {
                return one.name == "right" && one.address.is_ipv6() == group.is_ipv6();
            });
            return transport
                .open({.bind_address = SocketAddress::wildcard(group.family(), group.port()),
                       .multicast =
                           MulticastMembership{
                               .group = group, .interface_address = found->address, .interface_index = found->index}})
                .value_or_throw();
        });
    }
    /// Datagrams to two groups of one port reach those that have joined the group, and no others.
    void expect_groups_apart(const SocketAddress& first_group, const SocketAddress& second_group) const {
        SystemUdpTransport transport;
        const auto first = join(transport, first_group);
        const auto second = join(transport, second_group);
        const auto poller = transport.make_poller(4);
        Inbox first_inbox;
        Inbox second_inbox;
        poller->add(*first, first_inbox);
        poller->add(*second, second_inbox);
        const Bytes to_first(32, std::byte{1});
        const Bytes to_second(64, std::byte{2});

        // From other ports each: what the kernel makes of them must not depend on that.
        for (std::size_t sent = 1; sent <= 20; ++sent) {
            const auto sender = open_in(cable.left(), transport,
                                        {.bind_address = first_group.is_ipv6() ? left_ipv6_address : left_address});
            EXPECT_TRUE(sender->send(std::vector{run_of(to_first, 32)}, &first_group).is_complete);
            EXPECT_TRUE(sender->send(std::vector{run_of(to_second, 64)}, &second_group).is_complete);
            poll_until(*poller, "two datagrams",
                       [&] { return first_inbox.datagrams.size() + second_inbox.datagrams.size() >= 2 * sent; });
        }

        EXPECT_THAT(first_inbox.datagrams, AllOf(SizeIs(20), Each(to_first)));
        EXPECT_THAT(second_inbox.datagrams, AllOf(SizeIs(20), Each(to_second)));
    }

    Cable cable;
};

TEST_F(VethTransport, CarriesDatagramsLongerAndShorterThanTheDeviceTakes) {
    expect_exchange({});
}

TEST_F(VethTransport, CarriesTheSameWithoutOffload) {
    expect_exchange({.segmentation_offload = false, .receive_offload = false});
}

// What waits for the address of a neighbour that never answers fills the send buffer.
TEST_F(VethTransport, ReportsWhatAFullSendBufferTook) {
    for (const bool offload : {true, false}) {
        SystemUdpTransport transport{{.segmentation_offload = offload}};
        const auto sender = open_in(cable.left(), transport,
                                    {.bind_address = left_address, .connect_to = nobody, .send_buffer_length = 65'536});
        const Bytes bytes = pattern(1'000 * 1'000);

        const SendOutcome outcome = sender->send(std::vector{run_of(bytes, 1'000)}, nullptr);

        EXPECT_FALSE(outcome.is_complete);
        EXPECT_EQ(outcome.system_error, 0);
        EXPECT_GT(outcome.bytes_sent, 0);
        EXPECT_LT(outcome.bytes_sent, 1'000'000);
        EXPECT_EQ(outcome.bytes_sent % 1'000, 0);
    }
}

// Once they were handed to any socket of the port, which the loopback interface did not show.
TEST_F(VethTransport, DeliversTheGroupsOfOnePortApart) {
    expect_groups_apart(SocketAddress::ipv4({224, 20, 30, 57}, 40'123), SocketAddress::ipv4({224, 20, 30, 58}, 40'123));
}

TEST_F(VethTransport, DeliversTheIpv6GroupsOfOnePortApart) {
    if (!cable.has_ipv6()) {
        GTEST_SKIP() << "this host has no IPv6";
    }
    const auto group = [](const std::uint8_t last_byte) {
        return SocketAddress::ipv6({0xff, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last_byte}, 40'123);
    };
    expect_groups_apart(group(0x77), group(0x78));
}

}  // namespace
}  // namespace cpperon::system_test
