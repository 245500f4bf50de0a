#include "cpperon/client/status.hpp"

#include <gtest/gtest.h>

namespace cpperon {
namespace {

// spec: 07 §A.9
TEST(Status, OfAnOfferIsWhatItSaysAboutThePublication) {
    EXPECT_EQ(to_status(OfferStatus::ok), Status::connected);
    EXPECT_EQ(to_status(OfferStatus::not_connected), Status::disconnected);
    EXPECT_EQ(to_status(OfferStatus::back_pressured), Status::back_pressured);
    EXPECT_EQ(to_status(OfferStatus::closed), Status::closed);
    EXPECT_EQ(to_status(OfferStatus::admin_action), std::nullopt);
    EXPECT_EQ(to_status(OfferStatus::max_position_exceeded), std::nullopt);
    EXPECT_EQ(to_status(OfferStatus::message_too_long), std::nullopt);
    EXPECT_EQ(to_status(OfferStatus::invalid_argument), std::nullopt);
    EXPECT_EQ(to_string(Status::back_pressured), "back_pressured");
    EXPECT_EQ(to_string(Status::disconnected), "disconnected");
    EXPECT_EQ(to_string(Status::connected), "connected");
    EXPECT_EQ(to_string(Status::closed), "closed");
}

// spec: 07-C78
TEST(StatusTracker, TellsTheFirstStatusAndChangesOnly) {
    StatusTracker tracker;
    EXPECT_EQ(tracker.last_status(), std::nullopt);

    EXPECT_EQ(tracker.observe(Status::disconnected), Status::disconnected);
    EXPECT_EQ(tracker.observe(Status::disconnected), std::nullopt);
    EXPECT_EQ(tracker.observe(Status::connected), Status::connected);
    EXPECT_EQ(tracker.observe(OfferResult::at(64)), std::nullopt);
    EXPECT_EQ(tracker.observe(OfferResult{OfferStatus::back_pressured}), Status::back_pressured);
    EXPECT_EQ(tracker.observe(OfferResult{OfferStatus::admin_action}), std::nullopt);
    EXPECT_EQ(tracker.observe(OfferResult{OfferStatus::back_pressured}), std::nullopt);
    EXPECT_EQ(tracker.last_status(), Status::back_pressured);

    tracker.reset();
    EXPECT_FALSE(tracker.last_status().has_value());
    EXPECT_EQ(tracker.observe(Status::back_pressured), Status::back_pressured);
}

}  // namespace
}  // namespace cpperon
