#include "cpperon/net/socket_address.hpp"

#include <string>
#include <unordered_set>

#include <gtest/gtest.h>

namespace cpperon::net {
namespace {

TEST(SocketAddress, IsTheWildcardOfIpv4UnlessToldOtherwise) {
    const SocketAddress address;

    EXPECT_TRUE(address.is_wildcard());
    EXPECT_FALSE(address.is_ipv6());
    EXPECT_EQ(address.to_string(), "0.0.0.0:0");
    EXPECT_EQ(address, SocketAddress::wildcard(AddressFamily::ipv4));
    EXPECT_NE(address, SocketAddress::wildcard(AddressFamily::ipv6));
}

TEST(SocketAddress, ReadsAndPrintsLiteralsOfBothFamilies) {
    const auto ipv4 = SocketAddress::try_parse("10.1.2.3", 40'123);
    const auto ipv6 = SocketAddress::try_parse("FD00:0:0:0:0:0:0:00a1", 65'535);

    EXPECT_EQ(ipv4, SocketAddress::ipv4({10, 1, 2, 3}, 40'123));
    EXPECT_EQ(ipv4->to_string(), "10.1.2.3:40123");
    EXPECT_EQ(ipv4->host_string(), "10.1.2.3");
    EXPECT_EQ(ipv4->bytes().size(), 4U);
    EXPECT_EQ(ipv6->to_string(), "[fd00::a1]:65535");
    EXPECT_EQ(ipv6->host_string(), "fd00::a1");
    EXPECT_EQ(ipv6->bytes().size(), 16U);
    EXPECT_EQ(SocketAddress::wildcard(AddressFamily::ipv6, 7).to_string(), "[::]:7");
}

TEST(SocketAddress, IsNotReadFromAnythingElse) {
    using namespace std::string_literals;
    for (const std::string& text : {""s, "localhost"s, "256.1.1.1"s, "10.1.2"s, "10.1.2.3 "s, "10.1.2.3\0"s, "[::1]"s,
                                    "::1%lo"s, ":::"s, "1:2:3:4:5:6:7:8:9"s, std::string(400, '1')}) {
        EXPECT_FALSE(SocketAddress::try_parse(text, 1)) << text;
    }
}

TEST(SocketAddress, KnowsMulticastByItsFirstBits) {
    EXPECT_FALSE(SocketAddress::try_parse("223.255.255.255", 1)->is_multicast());
    EXPECT_TRUE(SocketAddress::try_parse("224.0.0.0", 1)->is_multicast());
    EXPECT_TRUE(SocketAddress::try_parse("239.255.255.255", 1)->is_multicast());
    EXPECT_FALSE(SocketAddress::try_parse("240.0.0.0", 1)->is_multicast());
    EXPECT_TRUE(SocketAddress::try_parse("ff02::1", 1)->is_multicast());
    EXPECT_FALSE(SocketAddress::try_parse("fe80::1", 1)->is_multicast());
}

TEST(SocketAddress, KnowsLoopback) {
    EXPECT_TRUE(SocketAddress::try_parse("127.255.0.1", 1)->is_loopback());
    EXPECT_FALSE(SocketAddress::try_parse("128.0.0.1", 1)->is_loopback());
    EXPECT_TRUE(SocketAddress::try_parse("::1", 1)->is_loopback());
    EXPECT_FALSE(SocketAddress::try_parse("7f00::1", 1)->is_loopback());
}

TEST(SocketAddress, DiffersInAddressPortScopeAndFamily) {
    const SocketAddress address = SocketAddress::ipv6({0xFE, 0x80}, 1, 2);
    const std::unordered_set<SocketAddress> distinct{
        address, address.with_port(2), SocketAddress::ipv6({0xFE, 0x80}, 1, 3), SocketAddress::ipv6({0xFE, 0x81}, 1, 2),
        SocketAddress::ipv4({0xFE, 0x80}, 1)};

    EXPECT_EQ(distinct.size(), 5U);
    EXPECT_TRUE(distinct.contains(address.with_port(9).with_port(1)));
}

}  // namespace
}  // namespace cpperon::net
