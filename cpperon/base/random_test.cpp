#include "cpperon/base/random.hpp"

#include <gtest/gtest.h>

namespace cpperon {
namespace {

TEST(SeededRandomSource, RepeatsItselfFromTheSameSeed) {
    SeededRandomSource first{42};
    SeededRandomSource second{42};
    SeededRandomSource other{43};

    const std::uint64_t number = first.next_u64();

    EXPECT_EQ(number, second.next_u64());
    EXPECT_NE(number, other.next_u64());
    EXPECT_EQ(first.next_i32(), second.next_i32());
}

TEST(SeededRandomSource, GivesTheSameNumbersOnEveryMachine) {
    SeededRandomSource random{5489};  // the engine's default seed, whose 10,000th number the C++ standard fixes
    std::uint64_t number = 0;
    for (int i = 0; i < 10'000; ++i) {
        number = random.next_u64();
    }

    EXPECT_EQ(number, 9'981'545'732'273'789'042U);
}

TEST(SeededRandomSource, DrawsNegativeNumbersToo) {
    SeededRandomSource random{1};
    int negative = 0;
    for (int i = 0; i < 1'000; ++i) {
        negative += random.next_i32() < 0 ? 1 : 0;
    }

    EXPECT_GT(negative, 400);
    EXPECT_LT(negative, 600);
}

TEST(SystemRandomSource, IsSeededDifferentlyEachTime) {
    EXPECT_NE(SystemRandomSource{}.next_u64(), SystemRandomSource{}.next_u64());
}

}  // namespace
}  // namespace cpperon
