/// Multicast through real sockets, inside this host. IPv4 goes over the loopback interface; Linux has no route for IPv6
/// groups there, so those take any other interface, with a scope that does not leave the host.
#include <cstdint>
#include <memory>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/net/datagram_test_support.hpp"
#include "cpperon/net/file_descriptor.hpp"
#include "cpperon/net/native_address.hpp"
#include "cpperon/net/socket_setup.hpp"
#include "cpperon/net/system_udp_socket.hpp"
#include "cpperon/net/system_udp_transport.hpp"

namespace cpperon::net {
namespace {

using namespace test;
using testing::ElementsAre;

/// Two groups of one family.
struct Groups {
    SocketAddress group;
    SocketAddress other_group;
};

SocketAddress group_inside_host(const std::uint8_t last_byte) {
    return SocketAddress::ipv6({0xff, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0x30, 0x40, last_byte}, 0);
}

const Groups ipv4{.group = SocketAddress::ipv4({224, 20, 30, 39}, 0),
                  .other_group = SocketAddress::ipv4({224, 20, 30, 41}, 0)};
const Groups ipv6{.group = group_inside_host(1), .other_group = group_inside_host(3)};

class SystemMulticast : public testing::TestWithParam<Groups> {
protected:
    void SetUp() override {
        const bool is_ipv6 = GetParam().group.is_ipv6();
        for (const NetworkInterface& one : transport.interfaces()) {
            if (one.is_up && one.address.is_ipv6() == is_ipv6 && one.is_loopback != is_ipv6) {
                interface = one;
            }
        }
        if (!interface) {
            GTEST_SKIP() << "this host has no interface for multicast of this family";
        }
    }

    /// A socket that has joined `group`.
    std::unique_ptr<UdpSocket> join(const SocketAddress& group, const std::uint8_t ttl = 0) {
        return transport
            .open({.bind_address = SocketAddress::wildcard(group.family(), group.port()),
                   .multicast = MulticastMembership{.group = group,
                                                    .interface_address = interface->address,
                                                    .interface_index = interface->index},
                   .multicast_ttl = ttl})
            .value_or_throw();
    }

    int option_of(const UdpSocket& socket, const int ipv4_option, const int ipv6_option) {
        const bool is_ipv6 = GetParam().group.is_ipv6();
        int value = -1;
        socklen_t length = sizeof(value);
        ::getsockopt(static_cast<const SystemUdpSocket&>(socket).descriptor(), is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
                     is_ipv6 ? ipv6_option : ipv4_option, &value, &length);
        return value;
    }

    SystemUdpTransport transport;
    std::optional<NetworkInterface> interface;
    std::unique_ptr<SocketPoller> poller = transport.make_poller(4);
};

INSTANTIATE_TEST_SUITE_P(Families, SystemMulticast, testing::Values(ipv4, ipv6),
                         [](const auto& one) { return one.param.group.is_ipv6() ? "ipv6" : "ipv4"; });

// spec: 04-C94
TEST_P(SystemMulticast, DeliversTheJoinedGroupAndNoOtherOfTheSamePort) {
    const auto first = join(GetParam().group);  // on a port of the system's choice
    const std::uint16_t port = first->local_address().port();
    const auto second = join(GetParam().group.with_port(port));
    const auto other = join(GetParam().other_group.with_port(port));
    Inbox inbox_of_first;
    Inbox inbox_of_second;
    Inbox inbox_of_other;
    poller->add(*first, inbox_of_first);
    poller->add(*second, inbox_of_second);
    poller->add(*other, inbox_of_other);
    const Bytes bytes = pattern(32);
    const Bytes bytes_for_other = pattern(64);
    const SocketAddress group = GetParam().group.with_port(port);
    const SocketAddress other_group = GetParam().other_group.with_port(port);

    ASSERT_TRUE(first->send(std::vector{run_of(bytes_for_other, 64)}, &other_group).is_complete);
    ASSERT_TRUE(first->send(std::vector{run_of(bytes, 32)}, &group).is_complete);

    poll_until(*poller, "three datagrams", [&] {
        return !inbox_of_first.datagrams.empty() && !inbox_of_second.datagrams.empty() &&
               !inbox_of_other.datagrams.empty();
    });
    EXPECT_THAT(inbox_of_first.datagrams, ElementsAre(bytes));  // what a host sends it hears as well
    EXPECT_THAT(inbox_of_second.datagrams, ElementsAre(bytes));
    EXPECT_THAT(inbox_of_other.datagrams, ElementsAre(bytes_for_other));
    poller->remove(*first);
    poller->remove(*second);
    poller->remove(*other);
}

// Other programs than this one set SO_REUSEPORT as well.
TEST_P(SystemMulticast, SharesThePortOfAProgramWithOtherOptions) {
    const FileDescriptor other{::socket(native_family(GetParam().group.family()), SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    for (const int option : {SO_REUSEADDR, SO_REUSEPORT}) {
        const int on = 1;
        ASSERT_EQ(::setsockopt(other.value(), SOL_SOCKET, option, &on, sizeof on), 0);
    }
    NativeAddress any;
    const socklen_t length = to_native(SocketAddress::wildcard(GetParam().group.family(), 0), any);
    ASSERT_EQ(::bind(other.value(), &any.generic, length), 0);
    const std::uint16_t port = local_address(other.value()).port();

    EXPECT_NO_THROW(static_cast<void>(join(GetParam().group.with_port(port))));
}

TEST_P(SystemMulticast, CutsRunsToAGroupToo) {
    const auto socket = join(GetParam().group);
    Inbox inbox;
    poller->add(*socket, inbox);
    const Bytes bytes = pattern(70 * 96);
    const SocketAddress group = GetParam().group.with_port(socket->local_address().port());

    ASSERT_TRUE(socket->send(std::vector{run_of(bytes, 96)}, &group).is_complete);

    poll_until(*poller, "datagrams", [&] { return inbox.datagrams.size() >= 70; });
    EXPECT_EQ(inbox.all_bytes(), bytes);
    poller->remove(*socket);
}

TEST_P(SystemMulticast, LimitsHopsWhereThatIsAskedForAndNeverTouchesTheLoop) {
    const auto system_s = join(GetParam().group);
    const auto limited = join(GetParam().group, 7);

    EXPECT_EQ(option_of(*system_s, IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS), 1);
    EXPECT_EQ(option_of(*limited, IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS), 7);
    EXPECT_EQ(option_of(*limited, IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP), 1);
}

}  // namespace
}  // namespace cpperon::net
