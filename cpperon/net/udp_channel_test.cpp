// UDP channels on the host of spec 05 §6.2: eth0 = 192.0.2.2/24, lo = 127.0.0.1/8 and ::1/128, localhost = 127.0.0.1.
#include "cpperon/net/udp_channel.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/net/name_resolver_test_support.hpp"

namespace cpperon::net {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint64_t unique_id = 42;

Result<UdpChannel> resolve(const std::string& text, const ChannelUse use = ChannelUse::endpoint) {
    TableNameResolver resolver;
    return resolve_channel(text, use, resolver, host_interfaces(), unique_id);
}

UdpChannel channel_of(const std::string& parameters) {
    Result<UdpChannel> channel = resolve("aeron:udp?" + parameters);
    EXPECT_TRUE(channel) << parameters << ": " << channel.error().message;
    return std::move(channel).value();
}

std::string canonical_form(const std::string& parameters, const ChannelUse use = ChannelUse::endpoint) {
    const Result<UdpChannel> channel = resolve("aeron:udp?" + parameters, use);
    return channel ? channel->canonical_form : channel.error().message;
}

void expect_refused(const std::string& text, const std::int32_t code, const std::string& fragment) {
    const Result<UdpChannel> channel = resolve(text);
    ASSERT_FALSE(channel) << text;
    EXPECT_EQ(static_cast<std::int32_t>(channel.error().code), code) << text << ": " << channel.error().message;
    EXPECT_THAT(channel.error().message, HasSubstr(fragment)) << text;
}

// spec: 05-C13
TEST(UdpChannel, HasTheCanonicalFormOfTheSpec) {
    struct Vector {
        std::string parameters;
        std::string canonical_form;
    };
    for (const Vector& vector : {
             Vector{"endpoint=192.168.0.1:20000", "UDP-0.0.0.0:0-192.168.0.1:20000"},
             Vector{"endpoint=localhost:20000", "UDP-0.0.0.0:0-localhost:20000"},
             Vector{"endpoint=LOCALHOST:20000", "UDP-0.0.0.0:0-LOCALHOST:20000"},
             Vector{"endpoint=192.168.0.1:20000|interface=127.0.0.1", "UDP-127.0.0.1:0-192.168.0.1:20000"},
             Vector{"endpoint=192.168.0.1:20000|interface=127.0.0.0/8", "UDP-127.0.0.1:0-192.168.0.1:20000"},
             Vector{"endpoint=192.168.0.1:20000|interface={lo}:40455", "UDP-127.0.0.1:40455-192.168.0.1:20000"},
             Vector{"endpoint=192.168.0.1:20000|interface=0.0.0.0/0", "UDP-0.0.0.0:0-192.168.0.1:20000"},
             Vector{"endpoint=192.168.0.1:20000|interface=0.0.0.0:40455", "UDP-0.0.0.0:40455-192.168.0.1:20000"},
             Vector{"endpoint=[::1]:20000", "UDP-[::]:0-[::1]:20000"},
             Vector{"endpoint=[0:0:0:0:0:0:0:1]:20000", "UDP-[::]:0-[0:0:0:0:0:0:0:1]:20000"},
             Vector{"endpoint=[::1]:20000|interface=[::1]:40455/64", "UDP-[::1]:40455-[::1]:20000"},
             Vector{"endpoint=224.0.1.1:20000", "UDP-192.0.2.2:0-224.0.1.1:20000"},
             Vector{"endpoint=224.0.1.1:20000|interface=localhost", "UDP-127.0.0.1:0-224.0.1.1:20000"},
             Vector{"endpoint=224.0.1.1:20000|control=localhost:9999|interface=localhost",
                    "UDP-127.0.0.1:0-224.0.1.1:20000"},
             Vector{"endpoint=[FF01::FD]:20000|interface=[::1]", "UDP-[::1]:0-[ff01::fd]:20000"},
             Vector{"control=localhost:20001|endpoint=192.168.0.1:20000", "UDP-localhost:20001-192.168.0.1:20000"},
             Vector{"control=localhost:20001|control-mode=dynamic", "UDP-localhost:20001-0.0.0.0:0"},
             Vector{"control=[::1]:20001|control-mode=dynamic", "UDP-[::1]:20001-[::]:0"},
             Vector{"control=localhost:20001|control-mode=manual", "UDP-localhost:20001-0.0.0.0:0"},
             Vector{"control=localhost:0|endpoint=192.168.0.1:20000", "UDP-localhost:0-192.168.0.1:20000-42"},
             Vector{"control=localhost:0|endpoint=192.168.0.1:20000|tags=9", "UDP-localhost:0-192.168.0.1:20000#9"},
             Vector{"control-mode=manual", "UDP-0.0.0.0:0-0.0.0.0:0-42"},
             Vector{"control-mode=manual|tags=1001", "UDP-0.0.0.0:0-0.0.0.0:0#1001"},
             Vector{"tags=1001", "UDP-0.0.0.0:0-0.0.0.0:0#1001"},
             Vector{"tags=1001|endpoint=127.0.0.1:0", "UDP-0.0.0.0:0-127.0.0.1:0#1001"},
             Vector{"tags=1001|endpoint=127.0.0.1:9999", "UDP-0.0.0.0:0-127.0.0.1:9999"},
             Vector{"endpoint=127.0.0.1:0", "UDP-0.0.0.0:0-127.0.0.1:0-42"},
         }) {
        EXPECT_EQ(canonical_form(vector.parameters), vector.canonical_form);
    }
    EXPECT_EQ(canonical_form("endpoint=127.0.0.1:0", ChannelUse::destination), "UDP-0.0.0.0:0-127.0.0.1:0");
}

// spec: 05-C15, 05-C42
TEST(UdpChannel, IsKnownByTheTextOfItsEndpointNotByItsAddress) {
    EXPECT_NE(canonical_form("endpoint=localhost:9090"), canonical_form("endpoint=127.0.0.1:9090"));
    EXPECT_NE(canonical_form("endpoint=localhost:9090", ChannelUse::destination),
              canonical_form("endpoint=127.0.0.1:9090", ChannelUse::destination));
    EXPECT_EQ(canonical_form("endpoint=localhost:9090|session-id=12|mtu=8k|tags=3"),
              canonical_form("endpoint=localhost:9090|session-id=13|ttl=3|alias=x"));
}

TEST(UdpChannel, SendsToItsEndpointAndBindsItsInterface) {
    const UdpChannel plain = channel_of("endpoint=localhost:7");
    const UdpChannel bound = channel_of("endpoint=localhost:7|interface={eth0}:9");

    EXPECT_EQ(plain.remote_data, address_of("127.0.0.1", 7));
    EXPECT_EQ(plain.remote_control, plain.remote_data);
    EXPECT_EQ(plain.local_data, SocketAddress{});
    EXPECT_TRUE(plain.has_explicit_endpoint);
    EXPECT_FALSE(plain.has_explicit_control);
    EXPECT_FALSE(plain.is_multicast);
    EXPECT_EQ(bound.local_data, address_of("192.0.2.2", 9));
    EXPECT_EQ(bound.interface_index, 2U);
}

TEST(UdpChannel, BindsItsControlAddressIfItHasOne) {
    const UdpChannel both = channel_of("endpoint=localhost:7|control=[::1]:8|interface={lo}");
    const UdpChannel control_only = channel_of("control=[::1]:8");

    EXPECT_EQ(both.local_data, address_of("::1", 8));
    EXPECT_EQ(both.remote_data, address_of("127.0.0.1", 7));
    EXPECT_TRUE(both.has_explicit_control);
    EXPECT_EQ(control_only.remote_data, SocketAddress::wildcard(AddressFamily::ipv6));
    EXPECT_FALSE(control_only.has_explicit_endpoint);
}

// spec: 05-C10
TEST(UdpChannel, OfMulticastHasAnOddAddressForDataAndTheNextForControl) {
    const UdpChannel ipv4 = channel_of("endpoint=224.20.30.39:40456|control=localhost:9");
    const UdpChannel last = channel_of("endpoint=224.0.1.255:1");
    const UdpChannel ipv6 = channel_of("endpoint=[ff02::1]:2|interface={lo}");

    EXPECT_TRUE(ipv4.is_multicast);
    EXPECT_TRUE(ipv4.has_group_semantics());
    EXPECT_FALSE(ipv4.has_explicit_control) << "control is resolved, but it has no use";
    EXPECT_EQ(ipv4.remote_control, address_of("224.20.30.40", 40'456));
    EXPECT_EQ(ipv4.local_data, address_of("192.0.2.2"));
    EXPECT_EQ(last.remote_control, address_of("224.0.1.0", 1)) << "the byte wraps, there is no carry";
    EXPECT_EQ(ipv6.remote_control, address_of("ff02::2", 2));
    expect_refused("aeron:udp?endpoint=224.10.9.8:40016", 11, "Multicast data address must be odd");
    expect_refused("aeron:udp?endpoint=[ff02::2]:2|interface={lo}", 11, "Multicast data address must be odd");
    EXPECT_FALSE(resolve("aeron:udp?endpoint=224.20.30.40:43053", ChannelUse::destination));
}

TEST(UdpChannel, IsMulticastWhenItsNameResolvesToAGroup) {
    TableNameResolver resolver;
    resolver.hosts["group"] = address_of("224.0.1.1");

    const UdpChannel channel =
        resolve_channel("aeron:udp?endpoint=group:7", ChannelUse::endpoint, resolver, host_interfaces(), 0).value();

    EXPECT_TRUE(channel.is_multicast);
    EXPECT_EQ(channel.canonical_form, "UDP-192.0.2.2:0-224.0.1.1:7");
}

TEST(UdpChannel, KeepsTheTextOfAnEndpointThatIsLookedUp) {
    TableNameResolver resolver;
    resolver.lookups["service"] = "localhost:7";

    const UdpChannel channel =
        resolve_channel("aeron:udp?endpoint=service", ChannelUse::endpoint, resolver, host_interfaces(), 0).value();

    EXPECT_EQ(channel.remote_data, address_of("127.0.0.1", 7));
    EXPECT_EQ(channel.params.endpoint->text, "service");
    EXPECT_EQ(channel.canonical_form, "UDP-0.0.0.0:0-service");
}

TEST(UdpChannel, ResolvesControlBeforeEndpointBeforeInterface) {
    TableNameResolver resolver;
    resolver.hosts["a"] = resolver.hosts["b"] = address_of("127.0.0.1");

    ASSERT_TRUE(resolve_channel("aeron:udp?endpoint=a:1|interface=localhost|control=b:2", ChannelUse::endpoint,
                                resolver, host_interfaces(), 0));

    EXPECT_THAT(resolver.asked, ElementsAre("control=b", "endpoint=a", "interface=localhost"));
}

// The rows of spec 05 §18.2 that resolution decides, by their numbers. spec: 05-C8, 05-C11
TEST(UdpChannel, RefusesAddressesAsTheTableOfTheSpecSays) {
    const std::string udp = "aeron:udp?";
    expect_refused(udp + "endpoint=localhost", 11, "port invalid");        // 31
    expect_refused(udp + "endpoint=localhost:65536", 11, "out of range");  // 34
    expect_refused(udp + "endpoint=no.such.host.invalid:40014", 9,         // 42
                   "Unresolved - endpoint=no.such.host.invalid:40014");
    expect_refused(udp + "control=no.such.host.invalid:40014|endpoint=localhost:40014", 9,  // 43
                   "Unresolved - control=no.such.host.invalid:40014");
    expect_refused(udp + "endpoint=:40015", 9, "Unable to resolve host=()");                    // 44
    expect_refused(udp + "endpoint=256.1.1.1:40015", 9, "Unable to resolve host=(256.1.1.1)");  // 45
    expect_refused(udp + "endpoint=224.10.9.9:40017|interface=10.255.255.0/24", 11,             // 48
                   "could not find matching interface='10.255.255.0/24'");
    expect_refused(udp + "endpoint=224.10.9.9:40018|interface={nosuch}", 11, "unknown interface nosuch");  // 50
    expect_refused(udp + "endpoint=localhost:40018|interface=bad.host.invalid", 9,                         // 51
                   "could not parse interface='bad.host.invalid'");
    expect_refused(udp + "endpoint=localhost:40018|interface={lo}:x", 11, "could not parse interface=");    // 52
    expect_refused(udp + "endpoint=localhost:40018|interface=127.0.0.1/33", 11, "prefixlen out of range");  // 53
    for (const std::string accepted : {
             "endpoint=localhost:0x9c4b", "endpoint=[::1]:40011", "endpoint=[::1%lo]:40013",               // 37, 39, 41
             "endpoint=224.10.9.9:40016|interface=localhost", "endpoint=224.10.9.9:40018|interface={lo}",  // 47, 49
             "endpoint=localhost:40018|interface=127.0.0.1/",                                              // 54
             "endpoint=[::1]:44033|interface=127.0.0.1",  // 55: fails when it connects
         }) {
        EXPECT_TRUE(resolve(udp + accepted)) << accepted;
    }
}

TEST(UdpChannel, OfSeveralMistakesReportsTheFirstInTheOrderOfTheSpec) {
    expect_refused("aeron:udp", 1, "invalid URI scheme or transport");
    expect_refused("aeron:ipc?tags=x", 1, "UDP channels must use UDP URIs");
    expect_refused("aeron:udp?control-mode=dynamic|endpoint=nowhere:1", 1, "explicit control expected");
    expect_refused("aeron:udp?control=nowhere:1|endpoint=bad", 9, "control=nowhere:1");
    expect_refused("aeron:udp?endpoint=nowhere:1|tags=x", 9, "endpoint=nowhere:1");
    expect_refused("aeron:udp?endpoint=localhost:1|tags=x|interface={nosuch}", 1, "could not parse channel tag");
    expect_refused("aeron:udp?endpoint=224.0.1.2:1|rcv-wnd=x", 11, "rcv-wnd=x");
    expect_refused("aeron:udp?endpoint=224.0.1.2:1|interface={nosuch}", 11, "must be odd");
    expect_refused("aeron:udp?endpoint=localhost:1|control=localhost:2|interface={nosuch}", 11, "unknown interface");
    expect_refused("aeron:udp?endpoint=localhost:1|interface={nosuch}|media-rcv-ts-offset=x", 11, "unknown interface");
    expect_refused("aeron:udp?endpoint=localhost:1|media-rcv-ts-offset=x", 11, "Invalid media-rcv-ts-offset");
}

}  // namespace
}  // namespace cpperon::net
