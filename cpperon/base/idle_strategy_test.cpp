#include "cpperon/base/idle_strategy.hpp"

#include <limits>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/error.hpp"

namespace cpperon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Writes down what a strategy does instead of doing it.
class RecordedPause final : public Pause {
public:
    void spin() noexcept override { calls.emplace_back("spin"); }
    void yield() noexcept override { calls.emplace_back("yield"); }
    void sleep(const std::int64_t duration_ns) noexcept override {
        calls.push_back(fmt::format("sleep {}", duration_ns));
    }

    std::vector<std::string> calls;
};

/// What `count` calls without work do, the calls that do nothing included.
std::vector<std::string> idle_calls(IdleStrategy& strategy, RecordedPause& pause, const int count) {
    std::vector<std::string> calls;
    for (int i = 0; i < count; ++i) {
        pause.calls.clear();
        strategy.idle(0);
        EXPECT_LE(pause.calls.size(), 1U);
        calls.push_back(pause.calls.empty() ? "nothing" : pause.calls.front());
    }
    return calls;
}

/// What the strategy that has the name does at its first call without work.
std::string first_call_of(const std::string_view name, const std::string_view arguments = {}) {
    RecordedPause pause;
    return idle_calls(*make_idle_strategy(name, arguments, pause), pause, 1).front();
}

/// The sequence that spec 01 §10.1 lists for the defaults.
std::vector<std::string> sequence_with_defaults() {
    std::vector<std::string> calls{"nothing"};
    calls.insert(calls.end(), 10, "spin");
    calls.insert(calls.end(), 20, "yield");
    calls.emplace_back("nothing");
    for (int park_ns = 1'000; park_ns <= 512'000; park_ns *= 2) {
        calls.push_back(fmt::format("sleep {}", park_ns));
    }
    calls.insert(calls.end(), 3, "sleep 1000000");
    return calls;
}

// spec: 01-C35, 07-C77
TEST(BackoffIdleStrategy, SpinsThenYieldsThenSleepsForLongerAndLonger) {
    RecordedPause pause;
    BackoffIdleStrategy strategy{{}, pause};

    const std::vector<std::string> calls = idle_calls(strategy, pause, 45);

    EXPECT_EQ(calls, sequence_with_defaults());
}

// spec: 01-C35, 07-C77
TEST(BackoffIdleStrategy, StartsOverAfterWorkFromEachState) {
    const std::vector<std::string> expected = sequence_with_defaults();
    for (int calls_before = 0; calls_before <= 45; ++calls_before) {
        RecordedPause pause;
        BackoffIdleStrategy strategy{{}, pause};
        idle_calls(strategy, pause, calls_before);
        pause.calls.clear();

        strategy.idle(1);

        EXPECT_THAT(pause.calls, IsEmpty());
        EXPECT_EQ(idle_calls(strategy, pause, 45), expected) << calls_before;
    }
}

TEST(BackoffIdleStrategy, StartsOverWhenItIsReset) {
    RecordedPause pause;
    BackoffIdleStrategy strategy{{}, pause};
    idle_calls(strategy, pause, 40);

    strategy.reset();

    EXPECT_EQ(idle_calls(strategy, pause, 45), sequence_with_defaults());
}

TEST(BackoffIdleStrategy, GoesThroughItsStatesOnceEvenWithoutSpinsAndYields) {
    RecordedPause pause;
    BackoffIdleStrategy strategy{{.max_spins = 0, .max_yields = 0, .min_park_ns = 3, .max_park_ns = 10}, pause};

    EXPECT_THAT(idle_calls(strategy, pause, 7),
                ElementsAre("nothing", "spin", "nothing", "sleep 3", "sleep 6", "sleep 10", "sleep 10"));
}

TEST(BackoffIdleStrategy, DoublesUpToTheLongestDurationWithoutOverflow) {
    constexpr std::int64_t longest = std::numeric_limits<std::int64_t>::max();
    RecordedPause pause;
    BackoffIdleStrategy strategy{{.max_spins = 0, .max_yields = 0, .min_park_ns = longest - 1, .max_park_ns = longest},
                                 pause};

    EXPECT_THAT(idle_calls(strategy, pause, 5),
                ElementsAre("nothing", "spin", "nothing", fmt::format("sleep {}", longest - 1),
                            fmt::format("sleep {}", longest)));
}

