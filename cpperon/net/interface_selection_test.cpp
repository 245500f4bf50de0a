#include "cpperon/net/interface_selection.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/net/name_resolver_test_support.hpp"

namespace cpperon::net {
namespace {

using testing::HasSubstr;

constexpr InterfaceNeeds unicast{};
constexpr InterfaceNeeds unicast_ipv6{.family = AddressFamily::ipv6};
constexpr InterfaceNeeds multicast{.is_multicast = true};
constexpr InterfaceNeeds multicast_ipv6{.family = AddressFamily::ipv6, .is_multicast = true};

Result<SelectedInterface> select(const std::string& wanted, const InterfaceNeeds needs,
                                 const std::vector<NetworkInterface>& interfaces = host_interfaces()) {
    TableNameResolver resolver;
    if (wanted.empty()) {
        return select_interface(std::nullopt, needs, resolver, interfaces);
    }
    return select_interface(uri::try_parse_interface(wanted).value(), needs, resolver, interfaces);
}

void expect_selected(const std::string& wanted, const InterfaceNeeds needs, const std::string& address,
                     const std::uint32_t index, const std::vector<NetworkInterface>& interfaces = host_interfaces()) {
    const Result<SelectedInterface> selected = select(wanted, needs, interfaces);
    ASSERT_TRUE(selected) << wanted << ": " << selected.error().message;
    EXPECT_EQ(selected->address.to_string(), address) << wanted;
    EXPECT_EQ(selected->index, index) << wanted;
}

void expect_refused(const std::string& wanted, const InterfaceNeeds needs, const ErrorCode code,
                    const std::string& fragment, const std::vector<NetworkInterface>& interfaces = host_interfaces()) {
    const Result<SelectedInterface> selected = select(wanted, needs, interfaces);
    ASSERT_FALSE(selected) << wanted << ": " << selected->address.to_string();
    EXPECT_EQ(selected.error().code, code) << wanted;
    EXPECT_THAT(selected.error().message, HasSubstr(fragment)) << wanted;
}

TEST(InterfaceSelection, LeavesUnicastWithoutAWishUnbound) {
    expect_selected("", unicast, "0.0.0.0:0", 0);
    expect_selected("", unicast_ipv6, "[::]:0", 0);
}

TEST(InterfaceSelection, TakesAWildcardAsItStandsForUnicastOnly) {
    expect_selected("0.0.0.0:40455", unicast, "0.0.0.0:40455", 0);
    expect_selected("0.0.0.0/0", unicast, "0.0.0.0:0", 0);
    expect_selected("[::]:7/64", unicast, "[::]:7", 0);
    expect_selected("0.0.0.0/0", multicast, "192.0.2.2:0", 2);
    expect_refused("0.0.0.0", multicast, ErrorCode::generic_error, "could not find matching interface='0.0.0.0'");
}

// spec: 05-C11
TEST(InterfaceSelection, FindsAnAddressByItsPrefix) {
    expect_selected("127.0.0.1", unicast, "127.0.0.1:0", 1);
    expect_selected("127.0.0.0/8", unicast, "127.0.0.1:0", 1);
    expect_selected("192.0.2.0:7/24", multicast, "192.0.2.2:7", 2);
    expect_selected("192.0.2.3/31", multicast, "192.0.2.2:0", 2);
    expect_selected("[::1]:40455/64", unicast_ipv6, "[::1]:40455", 1);
    expect_selected("127.0.0.1/", unicast, "127.0.0.1:0", 1);
    expect_refused("192.0.2.0", unicast, ErrorCode::generic_error, "could not find matching interface='192.0.2.0'");
    expect_refused("192.0.2.3/32", unicast, ErrorCode::generic_error, "could not find matching interface=");
    expect_refused("192.0.2.0/31", unicast, ErrorCode::generic_error, "could not find matching interface=");
    expect_refused("198.51.100.7", unicast, ErrorCode::generic_error, "could not find matching interface=");
    expect_refused("10.255.255.0/24", multicast, ErrorCode::generic_error, "could not find matching interface=");
}

// spec: 05-C11
TEST(InterfaceSelection, FindsAnInterfaceByItsNameAndTheChannelsFamily) {
    expect_selected("{lo}", unicast, "127.0.0.1:0", 1);
    expect_selected("{lo}:40455", multicast_ipv6, "[::1]:40455", 1);
    expect_selected("{eth0}", multicast, "192.0.2.2:0", 2);
    expect_refused("{nosuch}", multicast, ErrorCode::generic_error, "unknown interface nosuch");
    expect_refused("{eth1}", unicast, ErrorCode::generic_error, "unknown interface eth1");
    expect_refused("{eth0}", unicast_ipv6, ErrorCode::generic_error, "no INET6 addresses found on interface eth0");
    expect_refused("{six}", unicast, ErrorCode::generic_error, "no INET addresses found on interface six",
                   {interface_of("six", 4, "fd00::1", 64)});
}

TEST(InterfaceSelection, TakesTheFirstAddressOfANamedInterface) {
    expect_selected("{eth0}", unicast, "10.0.0.1:0", 2,
                    {interface_of("eth0", 2, "fd00::1", 64), interface_of("eth0", 2, "10.0.0.1", 8),
                     interface_of("eth0", 2, "10.0.0.2", 24)});
}

TEST(InterfaceSelection, ResolvesAHostName) {
    expect_selected("localhost", unicast, "127.0.0.1:0", 1);
    expect_selected("[localhost6]:9", unicast, "[::1]:9", 1);
    expect_refused("bad.host.invalid", unicast, ErrorCode::unknown_host,
                   "could not parse interface='bad.host.invalid': Unable to resolve host=(bad.host.invalid)");
}

TEST(InterfaceSelection, LetsTheBracketsAloneSayTheFamily) {
    expect_refused("localhost6", unicast, ErrorCode::unknown_host, "Unable to resolve host=(localhost6)");
    expect_refused("[127.0.0.1]", unicast_ipv6, ErrorCode::unknown_host, "Unable to resolve host=(127.0.0.1)");
    expect_selected("[::1]", unicast, "[::1]:0", 1);
}

// spec: 05-C12
TEST(InterfaceSelection, PrefersAnInterfaceThatCanDoMulticastToTheLoopback) {
    expect_selected("", multicast, "192.0.2.2:0", 2);
    expect_selected("", multicast_ipv6, "[::1]:0", 1);
    std::vector<NetworkInterface> reversed = host_interfaces();
    std::ranges::reverse(reversed);
    expect_selected("", multicast, "192.0.2.2:0", 2, reversed);
}

TEST(InterfaceSelection, TakesTheLongestNetMaskAndTheFirstOfEquals) {
    const NetworkInterface wide = interface_of("wide", 4, "10.0.0.1", 8);
    const NetworkInterface narrow = interface_of("narrow", 5, "10.0.0.2", 24);
    const NetworkInterface twin = interface_of("twin", 6, "10.0.0.3", 24);

    expect_selected("10.0.0.0/8", multicast, "10.0.0.2:0", 5, {wide, narrow, twin});
    expect_selected("10.0.0.0/8", multicast, "10.0.0.3:0", 6, {twin, wide, narrow});
}

TEST(InterfaceSelection, SkipsWhatIsDownOrNeitherLoopbackNorMulticast) {
    NetworkInterface tunnel = interface_of("tun0", 4, "10.0.0.1", 24);
    tunnel.is_multicast_capable = false;

    expect_refused("10.0.0.1", unicast, ErrorCode::generic_error, "could not find matching interface=", {tunnel});
    expect_refused("", multicast, ErrorCode::generic_error, "could not find matching interface='0.0.0.0/0'", {});
    expect_refused("", multicast_ipv6, ErrorCode::generic_error, "could not find matching interface='::/0'", {tunnel});
}

}  // namespace
}  // namespace cpperon::net
