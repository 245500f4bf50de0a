#include "cpperon/net/loss_settings.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/wire/frames.hpp"

namespace cpperon::net {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;

EnvironmentLookup environment_of(std::map<std::string, std::string, std::less<>> variables) {
    return [variables = std::move(variables)](const std::string_view name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional{found->second};
    };
}

std::vector<std::byte> frame(const wire::FrameType type) {
    const wire::FrameHeader header{
        .frame_length = 32, .version = 0, .flags = 0, .type = static_cast<std::uint16_t>(type)};
    std::vector<std::byte> bytes(32);
    std::memcpy(bytes.data(), &header, sizeof(header));
    return bytes;
}

bool loses(FilterChain& chain, const wire::FrameType type) {
    return chain.at(0)->loses(frame(type), SocketAddress{});
}

class LossSettingsTest : public testing::Test {
protected:
    SocketFilterFactory factory_of(const LossSettings& settings) {
        return make_filter_factory(settings, random).value_or_throw();
    }
    std::string error_of(const LossSettings& settings) {
        const auto factory = make_filter_factory(settings, random);
        if (factory) {
            return "no error";
        }
        EXPECT_EQ(factory.error().code, ErrorCode::invalid_argument);
        return factory.error().message;
    }
    std::string error_of_loss_args(const std::string& args) {
        return error_of({.incoming_interceptors = "loss", .loss_args = args});
    }
    std::string error_of_gap_args(const std::string& args) {
        return error_of({.incoming_interceptors = "multi-gap-loss", .multi_gap_loss_args = args});
    }

