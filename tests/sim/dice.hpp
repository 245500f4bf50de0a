/// The randomness of a simulation: everything that is drawn follows from a seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "cpperon/base/random.hpp"
#include "cpperon/net/simulated_chance.hpp"

namespace cpperon::sim {

class Dice {
public:
    explicit Dice(const std::uint64_t seed) : source_(seed) {}

    [[nodiscard]] bool happens(const double rate) noexcept { return net::happens(source_, rate); }
    /// Both included.
    [[nodiscard]] std::int64_t between(const std::int64_t low, const std::int64_t high) noexcept {
        return net::between(source_, low, high);
    }
    [[nodiscard]] int between(const int low, const int high) noexcept {
        return static_cast<int>(between(std::int64_t{low}, std::int64_t{high}));
    }
    [[nodiscard]] std::size_t index(const std::size_t count) noexcept {
        return static_cast<std::size_t>(between(std::int64_t{0}, static_cast<std::int64_t>(count) - 1));
    }
    template <typename T>
    [[nodiscard]] T one_of(std::initializer_list<T> values) noexcept {
        return values.begin()[index(values.size())];
    }
    template <typename T>
    void shuffle(std::vector<T>& values) noexcept {
        for (std::size_t i = values.size(); i > 1; --i) {
            std::swap(values[i - 1], values[index(i)]);
        }
    }
    /// The seed of something that draws for itself.
    [[nodiscard]] std::uint64_t next_seed() noexcept { return source_.next_u64(); }

private:
    SeededRandomSource source_;
};

}  // namespace cpperon::sim
