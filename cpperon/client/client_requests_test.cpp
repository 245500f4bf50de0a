/// What becomes of requests: sent, answered, refused, timed out, cancelled.
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

class ClientRequests : public ClientTest {};

// spec: 02-C37, 07-C15
TEST_F(ClientRequests, AddGivesNothingUntilAnsweredThenTheResourceOnce) {
    connect();
    Pending<Publication> pending = aeron.async_add_publication("aeron:ipc", 1'001);
    EXPECT_FALSE(pending.is_done());
    EXPECT_FALSE(pending.poll().has_value());

    const ReceivedCommand received = driver->expect_command();
    const auto command = received.as<command::AddPublicationCommand>();
    EXPECT_EQ(command.client_id, aeron.client_id());
    EXPECT_EQ(command.correlation_id, number(pending.registration_id()));
    EXPECT_EQ(command.stream_id, 1'001);
    EXPECT_EQ(command.channel, "aeron:ipc");
    driver->send_publication_ready(command.correlation_id, command.correlation_id);
    run();

    EXPECT_TRUE(pending.is_done());
    std::optional<Result<Publication>> answer = pending.poll();
    ASSERT_TRUE(answer && *answer);
    EXPECT_EQ((*answer)->registration_id(), pending.registration_id());
    EXPECT_EQ((*answer)->channel(), "aeron:ipc");
    EXPECT_FALSE((*answer)->is_closed());

    const std::optional<Result<Publication>> again = pending.poll();
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->error().code, ErrorCode::closed);
}

// spec: 02-C37, 07-C69
TEST_F(ClientRequests, RefusalCarriesTheDriversCodeAndTextWithChannelAndStream) {
    connect();
    Pending<Subscription> pending = aeron.async_add_subscription("aeron:udp?endpoint=nowhere:1", 42);
    driver->send(command::ErrorEvent{number(pending.registration_id()), ErrorCode::unknown_host, "who is nowhere?"});
    run();

    const std::optional<Result<Subscription>> answer = pending.poll();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->error().code, ErrorCode::unknown_host);
    EXPECT_THAT(answer->error().message, HasSubstr("who is nowhere?"));
    EXPECT_THAT(answer->error().message, HasSubstr("aeron:udp?endpoint=nowhere:1"));
    EXPECT_THAT(answer->error().message, HasSubstr("42"));
    EXPECT_TRUE(errors.empty());

    Pending<Publication> thrown = aeron.async_add_publication("aeron:ipc", 1);
    driver->send(command::ErrorEvent{number(thrown.registration_id()), ErrorCode::invalid_channel, "no"});
    run();
    EXPECT_THROW(static_cast<void>(thrown.poll_or_throw()), RegistrationError);
}

