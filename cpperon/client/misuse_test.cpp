/// What a program gets that uses the library wrongly: a clear answer, and nothing breaks. spec: 07 §I, §E, §G
#include <atomic>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/client/fake_driver_test_support.hpp"
#include "cpperon/client/waiting.hpp"

namespace cpperon::client {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// The text of the error, which is of the class that is expected.
template <typename Expected, typename Call>
std::string text_of_error(Call&& call) {
    try {
        call();
    } catch (const Expected& error) {
        return error.what();
    } catch (const Error& error) {
        ADD_FAILURE() << "another class of error: " << to_string(error.code()) << ": " << error.what();
        return error.what();
    }
    ADD_FAILURE() << "no error";
    return {};
}

class Misuse : public ClientTest {
protected:
    /// What a driver does once there are subscribers.
    void set_limit(const CounterId limit_id, const std::int64_t limit) {
        driver->counters().counter(static_cast<std::int32_t>(limit_id)).set_release(limit);
    }
};

TEST_F(Misuse, UseAfterTheClientWasClosed) {
    connect();
    const Publication publication = aeron.add_publication("aeron:ipc", 1'001);
    const ExclusivePublication exclusive = aeron.add_exclusive_publication("aeron:ipc", 1'001);
    const Subscription subscription = aeron.add_subscription("aeron:ipc", 1'001);
    driver->send_available_image(900, number(subscription.registration_id()));
    run();
    const Image image = subscription.image_at(0).value();
    const Counter counter = aeron.add_counter(1'101, "mine");
    set_limit(publication.position_limit_id(), 4'096);
    BufferClaim claim = publication.try_claim(8);
    aeron.close();

    EXPECT_THAT(text_of_error<ClosedError>([&] { static_cast<void>(aeron.add_publication("aeron:ipc", 1)); }),
                HasSubstr("the client was closed"));
    EXPECT_THAT(text_of_error<ClosedError>([&] { static_cast<void>(aeron.next_session_id(1)); }),
                HasSubstr("the client was closed"));
    EXPECT_THAT(text_of_error<ClosedError>([&] { publication.add_destination("aeron:udp?endpoint=localhost:1"); }),
                HasSubstr("closed has no destinations"));
    EXPECT_THAT(text_of_error<ClosedError>([&] { subscription.remove_destination(RegistrationId{1}); }),
                HasSubstr("closed has no destinations"));
    EXPECT_THAT(text_of_error<ClosedError>([&] { image.reject("late"); }), HasSubstr("closed"));
    EXPECT_EQ(publication.offer("x").status(), OfferStatus::closed);
    EXPECT_EQ(exclusive.append_padding(1).status(), OfferStatus::closed);
    EXPECT_EQ(exclusive.offer_block({}).status(), OfferStatus::closed);
    EXPECT_EQ(subscription.poll([](auto, const auto&) {}, 10), 0);
    EXPECT_EQ(image.poll([](auto, const auto&) {}, 10), 0);
    counter.set(5);
    EXPECT_EQ(counter.get(), 0);
    EXPECT_FALSE(await_connected(publication, 1s));
    EXPECT_EQ(aeron.do_work(), 0);
    // What was claimed before may still be filled: its mapping is there.
    std::memset(claim.data().data(), 7, claim.length());
    EXPECT_EQ(claim.commit(), OfferStatus::ok);
    aeron.close();
}

TEST_F(Misuse, UseOfAHandleThatWasNeverMade) {
    EXPECT_THAT(text_of_error<ClosedError>([] { static_cast<void>(Aeron{}.add_publication("aeron:ipc", 1)); }),
                HasSubstr("belongs to no client"));
    EXPECT_EQ(Publication{}.offer("x").status(), OfferStatus::closed);
    EXPECT_EQ(BufferClaim{}.commit(), OfferStatus::closed);
    Pending<Publication> nothing;
    EXPECT_THAT(text_of_error<ClosedError>([&] { nothing.wait(); }), HasSubstr("taken already"));
}

TEST_F(Misuse, AddAfterTheDriverDied) {
    connect();
    driver->shut_down();
    pass_without_driver(1s);

    EXPECT_THAT(text_of_error<ClosedError>([&] { static_cast<void>(aeron.add_publication("aeron:ipc", 1)); }),
                AllOf(HasSubstr("the client has ended"), HasSubstr("has shut down")));
    EXPECT_THAT(error_codes(), ElementsAre(ErrorCode::driver_timeout));
}

TEST_F(Misuse, CallbackThatThrows) {
    Context settings = context();
    settings.on_new_publication = [](std::string_view, std::int32_t, SessionId, RegistrationId) {
        throw std::runtime_error("no use for it");
    };
    settings.on_close_client = [] { throw std::logic_error("not now"); };
    connect(settings);
    const Subscription subscription = aeron.add_subscription(
        "aeron:ipc", 1'001, {.on_available = [](const Image&) { throw InvalidArgumentError("not that one"); }});

    const Publication publication = aeron.add_publication("aeron:ipc", 1'001);
    driver->send_available_image(number(publication.registration_id()), number(subscription.registration_id()));
    run();
    EXPECT_FALSE(aeron.is_closed());
    ASSERT_EQ(errors.size(), 2U);
    EXPECT_EQ(errors[0].message, "no use for it");
    EXPECT_EQ(errors[1].code, ErrorCode::invalid_argument);

    // The handler of a poll throws to who polls; the next poll goes on behind the fragment.
    set_limit(publication.position_limit_id(), 4'096);
    ASSERT_TRUE(publication.offer("first"));
    ASSERT_TRUE(publication.offer("second"));
    EXPECT_THROW(subscription.poll([](auto, const auto&) { throw std::runtime_error("cannot take it"); }, 10),
                 std::runtime_error);
    EXPECT_EQ(subscription.poll([](auto, const auto&) {}, 10), 1);
    EXPECT_EQ(errors.size(), 2U);

    aeron.close();
    ASSERT_EQ(errors.size(), 3U);
    EXPECT_EQ(errors[2].message, "not now");
}

TEST_F(Misuse, HandlerWhoseOwnerIsGone) {
    connect();
    auto owner = std::make_unique<std::vector<std::int64_t>>();
    HandlerRegistration registration = aeron.add_available_counter_handler(
        [&heard = *owner](const CountersReader&, const RegistrationId id, CounterId) { heard.push_back(number(id)); });
    driver->send(command::CounterReadyEvent{501, 1});
    run();
    EXPECT_THAT(*owner, ElementsAre(501));

    registration.remove();
    owner.reset();
    driver->send(command::CounterReadyEvent{502, 1});
    run();  // the sanitizers would tell
    registration.remove();
    EXPECT_TRUE(errors.empty());
}

TEST_F(Misuse, BuffersLongerThanAllowed) {
    connect();
    const ExclusivePublication publication = aeron.add_exclusive_publication("aeron:ipc", 1'001);
    const auto max_message = static_cast<std::size_t>(publication.max_message_length());
    const auto max_payload = static_cast<std::size_t>(publication.max_payload_length());
    const std::string long_text(max_message + 1, 'x');
    // Even a stream without subscribers tells what is the caller's mistake, where there is room.
    set_limit(publication.position_limit_id(), 32'768);

    EXPECT_EQ(publication.offer(long_text).status(), OfferStatus::message_too_long);
    EXPECT_THAT(OfferError{publication.offer(long_text)}.what(), HasSubstr("split it"));
    EXPECT_EQ(publication.try_claim(max_payload + 1).result().status(), OfferStatus::message_too_long);
    EXPECT_EQ(publication.append_padding(max_message + 1).status(), OfferStatus::message_too_long);
    EXPECT_EQ(publication.position().position(), 0);
    EXPECT_THAT(text_of_error<RegistrationError>(
                    [&] { static_cast<void>(aeron.add_publication("aeron:ipc?alias=" + std::string(5'000, 'a'), 1)); }),
                HasSubstr("at most 4095 are allowed"));
    EXPECT_THAT(
        text_of_error<InvalidArgumentError>([&] { static_cast<void>(aeron.add_counter(1, std::string(381, 'l'))); }),
        HasSubstr("the counter's label has 381 bytes, at most 380 are allowed"));
    EXPECT_THAT(text_of_error<InvalidArgumentError>(
                    [&] { static_cast<void>(aeron.add_counter(1, "l", std::vector<std::byte>(113))); }),
                HasSubstr("the counter's key has 113 bytes, at most 112 are allowed"));
    EXPECT_TRUE(driver->all_commands().empty());
}

// A claim that is dropped becomes padding (BufferClaim.ADroppedClaimBecomesPaddingThatSubscribersPass); one whose
// process is killed is unblocked by the driver (KilledClient.HoldingAClaimBlocksItsLogOnlyUntilItIsUnblocked).
TEST_F(Misuse, ClaimThatIsForgotten) {
    connect();
    const Publication publication = aeron.add_publication("aeron:ipc", 1'001);
    const Subscription subscription = aeron.add_subscription("aeron:ipc", 1'001);
    driver->send_available_image(number(publication.registration_id()), number(subscription.registration_id()));
    run();
    set_limit(publication.position_limit_id(), 4'096);
    {
        const BufferClaim forgotten = publication.try_claim(8);
        ASSERT_TRUE(forgotten);
        ASSERT_TRUE(publication.offer("behind it"));
        EXPECT_EQ(subscription.poll([](auto, const auto&) {}, 10), 0);
    }

    EXPECT_EQ(subscription.poll([](auto, const auto&) {}, 10), 1);
}

TEST_F(Misuse, BlockingCallInsideACallback) {
    connect();
    std::vector<std::string> texts;
    bool was_found = true;
    const Subscription subscription = aeron.add_subscription(
        "aeron:ipc", 1'001, {.on_available = [&](const Image& image) {
            texts.push_back(
                text_of_error<ReentrantCallError>([&] { static_cast<void>(aeron.add_publication("aeron:ipc", 2)); }));
            texts.push_back(text_of_error<ReentrantCallError>([&] { image.reject("no"); }));
            texts.push_back(text_of_error<ReentrantCallError>([&] { aeron.close(); }));
            texts.push_back(text_of_error<ReentrantCallError>([&] { aeron.do_work(); }));
            was_found = await_images(image.subscription(), 2, std::chrono::hours{1});
        }});
    driver->send_available_image(900, number(subscription.registration_id()));
    run();

    EXPECT_THAT(texts, ElementsAre(HasSubstr("use the async_ twin"), HasSubstr("use the async_ twin"),
                                   HasSubstr("must not call Aeron::close"), HasSubstr("must not call Aeron::do_work")));
    EXPECT_FALSE(was_found);
    EXPECT_TRUE(errors.empty());
}

// spec: 07-C70
TEST_F(Misuse, ErrorsOfThreadsDoNotMix) {
    Context settings = context();
    settings.invoker_mode = false;
    settings.driver_do_work = nullptr;
    connect(settings);
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&, thread] {
            const std::string own = "aeron:wrong" + std::to_string(thread);
            for (int i = 0; i < 500; ++i) {
                try {
                    static_cast<void>(aeron.add_publication(own, i));
                } catch (const RegistrationError& error) {
                    // Others fail meanwhile, before the text is looked at.
                    std::this_thread::yield();
                    wrong += std::string{error.what()}.find(own) == std::string::npos ? 1 : 0;
                    continue;
                }
                ++wrong;
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }

    EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace cpperon::client
