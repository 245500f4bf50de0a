/// How long a receiver waits before it asks for what it misses, and before it asks again: alone at once, in a group at
/// random, so that one asks for all. Used by the conductor, for each image. spec: 04 §9.5
#pragma once

#include <cstdint>

namespace cpperon {
class RandomSource;
}

namespace cpperon::driver {

/// What the receivers of one group assume about each other.
struct FeedbackGroup {
    std::int64_t max_backoff_ns = 10'000'000;
    std::int32_t size = 10;  ///< > 0
};

/// The delay for `u`, from 0 to below 1: in [0, max_backoff_ns), and small for few values of `u` only, so that of
/// `group.size` receivers one is likely to be much earlier than the others. spec: 04 §9.5
[[nodiscard]] std::int64_t optimal_backoff_ns(const FeedbackGroup& group, double u) noexcept;

/// The delays of one image.
class FeedbackDelay {
public:
    /// Asks at once, each time: what is missing is not asked for but given up. For unreliable images.
    [[nodiscard]] static FeedbackDelay none() noexcept { return {0, 0}; }
    /// Always the same: `delay_ns`, >= 0, first, and `retry_ratio` times as long later.
    [[nodiscard]] static FeedbackDelay constant(std::int64_t delay_ns, std::int64_t retry_ratio) noexcept;
    /// Drawn anew each time. `random` must outlive the object.
    [[nodiscard]] static FeedbackDelay random(const FeedbackGroup& group, RandomSource& random) noexcept;

    /// Before something that was just found missing is asked for.
    [[nodiscard]] std::int64_t first_ns() const noexcept { return random_ == nullptr ? first_ns_ : draw_ns(); }
    /// Before it is asked for again.
    [[nodiscard]] std::int64_t retry_ns() const noexcept { return random_ == nullptr ? retry_ns_ : draw_ns(); }

private:
    FeedbackDelay(const std::int64_t first_ns, const std::int64_t retry_ns) noexcept
        : first_ns_(first_ns), retry_ns_(retry_ns) {}

    [[nodiscard]] std::int64_t draw_ns() const noexcept;

    std::int64_t first_ns_;
    std::int64_t retry_ns_;
    FeedbackGroup group_;
    RandomSource* random_ = nullptr;  // null: constant
};

}  // namespace cpperon::driver
