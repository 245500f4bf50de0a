#include "cpperon/uri/udp_channel_params.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpperon::uri {
namespace {

using testing::HasSubstr;

Result<UdpChannelParams> parse(const std::string& parameters, const AddressSteps& steps = {}) {
    return try_parse_udp_channel_params(ChannelUri::parse("aeron:udp?" + parameters), steps);
}

UdpChannelParams channel_of(const std::string& parameters) {
    const auto channel = parse(parameters);
    EXPECT_TRUE(channel) << parameters << ": " << (channel ? "" : channel.error().message);
    return channel ? channel.value() : UdpChannelParams{};
}

TEST(UdpChannelParams, AreReadFromTheUri) {
    const UdpChannelParams channel = channel_of(
        "endpoint=localhost:1|control=[::1]:2|interface={lo}|control-mode=dynamic|tags=5,6|ttl=3|so-sndbuf=64k|so-"
        "rcvbuf=1m|"
        "rcv-wnd=32k|media-rcv-ts-offset=reserved|channel-rcv-ts-offset=0|channel-snd-ts-offset=8");

    EXPECT_EQ(channel.endpoint->host, "localhost");
    EXPECT_EQ(channel.control->host, "::1");
    EXPECT_EQ(channel.interface->host, "lo");
    EXPECT_EQ(channel.control_mode, ControlMode::dynamic);
    EXPECT_TRUE(channel.has_group_semantics(false));
    EXPECT_EQ(channel.channel_tag, 5);
    EXPECT_EQ(channel.ttl, 3);
    EXPECT_EQ(channel.socket_send_buffer_length, 65'536);
    EXPECT_EQ(channel.socket_receive_buffer_length, 1'048'576);
    EXPECT_EQ(channel.receiver_window_length, 32'768);
    EXPECT_EQ(channel.media_receive_timestamp_offset, TimestampOffset::reserved());
    EXPECT_EQ(channel.channel_receive_timestamp_offset.value, 0);
    EXPECT_EQ(channel.channel_send_timestamp_offset.value, 8);
}

TEST(UdpChannelParams, TakeTheAddressesThatADriverReadsInTheirPlace) {
    const AddressSteps steps{.read_host_port = [](const std::string_view key, const std::string_view text) {
        return HostPort{.text = std::string(text), .host = std::string(key) + ".example", .port = 7};
    }};

    const UdpChannelParams channel = parse("endpoint=service|control=service", steps).value();

    EXPECT_EQ(channel.endpoint, (HostPort{.text = "service", .host = "endpoint.example", .port = 7}));
    EXPECT_EQ(channel.control, (HostPort{.text = "service", .host = "control.example", .port = 7}));
    EXPECT_THAT(parse("endpoint=service").error().message, HasSubstr("port invalid: ''"));
}

TEST(UdpChannelParams, LetADriverAssignAddressesBeforeTimestampsAreRead) {
    int assigned = 0;
    const AddressSteps steps{.assign_addresses = [&](const UdpChannelParams& channel) -> std::optional<ErrorInfo> {
        ++assigned;
        EXPECT_EQ(channel.interface->host, "lo");
        return ErrorInfo{.code = ErrorCode::unknown_host, .message = "no such interface"};
    }};

    EXPECT_EQ(parse("endpoint=a:1|interface={lo}|media-rcv-ts-offset=x", steps).error().message, "no such interface");
    EXPECT_THAT(parse("endpoint=a:1|interface={lo}|rcv-wnd=x", steps).error().message, HasSubstr("rcv-wnd=x"));
    EXPECT_EQ(assigned, 1);
}

TEST(UdpChannelParams, OfSeveralMistakesTheFirstInTheOrderOfTheSpecIsReported) {
    EXPECT_THAT(parse("control-mode=dynamic").error().message, HasSubstr("explicit control expected"));
    EXPECT_THAT(parse("control=a|endpoint=b|tags=x").error().message, HasSubstr("control=a"));
    EXPECT_THAT(parse("endpoint=b|tags=x").error().message, HasSubstr("endpoint=b"));
    EXPECT_THAT(parse("endpoint=b:1|tags=x|ats=x").error().message, HasSubstr("tags=x"));
    EXPECT_THAT(parse("endpoint=b:1|so-rcvbuf=x|so-sndbuf=y").error().message, HasSubstr("so-sndbuf=y"));
    EXPECT_THAT(parse("endpoint=b:1|interface={|rcv-wnd=x").error().message, HasSubstr("rcv-wnd=x"));
    EXPECT_THAT(parse("interface={|endpoint=b:1|media-rcv-ts-offset=x").error().message, HasSubstr("interface="));
}

// spec: 05-C44
TEST(UdpChannelParams, TimestampOffsetsLieEightBytesApart) {
    const auto error_of = [](const std::string& parameters) {
        const auto channel = parse("endpoint=localhost:1|" + parameters);
        return channel ? "no error" : channel.error().message;
    };

    EXPECT_THAT(error_of("media-rcv-ts-offset=2|channel-rcv-ts-offset=9"),
                HasSubstr("media-rcv-ts-offset and channel-rcv-ts-offset overlap"));
    EXPECT_THAT(error_of("media-rcv-ts-offset=reserved|channel-rcv-ts-offset=reserved"), HasSubstr("overlap"));
    EXPECT_THAT(error_of("media-rcv-ts-offset=9|channel-snd-ts-offset=2"),
                HasSubstr("media-rcv-ts-offset and channel-snd-ts-offset overlap"));
    EXPECT_THAT(error_of("channel-rcv-ts-offset=0|channel-snd-ts-offset=7"),
                HasSubstr("channel-rcv-ts-offset and channel-snd-ts-offset overlap"));
    EXPECT_EQ(error_of("media-rcv-ts-offset=0|channel-rcv-ts-offset=8|channel-snd-ts-offset=16"), "no error");
    EXPECT_EQ(error_of("media-rcv-ts-offset=reserved|channel-rcv-ts-offset=0"), "no error");
    EXPECT_EQ(error_of("media-rcv-ts-offset=-1|channel-rcv-ts-offset=0"), "no error");
    EXPECT_EQ(error_of("media-rcv-ts-offset=9223372036854775807|channel-rcv-ts-offset=-9223372036854775808"),
              "no error");
}

// spec: 05-C13
TEST(UdpChannelParams, CanonicalFormsAreThoseOfTheTable) {
    struct Row {
        std::string parameters;
        std::string local;  ///< what the interface was resolved to
        std::string form;
        bool is_ipv6 = false;
        std::string multicast = {};  ///< what a multicast endpoint was resolved to
    };
    const std::string any = "0.0.0.0:0";
    const std::string any6 = "[::]:0";
    for (const Row& row : std::initializer_list<Row>{
             {"endpoint=192.168.0.1:20000", any, "UDP-0.0.0.0:0-192.168.0.1:20000"},
             {"endpoint=localhost:20000", any, "UDP-0.0.0.0:0-localhost:20000"},
             {"endpoint=LOCALHOST:20000", any, "UDP-0.0.0.0:0-LOCALHOST:20000"},
             {"endpoint=192.168.0.1:20000|interface=127.0.0.1", "127.0.0.1:0", "UDP-127.0.0.1:0-192.168.0.1:20000"},
             {"endpoint=192.168.0.1:20000|interface=127.0.0.0/8", "127.0.0.1:0", "UDP-127.0.0.1:0-192.168.0.1:20000"},
             {"endpoint=192.168.0.1:20000|interface={lo}:40455", "127.0.0.1:40455",
              "UDP-127.0.0.1:40455-192.168.0.1:20000"},
             {"endpoint=192.168.0.1:20000|interface=0.0.0.0/0", any, "UDP-0.0.0.0:0-192.168.0.1:20000"},
             {"endpoint=192.168.0.1:20000|interface=0.0.0.0:40455", "0.0.0.0:40455",
              "UDP-0.0.0.0:40455-192.168.0.1:20000"},
             {"endpoint=[::1]:20000", any6, "UDP-[::]:0-[::1]:20000", true},
             {"endpoint=[0:0:0:0:0:0:0:1]:20000", any6, "UDP-[::]:0-[0:0:0:0:0:0:0:1]:20000", true},
             {"endpoint=[::1]:20000|interface=[::1]:40455/64", "[::1]:40455", "UDP-[::1]:40455-[::1]:20000", true},
             {"endpoint=224.0.1.1:20000", "192.0.2.2:0", "UDP-192.0.2.2:0-224.0.1.1:20000", false, "224.0.1.1:20000"},
             {"endpoint=224.0.1.1:20000|interface=localhost", "127.0.0.1:0", "UDP-127.0.0.1:0-224.0.1.1:20000", false,
              "224.0.1.1:20000"},
             {"endpoint=224.0.1.1:20000|control=localhost:9999|interface=localhost", "127.0.0.1:0",
              "UDP-127.0.0.1:0-224.0.1.1:20000", false, "224.0.1.1:20000"},
             {"endpoint=[FF01::FD]:20000|interface=[::1]", "[::1]:0", "UDP-[::1]:0-[ff01::fd]:20000", true,
              "[ff01::fd]:20000"},
             {"control=localhost:20001|endpoint=192.168.0.1:20000", any, "UDP-localhost:20001-192.168.0.1:20000"},
             {"control=localhost:20001|control-mode=dynamic", any, "UDP-localhost:20001-0.0.0.0:0"},
             {"control=[::1]:20001|control-mode=dynamic", any6, "UDP-[::1]:20001-[::]:0", true},
             {"control=localhost:20001|control-mode=manual", any, "UDP-localhost:20001-0.0.0.0:0"},
             {"control=localhost:0|endpoint=192.168.0.1:20000", any, "UDP-localhost:0-192.168.0.1:20000-37"},
             {"control=localhost:0|endpoint=192.168.0.1:20000|tags=9", any, "UDP-localhost:0-192.168.0.1:20000#9"},
             {"control-mode=manual", any, "UDP-0.0.0.0:0-0.0.0.0:0-37"},
             {"control-mode=manual|tags=1001", any, "UDP-0.0.0.0:0-0.0.0.0:0#1001"},
             {"tags=1001", any, "UDP-0.0.0.0:0-0.0.0.0:0#1001"},
             {"tags=1001|endpoint=127.0.0.1:0", any, "UDP-0.0.0.0:0-127.0.0.1:0#1001"},
             {"tags=1001|endpoint=127.0.0.1:9999", any, "UDP-0.0.0.0:0-127.0.0.1:9999"},
             {"endpoint=127.0.0.1:0", any, "UDP-0.0.0.0:0-127.0.0.1:0-37"}}) {
        const ResolvedChannel resolved{.is_multicast = !row.multicast.empty(),
                                       .is_ipv6 = row.is_ipv6,
                                       .local = row.local,
                                       .remote = row.multicast};
        EXPECT_EQ(canonical_form(channel_of(row.parameters), resolved, 37), row.form) << row.parameters;
    }
    EXPECT_EQ(canonical_form(channel_of("endpoint=127.0.0.1:0"), {.local = any, .is_destination = true}, 37),
              "UDP-0.0.0.0:0-127.0.0.1:0");
}

}  // namespace
}  // namespace cpperon::uri
