#include "cpperon/driver/receiver/feedback_delay.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include <gtest/gtest.h>

#include "cpperon/base/random.hpp"

namespace cpperon::driver {
namespace {

/// Gives the same number again and again.
class ConstantRandomSource final : public RandomSource {
public:
    explicit ConstantRandomSource(const std::uint64_t value) : value_(value) {}
    [[nodiscard]] std::uint64_t next_u64() noexcept override { return value_; }

private:
    std::uint64_t value_;
};

// The specification truncates, but shows 704,180.52 as 704,181. spec: 04-C69
TEST(FeedbackDelay, BackoffHasTheValuesOfTheSpecification) {
    constexpr std::array<std::pair<double, std::int64_t>, 7> values{{{0.0, 0},
                                                                     {0.01, 704'180},
                                                                     {0.1, 3'893'917},
                                                                     {0.25, 6'119'383},
                                                                     {0.5, 8'010'589},
                                                                     {0.75, 9'165'823},
                                                                     {0.9, 9'693'327}}};
    for (const auto& [u, delay_ns] : values) {
        EXPECT_EQ(optimal_backoff_ns({.max_backoff_ns = 10'000'000, .size = 10}, u), delay_ns) << u;
    }
}

// spec: 04-C69
TEST(FeedbackDelay, RandomDelaysLieBelowTheLongestBackoffAndDiffer) {
    SeededRandomSource random{1};
    const FeedbackDelay delay = FeedbackDelay::random({.max_backoff_ns = 10'000'000, .size = 10}, random);

    std::int64_t sum_ns = 0;
    for (int i = 0; i < 10'000; ++i) {
        const std::int64_t drawn_ns = i % 2 == 0 ? delay.first_ns() : delay.retry_ns();
        ASSERT_GE(drawn_ns, 0);
        ASSERT_LT(drawn_ns, 10'000'000);
        sum_ns += drawn_ns;
    }
    EXPECT_NE(delay.first_ns(), delay.first_ns());
    EXPECT_NEAR(static_cast<double>(sum_ns) / 10'000, 7'300'000.0, 300'000.0);
}

TEST(FeedbackDelay, EndsOfTheRandomRangeStayInBounds) {
    ConstantRandomSource lowest{0};
    ConstantRandomSource highest{std::numeric_limits<std::uint64_t>::max()};
    constexpr FeedbackGroup alone{.max_backoff_ns = 1'000, .size = 1};

    EXPECT_EQ(FeedbackDelay::random(alone, lowest).first_ns(), 0);
    EXPECT_LT(FeedbackDelay::random(alone, highest).first_ns(), 1'000);
    EXPECT_GT(FeedbackDelay::random(alone, highest).first_ns(), 990);
}

// spec: 04-C68
TEST(FeedbackDelay, ConstantDelayIsMultipliedByTheRatioForRetries) {
    const FeedbackDelay delay = FeedbackDelay::constant(1'000, 100);

    EXPECT_EQ(delay.first_ns(), 1'000);
    EXPECT_EQ(delay.retry_ns(), 100'000);
}

TEST(FeedbackDelay, NoneAsksAtOnceEachTime) {
    EXPECT_EQ(FeedbackDelay::none().first_ns(), 0);
    EXPECT_EQ(FeedbackDelay::none().retry_ns(), 0);
}

TEST(FeedbackDelay, DelaysThatNobodyLivesToSeeDoNotOverflow) {
    const FeedbackDelay delay = FeedbackDelay::constant(std::numeric_limits<std::int64_t>::max(), 100);

    EXPECT_GT(delay.first_ns(), std::int64_t{1} << 60);
    EXPECT_GE(delay.retry_ns(), delay.first_ns());
    EXPECT_LT(delay.retry_ns(), std::int64_t{1} << 62);
}

}  // namespace
}  // namespace cpperon::driver
