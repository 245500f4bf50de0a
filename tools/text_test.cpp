#include "tools/text.hpp"

#include <cstdint>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace cpperon::tools {
namespace {

TEST(Text, SeparatesThousands) {
    EXPECT_EQ(with_separators(0), "0");
    EXPECT_EQ(with_separators(-999), "-999");
    EXPECT_EQ(with_separators(1'000), "1,000");
    EXPECT_EQ(with_separators(-1'234'567), "-1,234,567");
    EXPECT_EQ(with_separators(INT64_MIN), "-9,223,372,036,854,775,808");
}

TEST(Text, ForATerminalHasNoControlCharacters) {
    EXPECT_EQ(printable("a\x1b[2J\nb\x7f"), "a?[2J?b?");
    EXPECT_EQ(printable("a\n\tb\r", "\n\t"), "a\n\tb?");
}

TEST(Text, IsCutBetweenCharacters) {
    EXPECT_EQ(cut_to_columns("gr\xc3\xbc\xc3\x9f", 3), "gr\xc3\xbc");
    EXPECT_EQ(cut_to_columns("abc", 3), "abc");
    EXPECT_EQ(cut_to_columns("abc", 0), "");
}

TEST(Text, JsonIsUtf8WhateverLabelsHold) {
    EXPECT_EQ(json_line({{"label", "a\xff"}}), "{\"label\":\"a\xef\xbf\xbd\"}");
}

}  // namespace
}  // namespace cpperon::tools
