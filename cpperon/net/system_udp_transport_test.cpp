/// Real sockets on the loopback interface: what one sends, another receives.
#include "cpperon/net/system_udp_transport.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/net/datagram_test_support.hpp"

namespace cpperon::net {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

using namespace test;

std::unique_ptr<UdpSocket> open(SystemUdpTransport& transport, const SocketSpec& spec) {
    return transport.open(spec).value_or_throw();
}

/// What `send` leaves at the other end.
struct Case {
    const char* name;
    OffloadSettings sender;
    OffloadSettings receiver;
    bool is_ipv6 = false;
    bool is_connected = true;
    std::size_t batches_per_poll = 4;
};
void PrintTo(const Case& one, std::ostream* const out) {
    *out << one.name;
}

class TwoSockets : public testing::TestWithParam<Case> {
protected:
    void SetUp() override {
        if (GetParam().is_ipv6 && !has_ipv6(receiver_transport)) {
            GTEST_SKIP() << "this host has no IPv6";
        }
        const SocketAddress host = GetParam().is_ipv6 ? loopback_ipv6 : loopback;
        receiver = open(receiver_transport, {.bind_address = host, .receive_buffer_length = 4 * 1'024 * 1'024});
        SocketSpec spec{.bind_address = host, .send_buffer_length = 4 * 1'024 * 1'024};
        if (GetParam().is_connected) {
            spec.connect_to = receiver->local_address();
        } else {
            destination = &receiver->local_address();
        }
        sender = open(sender_transport, spec);
        poller->add(*receiver, inbox);
    }
    void TearDown() override {
        if (receiver) {
            poller->remove(*receiver);
        }
    }

    void poll_for(const std::size_t count) {
        poll_until(*poller, "datagrams", [&] { return inbox.datagrams.size() >= count; });
    }

