#include "cpperon/client/context.hpp"

#include <map>
#include <string>

#include <gtest/gtest.h>

#include "cpperon/base/properties.hpp"

namespace cpperon {
namespace {

using namespace std::chrono_literals;

EnvironmentLookup environment_of(std::map<std::string, std::string, std::less<>> variables) {
    return [variables = std::move(variables)](const std::string_view name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found != variables.end() ? std::optional{found->second} : std::nullopt;
    };
}

// spec: 07-C8
TEST(Context, FillsWhatIsUnsetFromTheEnvironmentThenFromDefaults) {
    const EnvironmentLookup environment = environment_of({{"AERON_DIR", "/somewhere"},
                                                          {"AERON_DRIVER_TIMEOUT", "3000"},
                                                          {"AERON_CLIENT_IDLE_SLEEP_DURATION", "5ms"},
                                                          {"AERON_CLIENT_PRE_TOUCH_MAPPED_MEMORY", "true"},
                                                          {"AERON_CLIENT_NAME", "from outside"}});

    const Result<Context> from_environment = Context{.environment = environment}.concluded();
    ASSERT_TRUE(from_environment);
    EXPECT_EQ(from_environment->directory, "/somewhere");
    EXPECT_EQ(from_environment->driver_timeout, 3s);
    EXPECT_EQ(from_environment->idle_sleep_duration, 5ms);
    EXPECT_EQ(from_environment->pre_touch_mapped_memory, true);
    EXPECT_EQ(from_environment->client_name, "from outside");

    const Result<Context> from_program = Context{.directory = "/here",
                                                 .driver_timeout = 1s,
                                                 .idle_sleep_duration = 1ms,
                                                 .pre_touch_mapped_memory = false,
                                                 .client_name = "mine",
                                                 .environment = environment}
                                             .concluded();
    ASSERT_TRUE(from_program);
    EXPECT_EQ(from_program->directory, "/here");
    EXPECT_EQ(from_program->driver_timeout, 1s);
    EXPECT_EQ(from_program->idle_sleep_duration, 1ms);
    EXPECT_EQ(from_program->pre_touch_mapped_memory, false);
    EXPECT_EQ(from_program->client_name, "mine");

    const Result<Context> default_ones = Context{.environment = environment_of({{"USER", "joe"}})}.concluded();
    ASSERT_TRUE(default_ones);
    EXPECT_EQ(default_ones->directory, "/dev/shm/aeron-joe");
    EXPECT_EQ(default_ones->driver_timeout, 10s);
    EXPECT_EQ(default_ones->keepalive_interval, 500ms);
    EXPECT_EQ(default_ones->idle_sleep_duration, 16ms);
    EXPECT_EQ(default_ones->pre_touch_mapped_memory, false);
    EXPECT_EQ(default_ones->client_name, "");
    EXPECT_NE(default_ones->nano_clock, nullptr);
    EXPECT_NE(default_ones->epoch_clock, nullptr);
}

TEST(Context, IsReadFromTheEnvironmentOnRequest) {
    const Context context = Context::from_environment(environment_of(
        {{"AERON_DIR", "/somewhere"}, {"AERON_DRIVER_TIMEOUT", "3000"}, {"AERON_CLIENT_NAME", "from outside"}}));

    EXPECT_EQ(context.directory, "/somewhere");
    EXPECT_EQ(context.driver_timeout, 3s);
    EXPECT_EQ(context.client_name, "from outside");
    EXPECT_EQ(context.idle_sleep_duration, std::nullopt);
    EXPECT_EQ(context.pre_touch_mapped_memory, std::nullopt);
    EXPECT_EQ(Context::from_environment(environment_of({{"AERON_DIR", ""}})).directory, std::nullopt);
    EXPECT_EQ(context.concluded()->idle_sleep_duration, Context::default_idle_sleep_duration);
}

// spec: 07 §B.12
TEST(Context, IsReadFromPropertiesToo) {
    Properties properties;
    properties.load_text(
        "# of the client\n"
        "aeron.dir=/somewhere\n"
        "aeron.driver.timeout=3000\n"
        "aeron.client.idle.sleep.duration=5ms\n"
        "aeron.pre.touch.mapped.memory=true\n"
        "aeron.client.name=from a file\n",
        "a test");

    const Result<Context> context =
        Context{.environment = properties.over(environment_of({{"AERON_DIR", "/elsewhere"}}))}.concluded();

    ASSERT_TRUE(context);
    EXPECT_EQ(context->directory, "/somewhere");
    EXPECT_EQ(context->driver_timeout, 3s);
    EXPECT_EQ(context->idle_sleep_duration, 5ms);
    EXPECT_EQ(context->pre_touch_mapped_memory, true);
    EXPECT_EQ(context->client_name, "from a file");
}

TEST(Context, PreTouchIsReadUnderBothNamesTheReferenceClientsOwnFirst) {
    const auto pre_touch = [](std::map<std::string, std::string, std::less<>> variables) {
        return Context::from_environment(environment_of(std::move(variables))).pre_touch_mapped_memory;
    };

    EXPECT_EQ(pre_touch({{"AERON_PRE_TOUCH_MAPPED_MEMORY", "on"}}), true);
    EXPECT_EQ(pre_touch({{"AERON_PRE_TOUCH_MAPPED_MEMORY", "on"}, {"AERON_CLIENT_PRE_TOUCH_MAPPED_MEMORY", "0"}}),
              false);
}

// spec: 07-C9
TEST(Context, ReadsDurationsWithAndWithoutUnitAndDriverTimeoutInMilliseconds) {
    const auto idle_sleep = [](const std::string& text) {
        return *Context{.directory = "/d", .environment = environment_of({{"AERON_CLIENT_IDLE_SLEEP_DURATION", text}})}
                    .concluded()
                    ->idle_sleep_duration;
    };
    const auto driver_timeout = [](const std::string& text) {
        return *Context{.directory = "/d", .environment = environment_of({{"AERON_DRIVER_TIMEOUT", text}})}
                    .concluded()
                    ->driver_timeout;
    };

    EXPECT_EQ(idle_sleep("2ms"), 2ms);
    EXPECT_EQ(idle_sleep("2000000"), 2ms);
    EXPECT_EQ(idle_sleep("0"), 0ms);
    EXPECT_EQ(idle_sleep("2s"), 1s);  // clamped
    testing::internal::CaptureStderr();
    EXPECT_EQ(idle_sleep("soon"), 16ms);
    EXPECT_NE(testing::internal::GetCapturedStderr().find("AERON_CLIENT_IDLE_SLEEP_DURATION=soon"), std::string::npos);

    EXPECT_EQ(driver_timeout("2000"), 2s);
    EXPECT_EQ(driver_timeout("0"), 1ms);  // clamped
    EXPECT_EQ(driver_timeout("9223372036854775807"), 9'223'372'036'854ms);
    testing::internal::CaptureStderr();
    EXPECT_EQ(driver_timeout("2s"), 10s);
    EXPECT_EQ(driver_timeout("-5"), 10s);
    EXPECT_NE(testing::internal::GetCapturedStderr().find("AERON_DRIVER_TIMEOUT=2s"), std::string::npos);
}

TEST(Context, RefusesWhatIsOutOfBounds) {
    const auto is_refused = [](Context context) {
        context.environment = environment_of({});
        if (!context.directory) {
            context.directory = "/d";
        }
        const Result<Context> result = context.concluded();
        return !result && result.error().code == ErrorCode::invalid_argument && !result.error().message.empty();
    };

    EXPECT_FALSE(is_refused({}));
    EXPECT_TRUE(is_refused({.directory = ""}));
    EXPECT_TRUE(is_refused({.directory = std::string(4'096, 'd')}));
    EXPECT_FALSE(is_refused({.directory = std::string(4'095, 'd')}));
    EXPECT_TRUE(is_refused({.driver_timeout = 0ms}));
    EXPECT_TRUE(is_refused({.driver_timeout = -1ms}));
    EXPECT_FALSE(is_refused({.driver_timeout = 1ms}));
    EXPECT_TRUE(is_refused({.keepalive_interval = 0ms}));
    EXPECT_TRUE(is_refused({.idle_sleep_duration = -1ns}));
    EXPECT_TRUE(is_refused({.idle_sleep_duration = 1s + 1ns}));
    EXPECT_FALSE(is_refused({.idle_sleep_duration = 1s}));
    EXPECT_TRUE(is_refused({.client_name = std::string(101, 'n')}));
    EXPECT_FALSE(is_refused({.client_name = std::string(100, 'n')}));
    EXPECT_TRUE(is_refused({.driver_do_work = [] { return 0; }}));
    EXPECT_TRUE(is_refused({.invoker_mode = true, .idle_strategy = [] { return nullptr; }}));
}

}  // namespace
}  // namespace cpperon
