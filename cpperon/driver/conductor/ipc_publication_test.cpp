#include "cpperon/driver/conductor/ipc_publication.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/conductor/conductor_fixture.hpp"

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// One publication with terms of 64 KiB and a window of 32 KiB, and what its counters say.
class IpcPublicationTest : public ConductorTest {
protected:
    const std::int64_t client = next_id();

    struct Stream {
        std::int64_t publication = 0;
        std::int32_t limit_id = -1;
        std::int32_t position_id = -1;
        std::unique_ptr<TestPublisher> publisher;
    };
    Stream publish(const std::string_view channel = "aeron:ipc") {
        Stream added;
        added.publication = add_publication(client, channel);
        finish(added, hear<command::PublicationReadyEvent>());
        return added;
    }
    Stream publish_exclusively(const std::string_view channel = "aeron:ipc") {
        Stream added;
        added.publication = add_exclusive_publication(client, channel);
        static_cast<void>(events());
        const auto ready = last<command::ExclusivePublicationReadyEvent>();
        finish(added, {.session_id = ready.session_id,
                       .stream_id = ready.stream_id,
                       .position_limit_id = ready.position_limit_id,
                       .log_file_name = ready.log_file_name});
        return added;
    }
    struct Subscriber {
        std::int64_t subscription = 0;
        std::int32_t position_id = -1;
    };
    Subscriber subscribe(const std::string_view channel = "aeron:ipc") {
        const std::int64_t subscription = add_subscription(client, channel);
        return {.subscription = subscription,
                .position_id = hear<command::AvailableImageEvent>().subscriber_position_id};
    }
    void consume(const Subscriber& subscriber, const std::int64_t position) {
        set_value(subscriber.position_id, position);
        settle();
    }