    SystemUdpTransport sender_transport{GetParam().sender};
    SystemUdpTransport receiver_transport{GetParam().receiver};
    std::unique_ptr<SocketPoller> poller = receiver_transport.make_poller(GetParam().batches_per_poll);
    std::unique_ptr<UdpSocket> receiver;
    std::unique_ptr<UdpSocket> sender;
    const SocketAddress* destination = nullptr;
    Inbox inbox;
};

INSTANTIATE_TEST_SUITE_P(
    Transport, TwoSockets,
    testing::Values(Case{"both_offload", {}, {}}, Case{"sender_offloads", {}, {.receive_offload = false}},
                    Case{"receiver_offloads", {.segmentation_offload = false}, {}},
                    Case{"none_offloads", {.segmentation_offload = false}, {.receive_offload = false}},
                    Case{"unconnected", {}, {}, false, false},
                    Case{"unconnected_without_offload", {.segmentation_offload = false}, {}, false, false},
                    Case{"ipv6", {}, {}, true}, Case{"ipv6_unconnected", {}, {}, true, false},
                    Case{"one_batch", {}, {.receive_offload = false}, false, true, 1}),
    [](const auto& one) { return std::string{one.param.name}; });

TEST_P(TwoSockets, ExchangeOneDatagram) {
    const Bytes bytes = pattern(40);

    const SendOutcome outcome = sender->send(std::vector{run_of(bytes, 40)}, destination);

    EXPECT_TRUE(outcome.is_complete);
    EXPECT_EQ(outcome.bytes_sent, 40);
    EXPECT_EQ(outcome.system_error, 0);
    poll_for(1);
    EXPECT_THAT(inbox.datagrams, ElementsAre(bytes));
    EXPECT_EQ(inbox.source.port(), sender->local_address().port());
    EXPECT_EQ(inbox.media_timestamp_ns, 0);
}

TEST_P(TwoSockets, ExchangeARunWhoseLastDatagramIsShorter) {
    const Bytes bytes = pattern(3 * 1'376 + 96);

    const SendOutcome outcome = sender->send(std::vector{run_of(bytes, 1'376)}, destination);

    EXPECT_TRUE(outcome.is_complete);
    EXPECT_EQ(outcome.bytes_sent, 3 * 1'376 + 96);
    poll_for(4);
    ASSERT_THAT(inbox.datagrams, ElementsAre(SizeIs(1'376), SizeIs(1'376), SizeIs(1'376), SizeIs(96)));
    EXPECT_EQ(inbox.all_bytes(), bytes);
}

TEST_P(TwoSockets, ExchangeRunsOfDifferentLengthsInOneCall) {
    const Bytes first = pattern(64);
    const Bytes second = pattern(2 * 128);
    const Bytes third = pattern(32 + 1);

    const SendOutcome outcome =
        sender->send(std::vector{run_of(first, 64), run_of(second, 128), run_of(third, 32)}, destination);

    EXPECT_TRUE(outcome.is_complete);
    EXPECT_EQ(outcome.bytes_sent, 64 + 256 + 33);
    poll_for(5);
    EXPECT_THAT(inbox.datagrams, ElementsAre(SizeIs(64), SizeIs(128), SizeIs(128), SizeIs(32), SizeIs(1)));
}

TEST_P(TwoSockets, ExchangeMoreDatagramsThanOneMessageOrOneCallCanHold) {
    const Bytes bytes = pattern(300 * 96 + 5);

    const SendOutcome outcome = sender->send(std::vector{run_of(bytes, 96)}, destination);

    EXPECT_TRUE(outcome.is_complete);
    EXPECT_EQ(outcome.bytes_sent, 300 * 96 + 5);
    poll_for(301);
    EXPECT_THAT(inbox.datagrams, SizeIs(301));
    EXPECT_EQ(inbox.all_bytes(), bytes);
}

TEST_P(TwoSockets, ExchangeTheLongestDatagramsOfAStream) {
    const Bytes bytes = pattern(4 * 65'504);

    const SendOutcome outcome = sender->send(std::vector{run_of(bytes, 65'504)}, destination);

    EXPECT_TRUE(outcome.is_complete);
    poll_for(4);
    EXPECT_THAT(inbox.datagrams, testing::Each(SizeIs(65'504)));
    EXPECT_EQ(inbox.all_bytes(), bytes);
}

TEST_P(TwoSockets, ExchangeTheLongestDatagramOfAll) {
    const Bytes bytes = pattern(max_datagram_length);

    EXPECT_TRUE(sender->send(std::vector{DatagramRun::single(bytes)}, destination).is_complete);

    poll_for(1);
    EXPECT_THAT(inbox.datagrams, ElementsAre(bytes));
}

TEST_P(TwoSockets, CountTheBytesThatArePolled) {
    const Bytes bytes = pattern(6 * 1'000);
    EXPECT_EQ(poller->poll(), 0);
    ASSERT_TRUE(sender->send(std::vector{run_of(bytes, 1'000)}, destination).is_complete);

    std::int64_t received = 0;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{5};
    while (received < 6'000 && std::chrono::steady_clock::now() < deadline) {
        received += poller->poll();
    }

    EXPECT_EQ(received, 6'000);
    EXPECT_THAT(inbox.datagrams, SizeIs(6));
}

TEST(SystemUdpTransport, HandsOverJoinedDatagramsAsOneRun) {
    SystemUdpTransport transport;
    const auto receiver = open(transport, {.bind_address = loopback});
    const auto sender = open(transport, {.bind_address = loopback, .connect_to = receiver->local_address()});
    const auto poller = transport.make_poller(1);
    Inbox inbox;
    poller->add(*receiver, inbox);
    const Bytes bytes = pattern(20 * 1'376);

    ASSERT_TRUE(sender->send(std::vector{run_of(bytes, 1'376)}, nullptr).is_complete);

    poll_until(*poller, "the run", [&] { return inbox.datagrams.size() == 20; });
    EXPECT_EQ(inbox.runs, 1);
    poller->remove(*receiver);
}

}  // namespace
}  // namespace cpperon::net