TEST(SimpleIdleStrategies, PauseOnlyWithoutWork) {
    RecordedPause pause;
    BusySpinIdleStrategy spinning{pause};
    YieldingIdleStrategy yielding{pause};
    SleepingIdleStrategy sleeping{500, pause};
    NoOpIdleStrategy noop;
    for (IdleStrategy* const strategy : std::initializer_list<IdleStrategy*>{&spinning, &yielding, &sleeping, &noop}) {
        strategy->idle(1);
        EXPECT_THAT(pause.calls, IsEmpty());
    }

    for (IdleStrategy* const strategy : std::initializer_list<IdleStrategy*>{&spinning, &yielding, &sleeping, &noop}) {
        strategy->idle(0);
        strategy->reset();
    }

    EXPECT_THAT(pause.calls, ElementsAre("spin", "yield", "sleep 500"));
}

TEST(MakeIdleStrategy, KnowsEachNameAndItsAliases) {
    EXPECT_EQ(first_call_of("sleeping"), "sleep 1");
    EXPECT_EQ(first_call_of("sleep-ns"), "sleep 1");
    EXPECT_EQ(first_call_of("aeron_idle_strategy_sleeping"), "sleep 1");
    EXPECT_EQ(first_call_of("sleep-ms"), "sleep 1000000");
    EXPECT_EQ(first_call_of("yield"), "yield");
    EXPECT_EQ(first_call_of("aeron_idle_strategy_yielding"), "yield");
    EXPECT_EQ(first_call_of("spin"), "spin");
    EXPECT_EQ(first_call_of("aeron_idle_strategy_busy_spinning"), "spin");
    EXPECT_EQ(first_call_of("noop"), "nothing");
    EXPECT_EQ(first_call_of("aeron_idle_strategy_noop"), "nothing");
    for (const std::string_view name : {"backoff", "aeron_idle_strategy_backoff"}) {
        RecordedPause pause;
        EXPECT_EQ(idle_calls(*make_idle_strategy(name, "", pause), pause, 45), sequence_with_defaults());
    }
}

TEST(MakeIdleStrategy, RefusesAnUnknownNameAndTellsTheKnownOnes) {
    for (const std::string_view name : {"", "Backoff", "sleep", "backoff ", "controllable"}) {
        try {
            static_cast<void>(make_idle_strategy(name));
            ADD_FAILURE() << name << " was accepted";
        } catch (const InvalidArgumentError& error) {
            EXPECT_THAT(error.what(), HasSubstr(fmt::format("'{}'", name)));
            for (const char* const known : {"sleeping", "sleep-ns", "sleep-ms", "yield", "spin", "noop", "backoff"}) {
                EXPECT_THAT(error.what(), HasSubstr(known));
            }
        }
    }
}

// spec: 01-C36
TEST(MakeIdleStrategy, ReadsTheDurationOfSleeping) {
    EXPECT_EQ(first_call_of("sleeping", "16ms"), "sleep 16000000");
    EXPECT_EQ(first_call_of("sleep-ns", "250"), "sleep 250");
    EXPECT_EQ(first_call_of("sleep-ns", "250NS"), "sleep 250");
    EXPECT_EQ(first_call_of("sleep-ns", "3us"), "sleep 3000");
    EXPECT_EQ(first_call_of("sleep-ns", "2S"), "sleep 2000000000");
    EXPECT_EQ(first_call_of("sleep-ns", "9300000000s"), "sleep 9223372036854775807");
    EXPECT_THROW(static_cast<void>(first_call_of("sleep-ns", "-1")), InvalidArgumentError);
    EXPECT_THROW(static_cast<void>(first_call_of("sleep-ns", "soon")), InvalidArgumentError);
    EXPECT_THROW(static_cast<void>(first_call_of("sleep-ns", "1min")), InvalidArgumentError);
}

// spec: 01-C36
TEST(MakeIdleStrategy, IgnoresTheArgumentsOfTheOthers) {
    EXPECT_EQ(first_call_of("yield", "nonsense"), "yield");
    EXPECT_EQ(first_call_of("spin", "nonsense"), "spin");
    EXPECT_EQ(first_call_of("noop", "nonsense"), "nothing");
    EXPECT_EQ(first_call_of("sleep-ms", "nonsense"), "sleep 1000000");
}

