/// How real sockets are set up, and what goes wrong on the way.
#include "cpperon/net/socket_setup.hpp"

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/net/datagram_test_support.hpp"
#include "cpperon/net/system_udp_socket.hpp"
#include "cpperon/net/system_udp_transport.hpp"

namespace cpperon::net {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

const SocketAddress any = SocketAddress::wildcard(AddressFamily::ipv4);
const SocketAddress any_ipv6 = SocketAddress::wildcard(AddressFamily::ipv6);
/// An address of the documentation, which no interface has.
const SocketAddress nowhere = SocketAddress::ipv4({203, 0, 113, 7}, 0);

int option_of(const UdpSocket& socket, const int level, const int option) {
    int value = -1;
    socklen_t length = sizeof(value);
    ::getsockopt(static_cast<const SystemUdpSocket&>(socket).descriptor(), level, option, &value, &length);
    return value;
}

std::size_t open_descriptors() {
    const std::filesystem::directory_iterator list{"/proc/self/fd"};
    return static_cast<std::size_t>(std::distance(begin(list), end(list)));
}

class SocketSetup : public testing::Test {
protected:
    std::unique_ptr<UdpSocket> open(const SocketSpec& spec) { return transport.open(spec).value_or_throw(); }

    std::string error_of(const SocketSpec& spec) {
        const std::size_t before = open_descriptors();
        const auto result = transport.open(spec);
        EXPECT_EQ(open_descriptors(), before) << "a descriptor has leaked";
        if (result) {
            return "no error";
        }
        EXPECT_EQ(result.error().code, ErrorCode::generic_error);
        return result.error().message;
    }

    void expect_arrival(UdpSocket& from, const SocketAddress* const destination, UdpSocket& at) {
        Inbox inbox;
        poller->add(at, inbox);
        const Bytes bytes = pattern(32);
        EXPECT_TRUE(from.send(std::vector{run_of(bytes, 32)}, destination).is_complete);
        poll_until(*poller, "a datagram", [&] { return !inbox.datagrams.empty(); });
        EXPECT_THAT(inbox.datagrams, ElementsAre(bytes));
        poller->remove(at);
    }

