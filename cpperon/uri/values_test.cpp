#include "cpperon/uri/values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpperon::uri {
namespace {

using testing::HasSubstr;

std::string flow_control_error(const std::string_view value) {
    const Result<FlowControl> control = try_parse_flow_control(value);
    if (control) {
        return "no error";
    }
    EXPECT_EQ(control.error().code, ErrorCode::generic_error);
    return control.error().message;
}

// spec: 05-C5
TEST(UriValues, KeywordsAreCaseSensitive) {
    EXPECT_TRUE(try_parse_bool("eos", "true").value());
    EXPECT_FALSE(try_parse_bool("eos", "false").value());
    for (const std::string_view text : {"TRUE", "1", "yes", "no", "True", "truex", ""}) {
        const Result<bool> value = try_parse_bool("eos", text);
        ASSERT_FALSE(value) << text;
        EXPECT_EQ(value.error().code, ErrorCode::generic_error);
        EXPECT_THAT(value.error().message, HasSubstr("could not parse eos=" + std::string(text) + " as bool from URI"));
    }
    EXPECT_EQ(parse_control_mode("Manual"), ControlMode::none);
    EXPECT_EQ(parse_group("TRUE"), GroupConsideration::force_false);
    EXPECT_FALSE(try_parse_flow_control("MAX"));
    EXPECT_FALSE(try_parse_congestion_control("Cubic"));
    EXPECT_FALSE(try_parse_timestamp_offset("media-rcv-ts-offset", "RESERVED"));
    EXPECT_FALSE(try_parse_response_correlation_id("Prototype"));
}

TEST(UriValues, GroupTakesGarbageAsFalse) {
    EXPECT_EQ(parse_group("true"), GroupConsideration::force_true);
    EXPECT_EQ(parse_group("infer"), GroupConsideration::infer);
    EXPECT_EQ(parse_group("false"), GroupConsideration::force_false);
    EXPECT_EQ(parse_group("xyz"), GroupConsideration::force_false);
}

TEST(UriValues, TtlIsNeverAnError) {
    EXPECT_EQ(parse_ttl("3"), 3);
    EXPECT_EQ(parse_ttl("0x10"), 16);
    EXPECT_EQ(parse_ttl("255"), 255);
    EXPECT_EQ(parse_ttl("300"), 255);
    EXPECT_EQ(parse_ttl("99999999999999999999"), 255);
    EXPECT_EQ(parse_ttl("-1"), 255);
    EXPECT_EQ(parse_ttl("3x"), 3);
    EXPECT_EQ(parse_ttl("abc"), 0);
    EXPECT_EQ(parse_ttl("-"), 0);
    EXPECT_EQ(parse_ttl(""), 0);
}

TEST(UriValues, TagsHaveTheErrorCodesOfTheirPart) {
    EXPECT_EQ(try_parse_channel_tag("13,abc").value(), 13);
    EXPECT_EQ(try_parse_channel_tag(",14").value(), std::nullopt);
    EXPECT_EQ(try_parse_entity_tag("13,14").value(), 14);
    EXPECT_EQ(try_parse_entity_tag("13,-1").value(), std::nullopt);
    EXPECT_EQ(try_parse_entity_tag("15,").value(), std::nullopt);
    for (const std::string_view text : {"x", "-1", "12abc", "0x10"}) {
        const auto tag = try_parse_channel_tag(text);
        ASSERT_FALSE(tag) << text;
        EXPECT_EQ(tag.error().code, ErrorCode::invalid_channel);
        EXPECT_THAT(tag.error().message, HasSubstr("could not parse channel tag string: tags=" + std::string(text)));
    }
    for (const std::string_view text : {"13,abc", "16,17,18"}) {
        const auto tag = try_parse_entity_tag(text);
        ASSERT_FALSE(tag) << text;
        EXPECT_EQ(tag.error().code, ErrorCode::generic_error);
        EXPECT_THAT(tag.error().message, HasSubstr("Entity tag invalid: tags=" + std::string(text)));
    }
}

TEST(UriValues, TimestampOffsetsAreReservedOrNumbers) {
    EXPECT_EQ(try_parse_timestamp_offset("channel-snd-ts-offset", "reserved").value(), TimestampOffset::reserved());
    EXPECT_TRUE(TimestampOffset::reserved().is_enabled());
    EXPECT_EQ(try_parse_timestamp_offset("channel-snd-ts-offset", "0x10").value().value, 16);
    EXPECT_TRUE(TimestampOffset{.value = 0}.is_enabled());
    EXPECT_FALSE(try_parse_timestamp_offset("channel-snd-ts-offset", "-5").value().is_enabled());
    EXPECT_FALSE(TimestampOffset{}.is_enabled());
    const auto offset = try_parse_timestamp_offset("media-rcv-ts-offset", "foo");
    ASSERT_FALSE(offset);
    EXPECT_EQ(offset.error().code, ErrorCode::generic_error);
    EXPECT_THAT(offset.error().message, HasSubstr("Invalid media-rcv-ts-offset=foo"));
}

TEST(UriValues, ResponseCorrelationIdsStartAtMinusOne) {
    EXPECT_EQ(try_parse_response_correlation_id("-1").value(), response_correlation_none);
    EXPECT_EQ(try_parse_response_correlation_id("12345").value(), 12'345);
    EXPECT_EQ(try_parse_response_correlation_id("prototype").value(), response_correlation_prototype);
    for (const std::string_view text : {"-2", "xyz", ""}) {
        const auto id = try_parse_response_correlation_id(text);
        ASSERT_FALSE(id) << text;
        EXPECT_EQ(id.error().code, ErrorCode::generic_error);
        EXPECT_THAT(id.error().message, HasSubstr("invalid response-correlation-id=" + std::string(text)));
    }
}

TEST(UriValues, FlowControlStatesStrategyAndOptions) {
    EXPECT_EQ(try_parse_flow_control("max").value(), (FlowControl{.strategy = FlowControlStrategy::max}));
    EXPECT_EQ(try_parse_flow_control("max,rrwm:3").value(),
              (FlowControl{.strategy = FlowControlStrategy::max, .retransmit_receiver_window_multiple = 3}));
    EXPECT_EQ(try_parse_flow_control("tagged,g:123/2,t:5s,rrwm:4").value(),
              (FlowControl{.strategy = FlowControlStrategy::tagged,
                           .group_tag = 123,
                           .group_min_size = 2,
                           .receiver_timeout_ns = 5'000'000'000,
                           .retransmit_receiver_window_multiple = 4}));
    EXPECT_EQ(
        try_parse_flow_control("min,g:/2,t:5s").value(),
        (FlowControl{.strategy = FlowControlStrategy::min, .group_min_size = 2, .receiver_timeout_ns = 5'000'000'000}));
    EXPECT_EQ(try_parse_flow_control("min,").value(), (FlowControl{.strategy = FlowControlStrategy::min}));
    EXPECT_EQ(try_parse_flow_control("tagged,g:-5").value().group_tag, -5);
    EXPECT_EQ(try_parse_flow_control("tagged,g:abc").value(), (FlowControl{.strategy = FlowControlStrategy::tagged}));
}

TEST(UriValues, FlowControlRefusalsNameWhatIsWrong) {
    EXPECT_THAT(flow_control_error("junk"), HasSubstr("Invalid flow control strategy name"));
    EXPECT_THAT(flow_control_error("maximum"), HasSubstr("Invalid flow control strategy name"));
    EXPECT_THAT(flow_control_error(",min"), HasSubstr("No flow control strategy name specified"));
    EXPECT_THAT(flow_control_error("min,x:1"), HasSubstr("unrecognised option 'x:1'"));
    EXPECT_THAT(flow_control_error("min,t"), HasSubstr("unrecognised option 't'"));
    EXPECT_THAT(flow_control_error("max,g:1"), HasSubstr("unrecognised option 'g:1'"));
    EXPECT_THAT(flow_control_error("tagged,g:"), HasSubstr("unrecognised option"));
    EXPECT_THAT(flow_control_error("max,rrwm:0"),
                HasSubstr("invalid flow control retransmit receiver window multiple"));
    EXPECT_THAT(flow_control_error("min,t:5q"), HasSubstr("invalid timeout"));
    EXPECT_THAT(flow_control_error("min,g:/-1"), HasSubstr("Group count invalid"));
    EXPECT_THAT(flow_control_error("min,g:/2147483648"), HasSubstr("Group count invalid"));
    EXPECT_EQ(flow_control_error("min,g:/2147483647"), "no error");
    EXPECT_THAT(flow_control_error("min,g:5x"), HasSubstr("invalid group"));
    EXPECT_THAT(flow_control_error("min,g:99999999999999999999"), HasSubstr("invalid group"));
    EXPECT_THAT(flow_control_error("min,g:" + std::string(64, '1')), HasSubstr("invalid group"));
    EXPECT_THAT(flow_control_error("min,t:" + std::string(64, '1')), HasSubstr("invalid timeout"));
}

TEST(UriValues, CongestionControlIsStaticOrCubic) {
    EXPECT_EQ(try_parse_congestion_control("static").value(), CongestionControl::static_window);
    EXPECT_EQ(try_parse_congestion_control("cubic").value(), CongestionControl::cubic);
    EXPECT_THAT(try_parse_congestion_control("junk").error().message, HasSubstr("could not parse cc=junk"));
}

}  // namespace
}  // namespace cpperon::uri
