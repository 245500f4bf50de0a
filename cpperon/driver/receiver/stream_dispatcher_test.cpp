#include "cpperon/driver/receiver/stream_dispatcher.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <gtest/gtest.h>

namespace cpperon::driver {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr StreamSession id{.stream_id = 1001, .session_id = SessionId{7}};
constexpr StreamSession other_id{.stream_id = 1001, .session_id = SessionId{8}};

using SetupAction = StreamDispatcher::SetupAction;

class StreamDispatching : public ::testing::Test {
public:
    /// The dispatcher never looks into an image: any address will do that one could have.
    ImageReceiver& image(const std::size_t index = 0) {
        return *static_cast<ImageReceiver*>(static_cast<void*>(&places_.at(index)));
    }
    bool elicits(const StreamSession& session, const std::int64_t now_ns = 0) {
        return dispatcher.on_data(session, false, now_ns).elicits_setup;
    }
    ImageReceiver* image_for_data(const StreamSession& session) { return dispatcher.on_data(session, false, 0).image; }
    SetupAction on_setup(const StreamSession& session) { return dispatcher.on_setup(session).action; }

    StreamDispatcher dispatcher{INT32_MAX};

private:
    struct alignas(64) Place {
        std::byte bytes[64];
    };
    std::array<Place, 4> places_{};
};

// spec: 04-C55
TEST_F(StreamDispatching, IgnoresStreamsAndSessionsThatNobodyWants) {
    EXPECT_FALSE(elicits(id));
    EXPECT_EQ(on_setup(id), SetupAction::ignore);

    dispatcher.add_interest(id.stream_id, id.session_id);

    EXPECT_FALSE(elicits(other_id));
    EXPECT_EQ(on_setup(other_id), SetupAction::ignore);
    EXPECT_FALSE(elicits({.stream_id = 1002, .session_id = id.session_id}));
}

TEST_F(StreamDispatching, WantsASessionThatWasIgnoredBeforeSomebodySubscribed) {
    dispatcher.add_interest(id.stream_id, id.session_id);
    EXPECT_FALSE(elicits(other_id));
    EXPECT_EQ(on_setup(other_id), SetupAction::ignore);

    dispatcher.add_interest(id.stream_id, std::nullopt);

    EXPECT_TRUE(elicits(other_id));
}

// spec: 04-C54
TEST_F(StreamDispatching, ElicitsOneSetupPerSecondForDataOfAWantedSession) {
    dispatcher.add_interest(id.stream_id, std::nullopt);

    EXPECT_TRUE(elicits(id, 0));
    EXPECT_FALSE(elicits(id, 1));
    dispatcher.expire_pending_setups(second_ns);
    EXPECT_FALSE(elicits(id, second_ns));
    dispatcher.expire_pending_setups(second_ns + 1);
    EXPECT_TRUE(elicits(id, second_ns + 1));
}

// spec: 04-C56
TEST_F(StreamDispatching, DoesNotBringAnEndedStreamBackToLife) {
    dispatcher.add_interest(id.stream_id, std::nullopt);

    EXPECT_FALSE(dispatcher.on_data(id, true, 0).elicits_setup);
    EXPECT_TRUE(elicits(id));
}

TEST_F(StreamDispatching, HandsEvenEndingDataToAnImage) {
    dispatcher.add_interest(id.stream_id, std::nullopt);
    ASSERT_TRUE(dispatcher.add_image(id, image()));

    EXPECT_EQ(dispatcher.on_data(id, true, 0).image, &image());
}

// spec: 04-C57
TEST_F(StreamDispatching, AsksForOneImageHoweverManySetupsCome) {
    dispatcher.add_interest(id.stream_id, std::nullopt);

    EXPECT_EQ(on_setup(id), SetupAction::create);
    EXPECT_EQ(on_setup(id), SetupAction::ignore);
    EXPECT_FALSE(elicits(id));

    ASSERT_TRUE(dispatcher.add_image(id, image()));
    EXPECT_EQ(on_setup(id), SetupAction::refresh);
    EXPECT_EQ(image_for_data(id), &image());
}

TEST_F(StreamDispatching, KnowsWhetherItHadAskedForTheSetup) {
    dispatcher.add_interest(id.stream_id, std::nullopt);
    EXPECT_TRUE(elicits(id));

    EXPECT_TRUE(dispatcher.on_setup(id).was_elicited);
    EXPECT_FALSE(dispatcher.on_setup(other_id).was_elicited);
}

// spec: 04-C58
TEST_F(StreamDispatching, AsksAgainAfterNoImageWasMade) {
    dispatcher.add_interest(id.stream_id, std::nullopt);
    EXPECT_EQ(on_setup(id), SetupAction::create);

    dispatcher.clear_init_in_progress(id);

    EXPECT_EQ(on_setup(id), SetupAction::create);
}

TEST_F(StreamDispatching, AnElicitedSetupThatCameInTimeIsNotForgottenLater) {
    dispatcher.add_interest(id.stream_id, std::nullopt);
    EXPECT_TRUE(elicits(id, 0));
    EXPECT_EQ(on_setup(id), SetupAction::create);

    dispatcher.expire_pending_setups(2 * second_ns);

    EXPECT_EQ(on_setup(id), SetupAction::ignore);
}

TEST_F(StreamDispatching, ASessionThatIsPendingAnewKeepsItsOwnTime) {
    dispatcher.add_interest(id.stream_id, id.session_id);
    EXPECT_TRUE(elicits(id, 0));
    dispatcher.remove_interest(id.stream_id, id.session_id);
    dispatcher.add_interest(id.stream_id, id.session_id);
    EXPECT_TRUE(elicits(id, second_ns / 2));

    dispatcher.expire_pending_setups(second_ns + 1);

    EXPECT_FALSE(elicits(id, second_ns + 1));
}

// spec: 04-C76
TEST_F(StreamDispatching, CoolsASessionDownWhoseImageHadNotEndedUntilTheConductorSaysSo) {
    dispatcher.add_interest(id.stream_id, std::nullopt);
    ASSERT_TRUE(dispatcher.add_image(id, image()));

    dispatcher.remove_image(id, image(), false);

    EXPECT_FALSE(elicits(id));
    EXPECT_EQ(on_setup(id), SetupAction::ignore);
    dispatcher.clear_init_in_progress(id);
    EXPECT_EQ(on_setup(id), SetupAction::ignore);

    dispatcher.clear_cool_down(id);
    EXPECT_TRUE(elicits(id));
}

TEST_F(StreamDispatching, ASessionWhoseImageHadEndedMayComeAgainAtOnce) {
    dispatcher.add_interest(id.stream_id, std::nullopt);
    ASSERT_TRUE(dispatcher.add_image(id, image()));

    dispatcher.remove_image(id, image(), true);

    EXPECT_EQ(on_setup(id), SetupAction::create);
}

TEST_F(StreamDispatching, InterestThatEndsTakesTheCoolDownAlong) {
    dispatcher.add_interest(id.stream_id, std::nullopt);
    ASSERT_TRUE(dispatcher.add_image(id, image()));
    dispatcher.remove_image(id, image(), false);

    dispatcher.remove_interest(id.stream_id, std::nullopt);
    dispatcher.add_interest(id.stream_id, std::nullopt);

    EXPECT_TRUE(elicits(id));
}

TEST_F(StreamDispatching, WithoutInterestInAllSessionsOnlyThoseWantedSinglyKeepTheirImages) {
    dispatcher.add_interest(id.stream_id, std::nullopt);
    dispatcher.add_interest(id.stream_id, id.session_id);
    ASSERT_TRUE(dispatcher.add_image(id, image(0)));
    ASSERT_TRUE(dispatcher.add_image(other_id, image(1)));

    dispatcher.remove_interest(id.stream_id, std::nullopt);

    EXPECT_EQ(image_for_data(id), &image(0));
    EXPECT_EQ(image_for_data(other_id), nullptr);
    EXPECT_TRUE(dispatcher.has_interest());
}

TEST_F(StreamDispatching, ASingleSessionKeepsItsImageAsLongAsAllAreWanted) {
    dispatcher.add_interest(id.stream_id, std::nullopt);
    dispatcher.add_interest(id.stream_id, id.session_id);
    ASSERT_TRUE(dispatcher.add_image(id, image()));

    dispatcher.remove_interest(id.stream_id, id.session_id);
    EXPECT_EQ(image_for_data(id), &image());

    dispatcher.remove_interest(id.stream_id, std::nullopt);
    EXPECT_EQ(image_for_data(id), nullptr);
    EXPECT_FALSE(dispatcher.has_interest());
}

TEST_F(StreamDispatching, AnImageThatComesAfterTheInterestWentGetsNothing) {
    dispatcher.add_interest(id.stream_id, std::nullopt);
    EXPECT_EQ(on_setup(id), SetupAction::create);
    dispatcher.remove_interest(id.stream_id, std::nullopt);

    EXPECT_FALSE(dispatcher.add_image(id, image()));
    EXPECT_EQ(dispatcher.find_image(id), nullptr);
}

TEST_F(StreamDispatching, TheRemovalOfAnOlderImageLeavesItsSuccessorInPlace) {
    dispatcher.add_interest(id.stream_id, std::nullopt);
    ASSERT_TRUE(dispatcher.add_image(id, image(0)));
    ASSERT_TRUE(dispatcher.add_image(id, image(1)));

    dispatcher.remove_image(id, image(0), false);

    EXPECT_EQ(dispatcher.find_image(id), &image(1));
}

TEST_F(StreamDispatching, RefusesEverySetupOfAStreamThatHasItsLimitOfImages) {
    StreamDispatcher limited{1};
    limited.add_interest(id.stream_id, std::nullopt);
    ASSERT_TRUE(limited.add_image(id, image()));

    EXPECT_EQ(limited.on_setup(id).action, SetupAction::refuse);
    EXPECT_EQ(limited.on_setup(other_id).action, SetupAction::refuse);

    limited.remove_image(id, image(), true);
    EXPECT_EQ(limited.on_setup(id).action, SetupAction::create);
}

TEST_F(StreamDispatching, RemembersABoundedNumberOfSessionsThatWaitForASetup) {
    dispatcher.add_interest(id.stream_id, std::nullopt);
    const auto session = [](const std::size_t index) {
        return StreamSession{.stream_id = id.stream_id, .session_id = SessionId{static_cast<std::int32_t>(index)}};
    };
    for (std::size_t i = 0; i < StreamDispatcher::max_pending_setups; ++i) {
        ASSERT_TRUE(elicits(session(i), 0));
    }

    EXPECT_FALSE(elicits(session(StreamDispatcher::max_pending_setups), 0));
    dispatcher.expire_pending_setups(second_ns + 1);
    EXPECT_TRUE(elicits(session(StreamDispatcher::max_pending_setups), second_ns + 1));
}

TEST_F(StreamDispatching, AsksForABoundedNumberOfImagesAtTheSameTime) {
    dispatcher.add_interest(id.stream_id, std::nullopt);
    const auto session = [](const std::size_t index) {
        return StreamSession{.stream_id = id.stream_id, .session_id = SessionId{static_cast<std::int32_t>(index)}};
    };
    for (std::size_t i = 0; i < StreamDispatcher::max_images_in_progress; ++i) {
        ASSERT_EQ(on_setup(session(i)), SetupAction::create);
    }
    const StreamSession next = session(StreamDispatcher::max_images_in_progress);

    EXPECT_EQ(on_setup(next), SetupAction::ignore);
    dispatcher.clear_init_in_progress(session(0));
    EXPECT_EQ(on_setup(next), SetupAction::create);

    dispatcher.remove_interest(id.stream_id, std::nullopt);
    dispatcher.add_interest(id.stream_id, std::nullopt);
    EXPECT_EQ(on_setup(session(1)), SetupAction::create);
}

}  // namespace
}  // namespace cpperon::driver
