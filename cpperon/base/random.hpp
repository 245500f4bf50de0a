/// Randomness comes from outside: agents are given this source, tests and simulations a seeded one. design §4.1
#pragma once

#include <cstdint>

namespace cpperon {

/// A source of uniformly distributed bits. Belongs to the agent it was given to; one thread at a time.
class RandomSource {
public:
    virtual ~RandomSource() = default;
    [[nodiscard]] virtual std::uint64_t next_u64() noexcept = 0;

    /// All values of the type are equally likely.
    [[nodiscard]] std::int32_t next_int32() noexcept { return static_cast<std::int32_t>(next_u64() >> 32U); }
    [[nodiscard]] std::int64_t next_int64() noexcept { return static_cast<std::int64_t>(next_u64()); }
};

/// The same sequence for the same seed, on every machine (SplitMix64). Not for secrets.
class SeededRandomSource : public RandomSource {
public:
    explicit SeededRandomSource(std::uint64_t seed) noexcept : state_(seed) {}

    [[nodiscard]] std::uint64_t next_u64() noexcept override {
        state_ += 0x9e37'79b9'7f4a'7c15ULL;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30U)) * 0xbf58'476d'1ce4'e5b9ULL;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94d0'49bb'1331'11ebULL;
        return mixed ^ (mixed >> 31U);
    }

private:
    std::uint64_t state_;
};

/// Seeded by the operating system: a different sequence in each process.
class SystemRandomSource final : public SeededRandomSource {
public:
    SystemRandomSource();
};

}  // namespace cpperon
