#include "cpperon/client/subscription.hpp"

#include <barrier>
#include <stdexcept>
#include <thread>
#include <unordered_set>

#include <gtest/gtest.h>

#include "cpperon/client/stream_fixture.hpp"
#include "cpperon/logbuffer/fragment_assembler.hpp"

namespace cpperon {
namespace {

using client::Stream;
using client::text_of;
using Closes = std::vector<client::RecordingLink::Close>;

/// A subscription with three images of one log each: sessions 1, 2, 3, whose messages are "A", "B" and "C".
class SubscriptionTest : public testing::Test {
protected:
    SubscriptionTest() {
        for (std::int32_t i = 0; i < 3; ++i) {
            add_image(i);
        }
    }

    void add_image(const std::int32_t index) {
        const Stream& stream = streams_.emplace_back();
        publications_.push_back(stream.publication());
        images_.push_back(stream.image_state(state_, 100 + index, 1 + index));
        state_->images().add(images_.back());
    }

    /// `count` messages of its own letter in each image.
    void offer(const int count) {
        for (std::size_t i = 0; i < publications_.size(); ++i) {
            for (int message = 0; message < count; ++message) {
                EXPECT_TRUE(publications_[i].offer(std::string_view{"ABCDEF"}.substr(i, 1)));
            }
        }
    }

    [[nodiscard]] std::string poll(const int fragment_limit) {
        std::string delivered;
        const int fragments = subscription_.poll(
            [&](const std::span<const std::byte> fragment, const Header&) { delivered += text_of(fragment); },
            fragment_limit);
        EXPECT_EQ(static_cast<std::size_t>(fragments), delivered.size());
        return delivered;
    }