    SystemUdpTransport transport;
    std::unique_ptr<SocketPoller> poller = transport.make_poller(4);
};

TEST_F(SocketSetup, GivesPortZeroAPortAndClosesItWithTheObject) {
    const std::size_t before = open_descriptors();
    {
        const auto socket = open({.bind_address = loopback});

        EXPECT_NE(socket->local_address().port(), 0);
        EXPECT_EQ(socket->local_address().with_port(0), loopback);
        EXPECT_EQ(open_descriptors(), before + 1);
    }
    EXPECT_EQ(open_descriptors(), before);
}

// spec: 04 §20 trap 29
TEST_F(SocketSetup, DoesNotShareAUnicastPort) {
    const auto first = open({.bind_address = loopback});

    EXPECT_THAT(error_of({.bind_address = first->local_address()}),
                testing::AllOf(StartsWith("failed to bind " + first->local_address().to_string() + ": Address already"),
                               HasSubstr("choose another port")));
    EXPECT_EQ(option_of(*first, SOL_SOCKET, SO_REUSEADDR), 0);
    EXPECT_EQ(option_of(*first, SOL_SOCKET, SO_REUSEPORT), 0);
}

TEST_F(SocketSetup, FailsToBindAnAddressOfAnotherHost) {
    EXPECT_THAT(error_of({.bind_address = nowhere.with_port(40'123)}),
                testing::AllOf(StartsWith("failed to bind 203.0.113.7:40123: "), HasSubstr("no interface")));
}

TEST_F(SocketSetup, FailsToConnectToAnotherFamily) {
    EXPECT_THAT(error_of({.bind_address = loopback, .connect_to = loopback_ipv6.with_port(40'123)}),
                StartsWith("failed to connect to address [::1]:40123: "));
}

TEST_F(SocketSetup, FailsToConnectToABroadcastAddress) {
    EXPECT_THAT(error_of({.bind_address = any, .connect_to = SocketAddress::ipv4({255, 255, 255, 255}, 40'123)}),
                StartsWith("failed to connect to address 255.255.255.255:40123: "));
}

TEST_F(SocketSetup, FailsToJoinOnAnInterfaceThatIsNotThere) {
    const SocketAddress group = SocketAddress::ipv4({224, 20, 30, 39}, 0);

    EXPECT_THAT(error_of({.bind_address = any, .multicast = MulticastMembership{group, nowhere, 0}}),
                testing::AllOf(StartsWith("failed to join group 224.20.30.39:0: "), HasSubstr("multicast")));
}

TEST_F(SocketSetup, LetsBothFamiliesHaveTheSamePort) {
    if (!has_ipv6(transport)) {
        GTEST_SKIP() << "this host has no IPv6";
    }
    const auto ipv4 = open({.bind_address = any});

    const auto ipv6 = open({.bind_address = any_ipv6.with_port(ipv4->local_address().port())});

    EXPECT_EQ(ipv6->local_address().port(), ipv4->local_address().port());
}

TEST_F(SocketSetup, GrantsBuffersInTheUnitInWhichTheyAreAskedFor) {
    const auto socket =
        open({.bind_address = loopback, .send_buffer_length = 65'536, .receive_buffer_length = 131'072});

    EXPECT_EQ(socket->send_buffer_length(), 65'536);
    EXPECT_EQ(socket->receive_buffer_length(), 131'072);
    EXPECT_EQ(option_of(*socket, SOL_SOCKET, SO_RCVBUF), 2 * 131'072);
}

TEST_F(SocketSetup, LeavesBuffersThatNobodyAskedFor) {
    const auto socket = open({.bind_address = loopback});

    EXPECT_EQ(socket->send_buffer_length(), option_of(*socket, SOL_SOCKET, SO_SNDBUF));
    EXPECT_EQ(socket->receive_buffer_length(), option_of(*socket, SOL_SOCKET, SO_RCVBUF));
    EXPECT_EQ(transport.probe_buffers({}).receive, socket->receive_buffer_length());
    EXPECT_EQ(transport.probe_buffers({}).send, socket->send_buffer_length());
}

// spec: 06 §3.5: what is granted may be less than what is asked for, which a start-up check has to see.
TEST_F(SocketSetup, TellsWhenTheSystemGrantsLess) {
    constexpr std::int64_t far_too_much = std::int64_t{1} << 40U;

    const SocketBufferLengths granted = transport.probe_buffers({.send = far_too_much, .receive = 131'072});

    EXPECT_LT(granted.send, far_too_much);
    EXPECT_GT(granted.send, 0);
    EXPECT_EQ(granted.receive, 131'072);
}

TEST_F(SocketSetup, MakesAConnectedSocketHearItsPeerOnly) {
    const auto peer = open({.bind_address = loopback});
    const auto stranger = open({.bind_address = loopback});
    const auto connected = open({.bind_address = loopback, .connect_to = peer->local_address()});
    Inbox inbox;
    poller->add(*connected, inbox);
    const Bytes bytes = pattern(32);

    EXPECT_FALSE(stranger->send(std::vector{run_of(bytes, 32)}, &connected->local_address()).system_error);
    EXPECT_TRUE(peer->send(std::vector{run_of(bytes, 32)}, &connected->local_address()).is_complete);

    poll_until(*poller, "the peer's datagram", [&] { return !inbox.datagrams.empty(); });
    EXPECT_THAT(inbox.datagrams, SizeIs(1));
    EXPECT_EQ(inbox.source, peer->local_address());
    poller->remove(*connected);
}

// Nobody is at the port: the kernel tells so at the next call, which means nothing but that nothing was sent.
TEST_F(SocketSetup, TakesARefusedConnectionForNothingSent) {
    const auto gone = open({.bind_address = loopback})->local_address();
    const auto socket = open({.bind_address = loopback, .connect_to = gone});
    const Bytes bytes = pattern(32);
    Inbox inbox;
    poller->add(*socket, inbox);

    EXPECT_TRUE(socket->send(std::vector{run_of(bytes, 32)}, nullptr).is_complete);
    const SendOutcome second = socket->send(std::vector{run_of(bytes, 32)}, nullptr);
    EXPECT_TRUE(socket->send(std::vector{run_of(bytes, 32)}, nullptr).is_complete);
    poller->poll();

    EXPECT_FALSE(second.is_complete);
    EXPECT_EQ(second.bytes_sent, 0);
    EXPECT_EQ(second.system_error, 0);
    EXPECT_THAT(inbox.errors, testing::IsEmpty());
    poller->remove(*socket);
}

TEST_F(SocketSetup, ReportsADestinationThatCannotBe) {
    const auto socket = open({.bind_address = loopback});
    const Bytes bytes = pattern(64);
    const SocketAddress port_zero = loopback;

    for (const std::uint32_t segment_length : {64U, 32U}) {
        const SendOutcome outcome = socket->send(std::vector{run_of(bytes, segment_length)}, &port_zero);

        EXPECT_FALSE(outcome.is_complete);
        EXPECT_EQ(outcome.bytes_sent, 0);
        EXPECT_EQ(outcome.system_error, EINVAL);
    }
}

TEST_F(SocketSetup, ReconnectsOnTheSamePort) {
    for (const SocketAddress& bind_address : {loopback, any}) {
        const auto old_peer = open({.bind_address = loopback});
        const auto new_peer = open({.bind_address = SocketAddress::ipv4({127, 0, 0, 2}, 0)});
        const auto socket = open({.bind_address = bind_address, .connect_to = old_peer->local_address()});
        const std::uint16_t port = socket->local_address().port();
        expect_arrival(*socket, nullptr, *old_peer);

        EXPECT_EQ(socket->reconnect(new_peer->local_address()), std::nullopt);

        EXPECT_EQ(socket->local_address().port(), port);
        expect_arrival(*socket, nullptr, *new_peer);
        expect_arrival(*new_peer, &socket->local_address(), *socket);
    }
}

TEST_F(SocketSetup, StaysConnectedWhereReconnectingFails) {
    for (const SocketAddress& bind_address : {loopback, any}) {
        const auto peer = open({.bind_address = loopback});
        const auto socket = open({.bind_address = bind_address, .connect_to = peer->local_address()});
        const std::uint16_t port = socket->local_address().port();

        const auto error = socket->reconnect(SocketAddress::ipv4({255, 255, 255, 255}, 40'123));

        ASSERT_TRUE(error);
        EXPECT_THAT(error->message, StartsWith("failed to connect to address 255.255.255.255:40123: "));
        EXPECT_EQ(socket->local_address().port(), port);
        expect_arrival(*socket, nullptr, *peer);
    }
}

// The source address was chosen for the first peer; the second needs another one.
TEST_F(SocketSetup, ChoosesTheSourceAddressAnewWhenItReconnects) {
    std::optional<SocketAddress> other_address;
    for (const NetworkInterface& one : transport.interfaces()) {
        if (one.is_up && !one.is_loopback && !one.address.is_ipv6()) {
            other_address = one.address;
        }
    }
    if (!other_address) {
        GTEST_SKIP() << "this host has no IPv4 address but the loopback's";
    }
    const auto old_peer = open({.bind_address = loopback});
    const auto new_peer = open({.bind_address = *other_address});
    const auto socket = open({.bind_address = any, .connect_to = old_peer->local_address()});
    EXPECT_EQ(socket->local_address().with_port(0), loopback);

    EXPECT_EQ(socket->reconnect(new_peer->local_address()), std::nullopt);

    EXPECT_EQ(socket->local_address().with_port(0), *other_address);
    expect_arrival(*socket, nullptr, *new_peer);
}

TEST_F(SocketSetup, DoesNotReconnectWhatWasNotConnected) {
    const auto socket = open({.bind_address = loopback});

    EXPECT_TRUE(socket->reconnect(loopback.with_port(40'123)));
}

TEST_F(SocketSetup, GivesDatagramsTheTimeAtWhichTheyCameIn) {
    const auto receiver = open({.bind_address = loopback, .wants_media_timestamps = true});
    const auto sender = open({.bind_address = loopback, .connect_to = receiver->local_address()});
    Inbox inbox;
    poller->add(*receiver, inbox);
    const Bytes bytes = pattern(3 * 96);

    ASSERT_TRUE(sender->send(std::vector{run_of(bytes, 96)}, nullptr).is_complete);
    poll_until(*poller, "datagrams", [&] { return inbox.datagrams.size() == 3; });

    EXPECT_EQ(inbox.runs, 3);  // each with its own time
    EXPECT_GT(inbox.media_timestamp_ns, 1'600'000'000'000'000'000);
    poller->remove(*receiver);
}

TEST_F(SocketSetup, ListsTheLoopbackInterface) {
    std::vector<SocketAddress> addresses;
    for (const NetworkInterface& one : transport.interfaces()) {
        if (one.is_loopback && one.address == loopback) {
            EXPECT_EQ(one.name, "lo");
            EXPECT_EQ(one.index, 1U);
            EXPECT_EQ(one.prefix_length, 8);
            EXPECT_TRUE(one.is_up);
            EXPECT_FALSE(one.is_multicast_capable);
            addresses.push_back(one.address);
        }
    }
    EXPECT_THAT(addresses, SizeIs(1));
}

}  // namespace
}  // namespace cpperon::net
