#include "cpperon/driver/sender/destinations.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/sender/fake_socket.hpp"

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr std::int64_t timeout_ns = 5'000'000'000;

net::SocketAddress host(const std::uint8_t last_byte, const std::uint16_t port) {
    return net::SocketAddress::ipv4({10, 0, 0, last_byte}, port);
}

/// A list of destinations, and a socket that keeps what it is asked to send.
class DestinationsTest : public ::testing::Test {
protected:
    explicit DestinationsTest(const Destinations::Kind kind) : destinations(kind, shm::AtomicCounter{count}) {}

    net::SendOutcome send_at(const std::int64_t now_ns) {
        const std::array<std::byte, 32> datagram{};
        const net::DatagramRun run = net::DatagramRun::single(datagram);
        return destinations.send(socket, {&run, 1}, now_ns);
    }
    /// Ports of where a datagram goes, in the order of sending.
    std::vector<std::uint16_t> ports_at(const std::int64_t now_ns) {
        socket.sent.clear();
        EXPECT_TRUE(send_at(now_ns).is_complete);
        std::vector<std::uint16_t> ports;
        for (const SentDatagram& sent : socket.sent) {
            ports.push_back(sent.destination->port());
        }
        return ports;
    }
    void add(const std::int64_t registration_id, const std::optional<net::SocketAddress>& address,
             const std::string& endpoint = "host:1", const std::int64_t now_ns = 0) {
        destinations.add({.registration_id = registration_id, .endpoint = endpoint, .address = address}, now_ns);
    }
    std::vector<std::pair<std::string, std::optional<net::SocketAddress>>> silent_at(const std::int64_t now_ns) {
        std::vector<std::pair<std::string, std::optional<net::SocketAddress>>> names;
        destinations.check_names(now_ns,
                                 [&](const std::string& name, const std::optional<net::SocketAddress>& current) {
                                     names.emplace_back(name, current);
                                 });
        return names;
    }

    std::int64_t count = 0;
    FakeSocket socket;
    Destinations destinations;
};

class DynamicDestinationsTest : public DestinationsTest {
protected:
    DynamicDestinationsTest() : DestinationsTest(Destinations::Kind::dynamic) {}
};

class ManualDestinationsTest : public DestinationsTest {
protected:
    ManualDestinationsTest() : DestinationsTest(Destinations::Kind::manual) {}
};

// Dynamic.

// spec: 04-C53
TEST_F(DynamicDestinationsTest, WithoutDestinationsEverythingCountsAsSent) {
    const net::SendOutcome outcome = send_at(0);

    EXPECT_TRUE(outcome.is_complete);
    EXPECT_EQ(outcome.bytes_sent, 32);
    EXPECT_THAT(socket.sent, IsEmpty());
}