    Stream home_;
    std::shared_ptr<client::SubscriptionState> state_ = home_.subscription_state();
    Subscription subscription_{state_};
    std::vector<Stream> streams_;
    std::vector<Publication> publications_;
    std::vector<std::shared_ptr<client::ImageState>> images_;
};

// spec: 03-C67, 07-C41
TEST_F(SubscriptionTest, ImagesTakeTurns) {
    offer(10);

    std::string order;
    for (int i = 0; i < 6; ++i) {
        order += poll(1);
    }

    EXPECT_EQ(order, "ABCABC");
}

// spec: 03-C67
TEST_F(SubscriptionTest, OnceTheLimitIsReachedTheOtherImagesAreNotPolled) {
    offer(2);

    EXPECT_EQ(poll(3), "AAB");
    EXPECT_EQ(images_[2]->reader().position(), 0);
    EXPECT_EQ(poll(10), "BCC");
    EXPECT_EQ(poll(10), "");
    EXPECT_EQ(poll(0), "");
    EXPECT_EQ(poll(-1), "");
}

TEST_F(SubscriptionTest, TurnsGoOnWithTheImagesThereAre) {
    EXPECT_EQ(poll(1), "");
    state_->images().remove(RegistrationId{100});
    state_->images().remove(RegistrationId{101});
    offer(3);

    EXPECT_EQ(poll(1) + poll(1), "CC");
    state_->images().remove(RegistrationId{102});
    EXPECT_EQ(poll(1), "");
    add_image(3);
    offer(1);
    EXPECT_EQ(poll(5), "D");
}

TEST_F(SubscriptionTest, AControlledPollStopsInOneImageAndGoesOnWithTheOthers) {
    offer(2);
    std::string delivered;

    const int fragments = subscription_.controlled_poll(
        [&](const std::span<const std::byte> fragment, const Header& header) {
            delivered += text_of(fragment);
            return Image::of(header).session_id() == SessionId{1} ? ControlledAction::abort : ControlledAction::break_;
        },
        10);

    EXPECT_EQ(delivered, "ABC");
    EXPECT_EQ(fragments, 2);
    EXPECT_EQ(poll(10), "BCAA");  // the second image's turn to be first
}

TEST_F(SubscriptionTest, ABlockPollVisitsEveryImageWithTheWholeLimit) {
    offer(2);
    std::vector<std::int32_t> sessions;

    const std::int64_t bytes = subscription_.block_poll(
        [&](const std::span<const std::byte> block, const std::int32_t session_id, const std::int32_t term_id) {
            EXPECT_EQ(block.size(), 64U);
            EXPECT_EQ(term_id, 7);
            sessions.push_back(session_id);
        },
        64);

    EXPECT_EQ(bytes, 192);
    EXPECT_EQ(sessions, (std::vector<std::int32_t>{1, 2, 3}));
}

// spec: 03-C73, 07-C48
TEST(Subscription, AnAssemblerKeepsSessionsApart) {
    const Stream home;
    const auto state = home.subscription_state();
    const Subscription subscription{state};
    std::vector<std::unique_ptr<Stream>> streams;
    for (std::int32_t session = 1; session <= 3; ++session) {
        streams.push_back(std::make_unique<Stream>());
        client::PublicationSetup setup = streams.back()->publication_setup();
        setup.session_id = session;
        const Publication publication{std::make_shared<client::PublicationState>(std::move(setup))};
        EXPECT_TRUE(publication.offer(std::string(3'000, static_cast<char>('a' + session))));
        state->images().add(streams.back()->image_state(state, 100 + session, session));
    }
    std::vector<std::string> messages;
    FragmentAssembler assembler{
        [&](const std::span<const std::byte> message, const Header&) { messages.push_back(text_of(message)); }};

    for (int i = 0; i < 9; ++i) {
        EXPECT_EQ(subscription.poll(assembler, 1), 1);
    }

    EXPECT_EQ(messages,
              (std::vector<std::string>{std::string(3'000, 'b'), std::string(3'000, 'c'), std::string(3'000, 'd')}));
    EXPECT_TRUE(assembler.erase(2));
    EXPECT_FALSE(assembler.erase(2));
}

TEST_F(SubscriptionTest, ItsImagesCanBeFound) {
    EXPECT_EQ(subscription_.image_count(), 3U);
    EXPECT_EQ(subscription_.image_at(1)->session_id(), SessionId{2});
    EXPECT_FALSE(subscription_.image_at(3).has_value());
    EXPECT_EQ(subscription_.image_by_session(SessionId{3})->correlation_id(), RegistrationId{102});
    EXPECT_FALSE(subscription_.image_by_session(SessionId{4}).has_value());
    EXPECT_EQ(subscription_.images().size(), 3U);
    EXPECT_EQ(subscription_.image_at(0)->subscription(), subscription_);
    int visited = 0;
    EXPECT_EQ(subscription_.for_each_image([&](const Image& image) {
        EXPECT_FALSE(image.is_closed());
        ++visited;
    }),
              3U);
    EXPECT_EQ(visited, 3);
}

TEST_F(SubscriptionTest, ItIsConnectedWhileAnImageIsOpen) {
    EXPECT_TRUE(subscription_.is_connected());
    EXPECT_EQ(subscription_.status(), Status::connected);

    for (const std::int64_t id : {100, 101, 102}) {
        state_->images().remove(RegistrationId{id});
    }

    EXPECT_FALSE(subscription_.is_connected());
    EXPECT_EQ(subscription_.status(), Status::disconnected);
    EXPECT_EQ(subscription_.channel_status(), ChannelStatus::active);
}

TEST_F(SubscriptionTest, AnImageThatIsGoneIsSkippedAndARetainedOneIsSafeToPoll) {
    offer(2);
    const Image retained = *subscription_.image_at(0);

    const auto removed = state_->images().remove(RegistrationId{100});

    EXPECT_EQ(poll(10), "BBCC");
    EXPECT_TRUE(retained.is_closed());
    EXPECT_EQ(retained.poll([](auto, const auto&) {}, 10), 0);
    EXPECT_EQ(Image{removed}, retained);
}

TEST_F(SubscriptionTest, AfterCloseItDeliversNothingAndItsImagesAreClosed) {
    offer(2);
    const Image retained = *subscription_.image_at(0);

    subscription_.close();
    subscription_.close();

    EXPECT_EQ(poll(10), "");
    EXPECT_EQ(subscription_.controlled_poll([](auto, const auto&) { return ControlledAction::commit; }, 10), 0);
    EXPECT_EQ(subscription_.block_poll([](auto, auto, auto) {}, 1'000), 0);
    EXPECT_TRUE(retained.is_closed());
    EXPECT_TRUE(subscription_.is_closed());
    EXPECT_FALSE(subscription_.is_connected());
    EXPECT_EQ(subscription_.image_count(), 0U);
    EXPECT_EQ(subscription_.status(), Status::closed);
    EXPECT_EQ(subscription_.channel_status(), ChannelStatus::errored);
    EXPECT_EQ(subscription_.channel(), "aeron:ipc");
    EXPECT_EQ(subscription_.stream_id(), 1'001);
    EXPECT_EQ(subscription_.registration_id(), RegistrationId{30});
    EXPECT_EQ(home_.link->closes(), (Closes{{"subscription", 30}}));
}

TEST_F(SubscriptionTest, ClosingItInItsHandlerEndsThePoll) {
    offer(5);
    int delivered = 0;

    const int fragments = subscription_.poll(
        [&](std::span<const std::byte>, const Header&) {
            ++delivered;
            subscription_.close();
        },
        10);

    EXPECT_EQ(fragments, 1);
    EXPECT_EQ(delivered, 1);
    EXPECT_EQ(poll(10), "");
}

TEST_F(SubscriptionTest, AnExceptionEndsThePollAndTheNextOneGoesOn) {
    offer(2);

    EXPECT_THROW(subscription_.poll(
                     [](std::span<const std::byte>, const Header&) { throw std::runtime_error("cannot take it"); }, 10),
                 std::runtime_error);

    EXPECT_EQ(poll(10), "BBCCA");
}

TEST_F(SubscriptionTest, AHandlerThatPollsItsOwnSubscriptionGetsNothing) {
    offer(1);
    int inner = -1;
    EXPECT_DEBUG_DEATH(
        subscription_.poll(
            [&](std::span<const std::byte>, const Header&) { inner = subscription_.poll([](auto, const auto&) {}, 1); },
            1),
        "must not poll");
#ifdef NDEBUG
    EXPECT_EQ(inner, 0);
#endif
    static_cast<void>(inner);
}

TEST_F(SubscriptionTest, DroppingTheLastCopyClosesIt) {
    const Image retained = *subscription_.image_at(0);
    state_.reset();

    subscription_ = {};

    EXPECT_EQ(home_.link->closes(), (Closes{{"subscription", 30}}));
    EXPECT_TRUE(retained.is_closed());
    EXPECT_TRUE(retained.subscription().is_closed());
}

TEST_F(SubscriptionTest, ClosedByForceItTellsNobody) {
    EXPECT_TRUE(state_->mark_closed());
    EXPECT_FALSE(state_->mark_closed());

    subscription_.close();

    EXPECT_TRUE(subscription_.is_closed());
    EXPECT_TRUE(home_.link->closes().empty());
}

TEST(Subscription, ADefaultConstructedOneIsClosed) {
    const Subscription subscription;
    subscription.close();

    EXPECT_TRUE(subscription.is_closed());
    EXPECT_EQ(subscription.poll([](auto, const auto&) {}, 1), 0);
    EXPECT_EQ(subscription.block_poll([](auto, auto, auto) {}, 1), 0);
    EXPECT_EQ(subscription.image_count(), 0U);
    EXPECT_FALSE(subscription.image_at(0).has_value());
    EXPECT_FALSE(subscription.is_connected());
    EXPECT_EQ(subscription.channel(), "");
    EXPECT_EQ(subscription.channel_status(), ChannelStatus::errored);
}

TEST(Subscription, CopiesAreEqualAndHashAlike) {
    const Stream stream;
    const Subscription one{stream.subscription_state()};
    const Subscription other{stream.subscription_state()};

    EXPECT_EQ(one, Subscription{one});
    EXPECT_NE(one, other);
    EXPECT_EQ((std::unordered_set<Subscription>{one, one, other}.size()), 2U);
}

TEST(Subscription, ImagesComeAndGoAndItIsClosedBesideAPoll) {
    for (int round = 0; round < 20; ++round) {
        const Stream stream;
        const Publication publication = stream.publication();
        for (int i = 0; i < 200; ++i) {
            EXPECT_TRUE(publication.offer("a"));
        }
        const auto state = stream.subscription_state();
        std::barrier start{2};
        std::thread poller{[&start, subscription = Subscription{state}] {
            start.arrive_and_wait();
            while (!subscription.is_closed()) {
                subscription.poll([](std::span<const std::byte>, const Header&) {}, 3);
            }
            EXPECT_EQ(subscription.poll([](std::span<const std::byte>, const Header&) {}, 3), 0);
        }};

        start.arrive_and_wait();
        for (std::int64_t id = 0; id < 20; ++id) {
            state->images().add(stream.image_state(state, id));
            state->images().remove(RegistrationId{id});
        }
        Subscription{state}.close();
        poller.join();
    }
}

}  // namespace
}  // namespace cpperon