// spec: 07-C16
TEST_F(ClientRequests, MalformedChannelIsRefusedWithoutAskingTheDriver) {
    connect();
    for (const std::string& channel : {std::string{"aeron:bad"}, std::string{"aeron:tcp?endpoint=x:1"}, std::string{},
                                       "aeron:ipc?alias=" + std::string(5'000, 'x')}) {
        EXPECT_THROW(static_cast<void>(aeron.add_publication(channel, 1)), RegistrationError) << channel;
        EXPECT_EQ(aeron.async_add_exclusive_publication(channel, 1).poll()->error().code, ErrorCode::invalid_channel);
        EXPECT_EQ(aeron.async_add_subscription(channel, 1).poll()->error().code, ErrorCode::invalid_channel);
    }

    EXPECT_TRUE(driver->all_commands().empty());
    EXPECT_FALSE(aeron.is_closed());
}

// spec: 02-C38
TEST_F(ClientRequests, AddThatIsNotAnsweredTimesOutAndIsTakenBack) {
    connect();
    Pending<Publication> publication = aeron.async_add_publication("aeron:ipc", 1);
    Pending<ExclusivePublication> exclusive = aeron.async_add_exclusive_publication("aeron:ipc", 2);
    Pending<Subscription> subscription = aeron.async_add_subscription("aeron:ipc", 3);
    Pending<Counter> counter = aeron.async_add_counter(1'000, "mine");
    Pending<Counter> static_counter = aeron.async_add_static_counter(1'000, RegistrationId{5}, "everybody's");
    EXPECT_EQ(driver->all_commands().size(), 5U);

    pass(10s - 20ms);
    EXPECT_FALSE(publication.is_done());
    pass(40ms);

    EXPECT_EQ(publication.poll()->error().code, ErrorCode::driver_timeout);
    EXPECT_EQ(exclusive.poll()->error().code, ErrorCode::driver_timeout);
    EXPECT_EQ(subscription.poll()->error().code, ErrorCode::driver_timeout);
    EXPECT_EQ(counter.poll()->error().code, ErrorCode::driver_timeout);
    EXPECT_EQ(static_counter.poll()->error().code, ErrorCode::driver_timeout);
    std::vector<std::int64_t> removed;
    for (const ReceivedCommand& command : driver->all_commands()) {
        switch (command.type_id) {
            case command::type_id<command::RemovePublicationCommand>:
                removed.push_back(command.as<command::RemovePublicationCommand>().registration_id);
                EXPECT_FALSE(command.as<command::RemovePublicationCommand>().is_revoke());
                break;
            case command::type_id<command::RemoveSubscriptionCommand>:
                removed.push_back(command.as<command::RemoveSubscriptionCommand>().registration_id);
                break;
            case command::type_id<command::RemoveCounterCommand>:
                removed.push_back(command.as<command::RemoveCounterCommand>().registration_id);
                break;
            default: FAIL() << command.type_id;
        }
    }
    EXPECT_THAT(removed, testing::UnorderedElementsAre(
                             number(publication.registration_id()), number(exclusive.registration_id()),
                             number(subscription.registration_id()), number(counter.registration_id())));

    // The late answer finds nobody.
    driver->send_publication_ready(number(publication.registration_id()), number(publication.registration_id()), 1);
    run();
    EXPECT_TRUE(driver->all_commands().empty());
    EXPECT_TRUE(errors.empty());
    EXPECT_FALSE(aeron.is_closed());
}

TEST_F(ClientRequests, WaitingCallGivesUpAfterTheTimeoutOfItsCaller) {
    Context settings = context();
    settings.driver_do_work = [this] {
        clock.advance(10ms);
        return 0;
    };
    connect(settings);

    EXPECT_THROW(static_cast<void>(aeron.add_publication("aeron:ipc", 1, 50ms)), TimeoutError);
    run();

    const std::vector<ReceivedCommand> commands = driver->all_commands();
    ASSERT_EQ(commands.size(), 2U);
    EXPECT_EQ(commands[1].as<command::RemovePublicationCommand>().registration_id,
              commands[0].as<command::AddPublicationCommand>().correlation_id);
}

// spec: 07-C18
TEST_F(ClientRequests, DroppedPendingAddIsTakenBackWhetherAnsweredOrNot) {
    connect();
    {
        const Pending<Publication> unanswered = aeron.async_add_publication("aeron:ipc", 1);
        const Pending<Publication> answered = aeron.async_add_publication("aeron:ipc", 2);
        driver->send_publication_ready(number(answered.registration_id()), number(answered.registration_id()), 2);
        run();
    }
    run();

    const std::vector<ReceivedCommand> commands = driver->all_commands();
    ASSERT_EQ(commands.size(), 4U);
    const std::int64_t unanswered_id = commands[0].as<command::AddPublicationCommand>().correlation_id;
    const std::int64_t answered_id = commands[1].as<command::AddPublicationCommand>().correlation_id;
    EXPECT_EQ((std::vector{commands[2].as<command::RemovePublicationCommand>().registration_id,
                           commands[3].as<command::RemovePublicationCommand>().registration_id}),
              (std::vector{answered_id, unanswered_id}));
}

TEST_F(ClientRequests, RequestCancelledBeforeItWasSentIsNeverSent) {
    connect();
    const Subscription subscription = aeron.add_subscription("aeron:ipc", 1'001, {.on_available = [&](const Image&) {
                                                                 aeron.async_add_publication("aeron:ipc", 5).cancel();
                                                             }});
    driver->send_available_image(900, number(subscription.registration_id()));
    run();

    EXPECT_TRUE(driver->all_commands().empty());
}

TEST_F(ClientRequests, RemoveByIdCancelsWhatIsOnItsWayAndClosesWhatIsThere) {
    connect();
    int completed = 0;
    const auto on_complete = [&] { ++completed; };
    Publication publication = aeron.add_publication("aeron:ipc", 1);
    Pending<Counter> pending = aeron.async_add_counter(1'000, "x");
    static_cast<void>(driver->all_commands());

    aeron.async_remove_counter(pending.registration_id(), on_complete);
    aeron.async_remove_publication(publication.registration_id(), on_complete);
    aeron.async_remove_subscription(RegistrationId{12'345}, on_complete);
    aeron.async_remove_exclusive_publication(publication.registration_id(), on_complete);  // of another kind
    run();

    EXPECT_EQ(completed, 4);
    EXPECT_EQ(pending.poll()->error().code, ErrorCode::closed);
    EXPECT_TRUE(publication.is_closed());
    EXPECT_EQ(driver->expect_command().as<command::RemoveCounterCommand>().registration_id,
              number(pending.registration_id()));
    EXPECT_EQ(driver->expect_command().as<command::RemovePublicationCommand>().registration_id,
              number(publication.registration_id()));
    EXPECT_TRUE(driver->all_commands().empty());

    aeron.close();
    aeron.async_remove_subscription(RegistrationId{1}, on_complete);
    EXPECT_EQ(completed, 5);
}

// spec: 07-C23
TEST_F(ClientRequests, BurstBeyondTheQueueIsToldToTryAgain) {
    connect();
    std::vector<Pending<Publication>> burst;
    const Subscription subscription =
        aeron.add_subscription("aeron:ipc", 1'001, {.on_available = [&](const Image&) {
                                   for (int i = 0; i < 300; ++i) {  // inside a callback nothing is sent yet
                                       burst.push_back(aeron.async_add_publication("aeron:ipc", i));
                                   }
                               }});
    driver->send_available_image(900, number(subscription.registration_id()));
    run();
    driver->serve();
    while (aeron.do_work() > 0) {
        driver->serve();
    }

    int added = 0;
    int refused = 0;
    for (Pending<Publication>& pending : burst) {
        const std::optional<Result<Publication>> answer = pending.poll();
        ASSERT_TRUE(answer.has_value());
        if (*answer) {
            ++added;
        } else {
            EXPECT_EQ(answer->error().code, ErrorCode::buffer_full);
            ++refused;
        }
    }
    EXPECT_EQ(added, 256);
    EXPECT_EQ(refused, 44);
}

TEST_F(ClientRequests, FullRingFailsAddsWith1004AndKeepsRemovesForLater) {
    connect();
    Publication publication = aeron.add_publication("aeron:ipc", 1);
    const std::vector<std::byte> filler(100'000);
    while (driver->ring().write(99, filler) == shm::RingWriteResult::written) {
    }
    while (driver->ring().write(99, std::span{filler}.first(8)) == shm::RingWriteResult::written) {
    }

    Pending<Counter> pending = aeron.async_add_counter(1'000, "x");
    publication.close();
    run();

    EXPECT_EQ(pending.poll()->error().code, ErrorCode::driver_buffer_full);
    EXPECT_THAT(error_codes(), ElementsAre(ErrorCode::driver_buffer_full));
    for (const ReceivedCommand& command : driver->all_commands()) {
        EXPECT_EQ(command.type_id, 99);
    }
    run();
    EXPECT_EQ(driver->expect_command().as<command::RemovePublicationCommand>().registration_id,
              number(publication.registration_id()));
}

// spec: 07-C24
TEST_F(ClientRequests, SessionIdComesFromTheDriverWhereItCanTell) {
    connect();
    EXPECT_EQ(aeron.next_session_id(1'001), SessionId{4'711});
}

// spec: 07-C24
TEST_F(ClientRequests, SessionIdIsDrawnLocallyWhereTheDriverCannotTell) {
    driver.emplace(directory.path(), clock, 0);
    connect();

    Pending<SessionId> pending = aeron.async_next_session_id(1'001);

    EXPECT_TRUE(pending.poll().has_value());
    EXPECT_TRUE(driver->all_commands().empty());
}

// spec: 07-C26
TEST_F(ClientRequests, CounterWithTooLongLabelOrKeyIsRefused) {
    connect();
    const std::vector<std::byte> key(113);

    EXPECT_THROW(static_cast<void>(aeron.add_counter(1'000, std::string(381, 'x'))), InvalidArgumentError);
    EXPECT_THROW(static_cast<void>(aeron.add_counter(1'000, "x", key)), InvalidArgumentError);
    EXPECT_THROW(static_cast<void>(aeron.add_static_counter(1'000, RegistrationId{1}, "x", key)), InvalidArgumentError);
    EXPECT_FALSE(aeron.add_counter(1'000, std::string(380, 'x'), std::span{key}.first(112)).is_closed());
}

TEST_F(ClientRequests, StaticCounterHasTheUsersRegistrationIdAndIsNotRemoved) {
    connect();

    Counter counter = aeron.add_static_counter(1'000, RegistrationId{4'242}, "static one");
    EXPECT_EQ(counter.registration_id(), RegistrationId{4'242});
    counter.close();
    run();

    EXPECT_TRUE(driver->all_commands().empty());
}

// spec: 02-C47
TEST_F(ClientRequests, EventsForOthersHaveNoEffect) {
    start_driver();
    driver->send(command::ErrorEvent{2, ErrorCode::generic_error, "of a former life"});  // seen by a new receiver
    connect();
    Pending<Publication> publication = aeron.async_add_publication("aeron:ipc", 1);
    Pending<SessionId> session = aeron.async_next_session_id(1);
    const std::int64_t foreign = 77'777;

    driver->send(command::ErrorEvent{foreign, ErrorCode::generic_error, "not ours"});
    driver->send_publication_ready(foreign, foreign);
    driver->send_publication_ready<command::ExclusivePublicationReadyEvent>(foreign, foreign);
    driver->send(command::SubscriptionReadyEvent{foreign, -1});
    driver->send(command::CounterReadyEvent{foreign, 1});
    driver->send(command::StaticCounterEvent{foreign, 1});
    driver->send(command::OperationSuccessEvent{foreign});
    driver->send(command::NextAvailableSessionIdEvent{foreign, 1});
    driver->send(command::UnavailableImageEvent{foreign, foreign, 1, "aeron:ipc"});
    driver->send_available_image(foreign, foreign);
    driver->send(command::ClientTimeoutEvent{foreign});
    // Of the right id, but not what was asked for.
    driver->send(command::OperationSuccessEvent{number(publication.registration_id())});
    driver->send(command::SubscriptionReadyEvent{number(publication.registration_id()), -1});
    driver->send(command::StaticCounterEvent{number(session.registration_id()), 1});
    driver->send_raw(0x0F77, std::vector<std::byte>(16));  // of a newer driver
    run();

    EXPECT_FALSE(publication.is_done());
    EXPECT_FALSE(session.is_done());
    EXPECT_TRUE(errors.empty());
    EXPECT_FALSE(aeron.is_closed());
}

TEST_F(ClientRequests, MalformedEventIsReportedAndTheNextOneCounts) {
    connect();
    Pending<SessionId> session = aeron.async_next_session_id(1);

    driver->send_raw(command::type_id<command::ErrorEvent>, std::vector<std::byte>(4));
    driver->send(command::NextAvailableSessionIdEvent{number(session.registration_id()), 5});
    run();

    EXPECT_THAT(error_codes(), ElementsAre(ErrorCode::malformed_command));
    EXPECT_EQ(**session.poll(), SessionId{5});
}

// spec: 02-C50
TEST_F(ClientRequests, ChannelEndpointErrorGoesToTheErrorHandlerAndAnswersNothing) {
    connect();
    Pending<Publication> added = aeron.async_add_publication("aeron:ipc?alias=sick", 1);
    const std::int32_t status_id = driver->make_counter(6);
    driver->send_publication_ready(number(added.registration_id()), number(added.registration_id()), 1, status_id);
    run();
    const Publication publication = added.wait();
    Pending<SessionId> waiting = aeron.async_next_session_id(1);

    driver->send(command::ErrorEvent{status_id, ErrorCode::channel_endpoint_error, "cable cut"});
    driver->send(command::ErrorEvent{number(waiting.registration_id()), ErrorCode::channel_endpoint_error, "other"});
    run();

    EXPECT_THAT(error_codes(), ElementsAre(ErrorCode::channel_endpoint_error));
    EXPECT_THAT(errors.front().message, testing::AllOf(HasSubstr("alias=sick"), HasSubstr("cable cut")));
    EXPECT_FALSE(waiting.is_done());
    EXPECT_FALSE(publication.is_closed());
}

TEST_F(ClientRequests, ReadyWhoseLogCannotBeMappedFailsAndIsTakenBackWithoutRevoking) {
    connect();
    Pending<Publication> pending = aeron.async_add_publication("aeron:ipc", 1);
    driver->send(command::PublicationReadyEvent{.correlation_id = number(pending.registration_id()),
                                                .registration_id = number(pending.registration_id()),
                                                .position_limit_id = driver->make_counter(1),
                                                .log_file_name = "/dev/shm/there/is/no.logbuffer"});
    Pending<Publication> other = aeron.async_add_publication("aeron:ipc", 2);
    driver->send(
        command::PublicationReadyEvent{.correlation_id = number(other.registration_id()),
                                       .registration_id = number(other.registration_id()),
                                       .position_limit_id = 1'000'000,
                                       .log_file_name = driver->make_log(number(other.registration_id()), 1, 2)});
    static_cast<void>(driver->all_commands());
    run();

    EXPECT_EQ(pending.poll()->error().code, ErrorCode::generic_error);
    EXPECT_EQ(other.poll()->error().code, ErrorCode::generic_error);
    for (const std::int64_t id : {number(pending.registration_id()), number(other.registration_id())}) {
        const ReceivedCommand received = driver->expect_command();
        EXPECT_EQ(received.as<command::RemovePublicationCommand>().registration_id, id);
        EXPECT_FALSE(received.as<command::RemovePublicationCommand>().is_revoke());
    }
}

TEST_F(ClientRequests, RejectionIsSentWithBothIdsAndAnswered) {
    connect();
    const Subscription subscription = aeron.add_subscription("aeron:ipc", 1'001);
    driver->send_available_image(900, number(subscription.registration_id()));
    run();

    Pending<std::monostate> rejection = subscription.image_at(0)->async_reject("too old");
    const ReceivedCommand received = driver->expect_command();
    const auto command = received.as<command::RejectImageCommand>();
    EXPECT_EQ(command.client_id, aeron.client_id());
    EXPECT_EQ(command.image_correlation_id, 900);
    EXPECT_EQ(command.reason, "too old");
    driver->send(command::OperationSuccessEvent{command.correlation_id});
    run();
    EXPECT_TRUE(*rejection.poll());

    EXPECT_EQ(subscription.image_at(0)->async_reject(std::string(1'024, 'x')).poll()->error().code,
              ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace cpperon::client
