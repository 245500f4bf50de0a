#include "tools/text.hpp"

#include <cstdint>

#include <gtest/gtest.h>

namespace cpperon::tools {
namespace {

TEST(Text, SeparatesThousands) {
    EXPECT_EQ(with_separators(0), "0");
    EXPECT_EQ(with_separators(-999), "-999");
    EXPECT_EQ(with_separators(1'000), "1,000");
    EXPECT_EQ(with_separators(-1'234'567), "-1,234,567");
    EXPECT_EQ(with_separators(INT64_MIN), "-9,223,372,036,854,775,808");
}

}  // namespace
}  // namespace cpperon::tools
