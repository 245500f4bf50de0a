#include "cpperon/client/waiting.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cpperon/client/fake_driver_test_support.hpp"
#include "cpperon/client/stream_fixture.hpp"

namespace cpperon {
namespace {

using namespace std::chrono_literals;
using client::Stream;

/// Counts what it was told instead of pausing.
class RecordedIdle final : public IdleStrategy {
public:
    void idle(const int work_count) noexcept override { work_counts.push_back(work_count); }
    void reset() noexcept override { ++resets; }

    std::vector<int> work_counts;
    int resets = 0;
};

/// A stream whose client is stepped by who waits: each step takes 1 ms.
class WaitingTest : public testing::Test {
protected:
    /// From the given step on, `then` is done with each.
    void on_step(const int step, std::function<void()> then) {
        stream_.link->on_step = [this, step, then = std::move(then)] {
            stream_.link->clock.advance(1ms);
            if (++steps_ >= step) {
                then();
                return 1;
            }
            return 0;
        };
    }
    void on_step() {
        on_step(0, [] {});
    }

    Stream stream_;
    int steps_ = 0;
    RecordedIdle idle_;
};

TEST_F(WaitingTest, OfferIsRepeatedUntilItIsTaken) {
    const Publication publication = stream_.publication();
    stream_.set_limit(0);
    on_step(3, [this] { stream_.set_limit(1'000); });

    const OfferResult result = offer_until_taken(publication, "hello", 1s, &idle_);

    EXPECT_EQ(result.position(), 64);
    EXPECT_EQ(steps_, 3);
    EXPECT_EQ(idle_.work_counts, (std::vector<int>{0, 0, 1}));
    EXPECT_EQ(idle_.resets, 1);
    EXPECT_EQ(offer_until_taken(publication, "at once", 0s).position(), 128);
    EXPECT_EQ(steps_, 3);
}

TEST_F(WaitingTest, OfferAnswersWithItsLastReasonWhenTheTimeIsOver) {
    const ExclusivePublication publication = stream_.exclusive_publication();
    stream_.set_limit(0);
    on_step();

    EXPECT_EQ(offer_until_taken(publication, "hello", 5ms).status(), OfferStatus::back_pressured);
    EXPECT_EQ(steps_, 5);
    EXPECT_EQ(offer_until_taken(publication, "hello", 0ms).status(), OfferStatus::back_pressured);
    EXPECT_EQ(steps_, 5);
    EXPECT_EQ(claim_until_taken(publication, 8, 2ms).result().status(), OfferStatus::back_pressured);
    EXPECT_EQ(steps_, 7);
}

TEST_F(WaitingTest, OfferDoesNotWaitForWhatCannotCome) {
    const Publication publication = stream_.publication();
    on_step();

    EXPECT_EQ(offer_until_taken(publication, std::string(8'193, 'x'), 1s).status(), OfferStatus::message_too_long);
    publication.close();
    EXPECT_EQ(offer_until_taken(publication, "late", 1s).status(), OfferStatus::closed);
    EXPECT_EQ(offer_until_taken(Publication{}, "to nobody", 1s).status(), OfferStatus::closed);
    EXPECT_FALSE(await_connected(publication, 1s));
    EXPECT_FALSE(await_connected(Publication{}, 1s));
    EXPECT_FALSE(await_connected(Subscription{}, 1s));
    EXPECT_FALSE(await_images(Subscription{}, 1, 1s));
    EXPECT_FALSE(await(
        Aeron{}, [] { return false; }, 1s));
    EXPECT_EQ(steps_, 0);
}

TEST_F(WaitingTest, ClaimIsGivenOnceThereIsRoom) {
    const Publication publication = stream_.publication();
    stream_.set_limit(0);
    on_step(2, [this] { stream_.set_limit(1'000); });

    BufferClaim claim = claim_until_taken(publication, 8, 1s, &idle_);

    ASSERT_TRUE(claim);
    EXPECT_EQ(claim.commit(), OfferStatus::ok);
    EXPECT_EQ(steps_, 2);
}

TEST_F(WaitingTest, ConnectionIsAwaitedOnEitherSide) {
    const Publication publication = stream_.publication();
    stream_.set_connected(false);
    on_step(2, [this] { stream_.set_connected(true); });
    EXPECT_TRUE(await_connected(publication, 1s, &idle_));
    EXPECT_EQ(steps_, 2);
    stream_.set_connected(false);
    on_step();
    EXPECT_FALSE(await_connected(publication, 3ms));

    const auto state = stream_.subscription_state();
    const Subscription subscription{state};
    EXPECT_FALSE(await_connected(subscription, 3ms));
    steps_ = 0;
    on_step(2, [&] { state->images().add(stream_.image_state(state, 100 + steps_, steps_)); });
    EXPECT_TRUE(await_connected(subscription, 1s));
    EXPECT_EQ(subscription.image_count(), 1U);
    EXPECT_TRUE(await_images(subscription, 3, 1s));
    EXPECT_EQ(subscription.image_count(), 3U);
    EXPECT_EQ(steps_, 4);
    on_step();
    EXPECT_FALSE(await_images(subscription, 4, 3ms, &idle_));
    EXPECT_TRUE(await_images(subscription, 0, 0ms));
}

TEST_F(WaitingTest, InsideACallbackItLooksOnce) {
    const Publication publication = stream_.publication();
    stream_.set_limit(0);
    stream_.link->inside_callback = true;
    on_step();

    EXPECT_EQ(offer_until_taken(publication, "hello", 1s).status(), OfferStatus::back_pressured);
    EXPECT_FALSE(await_images(Subscription{stream_.subscription_state()}, 1, 1s));

    EXPECT_EQ(steps_, 0);
}

/// With a client in invoker mode, whose driver is stepped too.
class WaitingClient : public client::ClientTest {};

TEST_F(WaitingClient, IsSteppedWithItsDriverMeanwhile) {
    connect();
    const Subscription subscription = aeron.add_subscription("aeron:ipc", 1'001);
    driver->send_available_image(900, client::number(subscription.registration_id()));
    Pending<Counter> counter = aeron.async_add_counter(1'101, "awaited");

    EXPECT_TRUE(await_images(subscription, 1, 1s));
    EXPECT_TRUE(await(
        aeron, [&] { return counter.is_done(); }, 1s));

    EXPECT_EQ(counter.wait().label(), "awaited");
}

TEST_F(WaitingClient, EndsTheWaitWhenItEnds) {
    Context settings = context();
    settings.driver_do_work = [this] {
        clock.advance(20ms);
        driver->shut_down();
        return 1;
    };
    connect(settings);

    EXPECT_FALSE(await(
        aeron, [] { return false; }, std::chrono::hours{1}));

    EXPECT_TRUE(aeron.is_closed());
}

}  // namespace
}  // namespace cpperon
