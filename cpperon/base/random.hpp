/// Randomness comes from outside: agents are given a source, tests and simulations one with a known seed. design §4.1
#pragma once

#include <cstdint>
#include <random>

namespace cpperon {

/// Uniform random numbers, not for secrets. Used by one agent: one thread at a time.
class RandomSource {
public:
    virtual ~RandomSource() = default;

    /// The next number, all 64 bits of it random.
    [[nodiscard]] virtual std::uint64_t next_u64() noexcept = 0;

    /// Any value of the type, negative ones too: session ids and initial term ids are drawn so.
    [[nodiscard]] std::int32_t next_i32() noexcept { return static_cast<std::int32_t>(next_u64() >> 32U); }
};

/// The same seed gives the same numbers, on every machine.
class SeededRandomSource : public RandomSource {
public:
    explicit SeededRandomSource(const std::uint64_t seed) : engine_(seed) {}

    [[nodiscard]] std::uint64_t next_u64() noexcept final { return engine_(); }

private:
    std::mt19937_64 engine_;
};

/// Seeded from the system's entropy, differently in every process. What programs use.
class SystemRandomSource final : public SeededRandomSource {
public:
    SystemRandomSource();
};

}  // namespace cpperon
