// The tables of spec 05 §18 as far as text alone decides: each URI goes the way it goes in a driver's conductor, from
// the choice of the handler to the last check that needs neither a resolved name nor another channel.
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/uri/channel_uri.hpp"
#include "cpperon/uri/destination_params.hpp"
#include "cpperon/uri/publication_params.hpp"
#include "cpperon/uri/subscription_params.hpp"
#include "cpperon/uri/udp_channel_params.hpp"

namespace cpperon::uri {
namespace {

using testing::HasSubstr;

using Verdict = std::optional<ErrorInfo>;

ChannelDefaults test_defaults() {
    ChannelDefaults defaults;
    defaults.udp.term_length = defaults.ipc.term_length = 128 * 1024;
    return defaults;
}

std::optional<TaggedPublication> no_tagged_publication(std::int64_t /*entity_tag*/) {
    return std::nullopt;
}

Verdict publish(const std::string_view channel) {
    const Result<ChannelUri> uri = ChannelUri::try_parse_for_driver(channel);
    if (!uri) {
        return uri.error();
    }
    std::optional<UdpChannelParams> udp;
    if (channel_kind(channel) != ChannelKind::ipc) {
        const Result<UdpChannelParams> parsed = try_parse_udp_channel_params(uri.value());
        if (!parsed) {
            return parsed.error();
        }
        udp = parsed.value();
    }
    const auto params = try_parse_publication_params(uri.value(), test_defaults(), no_tagged_publication);
    if (!params) {
        return params.error();
    }
    if (udp) {
        if (const Verdict error = check_for_publication(*udp, params.value().response_correlation_id)) {
            return error;
        }
        if (const Verdict error = check_can_create_send_endpoint(*udp)) {
            return error;
        }
        return check_ats(*udp);
    }
    return std::nullopt;
}

Verdict subscribe(const std::string_view channel) {
    const ChannelKind kind = channel_kind(channel);
    const Result<ChannelUri> uri =
        ChannelUri::try_parse_for_driver(channel.substr(kind == ChannelKind::spy ? ChannelUri::spy_prefix.size() : 0));
    if (!uri) {
        return uri.error();
    }
    std::optional<UdpChannelParams> udp;
    if (kind != ChannelKind::ipc) {
        const Result<UdpChannelParams> parsed = try_parse_udp_channel_params(uri.value());
        if (!parsed) {
            return parsed.error();
        }
        udp = parsed.value();
    }
    const auto params = try_parse_subscription_params(uri.value(), test_defaults());
    if (!params) {
        return params.error();
    }
    if (kind == ChannelKind::udp) {
        if (const Verdict error = check_for_subscription(*udp)) {
            return error;
        }
        if (const Verdict error = check_ats(*udp)) {
            return error;
        }
        const auto tag = try_parse_group_tag(uri.value(), test_defaults());
        return tag ? std::nullopt : Verdict(tag.error());
    }
    return std::nullopt;
}

Verdict add_send_destination(const std::string_view channel) {
    const auto params = try_parse_send_destination(channel);
    return params ? std::nullopt : Verdict(params.error());
}

Verdict add_receive_destination(const std::string_view channel) {
    if (channel_kind(channel) != ChannelKind::udp) {
        return subscribe(channel);
    }
    const Result<ChannelUri> uri = ChannelUri::try_parse_for_driver(channel);
    if (!uri) {
        return uri.error();
    }
    const auto udp = try_parse_udp_channel_params(uri.value());
    if (!udp) {
        return udp.error();
    }
    const Verdict error = check_destination_keys(uri.value());
    return error ? error : check_ats(udp.value());
}

using Command = Verdict (*)(std::string_view);

// `code` 0: the driver would go on; otherwise the wire code, and a fragment of the text.
void expect_verdict(const Command command, const std::string& channel, const std::int32_t code,
                    const std::string& fragment = "") {
    const Verdict verdict = command(channel);
    EXPECT_EQ(verdict ? static_cast<std::int32_t>(verdict->code) : 0, code)
        << channel << ": " << (verdict ? verdict->message : "accepted");
    if (verdict) {
        EXPECT_THAT(verdict->message, HasSubstr(fragment)) << channel;
    }
}

void expect_publication_value(const std::string& parameters, const std::int32_t code,
                              const std::string& fragment = "") {
    expect_verdict(publish, "aeron:udp?endpoint=localhost:40050|" + parameters, code, fragment);
}

std::string padded(std::string text, const std::size_t length) {
    text.resize(length, 'x');
    return text;
}

// spec: 05-C1
TEST(ChannelVerdict, OfSyntaxIsThatOfTheTable) {
    const std::string scheme = "invalid URI scheme or transport";
    expect_verdict(publish, "aeron:udp", 1, scheme);
    expect_verdict(publish, "aeron:udp?", 1, "URIs for UDP must specify");
    expect_verdict(publish, "aeron:udp:", 1, scheme);
    expect_verdict(publish, "aeron:tcp?endpoint=localhost:40001", 1, scheme);
    expect_verdict(publish, "Aeron:udp?endpoint=localhost:40001", 1, scheme);
    expect_verdict(publish, "", 1, scheme);
    expect_verdict(publish, "aeron:udp?endpoint", 1, "URIs for UDP must specify");
    expect_verdict(publish, "aeron:udp?=localhost:40001", 1, "empty key not allowed");
    expect_verdict(publish, "aeron:udp?endpoint=|mtu=1408", 1, "empty value not allowed");
    expect_verdict(publish, "aeron:udp?endpoint=localhost:40001|", 0);
    expect_verdict(publish, "aeron:udp?endpoint=localhost:40001||mtu=1408", 1, "invalid end of key");
    expect_verdict(publish, "aeron:udp?endpoint=localhost:40002|junk", 0);
    expect_verdict(publish, "aeron:udp?end|point=localhost:40001", 1, "invalid end of key");
    expect_verdict(publish, "aeron:udp?endpoint=localhost:40003|foo=a=b?c", 0);
    expect_verdict(publish, "aeron:udp?endpoint=localhost:40003|endpoint=localhost:40004", 0);
    expect_verdict(publish, "aeron:udp?endpoint=localhost:40005|mtu=1376|mtu=1408", 0);
    expect_verdict(publish, "aeron:ipc", 0);
    expect_verdict(publish, "aeron:ipc?", 0);
    expect_verdict(publish, "aeron:ipc?alias=", 0);
    expect_verdict(publish, "aeron:ipc?alias=|mtu=2k", 1, "empty value not allowed");
    expect_verdict(publish, "aeron:ipcx", 1, scheme);
    expect_verdict(publish, "aeron:ipc|sparse=true", 1, scheme);
    expect_verdict(publish, "aeron-spy:aeron:udp?endpoint=localhost:40001", 1, scheme);
    expect_verdict(subscribe, "aeron-spy:aeron:ipc", 1, "UDP channels must use UDP URIs");
    expect_verdict(subscribe, "aeron-spy:", 1, scheme);
    expect_verdict(publish, padded("aeron:ipc?alias=", 4'095), 0);
    expect_verdict(publish, padded("aeron:ipc?alias=", 4'096), 1, "exceeds max supported length (4095)");
    expect_verdict(subscribe, padded("aeron-spy:aeron:udp?endpoint=localhost:40001|alias=", 4'105), 0);
    expect_verdict(publish, "aeron:udp?endpoint=", 1, "URIs for UDP must specify");
    expect_verdict(publish, "aeron:udp?endpoint=localhost:44020|session-id=", 0);
}

TEST(ChannelVerdict, OfAddressesIsThatOfTheTable) {
    for (const std::string endpoint : {"localhost", "localhost:", "localhost:abc", "localhost:12345678", "[::1]"}) {
        expect_verdict(publish, "aeron:udp?endpoint=" + endpoint, 11, "port invalid");
    }
    for (const std::string endpoint : {"localhost:65536", "localhost:-1"}) {
        expect_verdict(publish, "aeron:udp?endpoint=" + endpoint, 11, "port out of range");
    }
    expect_verdict(publish, "aeron:udp?endpoint=localhost:0x9c4b", 0);
    expect_verdict(publish, "aeron:udp?endpoint=localhost:0", 11, "has port=0 for publication");
    expect_verdict(publish, "aeron:udp?endpoint=[::1]:40011", 0);
    expect_verdict(publish, "aeron:udp?endpoint=[::1%lo]:40013", 0);
    expect_verdict(publish, "aeron:udp?endpoint=localhost:40018|interface={lo}:x", 11, "could not parse interface=");
    expect_verdict(publish, "aeron:udp?endpoint=localhost:40018|interface=127.0.0.1/33", 11,
                   "could not parse interface=");
    expect_verdict(publish, "aeron:udp?endpoint=localhost:40018|interface=127.0.0.1/", 0);
    expect_verdict(subscribe, "aeron:udp?endpoint=localhost:0", 0);
    expect_verdict(publish, "aeron:udp?control=localhost:42021|endpoint=localhost:42022", 0);
    expect_verdict(publish, "aeron:udp?control=localhost:0|control-mode=dynamic", 0);
    expect_verdict(publish, "aeron:udp?endpoint=localhost:0|control-mode=manual", 0);
    expect_verdict(publish, "aeron:udp?tags=8", 11, "when original");
    expect_verdict(publish, "aeron:udp?control-mode=manual|tags=20", 0);
}

// spec: 05-C35
TEST(ChannelVerdict, ControlAloneIsForSubscriptions) {
    expect_verdict(publish, "aeron:udp?control=localhost:42020", 11, "'control' parameter requires");
    expect_verdict(subscribe, "aeron:udp?control=localhost:41011", 0);
    expect_verdict(subscribe, "aeron:udp?control=localhost:0", 11, "has port=0 for subscription");
}

// spec: 04-C93, 05-C9
TEST(ChannelVerdict, PublishersMustKnowThePortOfAnEndpointAndSubscribersThatOfControl) {
    expect_verdict(publish, "aeron:udp?endpoint=localhost:0", 11, "has port=0 for publication");
    expect_verdict(publish, "aeron:udp?endpoint=localhost:0|control-mode=manual", 0);
    expect_verdict(publish, "aeron:udp?control=localhost:0|control-mode=dynamic", 0);
    expect_verdict(subscribe, "aeron:udp?endpoint=localhost:0", 0);
    expect_verdict(subscribe, "aeron:udp?endpoint=localhost:1|control=localhost:0", 11, "has port=0 for subscription");
}

// spec: 05-C34
TEST(ChannelVerdict, DynamicModeNeedsControlAndUnknownModesAreNone) {
    for (const Command command : {publish, subscribe}) {
        expect_verdict(command, "aeron:udp?control-mode=dynamic", 1,
                       "explicit control expected with dynamic control mode");
        expect_verdict(command, "aeron:udp?control-mode=dynamic|endpoint=localhost:42023", 1,
                       "explicit control expected");
        expect_verdict(command, "aeron:udp?control-mode=foo", 1, "URIs for UDP must specify");
        expect_verdict(command, "aeron:udp?control-mode=foo|endpoint=localhost:42024", 0);
    }
    expect_verdict(publish, "aeron:udp?control-mode=foo|control=localhost:42024", 0);
    expect_verdict(subscribe, "aeron:udp?control-mode=manual", 0);
    expect_verdict(subscribe, "aeron:udp?control-mode=response", 0);
    expect_verdict(publish, "aeron:udp?control-mode=response|control=localhost:40133", 11,
                   "no response-correlation-id set");
    expect_verdict(publish, "aeron:udp?control-mode=response|control=localhost:40133|response-correlation-id=prototype",
                   0);
}

TEST(ChannelVerdict, OfPublicationValuesIsThatOfTheTable) {
    expect_publication_value("mtu=1400", 11, "must be a multiple of FRAME_ALIGNMENT");
    for (const std::string value : {"0x580", "-1408", "1.5k"}) {
        expect_publication_value("mtu=" + value, 11, "could not parse mtu=" + value + " in URI");
    }
    expect_publication_value("mtu=8K", 0);
    expect_publication_value("term-length=64k", 0);
    expect_publication_value("term-length=32k", 11, "term length less than min length of 65536");
    expect_publication_value("term-length=100000", 11, "not a power of 2");
    expect_publication_value("term-length=2g", 11, "greater than max length of 1073741824");
    for (const std::string value : {"10x", "-1", "5sec"}) {
        expect_publication_value("linger=" + value, 11, "could not parse linger=" + value + " in URI");
    }
    for (const std::string value : {"0", "5ms", "5S", "99999999999s"}) {
        expect_publication_value("linger=" + value, 0);
    }
    for (const std::string value : {"7", "-2147483648", "0x7fffffff"}) {
        expect_publication_value("session-id=" + value, 0);
    }
    for (const std::string value : {"foo", "2147483648"}) {
        expect_publication_value("session-id=" + value, 11, "could not parse session-id=" + value + " as int32_t");
    }
    expect_publication_value("session-id=tag:99", 11, "must reference a network publication");
    expect_publication_value("session-id=tag:x", 11, "could not parse session-id=tag:x");
    expect_publication_value("tags=x", 1, "could not parse channel tag string");
    expect_publication_value("tags=-1", 1, "could not parse channel tag string");
    expect_publication_value("tags=13,abc", 11, "Entity tag invalid");
    expect_publication_value("tags=16,17,18", 11, "Entity tag invalid");
    expect_publication_value("tags=,14", 0);
    expect_publication_value("tags=15,", 0);
    expect_publication_value("tags=", 0);
    for (const std::string parameter : {"sparse=TRUE", "eos=no", "ssc=1"}) {
        expect_publication_value(parameter, 11, "could not parse " + parameter + " as bool from URI");
    }
    expect_publication_value("reliable=foo", 0);
    expect_publication_value("response-correlation-id=-2", 11, "invalid response-correlation-id");
    expect_publication_value("response-correlation-id=xyz", 11, "invalid response-correlation-id");
    expect_publication_value("response-correlation-id=-1", 0);
    expect_publication_value("so-rcvbuf=1024", 0);
    expect_publication_value("rcv-wnd=zz", 11, "could not parse rcv-wnd=zz");
    expect_publication_value("so-sndbuf=x", 11, "could not parse so-sndbuf=x");
    expect_publication_value("ttl=abc", 0);
    expect_publication_value("channel-snd-ts-offset=reserved", 0);
    expect_publication_value("channel-snd-ts-offset=-5", 0);
    expect_publication_value("channel-snd-ts-offset=foo", 11, "Invalid channel-snd-ts-offset");
    expect_publication_value("untethered-window-limit-timeout=x", 11,
                             "could not parse untethered-window-limit-timeout=x");
    expect_publication_value("untethered-linger-timeout=0", 0);
    expect_publication_value("stream-id=99", 0);
    expect_publication_value("stream-id=junk", 0);
    expect_publication_value("fc=junk", 0);
    expect_publication_value("cc=junk|nak-delay=junk|gtag=junk", 0);
}

// spec: 05-C43
TEST(ChannelVerdict, AsymmetricTransportSecurityIsNotEnabled) {
    for (const Command command : {publish, subscribe, add_receive_destination}) {
        expect_verdict(command, "aeron:udp?endpoint=localhost:40001|ats=true", 11,
                       "ATS is not enabled and thus ats=true not allowed");
        expect_verdict(command, "aeron:udp?endpoint=localhost:40001|ats=false", 0);
        expect_verdict(command, "aeron:udp?endpoint=localhost:40001|ats=x", 11,
                       "could not parse ats=x as bool from URI");
    }
}

TEST(ChannelVerdict, OfSubscriptionValuesIsThatOfTheTable) {
    const std::string channel = "aeron:udp?endpoint=localhost:41001|";
    for (const std::string parameters :
         {"tether=false", "group=true", "group=xyz", "sparse=false", "rcv-wnd=64k", "channel-snd-ts-offset=8", "gtag=5",
          "cc=cubic|nak-delay=5ms", "nak-delay=junk", "init-term-id=5", "mtu=33|term-length=5|linger=x", "rcv-wnd=0"}) {
        expect_verdict(subscribe, channel + parameters, 0);
    }
    expect_verdict(subscribe, channel + "session-id=tag:5", 11, "could not parse session-id=tag:5");
    expect_verdict(subscribe, channel + "untethered-resting-timeout=x", 11, "could not parse");
    expect_verdict(subscribe, channel + "gtag=x", 11, "could not parse gtag=x as int64_t");
    for (const std::string parameter : {"reliable=x", "session-id=x", "rcv-wnd=x"}) {
        expect_verdict(subscribe, "aeron:ipc?" + parameter, 11, "could not parse " + parameter);
    }
    for (const std::string parameter : {"tags=x", "control-mode=zzz", "reliable=false"}) {
        expect_verdict(subscribe, "aeron:ipc?" + parameter, 0);
    }
}

TEST(ChannelVerdict, OfSendDestinationsIsThatOfTheTable) {
    const std::string channel = "aeron:udp?endpoint=localhost:43031|";
    expect_verdict(add_send_destination, "aeron:udp?endpoint=localhost:0", 11, "has port=0 for send destination");
    expect_verdict(add_send_destination, "aeron:udp?endpoint=localhost", 0);
    expect_verdict(add_send_destination, "aeron:udp?endpoint=nohost.invalid:43030", 0);
    for (const std::string text : {"aeron:udp?", "aeron:udp?control=localhost:1", "aeron:ipc"}) {
        expect_verdict(add_send_destination, text, 11, "incorrect URI format for destination");
    }
    expect_verdict(add_send_destination, "aeron-spy:aeron:udp?endpoint=localhost:43030", 1,
                   "Aeron spies are invalid as send destinations");
    for (const std::string key : {"mtu", "so-sndbuf", "so-rcvbuf", "rcv-wnd", "response-correlation-id"}) {
        expect_verdict(add_send_destination, channel + key + "=1408", 1,
                       "destinations must not contain the key: " + key);
    }
    expect_verdict(add_send_destination, channel + "control-mode=response", 1,
                   "destinations may not specify control-mode=response");
    expect_verdict(add_send_destination, channel + "control-mode=manual", 0);
    expect_verdict(add_send_destination, channel + "interface=localhost|ttl=3|term-length=7", 0);
    expect_verdict(add_send_destination, "aeron:udp?endpoint=224.20.30.40:43033", 0);
    expect_verdict(add_send_destination, "aeron:udp", 1, "invalid URI scheme or transport");
}

TEST(ChannelVerdict, OfReceiveDestinationsIsThatOfTheTable) {
    const std::string channel = "aeron:udp?endpoint=localhost:43050|";
    expect_verdict(add_receive_destination, "aeron:udp?endpoint=localhost:0", 0);
    expect_verdict(add_receive_destination, "aeron:udp?control=localhost:43051", 0);
    expect_verdict(add_receive_destination, "aeron:udp?control-mode=manual", 0);
    expect_verdict(add_receive_destination, channel + "mtu=1408", 1, "destinations must not contain the key: mtu");
    expect_verdict(add_receive_destination, channel + "so-rcvbuf=1m", 1, "must not contain the key: so-rcvbuf");
    expect_verdict(add_receive_destination, channel + "control-mode=response", 1, "control-mode=response");
    expect_verdict(add_receive_destination, "aeron:ipc", 0);
    expect_verdict(add_receive_destination, "aeron:ipc?mtu=1", 0);
    expect_verdict(add_receive_destination, "aeron-spy:aeron:udp?endpoint=localhost:43001|mtu=2k", 0);
    expect_verdict(add_receive_destination, "aeron:ipc?reliable=x", 11, "could not parse reliable=x");
}

}  // namespace
}  // namespace cpperon::uri
