#include "cpperon/logbuffer/offer_result.hpp"

#include <type_traits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpperon {
namespace {

static_assert(sizeof(OfferResult) == 8 && std::is_trivially_copyable_v<OfferResult>);

TEST(OfferResult, IsAPositionOrAReason) {
    const OfferResult taken = OfferResult::at(96);
    EXPECT_TRUE(taken);
    EXPECT_EQ(taken.position(), 96);
    EXPECT_EQ(taken.status(), OfferStatus::ok);
    EXPECT_FALSE(taken.is_retryable());
    EXPECT_EQ(taken.raw(), 96);

    const OfferResult refused = OfferStatus::back_pressured;
    EXPECT_FALSE(refused);
    EXPECT_EQ(refused.status(), OfferStatus::back_pressured);
    EXPECT_EQ(refused.raw(), -2);
    EXPECT_EQ(to_string(refused.status()), "back_pressured");
}

TEST(OfferResult, CanBeRetriedUntilItIsFinalOrTheCallersMistake) {
    EXPECT_TRUE(OfferResult{OfferStatus::not_connected}.is_retryable());
    EXPECT_TRUE(OfferResult{OfferStatus::back_pressured}.is_retryable());
    EXPECT_TRUE(OfferResult{OfferStatus::admin_action}.is_retryable());
    EXPECT_FALSE(OfferResult{OfferStatus::closed}.is_retryable());
    EXPECT_FALSE(OfferResult{OfferStatus::max_position_exceeded}.is_retryable());
    EXPECT_FALSE(OfferResult{OfferStatus::message_too_long}.is_retryable());
    EXPECT_FALSE(OfferResult{OfferStatus::invalid_argument}.is_retryable());
    EXPECT_EQ(OfferResult{OfferStatus::invalid_argument}.raw(), -6);
}

TEST(OfferError, SaysWhyAndWhatToDo) {
    const OfferError error{OfferStatus::closed};
    EXPECT_EQ(error.code(), ErrorCode::closed);
    EXPECT_EQ(error.status(), OfferStatus::closed);
    EXPECT_FALSE(error.is_retryable());
    EXPECT_STREQ(error.what(), "offer refused, closed: the publication is closed");
    EXPECT_EQ(OfferError{OfferStatus::message_too_long}.code(), ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace cpperon
