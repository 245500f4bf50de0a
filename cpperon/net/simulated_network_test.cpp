#include "cpperon/net/simulated_network.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/net/simulated_name_resolver.hpp"

namespace cpperon::net {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

SocketAddress address(const std::string& host, const std::uint16_t port = 0) {
    return SocketAddress::try_parse(host, port).value();
}

std::string text_of(const std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Keeps what it is handed, taken apart into datagrams.
class Inbox : public ReceiveHandler {
public:
    void on_datagrams(const ReceivedRun& run) override {
        ++runs;
        for (std::size_t offset = 0; offset < run.bytes.size(); offset += run.segment_length) {
            const std::size_t length = std::min<std::size_t>(run.segment_length, run.bytes.size() - offset);
            texts.push_back(text_of(run.bytes.subspan(offset, length)));
            sources.push_back(run.source);
        }
        timestamp_ns = run.media_timestamp_ns;
    }
    void on_receive_error(int) override { FAIL(); }

    std::vector<std::string> texts;
    std::vector<SocketAddress> sources;
    std::int64_t timestamp_ns = 0;
    int runs = 0;
};

/// A socket, what polls it and what it received.
struct Peer {
    Peer(SimulatedHost& host, const SocketSpec& spec)
        : socket(host.open(spec).value_or_throw()), poller(host.make_poller(16)) {
        poller->add(*socket, inbox);
    }
    ~Peer() { poller->remove(*socket); }

    bool send(const std::string& text, const SocketAddress& to) {
        const DatagramRun run = DatagramRun::single(std::as_bytes(std::span{text}));
        return socket->send({&run, 1}, &to).is_complete;
    }
    std::vector<std::string> poll_all() {
        inbox.texts.clear();
        while (poller->poll() > 0) {
        }
        return inbox.texts;
    }

    Inbox inbox;
    std::unique_ptr<UdpSocket> socket;
    std::unique_ptr<SocketPoller> poller;
};

SocketSpec bound_to(const std::string& host, const std::uint16_t port) {
    return {.bind_address = address(host, port)};
}

SocketSpec joining(const std::string& group, const std::uint16_t port, const std::string& interface_address) {
    return {.bind_address = SocketAddress::wildcard(address(group).family(), port),
            .multicast = MulticastMembership{.group = address(group), .interface_address = address(interface_address)}};
}

std::vector<std::string> numbered(const int count) {
    std::vector<std::string> texts;
    for (int i = 0; i < count; ++i) {
        texts.push_back(std::to_string(100'000 + i));
    }
    return texts;
}

class SimulatedNetworkTest : public testing::Test {
protected:
    void send_all(Peer& from, const std::vector<std::string>& texts, const SocketAddress& to) {
        for (const std::string& text : texts) {
            ASSERT_TRUE(from.send(text, to));
        }
    }

    ManualClock clock;
    SimulatedNetwork network{clock, 1};
    SimulatedHost& a = network.add_host("a", {address("10.0.0.1"), address("fd00::1")});
    SimulatedHost& b = network.add_host("b", {address("10.0.0.2"), address("fd00::2")});
    SimulatedHost& c = network.add_host("c", {address("10.0.0.3")});
};

TEST_F(SimulatedNetworkTest, DeliversAtOnceAndInOrderWithoutFaults) {
    Peer sender{a, bound_to("0.0.0.0", 0)};
    Peer receiver{b, bound_to("10.0.0.2", 40'456)};

    send_all(sender, numbered(1'000), address("10.0.0.2", 40'456));

    EXPECT_EQ(receiver.poll_all(), numbered(1'000));
    EXPECT_EQ(receiver.inbox.sources.front(), address("10.0.0.1", sender.socket->local_address().port()));
    EXPECT_EQ(network.link(a, b).statistics.sent, 1'000U);
    EXPECT_EQ(network.link(a, b).statistics.delivered, 1'000U);
    EXPECT_EQ(network.link(b, a).statistics.sent, 0U);
    EXPECT_EQ(network.in_flight(), 0U);
}

TEST_F(SimulatedNetworkTest, DeliversWhenTheDelayHasPassedAndNotBefore) {
    network.set_faults({.min_delay_ns = 1'000, .max_delay_ns = 1'000});
    Peer sender{a, bound_to("0.0.0.0", 0)};
    Peer receiver{b, bound_to("10.0.0.2", 40'456)};

    ASSERT_TRUE(sender.send("x", address("10.0.0.2", 40'456)));
    EXPECT_EQ(network.next_arrival_ns(), 1'000);
    clock.advance(999ns);
    EXPECT_THAT(receiver.poll_all(), IsEmpty());
    clock.advance(1ns);

    EXPECT_THAT(receiver.poll_all(), ElementsAre("x"));
    EXPECT_EQ(network.next_arrival_ns(), std::nullopt);
}

TEST_F(SimulatedNetworkTest, KeepsTheOrderThoughDelaysDiffer) {
    network.set_faults({.min_delay_ns = 0, .max_delay_ns = 1'000'000});
    Peer sender{a, bound_to("0.0.0.0", 0)};
    Peer receiver{b, bound_to("10.0.0.2", 40'456)};

    send_all(sender, numbered(1'000), address("10.0.0.2", 40'456));
    clock.advance(1ms);

    EXPECT_EQ(receiver.poll_all(), numbered(1'000));
}

TEST_F(SimulatedNetworkTest, ReordersAndLosesNothingWhenAskedTo) {
    network.set_faults({.reordering_rate = 0.1});
    Peer sender{a, bound_to("0.0.0.0", 0)};
    Peer receiver{b, bound_to("10.0.0.2", 40'456)};

    send_all(sender, numbered(1'000), address("10.0.0.2", 40'456));
    std::vector<std::string> received = receiver.poll_all();
    const auto reordered = network.link(a, b).statistics.reordered;
    EXPECT_EQ(received.size(), 1'000 - reordered);
    clock.advance(1ms);
    const std::vector<std::string> late = receiver.poll_all();
    received.insert(received.end(), late.begin(), late.end());

    EXPECT_GT(reordered, 50U);
    EXPECT_NE(received, numbered(1'000));
    EXPECT_THAT(received, testing::UnorderedElementsAreArray(numbered(1'000)));
}

TEST_F(SimulatedNetworkTest, LosesAndDuplicatesAsManyAsTheRatesSay) {
    network.set_faults({.loss_rate = 0.2, .duplication_rate = 0.1});
    Peer sender{a, bound_to("0.0.0.0", 0)};
    Peer receiver{b, bound_to("10.0.0.2", 40'456)};

    std::map<std::string, int> times;
    for (const std::string& text : numbered(10'000)) {
        ASSERT_TRUE(sender.send(text, address("10.0.0.2", 40'456)));
        for (const std::string& received : receiver.poll_all()) {
            ++times[received];
        }
    }

    const LinkStatistics& statistics = network.link(a, b).statistics;
    EXPECT_NEAR(static_cast<double>(statistics.lost), 2'000, 200);
    EXPECT_NEAR(static_cast<double>(statistics.duplicated), 800, 100);
    EXPECT_EQ(times.size(), 10'000 - statistics.lost);
    EXPECT_EQ(std::ranges::count_if(times, [](const auto& entry) { return entry.second == 2; }),
              static_cast<std::ptrdiff_t>(statistics.duplicated));
    EXPECT_EQ(statistics.delivered, 10'000 - statistics.lost + statistics.duplicated);
}

TEST_F(SimulatedNetworkTest, CorruptsDatagramsButNeverMakesThemEmptyOrTooLong) {
    network.set_faults({.corruption_rate = 1});
    Peer sender{a, bound_to("0.0.0.0", 0)};
    Peer receiver{b, bound_to("10.0.0.2", 40'456)};
    const std::string shortest = "x";
    const std::string longest(max_datagram_length, 'x');

    int unchanged = 0;
    for (int i = 0; i < 500; ++i) {
        for (const std::string& text : {shortest, longest}) {
            ASSERT_TRUE(sender.send(text, address("10.0.0.2", 40'456)));
            for (const std::string& received : receiver.poll_all()) {
                EXPECT_GE(received.size(), 1U);
                EXPECT_LE(received.size(), max_datagram_length);
                unchanged += received == text ? 1 : 0;
            }
        }
    }

    EXPECT_LT(unchanged, 200);
    EXPECT_EQ(network.link(a, b).statistics.corrupted, 1'000U);
}

TEST_F(SimulatedNetworkTest, CutsOneDirectionAndNotTheOther) {
    Peer one{a, bound_to("10.0.0.1", 40'456)};
    Peer other{b, bound_to("10.0.0.2", 40'456)};
    network.link(a, b).faults.is_cut = true;

    EXPECT_TRUE(one.send("there", address("10.0.0.2", 40'456)));
    EXPECT_TRUE(other.send("back", address("10.0.0.1", 40'456)));
    EXPECT_THAT(other.poll_all(), IsEmpty());
    EXPECT_THAT(one.poll_all(), ElementsAre("back"));
    EXPECT_EQ(network.link(a, b).statistics.cut, 1U);

    network.link(a, b).faults.is_cut = false;
    EXPECT_TRUE(one.send("again", address("10.0.0.2", 40'456)));
    EXPECT_THAT(other.poll_all(), ElementsAre("again"));
}

TEST_F(SimulatedNetworkTest, BandwidthSpacesDatagramsAndItsQueueOverflows) {
    network.set_faults({.bytes_per_second = 1'000'000, .max_queue_length = 30});
    Peer sender{a, bound_to("0.0.0.0", 0)};
    Peer receiver{b, bound_to("10.0.0.2", 40'456)};

    send_all(sender, {"0123456789", "1123456789", "2123456789", "lost"}, address("10.0.0.2", 40'456));
    EXPECT_EQ(network.link(a, b).statistics.queue_overflows, 1U);
    EXPECT_EQ(network.next_arrival_ns(), 10'000);
    clock.advance(10us);
    EXPECT_THAT(receiver.poll_all(), SizeIs(1));
    clock.advance(10us);
    EXPECT_THAT(receiver.poll_all(), SizeIs(1));
    clock.advance(10us);
    EXPECT_THAT(receiver.poll_all(), SizeIs(1));
}

TEST_F(SimulatedNetworkTest, DropsWhatDoesNotFitIntoTheReceiveBuffer) {
    Peer sender{a, bound_to("0.0.0.0", 0)};
    Peer receiver{b, {.bind_address = address("10.0.0.2", 40'456), .receive_buffer_length = 20}};
    EXPECT_EQ(receiver.socket->receive_buffer_length(), 20);

    send_all(sender, {"0123456789", "1123456789", "2"}, address("10.0.0.2", 40'456));

    EXPECT_THAT(receiver.poll_all(), ElementsAre("0123456789", "1123456789"));
    EXPECT_EQ(network.link(a, b).statistics.buffer_overflows, 1U);
    send_all(sender, {"3"}, address("10.0.0.2", 40'456));
    EXPECT_THAT(receiver.poll_all(), ElementsAre("3"));
}

TEST_F(SimulatedNetworkTest, BoundsWhatIsOnItsWay) {
    network.set_max_in_flight(2);
    Peer sender{a, bound_to("0.0.0.0", 0)};
    Peer receiver{b, bound_to("10.0.0.2", 40'456)};

    send_all(sender, {"1", "2", "3"}, address("10.0.0.2", 40'456));

    EXPECT_EQ(network.in_flight_overflows(), 1U);
    EXPECT_THAT(receiver.poll_all(), ElementsAre("1", "2"));
}

TEST_F(SimulatedNetworkTest, ShortSendSaysExactlyHowMuchWasTaken) {
    Peer sender{a, bound_to("0.0.0.0", 0)};
    Peer receiver{b, bound_to("10.0.0.2", 40'456)};
    const SocketAddress to = address("10.0.0.2", 40'456);
    const std::string bytes = "aaabbbcccdd";
    const std::vector<DatagramRun> runs(
        10, {.data = std::as_bytes(std::span{bytes}).data(), .length = 11, .segment_length = 3});
    a.set_short_send_rate(0.05);

    bool was_short = false;
    for (int i = 0; i < 100; ++i) {
        const SendOutcome outcome = sender.socket->send(runs, &to);
        std::int64_t received = 0;
        for (const std::string& text : receiver.poll_all()) {
            received += static_cast<std::int64_t>(text.size());
        }
        EXPECT_EQ(outcome.bytes_sent, received);
        EXPECT_EQ(outcome.is_complete, received == 110);
        EXPECT_EQ(outcome.system_error, 0);
        was_short |= received > 0 && !outcome.is_complete;
    }

    EXPECT_TRUE(was_short);
}

TEST_F(SimulatedNetworkTest, RefusesDatagramsThatAreTooLongOrGoNowhere) {
    Peer sender{a, bound_to("0.0.0.0", 0)};
    const std::string too_long(max_datagram_length + 1, 'x');
    const DatagramRun run = DatagramRun::single(std::as_bytes(std::span{too_long}));
    const SocketAddress to = address("10.0.0.2", 40'456);

    EXPECT_EQ(sender.socket->send({&run, 1}, &to).system_error, EMSGSIZE);
    EXPECT_EQ(sender.socket->send({&run, 1}, nullptr).system_error, EDESTADDRREQ);
    EXPECT_TRUE(sender.send("x", address("10.9.9.9", 1)));
    EXPECT_EQ(network.unroutable(), 1U);
    EXPECT_TRUE(sender.send("x", to));
    EXPECT_EQ(network.in_flight(), 1U);
    network.deliver();
    EXPECT_EQ(network.link(a, b).statistics.undeliverable, 1U);
}

TEST_F(SimulatedNetworkTest, HandsOverRunsOfEqualLengthsWithAShorterLastOne) {
    Peer sender{a, bound_to("0.0.0.0", 0)};
    Peer receiver{b, bound_to("10.0.0.2", 40'456)};
    std::vector<std::string> sent;
    for (int i = 0; i < 100; ++i) {
        const std::vector<std::string> group{"aaaa", "bbbb", "cc", "dddd", "eeeee", "ffffff"};
        sent.insert(sent.end(), group.begin(), group.end());
    }

    send_all(sender, sent, address("10.0.0.2", 40'456));

    EXPECT_EQ(receiver.poll_all(), sent);
    EXPECT_LT(receiver.inbox.runs, 590);
}

TEST_F(SimulatedNetworkTest, OnePollTakesABoundedBatchFromEachSocket) {
    Peer sender{a, bound_to("0.0.0.0", 0)};
    Peer receiver{b, bound_to("10.0.0.2", 40'456)};
    const std::unique_ptr<SocketPoller> poller = b.make_poller(2);
    poller->add(*receiver.socket, receiver.inbox);
    std::vector<std::string> growing;
    for (std::size_t length = 1; length <= 10; ++length) {
        growing.emplace_back(length, 'x');  // each longer than the one before: no two are one run
    }

    send_all(sender, growing, address("10.0.0.2", 40'456));

    EXPECT_EQ(poller->poll(), 1 + 2);
    EXPECT_EQ(poller->poll(), 3 + 4);
    poller->remove(*receiver.socket);
    EXPECT_EQ(poller->poll(), 0);
}

TEST_F(SimulatedNetworkTest, ConnectedSocketHearsItsPeerOnly) {
    Peer peer{b, bound_to("10.0.0.2", 40'456)};
    Peer stranger{b, bound_to("10.0.0.2", 40'457)};
    Peer connected{a, {.bind_address = address("0.0.0.0", 0), .connect_to = address("10.0.0.2", 40'456)}};
    const SocketAddress to = address("10.0.0.1", connected.socket->local_address().port());

    EXPECT_TRUE(peer.send("peer", to));
    EXPECT_TRUE(stranger.send("stranger", to));
    EXPECT_THAT(connected.poll_all(), ElementsAre("peer"));

    EXPECT_FALSE(connected.socket->reconnect(address("10.0.0.2", 40'457)).has_value());
    EXPECT_TRUE(peer.send("peer", to));
    EXPECT_TRUE(stranger.send("stranger", to));
    EXPECT_THAT(connected.poll_all(), ElementsAre("stranger"));

    const std::string text = "without destination";
    const DatagramRun run = DatagramRun::single(std::as_bytes(std::span{text}));
    EXPECT_TRUE(connected.socket->send({&run, 1}, nullptr).is_complete);
    EXPECT_THAT(stranger.poll_all(), ElementsAre(text));
}

TEST_F(SimulatedNetworkTest, BindsToOwnAddressesAndFreePorts) {
    Peer first{a, bound_to("10.0.0.1", 40'456)};

    EXPECT_THAT(a.open(bound_to("10.0.0.1", 40'456)).error().message,
                HasSubstr("failed to bind to 10.0.0.1:40456: Address already in use"));
    EXPECT_FALSE(a.open(bound_to("0.0.0.0", 40'456)).has_value());
    EXPECT_THAT(a.open(bound_to("10.0.0.2", 40'456)).error().message, HasSubstr("Cannot assign requested address"));
    EXPECT_TRUE(a.open(bound_to("127.0.0.1", 40'456)).has_value());
    EXPECT_TRUE(a.open(bound_to("::", 40'456)).has_value());
    EXPECT_TRUE(b.open(bound_to("10.0.0.2", 40'456)).has_value());
    const Peer other{a, bound_to("0.0.0.0", 0)};
    const Peer another{a, bound_to("0.0.0.0", 0)};
    EXPECT_NE(other.socket->local_address().port(), 0);
    EXPECT_NE(other.socket->local_address().port(), another.socket->local_address().port());
    EXPECT_EQ(a.socket_count(), 3U);
}

TEST_F(SimulatedNetworkTest, WildcardHearsEveryAddressButAnExactBindGoesFirst) {
    Peer wildcard{a, bound_to("0.0.0.0", 40'456)};
    Peer loopback{b, bound_to("127.0.0.1", 40'456)};
    Peer exact{b, bound_to("10.0.0.2", 40'456)};

    EXPECT_TRUE(exact.send("remote", address("10.0.0.1", 40'456)));
    EXPECT_TRUE(wildcard.send("local", address("127.0.0.1", 40'456)));
    EXPECT_TRUE(loopback.send("to lo", address("127.0.0.1", 40'456)));
    EXPECT_TRUE(loopback.send("to eth", address("10.0.0.2", 40'456)));

    EXPECT_THAT(wildcard.poll_all(), ElementsAre("remote", "local"));
    EXPECT_THAT(wildcard.inbox.sources, ElementsAre(address("10.0.0.2", 40'456), address("127.0.0.1", 40'456)));
    EXPECT_THAT(loopback.poll_all(), ElementsAre("to lo"));
    EXPECT_THAT(exact.poll_all(), ElementsAre("to eth"));
}

TEST_F(SimulatedNetworkTest, CarriesIpv6) {
    Peer sender{a, bound_to("::", 0)};
    Peer receiver{b, bound_to("fd00::2", 40'456)};

    EXPECT_TRUE(sender.send("six", address("fd00::2", 40'456)));

    EXPECT_THAT(receiver.poll_all(), ElementsAre("six"));
    EXPECT_EQ(receiver.inbox.sources.front().host_string(), "fd00::1");
}

TEST_F(SimulatedNetworkTest, MulticastReachesTheMembersOfTheGroupOnItsPortItsOwnHostIncluded) {
    Peer sender{a, joining("224.20.30.40", 40'456, "10.0.0.1")};
    Peer local{a, joining("224.20.30.39", 40'456, "10.0.0.1")};
    Peer remote{b, joining("224.20.30.39", 40'456, "10.0.0.2")};
    Peer also_remote{b, joining("224.20.30.39", 40'456, "10.0.0.2")};
    Peer other_group{c, joining("224.20.30.41", 40'456, "10.0.0.3")};
    Peer other_port{c, joining("224.20.30.39", 40'457, "10.0.0.3")};

    EXPECT_TRUE(sender.send("all", address("224.20.30.39", 40'456)));

    EXPECT_THAT(local.poll_all(), ElementsAre("all"));
    EXPECT_THAT(remote.poll_all(), ElementsAre("all"));
    EXPECT_THAT(also_remote.poll_all(), ElementsAre("all"));
    EXPECT_EQ(remote.inbox.sources.front(), address("10.0.0.1", 40'456));
    EXPECT_THAT(sender.poll_all(), IsEmpty());
    EXPECT_THAT(other_group.poll_all(), IsEmpty());
    EXPECT_THAT(other_port.poll_all(), IsEmpty());
    EXPECT_EQ(network.link(a, c).statistics.sent, 0U);
}

TEST_F(SimulatedNetworkTest, MulticastOverLoopbackStaysOnItsHost) {
    Peer sender{a, joining("224.20.30.40", 40'456, "127.0.0.1")};
    Peer local{a, joining("224.20.30.39", 40'456, "127.0.0.1")};
    Peer on_other_interface{a, joining("224.20.30.39", 40'456, "10.0.0.1")};
    Peer remote{b, joining("224.20.30.39", 40'456, "127.0.0.1")};

    EXPECT_TRUE(sender.send("here", address("224.20.30.39", 40'456)));

    EXPECT_THAT(local.poll_all(), ElementsAre("here"));
    EXPECT_THAT(on_other_interface.poll_all(), IsEmpty());
    EXPECT_THAT(remote.poll_all(), IsEmpty());
}

TEST_F(SimulatedNetworkTest, CrashedHostIsSilentAndItsPortsAreFree) {
    Peer sender{a, bound_to("0.0.0.0", 0)};
    Peer dead{b, bound_to("10.0.0.2", 40'456)};

    EXPECT_TRUE(sender.send("too late", address("10.0.0.2", 40'456)));
    b.crash();
    Peer alive{b, bound_to("10.0.0.2", 40'456)};
    EXPECT_FALSE(dead.send("x", sender.socket->local_address()));

    EXPECT_THAT(dead.poll_all(), IsEmpty());
    EXPECT_THAT(alive.poll_all(), ElementsAre("too late"));
}

TEST_F(SimulatedNetworkTest, TapSeesEveryDatagramAndDecidesAboutIt) {
    Peer sender{a, bound_to("0.0.0.0", 0)};
    Peer receiver{b, bound_to("10.0.0.2", 40'456)};
    std::vector<std::string> seen;
    network.set_tap([&](const SentDatagram& datagram) {
        EXPECT_EQ(&datagram.from, &a);
        EXPECT_EQ(datagram.destination, address("10.0.0.2", 40'456));
        seen.push_back(text_of(datagram.bytes));
        return seen.back() != "2";
    });

    send_all(sender, {"1", "2", "3"}, address("10.0.0.2", 40'456));

    EXPECT_THAT(seen, ElementsAre("1", "2", "3"));
    EXPECT_THAT(receiver.poll_all(), ElementsAre("1", "3"));
}

TEST_F(SimulatedNetworkTest, StampsArrivalsWhenAskedTo) {
    Peer sender{a, bound_to("0.0.0.0", 0)};
    Peer receiver{b, {.bind_address = address("10.0.0.2", 40'456), .wants_media_timestamps = true}};
    Peer without{b, bound_to("10.0.0.2", 40'457)};
    clock.advance(5us);

    send_all(sender, {"1"}, address("10.0.0.2", 40'456));
    send_all(sender, {"1"}, address("10.0.0.2", 40'457));
    receiver.poll_all();
    without.poll_all();

    EXPECT_EQ(receiver.inbox.timestamp_ns, 5'000);
    EXPECT_EQ(without.inbox.timestamp_ns, 0);
}

TEST_F(SimulatedNetworkTest, ShowsItsInterfacesAndGrantsBuffersUpToItsLimits) {
    const std::vector<NetworkInterface> interfaces = a.interfaces();
    ASSERT_THAT(interfaces, SizeIs(4));
    EXPECT_TRUE(interfaces[0].is_loopback);
    EXPECT_EQ(interfaces[2].name, "eth0");
    EXPECT_EQ(interfaces[2].address, address("10.0.0.1"));
    EXPECT_EQ(interfaces[2].prefix_length, 24);
    EXPECT_EQ(interfaces[3].address, address("fd00::1"));
    EXPECT_NE(interfaces[2].index, interfaces[3].index);

    a.set_buffer_limits({.initial = {.send = 10, .receive = 20}, .maximum = {.send = 100, .receive = 200}});
    const SocketBufferLengths initial = a.probe_buffers({});
    const SocketBufferLengths wanted = a.probe_buffers({.send = 50, .receive = 1'000});
    EXPECT_EQ(initial.send, 10);
    EXPECT_EQ(initial.receive, 20);
    EXPECT_EQ(wanted.send, 50);
    EXPECT_EQ(wanted.receive, 200);
}

/// Everything that one run shows, as text.
std::string story_of(const std::uint64_t seed) {
    ManualClock clock;
    SimulatedNetwork network{clock, seed};
    SimulatedHost& a = network.add_host("a", {address("10.0.0.1")});
    SimulatedHost& b = network.add_host("b", {address("10.0.0.2")});
    network.set_faults({.max_delay_ns = 10'000,
                        .loss_rate = 0.1,
                        .duplication_rate = 0.1,
                        .reordering_rate = 0.1,
                        .max_reordering_delay_ns = 50'000,
                        .corruption_rate = 0.1});
    a.set_short_send_rate(0.1);
    Peer sender{a, bound_to("0.0.0.0", 0)};
    Peer receiver{b, bound_to("10.0.0.2", 40'456)};
    std::string story;
    for (int i = 0; i < 1'000; ++i) {
        static_cast<void>(sender.send(std::to_string(i), address("10.0.0.2", 40'456)));
        clock.advance(1us);
        for (const std::string& text : receiver.poll_all()) {
            story += text + "@" + std::to_string(clock.nano_time()) + "\n";
        }
    }
    return story + std::to_string(receiver.inbox.runs);
}

TEST(SimulatedNetworkSeeds, TellTheSameStoryAgain) {
    EXPECT_EQ(story_of(7), story_of(7));
    EXPECT_NE(story_of(7), story_of(8));
}

TEST(SimulatedNameResolver, AnswersFromATableThatChanges) {
    SimulatedNameResolver resolver;
    resolver.set("exchange", address("10.0.0.1", 99));
    EXPECT_EQ(*resolver.resolve("endpoint", "exchange", false), address("10.0.0.1"));

    resolver.set("exchange", address("10.0.0.2"));
    EXPECT_EQ(*resolver.resolve("endpoint", "exchange", true), address("10.0.0.2"));

    resolver.remove("exchange");
    const Result<SocketAddress> gone = resolver.resolve("endpoint", "exchange", true);
    EXPECT_EQ(gone.error().code, ErrorCode::unknown_host);
    EXPECT_THAT(gone.error().message, HasSubstr("Unable to resolve host=(exchange)"));
    EXPECT_EQ(resolver.resolutions(), 1U);
    EXPECT_EQ(resolver.re_resolutions(), 2U);
}

}  // namespace
}  // namespace cpperon::net
