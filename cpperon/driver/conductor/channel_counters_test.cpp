#include "cpperon/driver/conductor/channel_counters.hpp"

#include <cstdint>
#include <span>
#include <string>

#include <gtest/gtest.h>

#include "cpperon/driver/test_counters.hpp"
#include "tests/support/hex.hpp"

namespace cpperon::driver {
namespace {

using test::to_hex;

class ChannelCounters : public ::testing::Test {
protected:
    [[nodiscard]] const CountersReader& reader() const { return counters.manager.reader(); }
    [[nodiscard]] std::string key_of(const std::int32_t id, const std::size_t length) const {
        const CounterKey key = reader().key(id);
        return to_hex(std::span{key}.first(length));
    }

    TestCounters counters;
};

// spec: 06-C53
TEST_F(ChannelCounters, StatusOfAnActiveChannelEndsWithTheBoundAddress) {
    OwnedCounter status = allocate_channel_status(
        counters.manager,
        {.end = ChannelEnd::receive, .channel = "aeron:udp?endpoint=localhost:0", .registration_id = 2});
    EXPECT_EQ(status.get(), 0);
    EXPECT_EQ(reader().label(status.id()), "rcv-channel: aeron:udp?endpoint=localhost:0");

    activate_channel_status(counters.manager, status, "127.0.0.1:24567");

    EXPECT_EQ(status.get(), 1);
    EXPECT_EQ(reader().label(status.id()), "rcv-channel: aeron:udp?endpoint=localhost:0 127.0.0.1:24567");
    EXPECT_EQ(reader().type_id(status.id()), 7);
    EXPECT_EQ(reader().registration_id(status.id()), 2);
    EXPECT_EQ(reader().owner_id(status.id()), 0);
}

TEST_F(ChannelCounters, StatusOfAChannelWithoutASocketEndsInABlank) {
    OwnedCounter status = allocate_channel_status(
        counters.manager, {.end = ChannelEnd::receive, .channel = "aeron:udp?control-mode=manual"});

    activate_channel_status(counters.manager, status, "");

    EXPECT_EQ(reader().label(status.id()), "rcv-channel: aeron:udp?control-mode=manual ");
}

TEST_F(ChannelCounters, SendersHaveATypeOfTheirOwn) {
    const OwnedCounter status =
        allocate_channel_status(counters.manager, {.end = ChannelEnd::send, .channel = "aeron:udp?tags=1"});

    EXPECT_EQ(reader().type_id(status.id()), 6);
    EXPECT_EQ(reader().label(status.id()), "snd-channel: aeron:udp?tags=1");
}

TEST_F(ChannelCounters, KeyHoldsTheChannelCutToWhatFits) {
    const OwnedCounter brief = allocate_channel_status(counters.manager, {.channel = "abc"});
    const OwnedCounter long_one = allocate_channel_status(counters.manager, {.channel = std::string(200, 'x')});

    EXPECT_EQ(key_of(brief.id(), 8), "03000000 61626300");
    EXPECT_EQ(key_of(long_one.id(), 8), "6c000000 78787878");
    EXPECT_EQ(reader().key(long_one.id())[111], std::byte{'x'});
    EXPECT_EQ(reader().label(long_one.id()), "snd-channel: " + std::string(200, 'x'));
}

// spec: 06-C53, 04-C92
TEST_F(ChannelCounters, LocalAddressRefersToTheStatusCounter) {
    const OwnedCounter address = allocate_local_address(counters.manager, ChannelEnd::receive, 49,
                                                        *net::SocketAddress::try_parse("127.0.0.1", 24567), 2);

    EXPECT_EQ(reader().type_id(address.id()), 14);
    EXPECT_EQ(reader().label(address.id()), "rcv-local-sockaddr: 49 127.0.0.1:24567");
    EXPECT_EQ(key_of(address.id(), 24), "31000000 0f000000 3132372e 302e302e 313a3234 35363700");
    EXPECT_EQ(address.get(), 1);
    EXPECT_EQ(reader().registration_id(address.id()), 2);
    EXPECT_EQ(reader().owner_id(address.id()), 0);
}

TEST_F(ChannelCounters, LocalAddressOfIPv6StandsInBrackets) {
    const OwnedCounter address =
        allocate_local_address(counters.manager, ChannelEnd::send, 7, *net::SocketAddress::try_parse("::1", 24567), 2);

    EXPECT_EQ(reader().label(address.id()), "snd-local-sockaddr: 7 [::1]:24567");
}

TEST_F(ChannelCounters, DestinationCountStartsAtZero) {
    const OwnedCounter count = allocate_destination_count(
        counters.manager, {.channel = "aeron:udp?control-mode=manual", .registration_id = 9});

    EXPECT_EQ(reader().type_id(count.id()), 18);
    EXPECT_EQ(reader().label(count.id()), "mdc-num-dest: aeron:udp?control-mode=manual");
    EXPECT_EQ(count.get(), 0);
    EXPECT_EQ(reader().registration_id(count.id()), 9);
}

}  // namespace
}  // namespace cpperon::driver
