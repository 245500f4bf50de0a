#include "cpperon/uri/subscription_params.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpperon::uri {
namespace {

using testing::HasSubstr;

SubscriptionParams params_of(const std::string& channel, const ChannelDefaults& defaults = {}) {
    const auto params = try_parse_subscription_params(ChannelUri::parse(channel), defaults);
    EXPECT_TRUE(params) << channel;
    return params ? params.value() : SubscriptionParams{};
}

TEST(SubscriptionParams, WithoutParametersAreTheDefaults) {
    const SubscriptionParams params = params_of("aeron:ipc");

    EXPECT_TRUE(params.is_reliable);
    EXPECT_TRUE(params.is_sparse);
    EXPECT_TRUE(params.is_tether);
    EXPECT_TRUE(params.is_rejoin);
    EXPECT_FALSE(params.is_response);
    EXPECT_EQ(params.group, GroupConsideration::infer);
    EXPECT_EQ(params.session_id, std::nullopt);
    EXPECT_EQ(params.receiver_window_length, 131'072);
    EXPECT_EQ(params.untethered_linger_timeout_ns, 5'000'000'000);
    EXPECT_EQ(params_of("aeron:ipc", {.group = GroupConsideration::force_true}).group, GroupConsideration::force_true);
}

TEST(SubscriptionParams, AreReadFromTheUri) {
    const SubscriptionParams params = params_of(
        "aeron:udp?endpoint=a:1|reliable=false|sparse=false|tether=false|rejoin=false|group=true|session-id=5|rcv-wnd="
        "64k|"
        "control-mode=response|untethered-window-limit-timeout=1s|untethered-resting-timeout=3s");

    EXPECT_FALSE(params.is_reliable);
    EXPECT_FALSE(params.is_sparse);
    EXPECT_FALSE(params.is_tether);
    EXPECT_FALSE(params.is_rejoin);
    EXPECT_TRUE(params.is_response);
    EXPECT_EQ(params.group, GroupConsideration::force_true);
    EXPECT_EQ(params.session_id, SessionId{5});
    EXPECT_EQ(params.receiver_window_length, 65'536);
    EXPECT_EQ(params.untethered_window_limit_timeout_ns, 1'000'000'000);
    EXPECT_EQ(params.untethered_linger_timeout_ns, 1'000'000'000);
    EXPECT_EQ(params.untethered_resting_timeout_ns, 3'000'000'000);
    EXPECT_EQ(params_of("aeron:ipc?rcv-wnd=0").receiver_window_length, 131'072);
}

TEST(SubscriptionParams, TakeAnySessionUnlessOneIsNamedOrYetToBeAssigned) {
    EXPECT_TRUE(params_of("aeron:ipc").matches_session(SessionId{7}));
    EXPECT_TRUE(params_of("aeron:ipc?session-id=7").matches_session(SessionId{7}));
    EXPECT_FALSE(params_of("aeron:ipc?session-id=7").matches_session(SessionId{8}));
    EXPECT_FALSE(params_of("aeron:ipc?control-mode=response").matches_session(SessionId{7}));
    EXPECT_TRUE(params_of("aeron:ipc?control-mode=response").matches_session(SessionId{0}));
}

TEST(SubscriptionParams, GroupTagIsReadApart) {
    const auto tag_of_uri = [](const std::string& parameters, const ChannelDefaults& defaults = {}) {
        return try_parse_group_tag(ChannelUri::parse("aeron:udp?" + parameters), defaults);
    };

    EXPECT_EQ(tag_of_uri("").value(), std::nullopt);
    EXPECT_EQ(tag_of_uri("", {.group_tag = 3}).value(), 3);
    EXPECT_EQ(tag_of_uri("gtag=5", {.group_tag = 3}).value(), 5);
    EXPECT_EQ(tag_of_uri("gtag=x").error().code, ErrorCode::generic_error);
    EXPECT_THAT(tag_of_uri("gtag=x").error().message, HasSubstr("could not parse gtag=x as int64_t"));
}

TEST(SubscriptionParams, ImagesReadCongestionControlAndNakDelayForThemselves) {
    const auto image = [](const std::string& parameters) {
        return try_parse_image_params(ChannelUri::parse("aeron:udp?" + parameters), {});
    };

    EXPECT_EQ(image("").value().congestion_control, CongestionControl::static_window);
    EXPECT_EQ(image("").value().nak_delay_ns, 1'000);
    EXPECT_EQ(image("cc=cubic|nak-delay=5ms").value().congestion_control, CongestionControl::cubic);
    EXPECT_EQ(image("cc=cubic|nak-delay=5ms").value().nak_delay_ns, 5'000'000);
    EXPECT_THAT(image("cc=junk").error().message, HasSubstr("cc=junk"));
    EXPECT_THAT(image("nak-delay=junk").error().message, HasSubstr("could not parse nak-delay=junk in URI"));
    EXPECT_TRUE(try_parse_subscription_params(ChannelUri::parse("aeron:udp?cc=junk|nak-delay=junk|gtag=junk"), {}));
}

}  // namespace
}  // namespace cpperon::uri
