#include "cpperon/uri/channel_uri.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpperon {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string padded_ipc_uri(const std::size_t length) {
    std::string text = "aeron:ipc?alias=";
    text.resize(length, 'x');
    return text;
}

// The error of a URI that a driver must refuse.
ErrorInfo refusal(const std::string_view text) {
    const Result<ChannelUri> uri = ChannelUri::try_parse_for_driver(text);
    EXPECT_FALSE(uri.has_value()) << text;
    return uri ? ErrorInfo{} : uri.error();
}

TEST(ChannelUri, TakesMediaAndParametersApart) {
    const ChannelUri uri = ChannelUri::parse("aeron:udp?endpoint=localhost:40003|foo=a=b?c");

    EXPECT_TRUE(uri.is_udp());
    EXPECT_FALSE(uri.is_spy());
    EXPECT_EQ(uri.get("endpoint"), "localhost:40003");
    EXPECT_EQ(uri.get("foo"), "a=b?c");
    EXPECT_EQ(uri.get("fo"), std::nullopt);
    EXPECT_EQ(uri.get_or("mtu", "1408"), "1408");
    EXPECT_TRUE(uri.contains("foo"));
    EXPECT_EQ(uri.parameters().size(), 2U);
}

TEST(ChannelUri, KnowsTheSpyPrefix) {
    const ChannelUri uri = ChannelUri::parse("aeron-spy:aeron:udp?endpoint=localhost:40001");

    EXPECT_TRUE(uri.is_spy());
    EXPECT_EQ(uri.to_string(), "aeron-spy:aeron:udp?endpoint=localhost:40001");
    EXPECT_EQ(refusal("aeron-spy:aeron:udp?endpoint=localhost:40001").code, ErrorCode::invalid_channel);
}

TEST(ChannelUri, IsHandledByTheKindThatItsFirstBytesName) {
    EXPECT_EQ(channel_kind("aeron:ipc?alias=a"), ChannelKind::ipc);
    EXPECT_EQ(channel_kind("aeron:ipcx"), ChannelKind::ipc);
    EXPECT_EQ(channel_kind("aeron-spy:aeron:ipc"), ChannelKind::spy);
    EXPECT_EQ(channel_kind("aeron-spy"), ChannelKind::udp);
    EXPECT_EQ(channel_kind("aeron:tcp?a=b"), ChannelKind::udp);
    EXPECT_EQ(channel_kind(""), ChannelKind::udp);
}

TEST(ChannelUri, RefusalsNameWhatIsWrong) {
    for (const std::string_view text :
         {"", "aeron", "aeron:", "aeron:udp", "aeron:udp:", "aeron:udpx?a=b", "aeron:ipcx", "aeron:ipc|sparse=true",
          "Aeron:udp?a=b", "aeron:UDP?a=b", "aeron:tcp?a=b"}) {
        const ErrorInfo error = refusal(text);
        EXPECT_EQ(error.code, ErrorCode::invalid_channel);
        EXPECT_THAT(error.message, StartsWith("invalid URI scheme or transport: '" + std::string(text) + "'"));
    }
    EXPECT_THAT(refusal("aeron:udp?=a:1").message, HasSubstr("empty key not allowed"));
    EXPECT_THAT(refusal("aeron:udp?a=b|=c").message, HasSubstr("empty key not allowed"));
    EXPECT_THAT(refusal("aeron:udp?end|point=a:1").message, HasSubstr("invalid end of key"));
    EXPECT_THAT(refusal("aeron:udp?a=b||mtu=1408").message, HasSubstr("invalid end of key"));
    EXPECT_THAT(refusal("aeron:udp?endpoint=|mtu=1408").message, HasSubstr("empty value not allowed"));
    EXPECT_THAT(refusal(std::string_view("aeron:ipc?alias=a\0b", 19)).message, HasSubstr("NUL byte at index 17"));
    EXPECT_THROW((void)ChannelUri::parse("aeron:udp?|"), ChannelUriError);
}

TEST(ChannelUri, DropsWhatIsUnfinishedAtTheEnd) {
    EXPECT_EQ(ChannelUri::parse("aeron:udp?a=b|").to_string(), "aeron:udp?a=b");
    EXPECT_EQ(ChannelUri::parse("aeron:udp?a=b|junk").to_string(), "aeron:udp?a=b");
    EXPECT_EQ(ChannelUri::parse("aeron:udp?a=b|tags=").to_string(), "aeron:udp?a=b");
    EXPECT_EQ(ChannelUri::parse("aeron:ipc?").to_string(), "aeron:ipc");
    EXPECT_EQ(ChannelUri::parse("aeron:udp").to_string(), "aeron:udp");
    EXPECT_EQ(ChannelUri::parse("aeron:udp?endpoint=a:1|endpoint=").get("endpoint"), std::nullopt);
}