    SeededRandomSource random{42};
};

TEST_F(LossSettingsTest, OfNothingMakeNoFactory) {
    EXPECT_FALSE(factory_of({}));
    EXPECT_FALSE(factory_of({.loss_args = "rate=1"}));  // parameters of what nobody named
}

TEST_F(LossSettingsTest, NameFiltersInTheirOrder) {
    const SocketFilters filters =
        factory_of({.incoming_interceptors = "loss,fixed-loss,multi-gap-loss",
                    .outgoing_interceptors = "loss",
                    .loss_args = "rate=1|seed=-5|recv-msg-mask=0x2",
                    .fixed_loss_args = "term-id=-7|term-offset=0|length=1408",
                    .multi_gap_loss_args = "term-id=0|gap-radix=1000|gap-length=1023|total-gaps=4"})();

    EXPECT_THAT(filters.incoming, SizeIs(3));
    EXPECT_THAT(filters.outgoing, SizeIs(1));
}

TEST_F(LossSettingsTest, LoseFramesOfTheMaskWithOrWithoutItsPrefix) {
    for (const std::string mask : {"0x8", "8", "0X08"}) {
        SocketFilters filters =
            factory_of({.incoming_interceptors = "loss", .loss_args = "recv-msg-mask=" + mask + "|rate=1.0"})();

        EXPECT_TRUE(loses(filters.incoming, wire::FrameType::status_message));
        EXPECT_FALSE(loses(filters.incoming, wire::FrameType::data));
    }
}

TEST_F(LossSettingsTest, LoseTheSameAtEverySocketForOneSeed) {
    const auto fates = [](const SocketFilterFactory& factory) {
        SocketFilters filters = factory();
        std::vector<bool> answers;
        for (int i = 0; i < 100; ++i) {
            answers.push_back(loses(filters.incoming, wire::FrameType::data));
        }
        return answers;
    };

    const SocketFilterFactory seeded = factory_of({.incoming_interceptors = "loss", .loss_args = "rate=.5|seed=7"});
    EXPECT_EQ(fates(seeded), fates(seeded));
    const SocketFilterFactory random_ones = factory_of({.incoming_interceptors = "loss", .loss_args = "rate=.5"});
    EXPECT_NE(fates(random_ones), fates(random_ones));
}

TEST_F(LossSettingsTest, SayWhatIsWrongWithTheParametersOfLoss) {
    EXPECT_THAT(error_of_loss_args(""), AllOf(HasSubstr("loss.args=''"), HasSubstr("'rate' is missing")));
    EXPECT_THAT(error_of_loss_args("rate"), HasSubstr("'rate' is not of the form key=value"));
    EXPECT_THAT(error_of_loss_args("rate=1.01"), HasSubstr("rate='1.01' is not a number from 0 to 1"));
    EXPECT_THAT(error_of_loss_args("rate=-0.1"), HasSubstr("not a number from 0 to 1"));
    EXPECT_THAT(error_of_loss_args("rate=nan"), HasSubstr("not a number from 0 to 1"));
    EXPECT_THAT(error_of_loss_args("rate=0.1x"), HasSubstr("not a number from 0 to 1"));
    EXPECT_THAT(error_of_loss_args("rate=1|seed=x"), HasSubstr("seed='x' is not an integer"));
    EXPECT_THAT(error_of_loss_args("rate=1|recv-msg-mask=0xg"), HasSubstr("hexadecimal"));
    EXPECT_THAT(error_of_loss_args("rate=1|recv-msg-mask="), HasSubstr("hexadecimal"));
    EXPECT_THAT(error_of_loss_args("rate=1|speed=2"), HasSubstr("'speed' is no parameter of it"));
    EXPECT_EQ(error_of_loss_args("rate=0"), "no error");
    EXPECT_EQ(error_of_loss_args("rate=1|"), "no error");
}

TEST_F(LossSettingsTest, SayWhatIsWrongWithTheParametersOfGaps) {
    EXPECT_THAT(error_of({.incoming_interceptors = "fixed-loss", .fixed_loss_args = "term-id=1|term-offset=0"}),
                AllOf(HasSubstr("fixed.loss.args"), HasSubstr("'length' is missing")));
    EXPECT_THAT(
        error_of({.incoming_interceptors = "fixed-loss", .fixed_loss_args = "term-id=1|term-offset=-1|length=1"}),
        HasSubstr("term-offset='-1' is not an integer from 0 to 1073741824"));
    EXPECT_THAT(error_of_gap_args("term-id=2147483648|gap-radix=64|gap-length=32|total-gaps=1"), HasSubstr("term-id"));
    EXPECT_THAT(error_of_gap_args("term-id=1|gap-radix=64|gap-length=64|total-gaps=1"), HasSubstr("below gap-radix"));
    EXPECT_THAT(error_of_gap_args("term-id=1|gap-radix=64|gap-length=32|total-gaps=0"), HasSubstr("total-gaps"));
    EXPECT_EQ(error_of_gap_args("term-id=1|gap-radix=33|gap-length=63|total-gaps=1"), "no error");  // the radix is 64
}

TEST_F(LossSettingsTest, RefuseNamesThatNobodyHas) {
    EXPECT_THAT(error_of({.incoming_interceptors = "losss"}), HasSubstr("'losss' is no interceptor"));
    EXPECT_THAT(error_of({.outgoing_interceptors = "fixed-loss,,loss"}), HasSubstr("missing"));
    EXPECT_THAT(error_of({.incoming_interceptors = "loss,loss,loss,loss,loss,loss,loss,loss,loss,loss,loss",
                          .loss_args = "rate=1"}),
                HasSubstr("11 interceptors"));
}

TEST_F(LossSettingsTest, LoseAtEndpointsByDirectionAndClass) {
    SocketFilters filters = factory_of({.endpoints = {.send_data = {.rate = 1}, .send_control = {.rate = 1}}})();

    EXPECT_TRUE(loses(filters.outgoing, wire::FrameType::data));
    EXPECT_FALSE(loses(filters.outgoing, wire::FrameType::status_message));
    EXPECT_TRUE(loses(filters.incoming, wire::FrameType::nak));
    EXPECT_FALSE(loses(filters.incoming, wire::FrameType::setup));

    filters = factory_of({.endpoints = {.receive_data = {.rate = 1}, .receive_control = {.rate = 1}}})();

    EXPECT_FALSE(loses(filters.outgoing, wire::FrameType::data));
    EXPECT_TRUE(loses(filters.outgoing, wire::FrameType::status_message));
    EXPECT_FALSE(loses(filters.incoming, wire::FrameType::nak));
    EXPECT_TRUE(loses(filters.incoming, wire::FrameType::setup));
}

TEST(EndpointLoss, IsReadFromTheEnvironment) {
    const EndpointLoss endpoints = read_endpoint_loss(environment_of({{"AERON_DEBUG_SEND_DATA_LOSS_RATE", "0.25"},
                                                                      {"AERON_DEBUG_SEND_DATA_LOSS_SEED", "42"},
                                                                      {"AERON_DEBUG_RECEIVE_CONTROL_LOSS_RATE", "7"},
                                                                      {"AERON_DEBUG_RECEIVE_DATA_LOSS_RATE", "-1"}}))
                                       .value_or_throw();

    EXPECT_EQ(endpoints.send_data.rate, 0.25);
    EXPECT_EQ(endpoints.send_data.seed, 42);
    EXPECT_EQ(endpoints.receive_control.rate, 1);
    EXPECT_EQ(endpoints.receive_control.seed, -1);
    EXPECT_EQ(endpoints.receive_data.rate, 0);
    EXPECT_EQ(endpoints.send_control.rate, 0);
    EXPECT_TRUE(endpoints.is_any());
    EXPECT_FALSE(read_endpoint_loss(environment_of({})).value_or_throw().is_any());
}

TEST(EndpointLoss, SaysWhichVariableIsWrong) {
    const auto rate = read_endpoint_loss(environment_of({{"AERON_DEBUG_SEND_CONTROL_LOSS_RATE", "much"}}));
    const auto seed = read_endpoint_loss(environment_of({{"AERON_DEBUG_RECEIVE_DATA_LOSS_SEED", "1.5"}}));

    ASSERT_FALSE(rate);
    EXPECT_THAT(rate.error().message, HasSubstr("AERON_DEBUG_SEND_CONTROL_LOSS_RATE='much'"));
    ASSERT_FALSE(seed);
    EXPECT_THAT(seed.error().message, HasSubstr("AERON_DEBUG_RECEIVE_DATA_LOSS_SEED='1.5'"));
}

}  // namespace
}  // namespace cpperon::net
