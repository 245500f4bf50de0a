#include "cpperon/driver/rotation.hpp"

#include <cstddef>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::size_t> round(Rotation& rotation, const std::size_t count) {
    std::vector<std::size_t> visited;
    rotation.for_each(count, [&](const std::size_t i) { visited.push_back(i); });
    return visited;
}

TEST(Rotation, BeginsEachRoundOneFurther) {
    Rotation rotation;

    EXPECT_THAT(round(rotation, 3), ElementsAre(0, 1, 2));
    EXPECT_THAT(round(rotation, 3), ElementsAre(1, 2, 0));
    EXPECT_THAT(round(rotation, 3), ElementsAre(2, 0, 1));
    EXPECT_THAT(round(rotation, 3), ElementsAre(0, 1, 2));
    EXPECT_THAT(round(rotation, 3), ElementsAre(1, 2, 0));
}

TEST(Rotation, BeginsBehindTheOneThatEndedTheRound) {
    Rotation rotation;
    std::vector<std::size_t> visited;
    const auto two = [&](const std::size_t i) {
        visited.push_back(i);
        return visited.size() % 2 != 0;
    };

    rotation.for_each_while(3, two);
    EXPECT_THAT(visited, ElementsAre(0, 1));
    rotation.for_each_while(3, two);
    EXPECT_THAT(visited, ElementsAre(0, 1, 2, 0));
    rotation.for_each_while(3, two);
    EXPECT_THAT(visited, ElementsAre(0, 1, 2, 0, 1, 2));
    rotation.for_each_while(3, [](std::size_t) { return true; });
    EXPECT_THAT(round(rotation, 3), ElementsAre(1, 2, 0));
}

TEST(Rotation, BeginsAnewWhereTheListHasShrunk) {
    Rotation rotation;
    round(rotation, 3);
    round(rotation, 3);

    EXPECT_THAT(round(rotation, 1), ElementsAre(0));
    EXPECT_THAT(round(rotation, 0), IsEmpty());
    EXPECT_THAT(round(rotation, 2), ElementsAre(1, 0));
}

}  // namespace
}  // namespace cpperon::driver