TEST(ChannelUri, IsLongerThanItsLimitByThePrefixOnly) {
    EXPECT_TRUE(ChannelUri::try_parse_for_driver(padded_ipc_uri(4'095)));
    EXPECT_TRUE(ChannelUri::try_parse("aeron-spy:" + padded_ipc_uri(4'095)));

    const ErrorInfo error = refusal(padded_ipc_uri(4'096));

    EXPECT_EQ(error.code, ErrorCode::invalid_channel);
    EXPECT_EQ(error.message,
              "URI length (4096) exceeds max supported length (4095): " + padded_ipc_uri(4'096).substr(0, 4'095));
}

// spec: 05-C4
TEST(ChannelUri, OfADuplicateTheLastCountsInAddressesAndTheFirstElsewhere) {
    const ChannelUri uri = ChannelUri::parse(
        "aeron:udp?endpoint=a:1|interface=a|control=a:1|control-mode=a|tags=1|ttl=1|mtu=1376|alias=x|"
        "endpoint=b:2|interface=b|control=b:2|control-mode=b|tags=2|ttl=2|mtu=1408|alias=y");

    EXPECT_EQ(uri.to_string(),
              "aeron:udp?endpoint=b:2|interface=b|control=b:2|control-mode=b|tags=2|ttl=2|mtu=1376|alias=x");
}

TEST(ChannelUri, EditsKeepTheOrderAndGiveWhatWasThere) {
    ChannelUri uri = ChannelUri::parse("aeron:udp?endpoint=a:1|mtu=8k");

    EXPECT_EQ(uri.put("endpoint", "b:2"), "a:1");
    EXPECT_EQ(uri.put("alias", "new"), std::nullopt);
    EXPECT_EQ(uri.remove("mtu"), "8k");
    EXPECT_EQ(uri.remove("mtu"), std::nullopt);
    uri.set_spy(true);

    EXPECT_EQ(uri.to_string(), "aeron-spy:aeron:udp?endpoint=b:2|alias=new");
}

TEST(ChannelUri, RefusesEditsThatCouldNotBeReadBack) {
    ChannelUri uri{Media::udp};

    EXPECT_THROW(uri.put("", "a"), InvalidArgumentError);
    EXPECT_THROW(uri.put("a=", "a"), InvalidArgumentError);
    EXPECT_THROW(uri.put("a|", "a"), InvalidArgumentError);
    EXPECT_THROW(uri.put("a", ""), InvalidArgumentError);
    EXPECT_THROW(uri.put("a", "b|c"), InvalidArgumentError);
    EXPECT_THROW(uri.put("a", std::string_view("\0", 1)), InvalidArgumentError);
    EXPECT_EQ(uri, ChannelUri{Media::udp});
}

TEST(ChannelUri, EqualityDoesNotLookAtTheOrder) {
    const ChannelUri uri = ChannelUri::parse("aeron:udp?a=1|b=2");

    EXPECT_EQ(uri, ChannelUri::parse("aeron:udp?b=2|a=1"));
    EXPECT_NE(uri, ChannelUri::parse("aeron:udp?a=1"));
    EXPECT_NE(uri, ChannelUri::parse("aeron:udp?a=1|b=3"));
    EXPECT_NE(uri, ChannelUri::parse("aeron:ipc?a=1|b=2"));
    EXPECT_NE(uri, ChannelUri::parse("aeron-spy:aeron:udp?a=1|b=2"));
}

TEST(ChannelUri, SplitsTags) {
    const auto tags = [](const std::string& value) {
        const ChannelUri uri = ChannelUri::parse("aeron:udp?tags=" + value);
        return std::pair(uri.channel_tag(), uri.entity_tag());
    };
    using Tags = std::pair<std::optional<std::int64_t>, std::optional<std::int64_t>>;

    EXPECT_EQ(tags("15,16"), Tags(15, 16));
    EXPECT_EQ(tags("15,"), Tags(15, std::nullopt));
    EXPECT_EQ(tags(",14"), Tags(std::nullopt, 14));
    EXPECT_EQ(tags("x,y"), Tags(std::nullopt, std::nullopt));
    EXPECT_EQ(tags(""), Tags(std::nullopt, std::nullopt));
}

// spec: 05-C49
TEST(ChannelUriEditor, CreatesDestinations) {
    EXPECT_EQ(create_destination_uri("aeron:udp?interface=eth0|term-length=64k|ttl=0|endpoint=some", "vm1"),
              "aeron:udp?endpoint=vm1|interface=eth0");
    EXPECT_EQ(create_destination_uri("aeron:ipc", "dest2"), "aeron:ipc?endpoint=dest2");
    EXPECT_EQ(create_destination_uri("aeron-spy:aeron:udp?eol=true|interface=none", "abc"),
              "aeron:udp?endpoint=abc|interface=none");
}

// spec: 05-C49
TEST(ChannelUriEditor, ReplacesAWildcardPort) {
    const auto replaced = [](const std::string_view channel, const std::string_view resolved) {
        ChannelUri uri = ChannelUri::parse(channel);
        uri.replace_endpoint_wildcard_port(resolved);
        return uri.to_string();
    };

    EXPECT_EQ(replaced("aeron:udp?endpoint=localhost:0", "127.0.0.1:12345"), "aeron:udp?endpoint=localhost:12345");
    EXPECT_EQ(replaced("aeron:udp?endpoint=localhost:12345", "localhost:54321"), "aeron:udp?endpoint=localhost:12345");
    EXPECT_EQ(replaced("aeron:udp", "127.0.0.1:12345"), "aeron:udp?endpoint=127.0.0.1:12345");
    EXPECT_EQ(replaced("aeron:udp?endpoint=[::1]:0", "[::1]:12345"), "aeron:udp?endpoint=[::1]:12345");
    for (const std::string_view unresolved : {"localhost:0", "localhost", ""}) {
        EXPECT_THROW((void)replaced("aeron:udp?endpoint=localhost:0", unresolved), InvalidArgumentError);
    }
}

// spec: 05-C49
TEST(ChannelUriEditor, ChangesAliases) {
    const auto or_default = [](const std::string_view alias) { return std::string(alias.empty() ? "default" : alias); };

    EXPECT_EQ(transform_alias("aeron:ipc", or_default), "aeron:ipc?alias=default");
    EXPECT_EQ(transform_alias("aeron:ipc?alias=a", or_default), "aeron:ipc?alias=a");
    EXPECT_EQ(transform_alias("aeron:ipc?alias=a", [](std::string_view) { return std::string(); }), "aeron:ipc");
    EXPECT_EQ(add_alias_if_absent("aeron:udp?alias=xyz|term-length=64k", "new"), "aeron:udp?alias=xyz|term-length=64k");
    EXPECT_EQ(add_alias_if_absent("aeron:ipc", "new"), "aeron:ipc?alias=new");
    EXPECT_EQ(add_alias_if_absent("aeron:ipc", ""), "aeron:ipc");
}

TEST(ChannelUriEditor, SetsSessionsAndReadsTags) {
    EXPECT_EQ(add_session_id("aeron:ipc?session-id=1", SessionId{-7}), "aeron:ipc?session-id=-7");
    EXPECT_EQ(replace_port_with_wildcard("host:123"), "host:0");
    EXPECT_EQ(replace_port_with_wildcard("host"), std::nullopt);
    EXPECT_TRUE(is_tagged("tag:5"));
    EXPECT_FALSE(is_tagged("5"));
    EXPECT_EQ(tag_of("tag:5"), 5);
    EXPECT_EQ(tag_of("tag:x"), std::nullopt);
    EXPECT_EQ(tag_of("5"), std::nullopt);
    EXPECT_TRUE(ChannelUri::parse("aeron:udp?control-mode=response").has_control_mode_response());
    EXPECT_FALSE(ChannelUri::parse("aeron:udp?control-mode=Response").has_control_mode_response());
}

// spec: 07-C76
TEST(ChannelUriEditor, SetsAnyParameter) {
    EXPECT_EQ(set_param("aeron:ipc", "session-id", "42"), "aeron:ipc?session-id=42");
    EXPECT_EQ(add_session_id("aeron:ipc", SessionId{42}), "aeron:ipc?session-id=42");
    EXPECT_EQ(set_param("aeron:udp?endpoint=a:1|mtu=8k|alias=x", "mtu", "1408"),
              "aeron:udp?endpoint=a:1|mtu=1408|alias=x");
    EXPECT_EQ(set_param("aeron-spy:aeron:udp?endpoint=a:1", "alias", "x"), "aeron-spy:aeron:udp?endpoint=a:1|alias=x");
    EXPECT_THROW((void)set_param("aeron:tcp", "mtu", "1408"), ChannelUriError);
    EXPECT_THROW((void)set_param("aeron:ipc", "a=b", "c"), InvalidArgumentError);
}

// spec: 07 §A.7
TEST(ChannelUri, HasNamesForWhatChannelsBeginWith) {
    EXPECT_TRUE(ChannelUri::parse(ipc_channel).is_ipc());
    EXPECT_TRUE(ChannelUri::parse(std::string{udp_channel_prefix} + "?endpoint=a:1").is_udp());
    EXPECT_TRUE(ChannelUri::parse(std::string{spy_prefix} + "aeron:udp?endpoint=a:1").is_spy());
    EXPECT_EQ(tag_of(std::string{tag_prefix} + "7"), 7);
}

TEST(ChannelUriEditor, SetsTheInitialPosition) {
    ChannelUri uri{Media::ipc};

    uri.set_initial_position(14'549'056, 777, 65'536);

    EXPECT_EQ(uri.to_string(), "aeron:ipc?term-length=65536|init-term-id=777|term-id=999|term-offset=64");
    EXPECT_THROW(uri.set_initial_position(33, 0, 65'536), InvalidArgumentError);
    EXPECT_THROW(uri.set_initial_position(-32, 0, 65'536), InvalidArgumentError);
    EXPECT_THROW(uri.set_initial_position(32, 0, 65'535), InvalidArgumentError);
}

}  // namespace
}  // namespace cpperon