// spec: 01-C36
TEST(ParseBackoffSettings, ReadsTheFourFields) {
    EXPECT_EQ(parse_backoff_settings("10-20-1us-1ms"), BackoffSettings{});
    EXPECT_EQ(parse_backoff_settings("10-20-1000-1000000"), BackoffSettings{});
    EXPECT_EQ(
        parse_backoff_settings("5-5-1s-2s"),
        (BackoffSettings{.max_spins = 5, .max_yields = 5, .min_park_ns = 1'000'000'000, .max_park_ns = 2'000'000'000}));
    EXPECT_EQ(parse_backoff_settings("10-20-1us-1ms-and-more"), BackoffSettings{});
    EXPECT_EQ(parse_backoff_settings("1234567890123456-0-0-0").max_spins, 1'234'567'890'123'456);
    EXPECT_EQ(parse_backoff_settings("1-1-1-123456789012345s").max_park_ns, std::numeric_limits<std::int64_t>::max());
}

// spec: 01-C36
TEST(ParseBackoffSettings, RefusesTheRestAndTellsTheForm) {
    struct Case {
        std::string_view arguments;
        std::string_view reason;
    };
    for (const Case& c :
         {Case{"10-20-1ns-1ms", "min park has another unit"}, Case{"10-20-1us", "max park is missing"},
          Case{"a-20-1us-1ms", "max spins is not a number"}, Case{"10-20-1us-1n", "max park has another unit"},
          Case{"10-20-1us-1ms x", "max park has another unit"}, Case{"10-20ms-1us-1ms", "max yields is not a number"},
          Case{"10--1us-1ms", "max yields is missing"}, Case{"-10-20-1us-1ms", "max spins is missing"},
          Case{"10", "max yields is missing"}, Case{" 10-20-1us-1ms", "max spins is not a number"},
          Case{"12345678901234567-20-1us-1ms", "max spins is longer than 16 characters"},
          Case{"10-20-1us-123456789012345ms", "max park is longer than 16 characters"}}) {
        try {
            static_cast<void>(parse_backoff_settings(c.arguments));
            ADD_FAILURE() << c.arguments << " was accepted";
        } catch (const InvalidArgumentError& error) {
            EXPECT_THAT(error.what(), HasSubstr(fmt::format("'{}'", c.arguments)));
            EXPECT_THAT(error.what(), HasSubstr(c.reason));
            EXPECT_THAT(error.what(), HasSubstr("10-20-1us-1ms"));
        }
    }
    EXPECT_THROW(static_cast<void>(make_idle_strategy("backoff", "10-20-1us")), InvalidArgumentError);
}

TEST(IdleStrategyFactory, MakesANewStrategyOfItsKindEachTime) {
    const auto first_call = [](const IdleStrategyKind kind, const std::string_view arguments = {}) {
        RecordedPause pause;
        const IdleStrategyFactory make = idle_strategy_factory(kind, arguments, pause);
        EXPECT_NE(make(), make());
        const std::unique_ptr<IdleStrategy> strategy = make();
        return idle_calls(*strategy, pause, 2).back();
    };

    EXPECT_EQ(first_call(IdleStrategyKind::sleeping), "sleep 1000000");
    EXPECT_EQ(first_call(IdleStrategyKind::sleeping, "5us"), "sleep 5000");
    EXPECT_EQ(first_call(IdleStrategyKind::yielding), "yield");
    EXPECT_EQ(first_call(IdleStrategyKind::busy_spin), "spin");
    EXPECT_EQ(first_call(IdleStrategyKind::no_op), "nothing");
    EXPECT_EQ(first_call(IdleStrategyKind::backoff), "spin");
    EXPECT_EQ(to_string(IdleStrategyKind::busy_spin), "spin");
    EXPECT_THROW(static_cast<void>(idle_strategy_factory(IdleStrategyKind::backoff, "10-20")), InvalidArgumentError);
    EXPECT_THROW(static_cast<void>(idle_strategy_factory(IdleStrategyKind::sleeping, "soon")), InvalidArgumentError);
}

TEST(SystemPause, ReturnsAgain) {
    SystemPause& pause = SystemPause::instance();
    pause.spin();
    pause.yield();
    pause.sleep(1);
    pause.sleep(0);
}

}  // namespace
}  // namespace cpperon
