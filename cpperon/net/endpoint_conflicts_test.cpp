#include "cpperon/net/endpoint_conflicts.hpp"

#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/net/name_resolver_test_support.hpp"

namespace cpperon::net {
namespace {

using testing::HasSubstr;

constexpr std::int64_t default_mtu = 1'408;
constexpr std::int64_t default_window = 128 * 1024;

// The reference's defaults.
constexpr BufferDefaults defaults{.settings = {.receive_buffer_length = 128 * 1024},
                                  .system = {.send = 212'992, .receive = 212'992}};

UdpChannel channel_of(const std::string& parameters) {
    TableNameResolver resolver;
    return resolve_channel("aeron:udp?" + parameters, ChannelUse::endpoint, resolver, host_interfaces(), 0).value();
}

UdpChannel on_endpoint(const std::string& parameters) {
    return channel_of("endpoint=localhost:42001|" + parameters);
}

void expect_conflict(const std::optional<ErrorInfo>& conflict, const std::string& fragment) {
    ASSERT_TRUE(conflict) << fragment;
    EXPECT_EQ(conflict->code, ErrorCode::generic_error);
    EXPECT_THAT(conflict->message, HasSubstr(fragment));
}

Result<bool> match(const std::string& parameters, const std::string& existing) {
    const UdpChannel endpoint = channel_of(existing);
    return matches_by_tag(channel_of(parameters), endpoint, endpoint.remote_data, endpoint.local_data);
}

void expect_mismatch(const Result<bool>& matched, const std::string& fragment) {
    ASSERT_FALSE(matched);
    expect_conflict(matched.error(), fragment);
}

TEST(TagMatch, NeedsEqualTags) {
    EXPECT_FALSE(match("endpoint=localhost:42010", "endpoint=localhost:42010|tags=7").value());
    EXPECT_FALSE(match("endpoint=localhost:42010|tags=9", "endpoint=localhost:42010|tags=7").value());
    EXPECT_FALSE(match("tags=7", "endpoint=localhost:42010").value());
    EXPECT_FALSE(match("endpoint=localhost:42010|tags=,7", "endpoint=localhost:42010|tags=,7").value());
}

// spec: 05-C16, 05-C17
TEST(TagMatch, NeedsNothingButTheTag) {
    EXPECT_TRUE(match("tags=7", "endpoint=localhost:42010|tags=7").value());
    EXPECT_TRUE(match("tags=7", "control-mode=manual|tags=7").value());
    EXPECT_TRUE(match("control-mode=manual|tags=20", "control-mode=manual|tags=20").value());
}

TEST(TagMatch, ComparesAddressesNotTexts) {
    EXPECT_TRUE(match("tags=7|endpoint=127.0.0.1:42010", "tags=7|endpoint=localhost:42010").value());
    EXPECT_TRUE(match("tags=500|endpoint=127.0.0.1:0", "tags=500|endpoint=127.0.0.1:0").value());
}

// spec: 05-C18
TEST(TagMatch, RefusesAnotherEndpointOrControlMode) {
    expect_mismatch(match("tags=7|endpoint=localhost:42011", "tags=7|endpoint=localhost:42010"),
                    "matching tag 7 has mismatched endpoint or control");
    expect_mismatch(match("tags=7|endpoint=localhost:42010|control=localhost:1", "tags=7|endpoint=localhost:42010"),
                    "matching tag 7 has mismatched endpoint or control");
    expect_mismatch(match("tags=7|control-mode=manual", "tags=7|endpoint=localhost:42010"),
                    "matching tag 7 has mismatched control-mode");
    EXPECT_TRUE(match("tags=7|control=localhost:1", "tags=7|control=localhost:1|control-mode=dynamic").value());
}

TEST(TagMatch, LooksAtWhereTheEndpointIsByNow) {
    const UdpChannel existing = channel_of("tags=7|endpoint=localhost:42010");
    const SocketAddress moved = address_of("192.0.2.9", 42'010);

    EXPECT_FALSE(matches_by_tag(channel_of("tags=7|endpoint=localhost:42010"), existing, moved, existing.local_data));
    EXPECT_TRUE(
        matches_by_tag(channel_of("tags=7|endpoint=192.0.2.9:42010"), existing, moved, existing.local_data).value());
    EXPECT_TRUE(matches_by_tag(channel_of("tags=7"), existing, moved, existing.local_data).value());
}

// spec: 05-C25
TEST(Mtu, MustFitTheSendBuffer) {
    const UdpChannel plain = on_endpoint("");
    const UdpChannel small = on_endpoint("so-sndbuf=1024");

    EXPECT_FALSE(check_mtu(212'992, plain, nullptr, defaults));
    expect_conflict(check_mtu(212'993, plain, nullptr, defaults), "MTU greater than SO_SNDBUF for os default");
    EXPECT_FALSE(check_mtu(1'024, small, &small, defaults));
    expect_conflict(check_mtu(1'025, small, &small, defaults), "MTU greater than SO_SNDBUF for endpoint");
    expect_conflict(check_mtu(1'025, plain, &small, defaults), "MTU greater than SO_SNDBUF for endpoint");
    expect_conflict(check_mtu(1'025, small, nullptr, defaults), "MTU greater than SO_SNDBUF for channel");
    expect_conflict(check_mtu(1'025, plain, nullptr, {.settings = {.send_buffer_length = 1'024}}),
                    "MTU greater than SO_SNDBUF for context");
}

TEST(SendEndpoint, MustHaveTheBuffersThatAChannelStates) {
    const UdpChannel existing = on_endpoint("");
    const auto conflict = [&](const std::string& parameters) {
        return find_send_endpoint_conflict(on_endpoint(parameters), existing, default_mtu, defaults);
    };

    EXPECT_FALSE(conflict("linger=1s|ttl=3|fc=max|rcv-wnd=1k|media-rcv-ts-offset=0|channel-rcv-ts-offset=8"));
    EXPECT_FALSE(conflict("so-rcvbuf=128k"));  // row 135
    EXPECT_FALSE(conflict("so-sndbuf=0|so-rcvbuf=0"));
    expect_conflict(conflict("so-sndbuf=64k"), "so-sndbuf=65536 does not match existing value of OS default");  // 133
    expect_conflict(conflict("so-rcvbuf=64k"), "so-rcvbuf=65536 does not match existing value of 131072");      // 134
}

TEST(SendEndpoint, MustHaveTheSendTimestampOffsetOfTheChannel) {
    const UdpChannel without = on_endpoint("");
    const UdpChannel with = on_endpoint("channel-snd-ts-offset=0");
    const std::string fragment = "option conflicts with existing subscription: channel-snd-ts-offset";

    expect_conflict(find_send_endpoint_conflict(with, without, default_mtu, defaults), fragment);  // 136
    expect_conflict(find_send_endpoint_conflict(without, with, default_mtu, defaults), fragment);
    EXPECT_FALSE(find_send_endpoint_conflict(with, with, default_mtu, defaults));
}

TEST(SendEndpoint, ReportsTimestampsBeforeTheMtuBeforeBuffers) {
    const UdpChannel existing = on_endpoint("so-sndbuf=1k");

    expect_conflict(find_send_endpoint_conflict(on_endpoint("channel-snd-ts-offset=0|so-rcvbuf=1"), existing,
                                                default_mtu, defaults),
                    "channel-snd-ts-offset");
    expect_conflict(find_send_endpoint_conflict(on_endpoint("so-rcvbuf=1"), existing, default_mtu, defaults), "MTU");
}

// spec: 05-C31
TEST(ReceiverWindow, MustFitTheReceiveBuffer) {
    const auto refusal = [](const std::string& parameters, const BufferDefaults& given = defaults) {
        return check_receiver_window(on_endpoint(parameters), default_window, given);
    };

    EXPECT_FALSE(refusal(""));
    EXPECT_FALSE(refusal("rcv-wnd=0"));
    EXPECT_FALSE(refusal("so-rcvbuf=64k|rcv-wnd=64k"));  // 179
    EXPECT_FALSE(refusal("rcv-wnd=212992", {.system = {.receive = 212'992}}));
    expect_conflict(refusal("so-rcvbuf=64k"), "Initial window greater than SO_RCVBUF for channel");  // 178
    expect_conflict(refusal("rcv-wnd=131073"), "Initial window greater than SO_RCVBUF for channel");
    expect_conflict(refusal("rcv-wnd=212993", {.system = {.receive = 212'992}}), "212992 by os default");
    // One without a socket of its own as well, with all drivers of the reference: its destinations get such buffers.
    expect_conflict(check_receiver_window(channel_of("control-mode=manual|rcv-wnd=1m"), default_window, defaults),
                    "Initial window greater than SO_RCVBUF for channel");
}

TEST(ReceiveEndpoint, MustHaveTheReceiveTimestampOffsetsOfTheChannel) {
    const UdpChannel existing = on_endpoint("");
    const auto conflict = [&](const std::string& parameters) {
        return find_receive_timestamp_conflict(on_endpoint(parameters), existing);
    };

    EXPECT_FALSE(conflict("channel-snd-ts-offset=8"));  // 173
    expect_conflict(conflict("media-rcv-ts-offset=reserved"),
                    "option conflicts with existing subscription: media-rcv-ts-offset=-8");  // 172
    expect_conflict(conflict("channel-rcv-ts-offset=8"),
                    "option conflicts with existing subscription: channel-rcv-ts-offset=8");  // 172
}

TEST(ReceiveEndpoint, MustHaveTheBuffersThatAChannelWouldGet) {
    const auto conflict = [](const std::string& parameters, const std::string& existing = "") {
        return find_receive_buffer_conflict(on_endpoint(parameters), on_endpoint(existing), default_window, defaults);
    };

    EXPECT_FALSE(conflict(""));
    EXPECT_FALSE(conflict("so-rcvbuf=128k"));                                                                     // 169
    EXPECT_FALSE(conflict("rcv-wnd=64k"));                                                                        // 169
    expect_conflict(conflict("so-rcvbuf=64k"), "Initial window greater than SO_RCVBUF");                          // 168
    expect_conflict(conflict("rcv-wnd=256k"), "Initial window greater than SO_RCVBUF");                           // 171
    expect_conflict(conflict("so-sndbuf=128k"), "so-sndbuf=131072 does not match existing value of OS default");  // 170
    expect_conflict(conflict("", "so-rcvbuf=256k"), "so-rcvbuf=131072 does not match existing value of 262144");  // 176
    EXPECT_FALSE(conflict("control-mode=manual|rcv-wnd=1m|so-sndbuf=1k"));
}

}  // namespace
}  // namespace cpperon::net
