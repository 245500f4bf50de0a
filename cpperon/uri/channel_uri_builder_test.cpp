#include "cpperon/uri/channel_uri_builder.hpp"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpperon {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

ChannelUriBuilder udp() {
    return ChannelUriBuilder{Media::udp};
}

std::string error_of(const ChannelUriBuilder& builder) {
    const Result<std::string> text = builder.try_build();
    return text ? "no error: " + text.value() : text.error().message;
}

// The reference's Java builder reads the text and prints it again the same, but for the last two keys, which it does
// not know, and `group=infer`. spec: 05-C47, 07-C73
TEST(ChannelUriBuilder, PrintsEverySetterInTheDocumentedOrderAndReadsItBack) {
    // The setters are called from the last key to the first.
    ChannelUriBuilder builder;
    builder.put("unknown", "x=y")
        .asymmetric_transport_security(false)
        .publication_window_length(64 * 1024)
        .stream_id(-3)
        .max_resend(3)
        .untethered_resting_timeout(19ns)
        .untethered_linger_timeout("3000ms")
        .untethered_window_limit_timeout(5s)
        .nak_delay(100us)
        .response_correlation_id(55)
        .response_endpoint("localhost:3")
        .channel_send_timestamp_offset(TimestampOffset{.value = 8})
        .channel_receive_timestamp_offset(TimestampOffset{.value = 0})
        .media_receive_timestamp_offset(TimestampOffset::reserved())
        .receiver_window_length("131072")
        .socket_receive_buffer_length("2MB")
        .socket_send_buffer_length(0)
        .spies_simulate_connection(true)
        .rejoin(false)
        .group(GroupConsideration::infer)
        .tether(false)
        .eos(false)
        .sparse(true)
        .group_tag(-7)
        .tagged_flow_control(123, 2, "5s")
        .congestion_control("cubic")
        .alias("prices")
        .linger(0s)
        .reliable(true)
        .ttl(255)
        .session_id(SessionId{-9})
        .term_offset(64)
        .term_id(7)
        .initial_term_id(5)
        .term_length("128K")
        .mtu(1'408)
        .control_mode(ControlMode::manual)
        .control_endpoint("localhost:2")
        .network_interface("{lo}")
        .endpoint("localhost:1")
        .tags(1, 77)
        .media(Media::udp)
        .spy(true);

    const std::string text = builder.build();

    EXPECT_EQ(
        text,
        "aeron-spy:aeron:udp?tags=1,77|endpoint=localhost:1|interface={lo}|control=localhost:2|control-mode=manual|"
        "mtu=1408|term-length=128k|init-term-id=5|term-id=7|term-offset=64|session-id=-9|ttl=255|reliable=true|"
        "linger=0ns|alias=prices|cc=cubic|fc=tagged,g:123/2,t:5s|gtag=-7|sparse=true|eos=false|tether=false|"
        "group=infer|rejoin=false|ssc=true|so-sndbuf=0|so-rcvbuf=2m|rcv-wnd=128k|media-rcv-ts-offset=reserved|"
        "channel-rcv-ts-offset=0|channel-snd-ts-offset=8|response-endpoint=localhost:3|response-correlation-id=55|"
        "nak-delay=100us|untethered-window-limit-timeout=5s|untethered-linger-timeout=3s|"
        "untethered-resting-timeout=19ns|max-resend=3|stream-id=-3|pub-wnd=64k|ats=false|unknown=x=y");
    EXPECT_EQ(ChannelUri::parse(text).parameters().size(), 41U);
    EXPECT_EQ(ChannelUriBuilder::from(text).build(), text);
}

TEST(ChannelUriBuilder, WritesTheOtherFormsOfItsValues) {
    EXPECT_EQ(ChannelUriBuilder{Media::ipc}.build(), "aeron:ipc");
    EXPECT_EQ(udp().tags("15").build(), "aeron:udp?tags=15");
    EXPECT_EQ(udp().tags(15, std::nullopt).build(), "aeron:udp?tags=15");
    EXPECT_EQ(udp().tagged_session_id(77).build(), "aeron:udp?session-id=tag:77");
    EXPECT_EQ(udp().response_prototype().build(), "aeron:udp?response-correlation-id=prototype");
    EXPECT_EQ(udp().min_flow_control(2, 5s).build(), "aeron:udp?fc=min,g:/2,t:5000000000");
    EXPECT_EQ(udp().min_flow_control().build(), "aeron:udp?fc=min");
    EXPECT_EQ(udp().flow_control("max,rrwm:4").build(), "aeron:udp?fc=max,rrwm:4");
    EXPECT_EQ(udp().initial_position(14'549'056, 777, 65'536).build(),
              "aeron:udp?term-length=64k|init-term-id=777|term-id=999|term-offset=64");
    EXPECT_EQ(udp().copy("mtu", ChannelUri::parse("aeron:ipc?mtu=8192")).build(), "aeron:udp?mtu=8k");
}

TEST(ChannelUriBuilder, NulloptTakesAParameterOut) {
    ChannelUriBuilder builder = ChannelUriBuilder::from("aeron:udp?endpoint=a:1|mtu=8k|linger=5s|eos=true|x=y");

    builder.endpoint(std::nullopt).mtu(std::nullopt).linger(std::nullopt).eos(std::nullopt).put("x", std::nullopt);

    EXPECT_EQ(builder.build(), "aeron:udp");
    EXPECT_EQ(builder.control_mode(ControlMode::manual).control_mode(ControlMode::none).build(), "aeron:udp");
    EXPECT_EQ(builder.spy(true).clear().media(Media::ipc).build(), "aeron:ipc");
}

// spec: 07-C74
TEST(ChannelUriBuilder, TakesEachValueAtItsBounds) {
    for (const ChannelUriBuilder& builder :
         {udp().mtu(64),
          udp().mtu(65'504),
          udp().term_length(65'536),
          udp().term_length("1g"),
          udp().term_offset(0),
          udp().term_offset(1'073'741'824),
          udp().ttl(0),
          udp().ttl(255),
          udp().linger(0ns),
          udp().nak_delay(0ns),
          udp().untethered_window_limit_timeout(0ns),
          udp().untethered_linger_timeout(0ns),
          udp().untethered_resting_timeout(0ns),
          udp().max_resend(1),
          udp().max_resend(256),
          udp().socket_send_buffer_length(0),
          udp().socket_receive_buffer_length(0),
          udp().receiver_window_length(0),
          udp().publication_window_length(0),
          udp().response_correlation_id(-1),
          udp().media_receive_timestamp_offset(TimestampOffset{.value = 0}),
          udp().initial_position(0, std::numeric_limits<std::int32_t>::max(), 65'536),
          udp().session_id(SessionId{std::numeric_limits<std::int32_t>::min()}),
          udp().alias(std::string(4'095 - std::string_view{"aeron:udp?alias="}.size(), 'x'))}) {
        EXPECT_EQ(error_of(builder).substr(0, 8), "no error") << error_of(builder);
    }
    EXPECT_THAT(error_of(udp().alias(std::string(4'096 - std::string_view{"aeron:udp?alias="}.size(), 'x'))),
                HasSubstr("4095"));
    EXPECT_THAT(error_of(udp().max_resend(0)), HasSubstr("1 to 256 is allowed"));
    EXPECT_THAT(error_of(udp().term_length(32'768)), HasSubstr("term"));
}

// spec: 05-C48, 07-C74
TEST(ChannelUriBuilder, RefusesWhatADriverWouldRefuse) {
    EXPECT_THAT(error_of(ChannelUriBuilder{}), HasSubstr("needs media"));
    EXPECT_FALSE(ChannelUriBuilder::try_from("aeron:tcp?endpoint=a:1"));
    EXPECT_THAT(error_of(udp().put("control-mode", "automatic")), HasSubstr("control-mode=automatic"));
    for (const int mtu : {0, 31, 32, 33, 65'505, 65'536, -64}) {
        EXPECT_THAT(error_of(udp().mtu(mtu)), HasSubstr("mtu")) << mtu;
    }
    for (const int term_length : {0, 65'535, 65'537, 100'000, -65'536}) {
        EXPECT_THAT(error_of(udp().term_length(term_length)), HasSubstr("term")) << term_length;
    }
    EXPECT_THAT(error_of(udp().term_length("2g")), HasSubstr("greater than max length"));
    EXPECT_THAT(error_of(udp().term_offset(-32)), HasSubstr("invalid term-offset=-32"));
    EXPECT_THAT(error_of(udp().term_offset(33)), HasSubstr("invalid term-offset=33"));
    EXPECT_THAT(error_of(udp().term_offset(1'073'741'856)), HasSubstr("0 to 1073741824 is allowed"));
    EXPECT_EQ(udp().term_offset(1'073'741'824).build(), "aeron:udp?term-offset=1073741824");
    EXPECT_THAT(error_of(udp().ttl(256)), HasSubstr("invalid ttl=256: 0 to 255 is allowed"));
    EXPECT_THAT(error_of(udp().ttl(-1)), HasSubstr("invalid ttl=-1"));
    EXPECT_THAT(error_of(udp().socket_send_buffer_length(-1)), HasSubstr("invalid so-sndbuf=-1"));
    EXPECT_THAT(error_of(udp().socket_receive_buffer_length(-1)), HasSubstr("invalid so-rcvbuf=-1"));
    EXPECT_THAT(error_of(udp().receiver_window_length(-1)), HasSubstr("invalid rcv-wnd=-1"));
    EXPECT_THAT(error_of(udp().publication_window_length(-1)), HasSubstr("invalid pub-wnd=-1"));
    EXPECT_THAT(error_of(udp().linger(-1ns)), HasSubstr("invalid linger=-1"));
    EXPECT_THAT(error_of(udp().nak_delay(-1us)), HasSubstr("invalid nak-delay=-1000"));
    EXPECT_THAT(error_of(udp().untethered_window_limit_timeout(-1s)), HasSubstr("untethered-window-limit-timeout"));
    EXPECT_THAT(error_of(udp().untethered_linger_timeout(-1s)), HasSubstr("untethered-linger-timeout"));
    EXPECT_THAT(error_of(udp().untethered_resting_timeout(-1s)), HasSubstr("untethered-resting-timeout"));
}

TEST(ChannelUriBuilder, RefusesTextThatIsNoValue) {
    EXPECT_THAT(error_of(udp().alias("a|b")), HasSubstr("'|' and NUL are not allowed"));
    EXPECT_THAT(error_of(udp().alias("a=b")), HasSubstr("'=' and '?' are not allowed"));
    EXPECT_THAT(error_of(udp().endpoint("")), HasSubstr("endpoint has an empty value"));
    EXPECT_THAT(error_of(udp().put("a=b", "c")), HasSubstr("cannot be a key"));
    EXPECT_THAT(error_of(udp().put("", "c")), HasSubstr("cannot be a key"));
    EXPECT_THAT(error_of(udp().put("group", "maybe")), HasSubstr("true, false or infer is allowed"));
    EXPECT_THAT(error_of(udp().put("eos", "yes")), HasSubstr("could not parse eos=yes as bool"));
    EXPECT_THAT(error_of(udp().put("session-id", "tag:x")), HasSubstr("a number is needed after 'tag:'"));
    EXPECT_THAT(error_of(udp().put("session-id", "x")), HasSubstr("invalid session-id=x"));
    EXPECT_THAT(error_of(udp().put("gtag", "x")), HasSubstr("invalid gtag=x"));
    EXPECT_THAT(error_of(udp().tags(std::nullopt, 14)), HasSubstr("demands a channel tag"));
    EXPECT_THAT(error_of(udp().tags("1,x")), HasSubstr("Entity tag invalid"));
    EXPECT_THAT(error_of(udp().tags("x")), HasSubstr("could not parse channel tag string"));
    EXPECT_THAT(error_of(udp().flow_control("junk")), HasSubstr("flow control strategy name"));
    EXPECT_THAT(error_of(udp().congestion_control("junk")), HasSubstr("cc=junk"));
    EXPECT_THAT(error_of(udp().max_resend(257)), HasSubstr("1 to 256 is allowed"));
    EXPECT_THAT(error_of(udp().response_correlation_id(-2)), HasSubstr("invalid response-correlation-id=-2"));
    EXPECT_THAT(error_of(udp().put("media-rcv-ts-offset", "x")), HasSubstr("Invalid media-rcv-ts-offset=x"));
    EXPECT_THAT(error_of(udp().initial_position(33, 0, 65'536)), HasSubstr("term-offset=33"));
    EXPECT_THAT(error_of(udp().initial_position(-32, 0, 65'536)), HasSubstr("term-offset=-32"));
    EXPECT_THAT(error_of(udp().initial_position(32, 0, 65'537)), HasSubstr("term length not a power of 2"));
    EXPECT_THAT(error_of(udp().alias(std::string(4'095, 'x'))), HasSubstr("exceeds max supported length (4095)"));
    EXPECT_THROW((void)udp().mtu(33).build(), InvalidArgumentError);
    EXPECT_THROW((void)ChannelUriBuilder{}.build(), ChannelUriError);
    EXPECT_THROW((void)ChannelUriBuilder::from("aeron:tcp"), ChannelUriError);
}

TEST(ChannelUriBuilder, AMistakeCanBeMended) {
    EXPECT_EQ(udp().mtu(33).mtu(64).build(), "aeron:udp?mtu=64");
}

TEST(ChannelUriBuilder, ValidatesHowParametersGoTogether) {
    const auto verdict = [](const ChannelUriBuilder& builder) {
        const std::optional<ErrorInfo> error = builder.validate();
        return error ? error->message : "";
    };

    EXPECT_EQ(verdict(udp().endpoint("localhost:1")), "");
    EXPECT_EQ(verdict(udp().control_mode(ControlMode::manual)), "");
    EXPECT_EQ(verdict(ChannelUriBuilder{Media::ipc}.session_id(SessionId{5})), "");
    EXPECT_EQ(verdict(udp().endpoint("localhost:1").tagged_session_id(5).publication_window_length(64)), "");
    EXPECT_EQ(verdict(udp().endpoint("localhost:1").initial_position(64, 5, 65'536)), "");
    EXPECT_THAT(verdict(udp()), HasSubstr("URIs for UDP must specify"));
    EXPECT_THAT(verdict(udp().endpoint("localhost")), HasSubstr("port invalid"));
    EXPECT_THAT(verdict(udp().control_mode(ControlMode::dynamic)), HasSubstr("explicit control expected"));
    EXPECT_THAT(verdict(ChannelUriBuilder{Media::ipc}.spy(true)), HasSubstr("UDP channels must use UDP URIs"));
    EXPECT_THAT(verdict(ChannelUriBuilder{Media::ipc}.term_id(5)), HasSubstr("complete set"));
    EXPECT_THAT(verdict(ChannelUriBuilder{Media::ipc}.initial_term_id(5).term_id(4).term_offset(0)),
                HasSubstr("Param difference"));
    EXPECT_THAT(
        verdict(ChannelUriBuilder{Media::ipc}.initial_term_id(5).term_id(5).term_offset(65'568).term_length(65'536)),
        HasSubstr("term-offset=65568"));
    EXPECT_THAT(verdict(ChannelUriBuilder{Media::ipc}.mtu(8'192).publication_window_length(4'096)),
                HasSubstr("cannot be less than the mtu"));
    EXPECT_THAT(verdict(ChannelUriBuilder{Media::ipc}.mtu(33)), HasSubstr("FRAME_ALIGNMENT"));
}

}  // namespace
}  // namespace cpperon