// spec: 04-C50
TEST_F(DynamicDestinationsTest, AReceiverIsAddedByItsIdAndPort) {
    destinations.on_status(1, host(1, 4'001), 0);
    destinations.on_status(1, host(2, 4'001), 0);  // the same one, by another way
    EXPECT_EQ(count, 1);

    destinations.on_status(2, host(1, 4'001), 0);
    destinations.on_status(1, host(1, 4'002), 0);

    EXPECT_EQ(count, 3);
    EXPECT_THAT(ports_at(0), ElementsAre(4'001, 4'001, 4'002));
    EXPECT_EQ(socket.sent[0].destination, host(1, 4'001));
}

// spec: 04-C50, 06-C51
TEST_F(DynamicDestinationsTest, ASilentReceiverIsDroppedAfterFiveSeconds) {
    destinations.on_status(1, host(1, 4'001), 0);
    destinations.on_status(2, host(2, 4'002), 1);

    EXPECT_THAT(ports_at(timeout_ns), ElementsAre(4'001, 4'002));
    EXPECT_EQ(count, 2);
    EXPECT_THAT(ports_at(timeout_ns + 1), ElementsAre(4'002));
    EXPECT_EQ(count, 1);
}

TEST_F(DynamicDestinationsTest, WhatAReceiverSaysKeepsIt) {
    destinations.on_status(1, host(1, 4'001), 0);
    destinations.on_status(1, host(1, 4'001), timeout_ns);

    EXPECT_THAT(ports_at(2 * timeout_ns), ElementsAre(4'001));
    EXPECT_THAT(ports_at(2 * timeout_ns + 1), IsEmpty());
}

TEST_F(DynamicDestinationsTest, EachSendBeginsAtAnotherOne) {
    destinations.on_status(1, host(1, 4'001), 0);
    destinations.on_status(2, host(2, 4'002), 0);
    destinations.on_status(3, host(3, 4'003), 0);

    EXPECT_THAT(ports_at(0), ElementsAre(4'001, 4'002, 4'003));
    EXPECT_THAT(ports_at(0), ElementsAre(4'002, 4'003, 4'001));
    EXPECT_THAT(ports_at(0), ElementsAre(4'003, 4'001, 4'002));
    EXPECT_THAT(ports_at(0), ElementsAre(4'001, 4'002, 4'003));
}

TEST_F(DynamicDestinationsTest, WhatCannotBeTakenNowCountsAsSent) {
    destinations.on_status(1, host(1, 4'001), 0);
    socket.room = 0;

    EXPECT_TRUE(send_at(0).is_complete);
}

TEST_F(DynamicDestinationsTest, AHardErrorOfOneMakesTheSendShortButTheOthersGetIt) {
    destinations.on_status(1, host(1, 4'001), 0);
    destinations.on_status(2, host(2, 4'002), 0);
    socket.broken_port = 4'001;

    const net::SendOutcome outcome = send_at(0);

    EXPECT_FALSE(outcome.is_complete);
    EXPECT_EQ(outcome.system_error, 1);
    ASSERT_EQ(socket.sent.size(), 1U);
    EXPECT_EQ(socket.sent[0].destination, host(2, 4'002));
}

TEST_F(DynamicDestinationsTest, HaveNoNamesToLookUp) {
    destinations.on_status(1, host(1, 4'001), 0);

    EXPECT_THAT(silent_at(timeout_ns + 1), IsEmpty());
}

// Manual.

// spec: 04-C52, 06-C51
TEST_F(ManualDestinationsTest, AreAddedAndRemovedByAddressAndById) {
    add(11, host(1, 4'001));
    add(12, host(2, 4'002));
    add(13, host(3, 4'003));
    EXPECT_EQ(count, 3);

    destinations.remove(host(2, 4'002));
    EXPECT_THAT(ports_at(0), ElementsAre(4'001, 4'003));
    destinations.remove_by_id(11);
    EXPECT_THAT(ports_at(0), ElementsAre(4'003));
    EXPECT_EQ(count, 1);
}

TEST_F(ManualDestinationsTest, RemovingWhatIsNotThereChangesNothing) {
    add(11, host(1, 4'001));

    destinations.remove(host(1, 4'002));
    destinations.remove(std::nullopt);
    destinations.remove_by_id(12);

    EXPECT_EQ(count, 1);
}

TEST_F(ManualDestinationsTest, OfSeveralWithOneAddressTheLastIsRemoved) {
    add(11, host(1, 4'001));
    add(12, host(2, 4'002));
    add(13, host(1, 4'001));

    destinations.remove(host(1, 4'001));

    EXPECT_EQ(count, 2);
    EXPECT_EQ(destinations.registration_id_of(1, host(1, 4'001)), 11);
}

TEST_F(ManualDestinationsTest, OfSeveralWithoutAnAddressTheLastIsRemoved) {
    add(11, std::nullopt, "first:1");
    add(12, std::nullopt, "second:1");
    add(13, host(1, 4'001), "third:1");

    destinations.remove(std::nullopt);

    EXPECT_THAT(silent_at(timeout_ns + 1), ElementsAre(Pair("first:1", std::nullopt), Pair("third:1", host(1, 4'001))));
}

// spec: 04-C52
TEST_F(ManualDestinationsTest, ReceiversAddNone) {
    destinations.on_status(1, host(1, 4'001), 0);

    EXPECT_EQ(count, 0);
}

TEST_F(ManualDestinationsTest, AreNotDroppedByTime) {
    add(11, host(1, 4'001));

    EXPECT_THAT(ports_at(100 * timeout_ns), ElementsAre(4'001));
    EXPECT_EQ(count, 1);
}

// spec: 04-C91
TEST_F(ManualDestinationsTest, AnUnknownAddressIsNotSentToUntilItsNameResolves) {
    add(11, std::nullopt, "later:4001");
    EXPECT_THAT(ports_at(0), IsEmpty());
    EXPECT_EQ(count, 1);

    EXPECT_THAT(silent_at(timeout_ns), IsEmpty());
    EXPECT_THAT(silent_at(timeout_ns + 1), ElementsAre(Pair("later:4001", std::nullopt)));
    EXPECT_THAT(silent_at(2 * timeout_ns + 1), IsEmpty());
    destinations.change_address("later:4001", host(1, 4'001));

    EXPECT_THAT(ports_at(0), ElementsAre(4'001));
}

TEST_F(ManualDestinationsTest, EveryOneSpelledTheSameGetsTheNewAddress) {
    add(11, host(1, 4'001), "name:4001");
    add(12, host(2, 4'002), "other:4002");
    add(13, host(1, 4'001), "name:4001");

    destinations.change_address("name:4001", host(9, 4'009));

    EXPECT_THAT(ports_at(0), ElementsAre(4'009, 4'002, 4'009));
}

TEST_F(ManualDestinationsTest, WhatItsReceiverSaysKeepsANameFromBeingLookedUp) {
    add(11, host(1, 4'001));

    destinations.on_status(1, host(1, 4'001), timeout_ns);
    EXPECT_THAT(silent_at(2 * timeout_ns), IsEmpty());
    // From now on the receiver is known by its id and port.
    destinations.on_status(1, host(8, 4'001), 2 * timeout_ns);
    EXPECT_THAT(silent_at(3 * timeout_ns), IsEmpty());
    destinations.on_status(2, host(1, 4'001), 3 * timeout_ns);
    EXPECT_EQ(silent_at(3 * timeout_ns + 1).size(), 1U);
}

TEST_F(ManualDestinationsTest, TheRegistrationOfAReceiverIsThatOfItsDestination) {
    add(11, host(1, 4'001));
    add(12, host(2, 4'002));

    EXPECT_EQ(destinations.registration_id_of(5, host(2, 4'002)), 12);
    EXPECT_EQ(destinations.registration_id_of(5, host(2, 4'001)), -1);
    destinations.on_status(5, host(2, 4'002), 0);
    EXPECT_EQ(destinations.registration_id_of(5, host(9, 4'002)), 12);
    EXPECT_EQ(destinations.registration_id_of(6, host(2, 4'002)), -1);
}

}  // namespace
}  // namespace cpperon::driver
