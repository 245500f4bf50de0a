#include "cpperon/base/align.hpp"

#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

namespace cpperon {
namespace {

TEST(AlignUp, GoesToTheNextMultipleAndLeavesMultiplesAlone) {
    EXPECT_EQ(align_up(0, 8), 0);
    EXPECT_EQ(align_up(1, 8), 8);
    EXPECT_EQ(align_up(7, 8), 8);
    EXPECT_EQ(align_up(8, 8), 8);
    EXPECT_EQ(align_up(9, 8), 16);
    EXPECT_EQ(align_up(5, 1), 5);
    EXPECT_EQ(align_up(std::int64_t{1} << 40U, std::int64_t{4096}), std::int64_t{1} << 40U);
    EXPECT_EQ(align_up((std::int64_t{1} << 40U) + 1, std::int64_t{4096}), (std::int64_t{1} << 40U) + 4096);
}

TEST(IsPowerOfTwo, HoldsForThesePositiveValuesAlone) {
    EXPECT_TRUE(is_power_of_two(1));
    EXPECT_TRUE(is_power_of_two(2));
    EXPECT_TRUE(is_power_of_two(1 << 30U));
    EXPECT_FALSE(is_power_of_two(0));
    EXPECT_FALSE(is_power_of_two(3));
    EXPECT_FALSE(is_power_of_two(-2));
    EXPECT_FALSE(is_power_of_two(std::numeric_limits<std::int32_t>::min()));
    EXPECT_FALSE(is_power_of_two((1 << 30U) - 1));
}

}  // namespace
}  // namespace cpperon