    /// Where the first byte stands that is not zero, in the first two terms.
    static std::int64_t first_used_position(const TestPublisher& publisher) {
        const std::byte* const terms = publisher.log().view().terms();
        return std::find_if(terms, terms + 131'072, [](const std::byte byte) { return byte != std::byte{0}; }) - terms;
    }

private:
    void finish(Stream& added, const command::PublicationReadyEvent& ready) {
        added.limit_id = ready.position_limit_id;
        added.position_id = ready.position_limit_id - 1;
        added.publisher = std::make_unique<TestPublisher>(
            std::string{ready.log_file_name},
            field_at<std::int64_t>(counters_values.bytes().data() +
                                   static_cast<std::ptrdiff_t>(ready.position_limit_id) * 128),
            ready.session_id, ready.stream_id);
    }
};

// Limit.

// spec: 06-C26
TEST_F(IpcPublicationTest, LimitMovesInStepsOfMoreThanAnEighthOfTheWindow) {
    const Stream stream = publish();
    const Subscriber subscriber = subscribe();
    EXPECT_EQ(value(stream.limit_id), 32'768);
    stream.publisher->offer_up_to(4'128);

    consume(subscriber, 192);
    EXPECT_EQ(value(stream.limit_id), 32'768);
    consume(subscriber, 4'128);
    EXPECT_EQ(value(stream.limit_id), 36'896);
}

// A step of the limit is more than an eighth of the window. spec: 04-C95
TEST_F(IpcPublicationTest, LimitStepsByTheWindowOfTheChannelAndStaysWhereTheLastSubscriberWas) {
    const Stream stream = publish("aeron:ipc?pub-wnd=8k");
    const Subscriber subscriber = subscribe();
    stream.publisher->offer_up_to(8'192);
    EXPECT_EQ(stream.publisher->offer(0).status(), OfferStatus::back_pressured);

    consume(subscriber, 1'024);
    EXPECT_EQ(value(stream.limit_id), 8'192);
    consume(subscriber, 1'056);
    EXPECT_EQ(value(stream.limit_id), 1'056 + 8'192);
    consume(subscriber, 2'080);
    EXPECT_EQ(value(stream.limit_id), 1'056 + 8'192);
    consume(subscriber, 2'112);
    EXPECT_EQ(value(stream.limit_id), 2'112 + 8'192);

    remove_subscription(client, subscriber.subscription);
    EXPECT_EQ(value(stream.limit_id), 2'112);
    pass(60s);
    EXPECT_EQ(value(stream.limit_id), 2'112);
    EXPECT_EQ(stream.publisher->offer(0).status(), OfferStatus::not_connected);
}

// spec: 03-C39, 03-C45, 03-C46
TEST_F(IpcPublicationTest, LimitAndCleaningFollowTheTableOfTheSpecification) {
    const Stream stream = publish();
    const Subscriber subscriber = subscribe();
    stream.publisher->ignore_limit();
    stream.publisher->offer_up_to(70'400);
    struct Row {
        std::int64_t subscriber_position;
        std::int64_t limit;
        std::int64_t clean_position;
    };
    for (const Row& row : {Row{0, 32'768, 0}, Row{4'096, 32'768, 0}, Row{4'128, 36'896, 4'128},
                           Row{8'224, 36'896, 4'128}, Row{8'256, 41'024, 8'256}, Row{60'000, 92'768, 60'000},
                           Row{65'504, 98'272, 65'504}, Row{69'984, 102'752, 65'536}}) {
        consume(subscriber, row.subscriber_position);

        EXPECT_EQ(value(stream.limit_id), row.limit) << row.subscriber_position;
        EXPECT_EQ(first_used_position(*stream.publisher), row.clean_position) << row.subscriber_position;
    }

    remove_subscription(client, subscriber.subscription);
    EXPECT_EQ(value(stream.limit_id), 69'984);
    EXPECT_EQ(first_used_position(*stream.publisher), 69'984);
}

// spec: 03-C40, 06-C27
TEST_F(IpcPublicationTest, LimitFallsToTheHighestConsumedPositionWhenTheLastSubscriberLeaves) {
    const Stream stream = publish();
    const Subscriber slow = subscribe();
    const Subscriber fast = subscribe();
    stream.publisher->offer_up_to(1'024);
    consume(slow, 64);
    consume(fast, 640);

    remove_subscription(client, slow.subscription);
    remove_subscription(client, fast.subscription);
    tick();

    EXPECT_EQ(value(stream.limit_id), 640);
    EXPECT_EQ(stream.publisher->metadata().is_connected, 0);
    EXPECT_EQ(stream.publisher->offer(0).status(), OfferStatus::not_connected);
    const Subscriber next = subscribe();
    EXPECT_EQ(value(next.position_id), 640);
}

// spec: 06-C27
TEST_F(IpcPublicationTest, WithoutSubscribersThereIsNothingToOfferTo) {
    const Stream stream = publish();
    tick();

    EXPECT_EQ(value(stream.limit_id), 0);
    EXPECT_EQ(stream.publisher->metadata().is_connected, 0);
    EXPECT_EQ(stream.publisher->offer(0).status(), OfferStatus::not_connected);
}

TEST_F(IpcPublicationTest, SubscriberJoinsAtTheSlowestPosition) {
    const Stream stream = publish();
    const Subscriber slow = subscribe();
    const Subscriber fast = subscribe();
    stream.publisher->offer_up_to(1'024);
    consume(slow, 96);
    consume(fast, 512);

    const Subscriber late = subscribe();

    EXPECT_EQ(value(late.position_id), 96);
    EXPECT_TRUE(reader().label(late.position_id).ends_with("aeron:ipc @96"));
}

// spec: 03-C44
TEST_F(IpcPublicationTest, WindowComesFromTheUriOrIsHalfATerm) {
    const Stream with_window = publish("aeron:ipc?pub-wnd=8k");
    subscribe();

    EXPECT_EQ(value(with_window.limit_id), 8'192);
    const std::int64_t below_mtu = add_exclusive_publication(client, "aeron:ipc?pub-wnd=1k");
    EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, 11)", below_mtu)));
    const std::int64_t above_half = add_exclusive_publication(client, "aeron:ipc?pub-wnd=33k");
    EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, 11)", above_half)));
}

TEST_F(IpcPublicationTest, PositionIsPublishedEveryCycle) {
    const Stream stream = publish();
    subscribe();
    stream.publisher->offer_up_to(320);

    settle();

    EXPECT_EQ(value(stream.position_id), 320);
}

TEST_F(IpcPublicationTest, NonsenseInCountersAndTailsIsHeldWithinTheStream) {
    const Stream stream = publish();
    const Subscriber subscriber = subscribe();
    subscribe("aeron:ipc?tether=false");
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE(fmt::format("seed {}", seed));
    std::mt19937_64 generator{seed};

    for (int i = 0; i < 2'000; ++i) {
        set_value(subscriber.position_id, static_cast<std::int64_t>(generator()) >> (generator() % 64));
        logbuffer::LogMetadata& metadata = stream.publisher->metadata();
        metadata.raw_tails[generator() % 3] = static_cast<std::int64_t>(generator()) >> (generator() % 64);
        if (generator() % 4 == 0) {
            metadata.active_term_count = static_cast<std::int32_t>(generator());
        }
        static_cast<void>(conductor().do_work());
        if (generator() % 8 == 0) {
            tick();
        }
    }
    for (const std::int64_t extreme :
         {std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
        set_value(subscriber.position_id, extreme);
        tick();
    }

    remove_publication(client, stream.publication);
    remove_subscription(client, subscriber.subscription);
    close_client(client);
    pass(5s);
    EXPECT_EQ(allocated_counters(), system_counter_count);
}

// End of life.

// spec: 06-C28, 03-C48
TEST_F(IpcPublicationTest, LastRemovalLeavesTheImageUntilItIsReadToTheEnd) {
    const Stream stream = publish();
    const Subscriber subscriber = subscribe();
    stream.publisher->offer_up_to(1'024);
    consume(subscriber, 512);

    remove_publication(client, stream.publication);
    EXPECT_EQ(stream.publisher->metadata().end_of_stream_position, 1'024);
    EXPECT_EQ(value(stream.limit_id), 1'024);
    pass(20s);
    EXPECT_THAT(events(), ElementsAre(testing::HasSubstr("OPERATION_SUCCESS")));
    consume(subscriber, 1'024);
    tick();

    EXPECT_THAT(events(),
                ElementsAre(fmt::format("UNAVAILABLE_IMAGE({}, {})", stream.publication, subscriber.subscription)));
    tick();
    EXPECT_EQ(logs.files(), 0);
    EXPECT_EQ(reader().state(stream.limit_id), CounterState::reclaimed);
    EXPECT_EQ(reader().state(subscriber.position_id), CounterState::reclaimed);
}

TEST_F(IpcPublicationTest, LateSubscriberStillGetsAnUndrainedPublicationButNotADrainedOne) {
    const Stream stream = publish();
    const Subscriber subscriber = subscribe();
    stream.publisher->offer_up_to(1'024);
    remove_publication(client, stream.publication);

    const Subscriber late = subscribe();
    EXPECT_EQ(value(late.position_id), 0);
    consume(subscriber, 1'024);
    consume(late, 1'024);
    static_cast<void>(events());
    const std::int64_t too_late = add_subscription(client);

    EXPECT_THAT(events(), ElementsAre(fmt::format("SUBSCRIPTION_READY({}, -1)", too_late)));
}

TEST_F(IpcPublicationTest, DrainingPublicationTakesNoFurtherHandles) {
    const Stream stream = publish();
    subscribe();
    stream.publisher->offer_up_to(1'024);
    remove_publication(client, stream.publication);
    static_cast<void>(events());

    const std::int64_t id = add_publication(client);

    EXPECT_THAT(events().front(), fmt::format("PUBLICATION_READY({0}, {0})", id));
}

// spec: 02-C21, 03-C38, 03-C49, 06-C48
TEST_F(IpcPublicationTest, RevokedPublicationIsTakenAwayAtTheNextTickUndrained) {
    const Stream stream = publish_exclusively();
    const Subscriber subscriber = subscribe();
    stream.publisher->offer_up_to(1'024);

    const std::int64_t correlation_id = remove_publication(client, stream.publication, true);
    EXPECT_EQ(stream.publisher->metadata().is_publication_revoked, 1);
    EXPECT_THAT(events(), ElementsAre(fmt::format("OPERATION_SUCCESS({})", correlation_id)));
    tick();

    EXPECT_THAT(events(),
                ElementsAre(fmt::format("UNAVAILABLE_IMAGE({}, {})", stream.publication, subscriber.subscription)));
    EXPECT_EQ(stream.publisher->metadata().end_of_stream_position, 1'024);
    EXPECT_EQ(stream.publisher->metadata().is_connected, 0);
    EXPECT_EQ(value(stream.limit_id), 1'024);
    EXPECT_EQ(system_counter(SystemCounter::publications_revoked), 1);
    tick();
    EXPECT_EQ(logs.files(), 0);
}

TEST_F(IpcPublicationTest, RevokedSharedPublicationLingersUntilEveryHandleIsGone) {
    const Stream stream = publish();
    const std::int64_t other = add_publication(client);
    remove_publication(client, stream.publication, true);
    pass(10s);
    EXPECT_EQ(logs.files(), 1);
    static_cast<void>(events());

    const std::int64_t next = add_publication(client);
    EXPECT_THAT(events(), ElementsAre(fmt::format("PUBLICATION_READY({0}, {0})", next)));
    remove_publication(client, other);
    tick();

    EXPECT_EQ(logs.files(), 1);  // that of the next one
    EXPECT_EQ(system_counter(SystemCounter::publications_revoked), 1);
}

TEST_F(IpcPublicationTest, DeathOfTheLastHolderDoesNotRevoke) {
    const Stream stream = publish();
    kill(client);
    pass(12s);

    EXPECT_EQ(stream.publisher->metadata().is_publication_revoked, 0);
    EXPECT_EQ(system_counter(SystemCounter::publications_revoked), 0);
}

// Rejection.

// spec: 04-C96
TEST_F(IpcPublicationTest, RejectedSubscribersComeBackAfterTenSecondsWhereTheyWere) {
    const Stream stream = publish();
    const Subscriber subscriber = subscribe();
    stream.publisher->offer_up_to(1'024);
    consume(subscriber, 640);

    execute(command::RejectImageCommand{
        .client_id = client, .correlation_id = 21, .image_correlation_id = stream.publication, .reason = "test"});
    settle();

    EXPECT_EQ(reader().state(subscriber.position_id), CounterState::reclaimed);
    EXPECT_EQ(value(stream.limit_id), 640);
    EXPECT_EQ(stream.publisher->offer(0).status(), OfferStatus::not_connected);
    clock.advance(10s - 2 * context.timer_interval);
    tick();
    EXPECT_THAT(events(), IsEmpty());
    tick();
    EXPECT_THAT(events(),
                ElementsAre(fmt::format("AVAILABLE_IMAGE({}, {})", stream.publication, subscriber.subscription)));
    EXPECT_EQ(value(last<command::AvailableImageEvent>().subscriber_position_id), 640);
    EXPECT_EQ(value(stream.limit_id), 640 + 32'768);
    EXPECT_TRUE(stream.publisher->offer(0));
}

// Unblocking.

// spec: 03-C51, 03-C54, 06-C55
TEST_F(IpcPublicationTest, DeadClaimIsUnblockedAfterTheTimeoutWithoutProgress) {
    const Stream stream = publish();
    const Subscriber subscriber = subscribe();
    stream.publisher->offer_up_to(64);
    stream.publisher->claim(100);
    consume(subscriber, 64);
    tick();  // sees the consumer at 64 for the first time

    pass(14s);
    EXPECT_EQ(system_counter(SystemCounter::unblocked_publications), 0);
    pass(2s);

    EXPECT_EQ(system_counter(SystemCounter::unblocked_publications), 1);
    const auto& header = logbuffer::header_at(stream.publisher->log().term(0).data() + 64);
    EXPECT_EQ(header.frame_length, 132);
    EXPECT_EQ(header.type, logbuffer::padding_type);
}

// spec: 03-C51
TEST_F(IpcPublicationTest, ProgressResetsTheTimeOfUnblocking) {
    const Stream stream = publish();
    const Subscriber subscriber = subscribe();
    stream.publisher->offer_up_to(64);
    stream.publisher->claim(100);
    tick();
    pass(12s);
    consume(subscriber, 64);
    tick();

    pass(14s);
    EXPECT_EQ(system_counter(SystemCounter::unblocked_publications), 0);
    pass(2s);
    EXPECT_EQ(system_counter(SystemCounter::unblocked_publications), 1);
}

// spec: 03-C52
TEST_F(IpcPublicationTest, SlowSubscriberInFrontOfCommittedFramesLosesNothing) {
    const Stream stream = publish();
    subscribe();
    stream.publisher->offer_up_to(1'024);

    pass(60s);

    EXPECT_EQ(system_counter(SystemCounter::unblocked_publications), 0);
    EXPECT_EQ(logbuffer::header_at(stream.publisher->log().term(0).data()).type, logbuffer::data_type);
}

// spec: 03-C53, 06-C55
TEST_F(IpcPublicationTest, ClaimInAnExclusivePublicationIsUnblockedOnlyWhileDraining) {
    const Stream stream = publish_exclusively();
    const Subscriber subscriber = subscribe();
    stream.publisher->offer_up_to(64);
    stream.publisher->claim(100);
    consume(subscriber, 64);
    pass(60s);
    EXPECT_EQ(system_counter(SystemCounter::unblocked_publications), 0);

    remove_publication(client, stream.publication);
    tick();

    EXPECT_EQ(system_counter(SystemCounter::unblocked_publications), 1);
    consume(subscriber, 224);
    static_cast<void>(events());
    tick();
    EXPECT_THAT(events(),
                ElementsAre(fmt::format("UNAVAILABLE_IMAGE({}, {})", stream.publication, subscriber.subscription)));
}

// spec: 03-C56
TEST_F(IpcPublicationTest, StreamIdleExactlyAtATermEndIsRotatedAfterTheTimeout) {
    const Stream stream = publish();
    const Subscriber subscriber = subscribe();
    stream.publisher->ignore_limit();
    stream.publisher->offer_up_to(65'536);
    consume(subscriber, 65'536);
    EXPECT_EQ(stream.publisher->metadata().active_term_count, 0);

    pass(18s);

    EXPECT_EQ(stream.publisher->metadata().active_term_count, 1);
    EXPECT_EQ(system_counter(SystemCounter::unblocked_publications), 1);
}

// Untethered subscribers.

// spec: 06-C46
TEST_F(IpcPublicationTest, UntetheredSlowSubscriberLosesItsImageAndGetsItBackWithTheSameCounter) {
    const Stream stream = publish();
    const Subscriber fast = subscribe();
    const Subscriber slow = subscribe("aeron:ipc?tether=false");
    stream.publisher->offer_up_to(32'000);
    consume(fast, 32'000);
    EXPECT_EQ(value(stream.limit_id), 32'768);

    pass(4s);
    EXPECT_THAT(events(), IsEmpty());
    pass(2s);
    EXPECT_THAT(events(), ElementsAre(fmt::format("UNAVAILABLE_IMAGE({}, {})", stream.publication, slow.subscription)));
    EXPECT_EQ(value(stream.limit_id), 32'768);  // it still holds the publisher back
    pass(6s);
    EXPECT_EQ(value(stream.limit_id), 64'768);  // now it rests
    EXPECT_THAT(events(), IsEmpty());
    pass(11s);

    EXPECT_THAT(events(), ElementsAre(fmt::format("AVAILABLE_IMAGE({}, {})", stream.publication, slow.subscription)));
    EXPECT_EQ(last<command::AvailableImageEvent>().subscriber_position_id, slow.position_id);
    EXPECT_EQ(value(slow.position_id), 32'000);
}

// spec: 06-C47
TEST_F(IpcPublicationTest, UntetheredSlowSubscriberThatDoesNotRejoinIsGoneForGood) {
    const Stream stream = publish();
    const Subscriber fast = subscribe();
    const Subscriber slow = subscribe("aeron:ipc?tether=false|rejoin=false");
    stream.publisher->offer_up_to(32'000);
    consume(fast, 32'000);

    pass(7s);
    EXPECT_THAT(events(), ElementsAre(fmt::format("UNAVAILABLE_IMAGE({}, {})", stream.publication, slow.subscription)));
    pass(6s);
    EXPECT_EQ(reader().state(slow.position_id), CounterState::reclaimed);
    EXPECT_EQ(value(stream.limit_id), 64'768);
    pass(60s);
    add_publication(client);

    EXPECT_THAT(events(), ElementsAre(testing::HasSubstr("PUBLICATION_READY")));
    remove_publication(client, stream.publication);
    remove_subscription(client, slow.subscription);
    EXPECT_THAT(events(), ElementsAre(testing::HasSubstr("SUCCESS"), testing::HasSubstr("SUCCESS")));
}

// It had lost its image and will never read on: the stream waited for it for ever.
TEST_F(IpcPublicationTest, UntetheredSubscriberThatLingersDoesNotKeepAnEndedStream) {
    const Stream stream = publish();
    const Subscriber fast = subscribe();
    const Subscriber slow = subscribe("aeron:ipc?tether=false");
    stream.publisher->offer_up_to(32'000);
    consume(fast, 32'000);
    pass(6s);
    EXPECT_THAT(events(), ElementsAre(fmt::format("UNAVAILABLE_IMAGE({}, {})", stream.publication, slow.subscription)));

    remove_publication(client, stream.publication);
    static_cast<void>(events());
    pass(2s);

    EXPECT_THAT(events(), ElementsAre(fmt::format("UNAVAILABLE_IMAGE({}, {})", stream.publication, fast.subscription)));
}

TEST_F(IpcPublicationTest, TetheredSlowSubscriberKeepsItsImage) {
    const Stream stream = publish();
    const Subscriber fast = subscribe();
    subscribe();
    stream.publisher->offer_up_to(32'000);
    consume(fast, 32'000);

    pass(60s);

    EXPECT_THAT(events(), IsEmpty());
    EXPECT_EQ(value(stream.limit_id), 32'768);
}

TEST_F(IpcPublicationTest, TimeoutsOfUntetheredSubscribersComeFromThePublicationsUri) {
    const Stream stream = publish("aeron:ipc?untethered-window-limit-timeout=2s|untethered-resting-timeout=3s");
    const Subscriber fast = subscribe();
    const Subscriber slow = subscribe("aeron:ipc?tether=false");
    stream.publisher->offer_up_to(32'000);
    consume(fast, 32'000);

    pass(4s);
    EXPECT_THAT(events(), ElementsAre(fmt::format("UNAVAILABLE_IMAGE({}, {})", stream.publication, slow.subscription)));
    pass(8s);
    EXPECT_THAT(events(), ElementsAre(fmt::format("AVAILABLE_IMAGE({}, {})", stream.publication, slow.subscription)));
}

TEST_F(IpcPublicationTest, RevokeDoesNotTellASubscriberAgainWhoseImageIsGoneAlready) {
    const Stream stream = publish_exclusively();
    const Subscriber fast = subscribe();
    const Subscriber slow = subscribe("aeron:ipc?tether=false");
    stream.publisher->offer_up_to(32'000);
    consume(fast, 32'000);
    pass(7s);
    static_cast<void>(events());

    remove_publication(client, stream.publication, true);
    tick();

    EXPECT_THAT(events(), ElementsAre(testing::HasSubstr("SUCCESS"),
                                      fmt::format("UNAVAILABLE_IMAGE({}, {})", stream.publication, fast.subscription)));
    static_cast<void>(slow);
}

}  // namespace
}  // namespace cpperon::driver
