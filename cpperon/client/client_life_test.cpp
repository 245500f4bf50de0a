/// How a client lives and ends: heartbeats, the death of either side, closing.
#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/client/fake_driver_test_support.hpp"

namespace cpperon::client {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class ClientLife : public ClientTest {
protected:
    /// One of each resource, with an image, and a request on its way.
    void add_everything() {
        publication = aeron.add_publication("aeron:ipc", 1);
        exclusive = aeron.add_exclusive_publication("aeron:ipc", 2);
        subscription =
            aeron.add_subscription("aeron:ipc", 3, {.on_unavailable = [this](const Image&) { ++unavailable; }});
        counter = aeron.add_counter(1'000, "x");
        counter.set(42);
        static_counter = aeron.add_static_counter(1'000, RegistrationId{5}, "y");
        position_id = driver->send_available_image(900, number(subscription.registration_id()));
        run();
        image = *subscription.image_at(0);
        driver->counters().counter(position_id).set_release(96);
        pending = aeron.async_add_publication("aeron:ipc", 4);
        static_cast<void>(driver->all_commands());
    }

    /// spec: 02 §10.10
    void expect_everything_closed() {
        const auto ignore = [](std::span<const std::byte>, const Header&) {};
        EXPECT_TRUE(aeron.is_closed());
        EXPECT_TRUE(publication.is_closed());
        EXPECT_EQ(publication.offer("x").status(), OfferStatus::closed);
        EXPECT_EQ(publication.try_claim(8).result().status(), OfferStatus::closed);
        EXPECT_FALSE(publication.is_connected());
        EXPECT_EQ(publication.channel_status(), ChannelStatus::errored);
        EXPECT_EQ(publication.channel(), "aeron:ipc");
        EXPECT_TRUE(exclusive.is_closed());
        EXPECT_EQ(exclusive.offer("x").status(), OfferStatus::closed);
        EXPECT_TRUE(subscription.is_closed());
        EXPECT_EQ(subscription.poll(ignore, 10), 0);
        EXPECT_FALSE(subscription.is_connected());
        EXPECT_EQ(subscription.image_count(), 0U);
        EXPECT_TRUE(image.is_closed());
        EXPECT_EQ(image.poll(ignore, 10), 0);
        EXPECT_EQ(image.position(), 96);
        EXPECT_TRUE(counter.is_closed());
        EXPECT_TRUE(static_counter.is_closed());
        counter.set(43);
        EXPECT_EQ(counter.get(), 42);
    }

    void expect_ended_by(const ErrorCode code) {
        EXPECT_THAT(error_codes(), ElementsAre(code));
        expect_everything_closed();
        EXPECT_EQ(unavailable, 0);
        ASSERT_TRUE(pending.is_done());
        EXPECT_EQ(pending.poll()->error().code, code);
        EXPECT_EQ(aeron.do_work(), 0);
        EXPECT_EQ(aeron.async_add_subscription("aeron:ipc", 1).poll()->error().code, ErrorCode::closed);
        EXPECT_THROW(static_cast<void>(aeron.add_publication("aeron:ipc", 1)), ClosedError);
        EXPECT_TRUE(driver->all_commands().empty());
    }

    Publication publication;
    ExclusivePublication exclusive;
    Subscription subscription;
    Image image;
    Counter counter;
    Counter static_counter;
    Pending<Publication> pending;
    std::int32_t position_id = 0;
    int unavailable = 0;
};

// spec: 02-C51, 01-C34
TEST_F(ClientLife, IdleClientSendsNothingAndNeedsNoCounter) {
    connect();

    pass(30s);

    EXPECT_FALSE(aeron.is_closed());
    EXPECT_TRUE(driver->all_commands().empty());
    EXPECT_FALSE(driver->counters().reader().find(11, aeron.client_id()).has_value());
}

// spec: 01-C33, 07-C7
TEST_F(ClientLife, HeartbeatIsStoredEachKeepaliveIntervalAndNamesTheClient) {
    Context settings = context();
    settings.client_name = "pricer";
    connect(settings);
    pass(2s);
    const std::int32_t id = driver->make_heartbeat(aeron.client_id());
    const CountersReader counters = aeron.counters_reader();
    const std::int64_t made_ms = counters.value(id);

    pass(40ms);  // the search does not wait for the next interval. spec: 02 §13.21
    EXPECT_GT(counters.value(id), made_ms);
    EXPECT_THAT(counters.label(id), HasSubstr(" name=pricer version=0.1.0 commit="));
    const std::string label = counters.label(id);

    for (int i = 0; i < 10; ++i) {
        const std::int64_t before_ms = counters.value(id);
        pass(520ms);
        EXPECT_GT(counters.value(id), before_ms);
        EXPECT_GE(counters.value(id), clock.epoch_ms() - 520);
    }
    EXPECT_EQ(counters.label(id), label);
}

TEST_F(ClientLife, HeartbeatOfAnotherClientIsLeftAlone) {
    connect();
    const std::int32_t id = driver->make_heartbeat(aeron.client_id() + 1);
    const std::int64_t made_ms = aeron.counters_reader().value(id);

    pass(2s);

    EXPECT_EQ(aeron.counters_reader().value(id), made_ms);
}

TEST_F(ClientLife, LostHeartbeatCounterEndsTheClient) {
    connect();
    const std::int32_t id = driver->make_heartbeat(aeron.client_id());
    add_everything();
    pass(1s);
    driver->counters().free(id);
    EXPECT_EQ(driver->make_heartbeat(aeron.client_id() + 1), id);
    const std::int64_t others_ms = aeron.counters_reader().value(id);
    pass(1s);

    EXPECT_EQ(aeron.counters_reader().value(id), others_ms);
    expect_ended_by(ErrorCode::driver_timeout);
}

// spec: 02-C39, 07-C19
TEST_F(ClientLife, DriverThatGivesNoSignOfLifeEndsTheClient) {
    connect();
    pass(1s);
    add_everything();

    pass_without_driver(9s);
    EXPECT_FALSE(aeron.is_closed());
    pass_without_driver(2s);

    // The request was as old as the driver's silence: whichever was noticed first.
    EXPECT_EQ(pending.poll()->error().code, ErrorCode::driver_timeout);
    expect_everything_closed();
    EXPECT_THAT(error_codes(), ElementsAre(ErrorCode::driver_timeout));
}

// spec: 02-C39, 07-C65
TEST_F(ClientLife, DriverThatShutsDownEndsTheClientWithinAKeepaliveInterval) {
    connect();
    add_everything();
    driver->shut_down();

    pass_without_driver(500ms + 40ms);

    expect_ended_by(ErrorCode::driver_timeout);
    EXPECT_THAT(errors.front().message, HasSubstr("shut down"));
}

// spec: 07-C68
TEST_F(ClientLife, WithoutAnErrorHandlerAnErrorIsALineOnStderr) {
    Context settings = context();
    settings.on_error = nullptr;
    connect(settings);
    driver->shut_down();
    testing::internal::CaptureStderr();

    pass_without_driver(1s);

    EXPECT_TRUE(aeron.is_closed());
    const std::string text = testing::internal::GetCapturedStderr();
    EXPECT_THAT(text, HasSubstr("driver_timeout (1000)"));
    EXPECT_THAT(text, HasSubstr("has shut down"));
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
    EXPECT_TRUE(text.ends_with('\n'));
}

// spec: 02-C40, 07-C66, 07-C67
TEST_F(ClientLife, ClientThatWasNotRunForTooLongEndsItself) {
    connect();
    add_everything();
    driver->send_available_image(901, number(subscription.registration_id()));

    clock.advance(10s + 1ms);
    driver->beat();
    aeron.do_work();

    expect_ended_by(ErrorCode::conductor_service_timeout);
}

// spec: 02-C40, 07-C67
TEST_F(ClientLife, ClientThatTheDriverHasGivenUpEnds) {
    connect();
    add_everything();
    driver->send(command::ClientTimeoutEvent{aeron.client_id()});
    run();

    expect_ended_by(ErrorCode::client_timeout);
}

TEST_F(ClientLife, LostEventsEndTheClient) {
    connect();
    add_everything();
    const std::vector<std::byte> payload(100'000);
    for (int i = 0; i < 12; ++i) {
        driver->send_raw(0x0F77, payload);
    }
    run();

    expect_ended_by(ErrorCode::generic_error);
    EXPECT_THAT(errors.front().message, HasSubstr("keep up"));
}

// spec: 02-C49
TEST_F(ClientLife, ClosingSendsExactlyOneCommand) {
    connect();
    add_everything();

    aeron.close();
    aeron.close();

    expect_everything_closed();
    EXPECT_EQ(pending.poll()->error().code, ErrorCode::closed);
    EXPECT_EQ(unavailable, 0);
    publication = {};
    subscription = {};
    const std::vector<ReceivedCommand> commands = driver->all_commands();
    ASSERT_EQ(commands.size(), 1U);
    EXPECT_EQ(commands[0].as<command::ClientCloseCommand>().client_id, aeron.client_id());
    EXPECT_EQ(commands[0].as<command::ClientCloseCommand>().correlation_id, -1);
    EXPECT_EQ(commands[0].payload.size(), 16U);
    EXPECT_TRUE(errors.empty());
    EXPECT_EQ(aeron.do_work(), 0);
}

TEST_F(ClientLife, ClosingAfterAForcedEndTellsTheDriverToo) {
    connect();
    driver->send(command::ClientTimeoutEvent{aeron.client_id()});
    run();

    aeron.close();

    EXPECT_EQ(driver->expect_command().type_id, command::type_id<command::ClientCloseCommand>);
}

TEST_F(ClientLife, DroppingTheLastHandleClosesTheClient) {
    connect();
    add_everything();
    Aeron copy = aeron;
    EXPECT_EQ(copy, aeron);
    copy = {};
    EXPECT_FALSE(aeron.is_closed());

    aeron = {};
    publication = {};
    exclusive = {};
    counter = {};
    static_counter = {};
    EXPECT_FALSE(subscription.is_closed());
    EXPECT_FALSE(image.is_closed());
    subscription = {};

    EXPECT_TRUE(image.is_closed());
    EXPECT_EQ(image.position(), 96);
    EXPECT_EQ(pending.poll()->error().code, ErrorCode::closed);
    EXPECT_EQ(driver->expect_command().type_id, command::type_id<command::ClientCloseCommand>);
    EXPECT_TRUE(driver->all_commands().empty());
}

TEST_F(ClientLife, LastHandleMayBeDroppedInACallback) {
    connect();
    subscription = aeron.add_subscription("aeron:ipc", 1'001, {.on_available = [&](const Image&) {
                                              subscription = {};
                                              aeron = {};
                                          }});
    driver->send_available_image(900, number(subscription.registration_id()));

    aeron.do_work();

    EXPECT_EQ(driver->expect_command().type_id, command::type_id<command::ClientCloseCommand>);
    EXPECT_TRUE(errors.empty());
}

TEST_F(ClientLife, LastHandleMayBeDroppedWithAHandlerThatHoldsIt) {
    connect();
    bool has_ended = false;
    HandlerRegistration on_close = aeron.add_close_handler([&] { has_ended = true; });
    subscription = aeron.add_subscription("aeron:ipc", 1'001, {.on_available = [client = aeron](const Image&) {}});
    Pending<Publication> request = aeron.async_add_publication("aeron:ipc", 1);
    subscription = {};
    aeron = {};
    EXPECT_FALSE(has_ended);

    // Steps the client, whose conductor drops the subscription's handlers, and with them the last handle.
    EXPECT_EQ(request.try_wait().error().code, ErrorCode::closed);

    EXPECT_TRUE(has_ended);
}

TEST_F(ClientLife, FlaggedPublicationIsRevokedBeforeTheClientCloses) {
    connect();
    ExclusivePublication flagged = aeron.add_exclusive_publication("aeron:ipc", 2);
    flagged.revoke_on_close();

    aeron.close();

    EXPECT_TRUE(driver->expect_command().as<command::RemovePublicationCommand>().is_revoke());
    EXPECT_EQ(driver->expect_command().type_id, command::type_id<command::ClientCloseCommand>);
    EXPECT_TRUE(flagged.is_closed());
}

// spec: 07-C12
TEST_F(ClientLife, CloseHandlersRunOnceInTheOrderInWhichTheyWereAdded) {
    std::vector<int> calls;
    Context settings = context();
    settings.on_close_client = [&] { calls.push_back(1); };
    connect(settings);
    HandlerRegistration removed = aeron.add_close_handler([&] { calls.push_back(2); });
    const HandlerRegistration third = aeron.add_close_handler([&] {
        calls.push_back(3);
        aeron.close();  // refused, and no reason to stop
    });
    const HandlerRegistration fourth = aeron.add_close_handler([&] {
        EXPECT_TRUE(aeron.is_closed());
        calls.push_back(4);
    });
    removed.remove();
    driver->send(command::ClientTimeoutEvent{aeron.client_id()});
    run();
    EXPECT_TRUE(calls.empty());

    aeron.close();
    aeron.close();

    EXPECT_THAT(calls, ElementsAre(1, 3, 4));
    EXPECT_THAT(error_codes(), ElementsAre(ErrorCode::client_timeout, ErrorCode::reentrant_call));
}

TEST_F(ClientLife, DefaultConstructedHandleIsClosed) {
    Aeron none;

    EXPECT_TRUE(none.is_closed());
    EXPECT_EQ(none.client_id(), -1);
    EXPECT_EQ(none.do_work(), 0);
    EXPECT_THROW(static_cast<void>(none.add_publication("aeron:ipc", 1)), ClosedError);
    EXPECT_EQ(none.async_add_counter(1, "x").poll()->error().code, ErrorCode::closed);
    EXPECT_EQ(none.counters_reader().max_counter_id(), -1);
    int completed = 0;
    none.async_remove_publication(RegistrationId{1}, [&] { ++completed; });
    EXPECT_EQ(completed, 1);
    none.close();
}

}  // namespace
}  // namespace cpperon::client
