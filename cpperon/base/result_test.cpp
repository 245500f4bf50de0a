#include "cpperon/base/result.hpp"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace cpperon {
namespace {

TEST(Result, HoldsAValue) {
    Result<std::string> result{std::string{"value"}};

    EXPECT_TRUE(result);
    EXPECT_TRUE(result.has_value());
    EXPECT_EQ(*result, "value");
    EXPECT_EQ(result->size(), 5U);
    result.value() += "s";
    EXPECT_EQ(std::move(result).value_or_throw(), "values");
}

TEST(Result, HoldsAReason) {
    const Result<int> result{ErrorInfo{ErrorCode::closed, "the publication is closed"}};

    EXPECT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::closed);
    EXPECT_EQ(result.error().message, "the publication is closed");
}

TEST(Result, ThrowsTheErrorThatFitsItsReason) {
    Result<int> result{ErrorInfo{ErrorCode::closed, "the publication is closed"}};

    EXPECT_THROW(static_cast<void>(std::move(result).value_or_throw()), ClosedError);
}

TEST(Result, HandsOverWhatCannotBeCopied) {
    Result<std::unique_ptr<int>> result{std::make_unique<int>(7)};

    const std::unique_ptr<int> value = std::move(result).value();

    EXPECT_EQ(*value, 7);
}

}  // namespace
}  // namespace cpperon
