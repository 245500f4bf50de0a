#include "cpperon/driver/receiver/feedback_delay.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cpperon/base/random.hpp"

namespace cpperon::driver {

namespace {

/// Far beyond any stream's life, and far enough from the end of the type to be added to a time.
constexpr std::int64_t longest_delay_ns = std::numeric_limits<std::int64_t>::max() / 4;

/// Uniform in [0, 1), with all the bits that a double holds there.
double next_unit(RandomSource& random) noexcept {
    constexpr double scale = 1.0 / 9'007'199'254'740'992.0;  // 2^-53
    return static_cast<double>(random.next_u64() >> 11U) * scale;
}

}  // namespace

std::int64_t optimal_backoff_ns(const FeedbackGroup& group, const double u) noexcept {
    const double lambda = std::log(static_cast<double>(group.size)) + 1.0;
    const double share = std::log(1.0 + u * (std::exp(lambda) - 1.0)) / lambda;
    return static_cast<std::int64_t>(static_cast<double>(group.max_backoff_ns) * share);
}

FeedbackDelay FeedbackDelay::constant(const std::int64_t delay_ns, const std::int64_t retry_ratio) noexcept {
    const std::int64_t first_ns = std::min(delay_ns, longest_delay_ns);
    std::int64_t retry_ns = 0;
    if (__builtin_mul_overflow(first_ns, retry_ratio, &retry_ns)) {
        retry_ns = longest_delay_ns;
    }
    return {first_ns, std::min(retry_ns, longest_delay_ns)};
}

FeedbackDelay FeedbackDelay::random(const FeedbackGroup& group, RandomSource& random) noexcept {
    FeedbackDelay delay = none();
    delay.group_ = group;
    delay.random_ = &random;
    return delay;
}

std::int64_t FeedbackDelay::draw_ns() const noexcept {
    return optimal_backoff_ns(group_, next_unit(*random_));
}

}  // namespace cpperon::driver
