#include "cpperon/driver/conductor/network_image.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/conductor/receiving_fixture.hpp"
#include "cpperon/shm/loss_report_reader.hpp"

namespace cpperon::driver {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class NetworkImageTest : public ReceivingTest {
protected:
    void join(const std::string& options = "", const TestSetup& setup = {}) {
        subscription = add_subscription(client, std::string{channel} + options);
        image_id = create_image(setup);
        static_cast<void>(new_status());
    }
    /// The stream goes on.
    void keep_alive() { image->signals().time_of_last_packet_ns = clock.nano_time(); }
    void pass_while_alive(const std::chrono::nanoseconds duration) {
        for (auto passed = 0ns; passed < duration; passed += context.timer_interval + 1ns) {
            keep_alive();
            tick();
        }
    }
    [[nodiscard]] std::string unavailable() const {
        return fmt::format("UNAVAILABLE_IMAGE({}, {})", image_id, subscription);
    }
    [[nodiscard]] std::string available() const {
        return fmt::format("AVAILABLE_IMAGE({}, {})", image_id, subscription);
    }
    [[nodiscard]] bool says_that_it_leaves() const { return image->signals().is_leaving; }

    std::int64_t subscription = 0;
    std::int64_t image_id = 0;
};

// Following what arrives and what is read.

TEST_F(NetworkImageTest, RebuildPositionFollowsWhatIsContiguous) {
    join();
    arrive(0, 1'408);
    settle();
    EXPECT_EQ(value(rebuild_position_id), 1'408);

    arrive(2'816, 1'408);
    settle();
    EXPECT_EQ(value(rebuild_position_id), 1'408);

    arrive(1'408, 1'408);
    settle();
    EXPECT_EQ(value(rebuild_position_id), 4'224);
}

TEST_F(NetworkImageTest, FastestSubscriberPushesTheRebuildPosition) {
    join();
    arrived_up_to(4'096);
    consume_up_to(2'048);

    settle();

    EXPECT_EQ(value(rebuild_position_id), 2'048);
}

TEST_F(NetworkImageTest, PositionsThatNobodyCanHaveReachedAreHeldToWhatHasArrived) {
    join();
    arrived_up_to(64);
    consume_up_to(INT64_MAX);
    settle();
    EXPECT_EQ(value(rebuild_position_id), 64);

    consume_up_to(INT64_MIN);
    settle();
    EXPECT_EQ(value(rebuild_position_id), 64);
}

// spec: 04-C60
TEST_F(NetworkImageTest, StatusIsScheduledOnceMoreThanAQuarterOfTheWindowWasConsumed) {
    join();
    arrived_up_to(32'768);

    consume_up_to(8'192);
    settle();
    EXPECT_FALSE(new_status());

    consume_up_to(8'224);
    settle();
    const auto status = new_status();
    ASSERT_TRUE(status);
    EXPECT_EQ(status->position, 8'224);
    EXPECT_EQ(status->window_length, 32'768);
}

TEST_F(NetworkImageTest, SlowestSubscriberDecidesOnTheStatus) {
    join();
    add_subscription(client, channel);
    const std::int32_t other = hear<command::AvailableImageEvent>().subscriber_position_id;
    arrived_up_to(32'768);

    consume_up_to(32'768);
    settle();
    EXPECT_FALSE(new_status());

    set_value(other, 16'384);
    settle();
    const auto status = new_status();
    ASSERT_TRUE(status);
    EXPECT_EQ(status->position, 16'384);
}

// spec: 04-C61
TEST_F(NetworkImageTest, WindowIsThatOfTheChannelButAtMostHalfATerm) {
    join("|rcv-wnd=64k", {.term_length = 1'048'576});
    EXPECT_EQ(logs.requests().back().receiver_window_length, 65'536);
    arrived_up_to(65'536);
    consume_up_to(65'536);
    settle();

    const auto status = new_status();
    ASSERT_TRUE(status);
    EXPECT_EQ(status->window_length, 65'536);
}

// spec: 03-C47
TEST_F(NetworkImageTest, LogIsCleanedOneTermBehindTheSlowestBeforeTheStatusIsScheduled) {
    join();
    constexpr std::int64_t term = 65'536;
    for (std::int64_t position = 0; position < 2 * term; position += 8'192) {
        arrive(position, 8'192);
        consume_up_to(position + 8'192);
        settle();
    }
    consume_up_to(2 * term);
    settle();

    const auto is_clean = [&](const std::int64_t from, const std::int64_t to) {
        const std::span<std::byte> bytes = log->term(logbuffer::index_of_position(from, 16));
        return std::all_of(bytes.begin() + from % term, bytes.begin() + (to - 1) % term + 1,
                           [](const std::byte byte) { return byte == std::byte{0}; });
    };
    const auto status = new_status();
    ASSERT_TRUE(status);
    EXPECT_TRUE(is_clean(0, status->position - term));
    EXPECT_FALSE(is_clean(status->position - term, status->position - term + 8'192));
}

// spec: 04-C68, 04-C67
TEST_F(NetworkImageTest, GapIsReportedAfterItsDelayAndAgainAfterTheRetryDelay) {
    join();
    arrive(0, 1'408);
    arrive(2'816, 1'408);
    settle();
    EXPECT_FALSE(image->signals().gap.try_load_newer());

    clock.advance(1us);
    settle();
    const auto gap = image->signals().gap.try_load_newer();
    ASSERT_TRUE(gap);
    EXPECT_EQ(gap->term_id, -3);
    EXPECT_EQ(gap->term_offset, 1'408);
    EXPECT_EQ(gap->length, 1'408);

    clock.advance(100us - 1ns);
    settle();
    EXPECT_FALSE(image->signals().gap.try_load_newer());
    clock.advance(1ns);
    settle();
    EXPECT_TRUE(image->signals().gap.try_load_newer());
}

// spec: 04-C68
TEST_F(NetworkImageTest, NakDelayOfTheChannelGoesFirst) {
    join("|nak-delay=5ms");
    arrived_up_to(64);
    settle();

    clock.advance(5ms - 1ns);
    settle();
    EXPECT_FALSE(image->signals().gap.try_load_newer());
    clock.advance(1ns);
    settle();
    EXPECT_TRUE(image->signals().gap.try_load_newer());
}

// spec: 04-C71
TEST_F(NetworkImageTest, OneOfAGroupWaitsForARandomTimeBelowTheLongestBackoff) {
    join("|group=true");
    arrived_up_to(64);
    settle();
    clock.advance(1us);
    settle();
    EXPECT_FALSE(image->signals().gap.try_load_newer());

    clock.advance(10ms);
    settle();
    EXPECT_TRUE(image->signals().gap.try_load_newer());
}

// spec: 04-C70
TEST_F(NetworkImageTest, UnreliableImageReportsItsGapsAtOnce) {
    join("|reliable=false");
    EXPECT_EQ(log->metadata().reliable, 0);
    arrived_up_to(64);

    settle();

    EXPECT_TRUE(image->signals().gap.try_load_newer());
}

// spec: 04-C97
TEST_F(NetworkImageTest, LossIsReportedWithTheChannelAndTheSource) {
    join("|alias=x");
    arrived_up_to(320);
    settle();
    clock.advance(1us);
    settle();

    int entries = 0;
    LossReportReader{loss_report_section.bytes()}.for_each([&](const LossObservation& loss) {
        ++entries;
        EXPECT_EQ(loss.count, 1);
        EXPECT_EQ(loss.total_bytes_lost, 320);
        EXPECT_EQ(loss.session_id, 7);
        EXPECT_EQ(loss.stream_id, 1001);
        EXPECT_EQ(loss.channel, std::string{channel} + "|alias=x");
        EXPECT_EQ(loss.source, "192.0.2.9:40123");
    });
    EXPECT_EQ(entries, 1);
}

TEST_F(NetworkImageTest, CubicWindowShrinksOnLossAndSaysSo) {
    join("|cc=cubic", {.term_length = 1'048'576});
    arrived_up_to(64);

    settle();

    const auto status = new_status();
    ASSERT_TRUE(status);
    EXPECT_EQ(status->window_length, 8 * 1'408);
}

// Subscribers.

// spec: 06-C42
TEST_F(NetworkImageTest, LateSubscriberJoinsAtTheSlowerOfRebuildPositionAndOtherSubscribers) {
    join();
    arrive(0, 4'096);
    consume_up_to(1'024);
    settle();

    const std::int64_t late = add_subscription(client, channel);

    EXPECT_THAT(events(),
                ElementsAre(HasSubstr("SUBSCRIPTION_READY"), fmt::format("AVAILABLE_IMAGE({}, {})", image_id, late)));
    EXPECT_EQ(value(last<command::AvailableImageEvent>().subscriber_position_id), 1'024);
}

TEST_F(NetworkImageTest, SubscriptionsToOtherStreamsAndSessionsDoNotJoin) {
    join();

    add_subscription(client, std::string{channel} + "|session-id=8");
    add_subscription(client, channel, 1002);

    EXPECT_THAT(events(), Not(Contains(HasSubstr("AVAILABLE_IMAGE"))));
}

TEST_F(NetworkImageTest, SubscriberThatLeavesGivesItsPositionBack) {
    join();
    const std::int64_t second = add_subscription(client, channel);
    const std::int32_t other = hear<command::AvailableImageEvent>().subscriber_position_id;

    remove_subscription(client, second);

    EXPECT_EQ(reader().state(other), CounterState::reclaimed);
    EXPECT_THAT(events(), ElementsAre(HasSubstr("OPERATION_SUCCESS")));
}

// Ends.

// spec: 04-C72, 06-C43
TEST_F(NetworkImageTest, SilentImageDrainsAfterTheLivenessTimeoutAndGoesASecondLater) {
    join();
    pass(10s);
    EXPECT_TRUE(says_that_it_leaves());
    EXPECT_THAT(events(), IsEmpty());

    tick();
    EXPECT_THAT(events(), ElementsAre(unavailable()));
    EXPECT_THAT(receiver_hears(), ElementsAre("RemoveImage", "ClearCoolDown(1001, 7)"));
}

// spec: 04-C72
TEST_F(NetworkImageTest, ImageThatHearsSomethingWithinTheTimeoutStays) {
    join();
    pass(9s);
    keep_alive();
    pass(9s);

    EXPECT_FALSE(says_that_it_leaves());
    EXPECT_THAT(events(), IsEmpty());
}

// spec: 04-C73, 06-C43
TEST_F(NetworkImageTest, StreamThatEndedIsSaidToBeLeftForASecondAndThenUnavailable) {
    join();
    arrive(0, 4'096);
    end_stream();
    settle();
    EXPECT_FALSE(says_that_it_leaves());

    tick();
    EXPECT_TRUE(says_that_it_leaves());
    EXPECT_TRUE(image->signals().is_status_due);
    consume_up_to(4'096);
    EXPECT_THAT(events(), IsEmpty());

    tick();
    EXPECT_THAT(events(), ElementsAre(unavailable()));
}

TEST_F(NetworkImageTest, StreamThatEndedWithAGapIsNotLeftBeforeItIsComplete) {
    join();
    arrive(1'408, 1'408);
    end_stream();
    pass_while_alive(3s);
    EXPECT_FALSE(says_that_it_leaves());

    arrive(0, 1'408);
    settle();
    tick();

    EXPECT_TRUE(says_that_it_leaves());
}

TEST_F(NetworkImageTest, SlowReaderKeepsADrainingImage) {
    join();
    arrive(0, 4'096);
    end_stream();
    settle();
    pass(5s);
    EXPECT_THAT(events(), IsEmpty());

    consume_up_to(4'096);
    tick();

    EXPECT_THAT(events(), ElementsAre(unavailable()));
}

// spec: 06-C48
TEST_F(NetworkImageTest, RevokedImageGoesWithoutWaitingForItsReaders) {
    join();
    arrive(0, 4'096);
    revoke_stream();
    settle();
    EXPECT_EQ(value(rebuild_position_id), 0);

    tick();
    EXPECT_TRUE(says_that_it_leaves());
    tick();

    EXPECT_THAT(events(), ElementsAre(unavailable()));
}

TEST_F(NetworkImageTest, ImageNobodyReadsIsLeft) {
    join();
    remove_subscription(client, subscription);
    static_cast<void>(events());
    EXPECT_THAT(receiver_hears(), ElementsAre("RemoveInterest(1001)"));

    pass(2s);

    EXPECT_THAT(receiver_hears(), ElementsAre("RemoveImage", "ClearCoolDown(1001, 7)", "RemoveEndpoint"));
    EXPECT_THAT(events(), IsEmpty());
}

// spec: 06-C65
TEST_F(NetworkImageTest, NothingIsFreedBeforeTheReceiverHasLetGo) {
    join();
    remove_subscription(client, subscription);
    pass(5s);
    EXPECT_EQ(logs.destroyed(), 0);
    EXPECT_EQ(reader().state(high_water_mark_id), CounterState::allocated);

    receiver_lets_go();
    tick();

    EXPECT_EQ(logs.destroyed(), 1);
    EXPECT_EQ(logs.files(), 0);
    EXPECT_EQ(transport.open_sockets(), 0);
    EXPECT_EQ(allocated_counters(), system_counter_count + 1);  // the client's heartbeat
}

TEST_F(NetworkImageTest, SlowClientsMayReadALingeringImageForTheLivenessTimeout) {
    join();
    pass(11s);
    static_cast<void>(events());
    receiver_lets_go();

    pass(9s);
    EXPECT_EQ(logs.destroyed(), 0);
    EXPECT_EQ(reader().state(position_id), CounterState::allocated);
    pass(2s);

    EXPECT_EQ(logs.destroyed(), 1);
    EXPECT_EQ(reader().state(position_id), CounterState::reclaimed);
}

TEST_F(NetworkImageTest, SubscriptionAddedToALingeringImageDoesNotJoinIt) {
    join();
    pass(11s);
    static_cast<void>(events());

    add_subscription(client, channel);

    EXPECT_THAT(events(), ElementsAre(HasSubstr("SUBSCRIPTION_READY")));
}

TEST_F(NetworkImageTest, EndpointStaysUntilItsImagesLinger) {
    join();
    remove_subscription(client, subscription);

    EXPECT_THAT(receiver_hears(), ElementsAre("RemoveInterest(1001)"));
    EXPECT_EQ(reader().value(46), 1);
    const std::int64_t again = add_subscription(client, channel);
    EXPECT_THAT(events(), Contains(fmt::format("SUBSCRIPTION_READY({}, 46)", again)));
}

// spec: 06-C44, 04-C76
TEST_F(NetworkImageTest, SessionStaysInCoolDownWithoutRejoin) {
    join("|rejoin=false");

    pass(11s);

    EXPECT_THAT(events(), ElementsAre(unavailable()));
    EXPECT_THAT(receiver_hears(), ElementsAre("RemoveImage"));
}

// spec: 04-C76, 06-C44
TEST_F(NetworkImageTest, SessionMayHaveAnotherImageWithRejoin) {
    join();
    pass(11s);
    EXPECT_THAT(receiver_hears(), ElementsAre("RemoveImage", "ClearCoolDown(1001, 7)"));
    static_cast<void>(events());

    const std::int64_t second = create_image();

    EXPECT_NE(second, image_id);
}

// Untethered subscribers.

// spec: 04-C77, 06-C46
TEST_F(NetworkImageTest, UntetheredSubscriberThatFallsBehindLosesTheImageAndRejoins) {
    join(
        "|tether=false|untethered-window-limit-timeout=3s|untethered-linger-timeout=2s|"
        "untethered-resting-timeout=4s");
    add_subscription(client, channel);
    const std::int32_t fast = hear<command::AvailableImageEvent>().subscriber_position_id;
    arrive(0, 32'768);
    set_value(fast, 32'768);
    settle();
    EXPECT_FALSE(new_status());

    pass_while_alive(4s);
    EXPECT_THAT(events(), ElementsAre(unavailable()));
    EXPECT_FALSE(new_status());

    pass_while_alive(3s);
    const auto status = new_status();
    ASSERT_TRUE(status) << "one that rests holds nobody back";
    EXPECT_EQ(status->position, 32'768);

    pass_while_alive(5s);
    EXPECT_THAT(events(), ElementsAre(available()));
    EXPECT_EQ(last<command::AvailableImageEvent>().subscriber_position_id, position_id);
    EXPECT_EQ(value(position_id), 32'768);
}

// spec: 06-C47
TEST_F(NetworkImageTest, UntetheredSubscriberWithoutRejoinIsClosedForGood) {
    join(
        "|tether=false|rejoin=false|untethered-window-limit-timeout=3s|untethered-linger-timeout=2s|"
        "untethered-resting-timeout=4s");
    add_subscription(client, std::string{channel} + "|rejoin=false");
    const std::int32_t fast = hear<command::AvailableImageEvent>().subscriber_position_id;
    arrive(0, 32'768);
    set_value(fast, 32'768);

    pass_while_alive(7s);
    EXPECT_EQ(reader().state(position_id), CounterState::reclaimed);
    pass_while_alive(10s);

    EXPECT_THAT(events(), ElementsAre(unavailable()));
}

// It had lost the image and will never read on: the image, and with it the session, waited for it for ever.
TEST_F(NetworkImageTest, UntetheredSubscriberThatLingersDoesNotKeepAnImageThatFellSilent) {
    join(
        "|tether=false|untethered-window-limit-timeout=3s|untethered-linger-timeout=100s|"
        "untethered-resting-timeout=4s");
    add_subscription(client, channel);
    const std::int32_t fast = hear<command::AvailableImageEvent>().subscriber_position_id;
    arrive(0, 32'768);
    set_value(fast, 32'768);
    pass_while_alive(4s);
    EXPECT_THAT(events(), ElementsAre(unavailable()));

    pass(13s);

    EXPECT_THAT(events(), testing::SizeIs(1));  // for the other subscription
}

// Rejection and responses.

// spec: 06-C50, 04-C78
TEST_F(NetworkImageTest, RejectionIsHandedToTheReceiver) {
    join();

    EXPECT_THAT(execute(command::RejectImageCommand{.client_id = client,
                                                    .correlation_id = 99,
                                                    .image_correlation_id = image_id,
                                                    .position = 0,
                                                    .reason = "too slow"}),
                ElementsAre("OPERATION_SUCCESS(99)"));

    EXPECT_THAT(receiver_hears(), ElementsAre("RejectImage(too slow)"));
    EXPECT_EQ(system_counter(SystemCounter::images_rejected), 1);
}

// spec: 04-C79
TEST_F(NetworkImageTest, ReasonOf1024BytesIsRefused) {
    join();
    const std::string longest(1'023, 'x');

    EXPECT_THAT(execute(command::RejectImageCommand{.client_id = client,
                                                    .correlation_id = 98,
                                                    .image_correlation_id = image_id,
                                                    .position = 0,
                                                    .reason = longest + "x"}),
                ElementsAre("ERROR(98, 11)"));
    EXPECT_THAT(execute(command::RejectImageCommand{.client_id = client,
                                                    .correlation_id = 99,
                                                    .image_correlation_id = image_id,
                                                    .position = 0,
                                                    .reason = longest}),
                ElementsAre("OPERATION_SUCCESS(99)"));
}

TEST_F(NetworkImageTest, LingeringImageIsRejectedWithoutAWordToTheReceiver) {
    join();
    pass(11s);
    static_cast<void>(events());
    receiver_hears();

    EXPECT_THAT(execute(command::RejectImageCommand{
                    .client_id = client, .correlation_id = 99, .image_correlation_id = image_id, .reason = "late"}),
                ElementsAre("OPERATION_SUCCESS(99)"));

    EXPECT_THAT(receiver_hears(), IsEmpty());
}

}  // namespace
}  // namespace cpperon::driver
