#include "tools/arguments.hpp"

#include <cstdint>

#include <gtest/gtest.h>

namespace cpperon::tools {
namespace {

TEST(Arguments, CountsAreDecimal) {
    EXPECT_EQ(parse_count("10k"), 10'000);
    EXPECT_EQ(parse_count("3m"), 3'000'000);
    EXPECT_EQ(parse_count("2g"), 2'000'000'000);
    EXPECT_EQ(parse_count("0"), 0);
    EXPECT_EQ(parse_count("9223372036854775807"), INT64_MAX);
}

TEST(Arguments, WhatIsNoCountIsTold) {
    for (const char* const text : {"", "k", "ten", "1.5k", "10kb", "9223372036854775807k"}) {
        EXPECT_EQ(parse_count(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace cpperon::tools
