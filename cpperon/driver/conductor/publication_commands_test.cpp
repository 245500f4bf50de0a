#include <cstdint>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/conductor/conductor_fixture.hpp"

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PublicationCommands : public ConductorTest {
protected:
    const std::int64_t client = next_id();
};

// spec: 02-C10, 06-C19
TEST_F(PublicationCommands, FirstAddOfAClientAnnouncesItsHeartbeatBeforeTheReply) {
    const std::int64_t id = add_publication(client);

    EXPECT_THAT(events(), ElementsAre("COUNTER_READY(1, 46)", fmt::format("PUBLICATION_READY({0}, {0})", id)));
    EXPECT_EQ(reader().type_id(46), 11);
    EXPECT_EQ(reader().label(46), "client-heartbeat: id=1");
    EXPECT_EQ(reader().registration_id(46), client);
    EXPECT_EQ(reader().owner_id(46), client);
    EXPECT_EQ(reader().key(46)[0], std::byte{1});
    EXPECT_EQ(value(46), clock.epoch_ms());
}

// spec: 02-C10
TEST_F(PublicationCommands, RemoveFromAnUnknownClientMakesNoRecordOfIt) {
    const int counters_before = allocated_counters();

    const std::int64_t correlation_id = remove_publication(client, 4242);

    EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, 3)", correlation_id)));
    EXPECT_EQ(allocated_counters(), counters_before);
}

TEST_F(PublicationCommands, ReadyNamesALogThatIsCompleteAndALimitThatHoldsTheStartPosition) {
    const std::int64_t id = add_publication(client, "aeron:ipc?term-length=128k|mtu=4k");

    const auto ready = hear<command::PublicationReadyEvent>();
    const auto log = logbuffer::LogFile::open(std::string{ready.log_file_name});
    EXPECT_EQ(log.metadata().correlation_id, id);
    EXPECT_EQ(log.metadata().term_length, 131'072);
    EXPECT_EQ(log.metadata().mtu_length, 4'096);
    EXPECT_EQ(log.metadata().publication_window_length, 65'536);
    EXPECT_EQ(log.metadata().default_header.session_id, ready.session_id);
    EXPECT_EQ(log.metadata().default_header.stream_id, test_stream);
    EXPECT_EQ(log.metadata().is_connected, 0);
    EXPECT_EQ(log.metadata().end_of_stream_position, logbuffer::unknown_position);
    EXPECT_EQ(log.metadata().max_resend, 0);
    EXPECT_EQ(log.metadata().signal_eos, 1);
    EXPECT_EQ(log.metadata().linger_timeout_ns, 5'000'000'000);
    EXPECT_EQ(log.metadata().type, 0);
    EXPECT_EQ(ready.channel_status_id, -1);
    EXPECT_EQ(value(ready.position_limit_id), 0);
}

// spec: 02-C11, 06-C22
TEST_F(PublicationCommands, SecondSharedAddJoinsTheFirst) {
    const std::int64_t subscription = add_subscription(client);
    const std::int64_t first = add_publication(client);
    const auto first_ready = hear<command::PublicationReadyEvent>();
    const std::int32_t session_id = first_ready.session_id;
    const std::int32_t limit_id = first_ready.position_limit_id;
    const std::string log{first_ready.log_file_name};
    const std::int64_t other_client = next_id();

    const std::int64_t second = add_publication(other_client, "aeron:ipc?alias=other");

    EXPECT_THAT(events(), ElementsAre(testing::StartsWith(fmt::format("COUNTER_READY({}", other_client)),
                                      fmt::format("PUBLICATION_READY({}, {})", second, first)));
    const auto second_ready = last<command::PublicationReadyEvent>();
    EXPECT_EQ(second_ready.session_id, session_id);
    EXPECT_EQ(second_ready.position_limit_id, limit_id);
    EXPECT_EQ(second_ready.log_file_name, log);
    EXPECT_EQ(logs.files(), 1);
    static_cast<void>(subscription);
}

// spec: 02-C12, 06-C24
TEST_F(PublicationCommands, SharedAddWithAnotherExplicitParameterIsRefused) {
    add_publication(client, "aeron:ipc?term-length=64k|mtu=2k|session-id=7");
    static_cast<void>(events());

    for (const std::string parameter :
         {"term-length=128k", "mtu=4k", "session-id=8", "init-term-id=5|term-id=5|term-offset=0|term-length=64k"}) {
        const std::int64_t id = add_publication(client, "aeron:ipc?" + parameter);
        EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, 11)", id))) << parameter;
        EXPECT_THAT(std::string{last<command::ErrorEvent>().message}, HasSubstr("existing publication has different"))
            << parameter;
    }
    for (const std::string channel : {"aeron:ipc", "aeron:ipc?term-length=64k|mtu=2k|session-id=7"}) {
        add_publication(client, channel);
        EXPECT_THAT(events(), ElementsAre(HasSubstr("PUBLICATION_READY"))) << channel;
    }
}

TEST_F(PublicationCommands, SharedAddComparesWithTheStartOfTheStreamNotWithWhereItIs) {
    add_publication(client, "aeron:ipc?init-term-id=5|term-id=7|term-offset=64|term-length=64k");
    static_cast<void>(events());

    const std::int64_t same =
        add_publication(client, "aeron:ipc?init-term-id=5|term-id=7|term-offset=64|term-length=64k");
    EXPECT_THAT(events(), ElementsAre(testing::StartsWith(fmt::format("PUBLICATION_READY({},", same))));
    const std::int64_t other =
        add_publication(client, "aeron:ipc?init-term-id=5|term-id=7|term-offset=96|term-length=64k");
    EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, 11)", other)));
}

// spec: 02-C13
TEST_F(PublicationCommands, ExclusiveAddNextToASharedOneIsAPublicationOfItsOwn) {
    add_publication(client);
    const auto shared = hear<command::PublicationReadyEvent>();
    const std::int32_t shared_session = shared.session_id;
    const std::string shared_log{shared.log_file_name};

    const std::int64_t id = add_exclusive_publication(client);

    EXPECT_THAT(events(), ElementsAre(fmt::format("EXCLUSIVE_PUBLICATION_READY({0}, {0})", id)));
    const auto exclusive = last<command::ExclusivePublicationReadyEvent>();
    EXPECT_NE(exclusive.session_id, shared_session);
    EXPECT_NE(exclusive.log_file_name, shared_log);
    EXPECT_EQ(logbuffer::LogFile::open(std::string{exclusive.log_file_name}).metadata().type, 1);
}

TEST_F(PublicationCommands, LaterSharedAddDoesNotJoinAnExclusivePublication) {
    add_exclusive_publication(client);
    static_cast<void>(events());

    const std::int64_t id = add_publication(client);

    EXPECT_THAT(events(), ElementsAre(fmt::format("PUBLICATION_READY({0}, {0})", id)));
}

TEST_F(PublicationCommands, DifferentResponseCorrelationIdsAreNotShared) {
    add_publication(client, "aeron:ipc?response-correlation-id=77");
    static_cast<void>(events());

    const std::int64_t id = add_publication(client);

    EXPECT_THAT(events(), ElementsAre(fmt::format("PUBLICATION_READY({0}, {0})", id)));
}

// spec: 02-C14, 06-C23
TEST_F(PublicationCommands, SessionIdInUseIsRefusedUntilItsPublicationHasLingered) {
    const std::int64_t first = add_exclusive_publication(client, "aeron:ipc?session-id=99");
    static_cast<void>(events());

    const std::int64_t clash = add_exclusive_publication(client, "aeron:ipc?session-id=99");
    EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, 1)", clash)));
    EXPECT_THAT(std::string{last<command::ErrorEvent>().message}, HasSubstr("clashing sessionId"));
    const std::int64_t elsewhere = add_exclusive_publication(client, "aeron:ipc?session-id=99", test_stream + 1);
    EXPECT_THAT(events(), ElementsAre(fmt::format("EXCLUSIVE_PUBLICATION_READY({0}, {0})", elsewhere)));

    remove_publication(client, first);
    const std::int64_t while_draining = add_exclusive_publication(client, "aeron:ipc?session-id=99");
    EXPECT_THAT(events(), ElementsAre(HasSubstr("OPERATION_SUCCESS"), fmt::format("ERROR({}, 1)", while_draining)));
    pass(3s);
    const std::int64_t later = add_exclusive_publication(client, "aeron:ipc?session-id=99");
    EXPECT_THAT(events(), ElementsAre(fmt::format("EXCLUSIVE_PUBLICATION_READY({0}, {0})", later)));
}

// spec: 06-C36
TEST_F(PublicationCommands, ReservedSessionIdsAreTakenFromTheUriAndNeverGenerated) {
    context.reserved_session_id_low = -2'000'000'000;
    context.reserved_session_id_high = 2'147'483'000;

    add_exclusive_publication(client, "aeron:ipc?session-id=1000");
    EXPECT_EQ(hear<command::ExclusivePublicationReadyEvent>().session_id, 1000);
    for (int i = 0; i < 20; ++i) {
        add_exclusive_publication(client, "aeron:ipc");
        const std::int32_t session_id = hear<command::ExclusivePublicationReadyEvent>().session_id;
        EXPECT_TRUE(session_id > context.reserved_session_id_high || session_id < context.reserved_session_id_low)
            << session_id;
    }
}

// spec: 02-C15, 02-C16, 02-C17, 06-C21
TEST_F(PublicationCommands, AddAfterTheSubscriptionAnnouncesTheImageAfterItsOwnReply) {
    const std::int64_t subscription = add_subscription(client);
    static_cast<void>(events());

    const std::int64_t publication = add_publication(client);

    EXPECT_THAT(events(), ElementsAre(fmt::format("PUBLICATION_READY({0}, {0})", publication),
                                      fmt::format("AVAILABLE_IMAGE({}, {})", publication, subscription)));
    const auto ready = last<command::PublicationReadyEvent>();
    const auto image = last<command::AvailableImageEvent>();
    EXPECT_EQ(image.session_id, ready.session_id);
    EXPECT_EQ(image.stream_id, test_stream);
    EXPECT_EQ(image.log_file_name, ready.log_file_name);
    EXPECT_EQ(image.source_identity, "aeron:ipc");
    EXPECT_EQ(value(image.subscriber_position_id), 0);
}

TEST_F(PublicationCommands, EachMatchingSubscriptionOfAnyClientGetsItsImage) {
    const std::int64_t mine = add_subscription(client);
    const std::int64_t theirs = add_subscription(next_id());
    add_subscription(client, "aeron:ipc", test_stream + 1);
    static_cast<void>(events());

    const std::int64_t publication = add_exclusive_publication(client);

    EXPECT_THAT(events(), ElementsAre(fmt::format("EXCLUSIVE_PUBLICATION_READY({0}, {0})", publication),
                                      fmt::format("AVAILABLE_IMAGE({}, {})", publication, mine),
                                      fmt::format("AVAILABLE_IMAGE({}, {})", publication, theirs)));
}

// spec: 03-C5
TEST_F(PublicationCommands, StartPositionIsInTailsAndLimit) {
    add_exclusive_publication(client, "aeron:ipc?init-term-id=5|term-id=112004|term-offset=384|term-length=64k");

    const auto ready = hear<command::ExclusivePublicationReadyEvent>();
    const auto log = logbuffer::LogFile::open(std::string{ready.log_file_name});
    EXPECT_EQ(log.metadata().raw_tails[0], logbuffer::pack_tail(112'004, 384));
    EXPECT_EQ(log.metadata().raw_tails[1], logbuffer::pack_tail(112'002, 0));
    EXPECT_EQ(log.metadata().raw_tails[2], logbuffer::pack_tail(112'003, 0));
    EXPECT_EQ(log.metadata().active_term_count, 111'999);
    EXPECT_EQ(value(ready.position_limit_id), 7'339'966'848);
    EXPECT_EQ(value(ready.position_limit_id - 1), 7'339'966'848);
}

TEST_F(PublicationCommands, CountersHaveTheLabelsOfTheChannelAsWritten) {
    const std::int64_t id = add_publication(client, "aeron:ipc?session-id=11|alias=x");
    const std::int32_t limit_id = hear<command::PublicationReadyEvent>().position_limit_id;

    EXPECT_EQ(reader().label(limit_id), fmt::format("pub-lmt: {} 11 1001 aeron:ipc?session-id=11|alias=x", id));
    EXPECT_EQ(reader().label(limit_id - 1),
              fmt::format("pub-pos (concurrent): {} 11 1001 aeron:ipc?session-id=11|alias=x", id));
    EXPECT_EQ(reader().registration_id(limit_id), id);
    EXPECT_EQ(reader().owner_id(limit_id), client);
    EXPECT_EQ(reader().reference_id(limit_id), 0);

    const std::int64_t exclusive = add_exclusive_publication(client, "aeron:ipc?session-id=12");
    const std::int32_t exclusive_limit_id = hear<command::ExclusivePublicationReadyEvent>().position_limit_id;
    EXPECT_EQ(reader().label(exclusive_limit_id - 1),
              fmt::format("pub-pos (exclusive): {} 12 1001 aeron:ipc?session-id=12", exclusive));
}

// spec: 02-C19, 06-C33
TEST_F(PublicationCommands, RemovingTwiceIsAnUnknownPublication) {
    const std::int64_t publication = add_publication(client);
    static_cast<void>(events());

    const std::int64_t first = remove_publication(client, publication);
    const std::int64_t second = remove_publication(client, publication);

    EXPECT_THAT(events(),
                ElementsAre(fmt::format("OPERATION_SUCCESS({})", first), fmt::format("ERROR({}, 3)", second)));
}

// spec: 02-C20
TEST_F(PublicationCommands, OnlyItsOwnClientCanRemoveAHandle) {
    const std::int64_t publication = add_publication(client);
    const std::int64_t other_client = next_id();
    add_counter(other_client);
    static_cast<void>(events());

    const std::int64_t correlation_id = remove_publication(other_client, publication);

    EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, 3)", correlation_id)));
}

TEST_F(PublicationCommands, RemovingOneOfTwoHandlesLeavesTheOther) {
    const std::int64_t subscription = add_subscription(client);
    const std::int64_t first = add_publication(client);
    const std::int64_t second = add_publication(client);
    remove_publication(client, first);
    static_cast<void>(events());

    pass(3s);
    EXPECT_THAT(events(), IsEmpty());
    remove_publication(client, second);
    pass(3s);

    EXPECT_THAT(events(), ElementsAre(HasSubstr("OPERATION_SUCCESS"),
                                      fmt::format("UNAVAILABLE_IMAGE({}, {})", first, subscription)));
}

TEST_F(PublicationCommands, ShortFormOfRemoveOfOlderClientsSucceeds) {
    const std::int64_t publication = add_publication(client);
    static_cast<void>(events());
    const command::RemovePublicationCommand remove{
        .client_id = client, .correlation_id = 15, .registration_id = publication};
    std::vector<std::byte> payload(command::encoded_length(remove));
    command::encode(remove, payload);

    // spec: 02-C4
    write(0x02, std::span{payload}.first(28));
    settle();
    EXPECT_THAT(events(), ElementsAre("ERROR(15, 7)"));
    write(0x02, std::span{payload}.first(24));
    settle();
    EXPECT_THAT(events(), ElementsAre("OPERATION_SUCCESS(15)"));
}

// spec: 02-C27, 06-C37
TEST_F(PublicationCommands, NextAvailableSessionIdsDifferAndAreNotInUseOnTheStream) {
    const auto ask = [this] {
        write(command::GetNextAvailableSessionIdCommand{
            .client_id = client, .correlation_id = next_id(), .stream_id = test_stream});
        settle();
        return hear<command::NextAvailableSessionIdEvent>().session_id;
    };
    add_publication(client);
    const std::int32_t in_use = hear<command::PublicationReadyEvent>().session_id;
    add_exclusive_publication(client, fmt::format("aeron:ipc?session-id={}", in_use + 2));

    const std::int32_t first = ask();
    const std::int32_t second = ask();

    EXPECT_EQ(first, in_use + 1);
    EXPECT_EQ(second, in_use + 3);
    add_exclusive_publication(client);
    EXPECT_EQ(hear<command::ExclusivePublicationReadyEvent>().session_id, second + 1);
}

TEST_F(PublicationCommands, NextAvailableSessionIdMakesNoClientRecord) {
    write(
        command::GetNextAvailableSessionIdCommand{.client_id = client, .correlation_id = 20, .stream_id = test_stream});
    settle();

    EXPECT_THAT(events(), ElementsAre(HasSubstr("NEXT_AVAILABLE_SESSION_ID(20, ")));
}

// spec: 02-C33
TEST_F(PublicationCommands, MalformedChannelsAreInvalid) {
    for (const std::string& channel :
         {std::string{""}, std::string{"aeron:ip"}, std::string{"aeron:ipcx"}, std::string{"aeron:tcp?endpoint=a:1"},
          std::string{"aeron:ipc?mtu"} + "|", std::string{"aeron:ipc?alias="} + std::string(4'096 - 16, 'x')}) {
        const std::int64_t id = add_publication(client, channel);
        EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, 1)", id))) << channel.substr(0, 40);
    }
    EXPECT_EQ(allocated_counters(), system_counter_count);
}

TEST_F(PublicationCommands, LongestChannelIsAccepted) {
    const std::string channel = "aeron:ipc?alias=" + std::string(4'095 - 16, 'x');

    const std::int64_t id = add_publication(client, channel);

    EXPECT_THAT(events(), ElementsAre("COUNTER_READY(1, 46)", fmt::format("PUBLICATION_READY({0}, {0})", id)));
}

TEST_F(PublicationCommands, NothingCanBePublishedOnASpy) {
    const std::int64_t id = add_publication(client, "aeron-spy:aeron:udp?endpoint=localhost:20121");

    EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, 1)", id)));
    EXPECT_EQ(allocated_counters(), system_counter_count);
}

TEST_F(PublicationCommands, BadParameterIsAGenericError) {
    const std::int64_t id = add_publication(client, "aeron:ipc?mtu=1000");

    EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, 11)", id)));
    EXPECT_EQ(system_counter(SystemCounter::errors), 1);
    EXPECT_THAT(logged_errors(), ElementsAre(HasSubstr("FRAME_ALIGNMENT")));
}

TEST_F(PublicationCommands, FailureOfTheStoreIsAnsweredWithItsCodeAndLeavesNothing) {
    logs.fail_with({.code = ErrorCode::storage_space, .message = "insufficient usable storage"});

    const std::int64_t id = add_publication(client);

    EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, 12)", id)));
    EXPECT_EQ(allocated_counters(), system_counter_count);
    EXPECT_EQ(logs.files(), 0);
    logs.recover();
    const std::int64_t again = add_publication(client);
    EXPECT_THAT(events(), ElementsAre("COUNTER_READY(1, 46)", fmt::format("PUBLICATION_READY({0}, {0})", again)));
}

TEST_F(PublicationCommands, OutOfCountersIsAGenericErrorAndLeavesNoLog) {
    while (allocated_counters() < static_cast<int>(max_counters) - 2) {
        add_counter(client);
    }
    static_cast<void>(events());

    add_subscription(client);
    const std::int64_t id = add_publication(client);

    EXPECT_THAT(events(), ElementsAre(HasSubstr("SUBSCRIPTION_READY"), fmt::format("ERROR({}, 11)", id)));
    EXPECT_THAT(std::string{last<command::ErrorEvent>().message}, HasSubstr("no counter is free"));
    EXPECT_EQ(allocated_counters(), static_cast<int>(max_counters) - 2);
    EXPECT_EQ(logs.files(), 0);
    EXPECT_EQ(logs.destroyed(), 1);
}

TEST_F(PublicationCommands, CorrelationIdOfALivePublicationCannotBeUsedAgain) {
    const std::int64_t id = add_publication(client);
    static_cast<void>(events());

    write(command::AddExclusivePublicationCommand{
        .client_id = client, .correlation_id = id, .stream_id = test_stream, .channel = "aeron:ipc"});
    settle();

    EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, 11)", id)));
    EXPECT_EQ(logs.files(), 1);
}

TEST_F(PublicationCommands, AddWaitsForItsLogAndHoldsBackWhatComesAfterIt) {
    add_counter(client);
    static_cast<void>(events());
    logs.hold();

    const std::int64_t publication = add_publication(client);
    const std::int64_t subscription = add_subscription(client);
    pass(3s);
    EXPECT_THAT(events(), IsEmpty());

    logs.complete_waiting();
    settle();
    EXPECT_THAT(events(), ElementsAre(fmt::format("PUBLICATION_READY({0}, {0})", publication),
                                      fmt::format("SUBSCRIPTION_READY({}, -1)", subscription),
                                      fmt::format("AVAILABLE_IMAGE({}, {})", publication, subscription)));
}

TEST_F(PublicationCommands, ClientThatDiesWhileItsLogIsMadeIsRecordedAnewAndDiesAgain) {
    add_counter(client);
    logs.hold();
    add_publication(client);
    static_cast<void>(events());
    kill(client);

    pass(12s);
    EXPECT_THAT(events(),
                ElementsAre("CLIENT_TIMEOUT(1)", "UNAVAILABLE_COUNTER(1, 46)", HasSubstr("UNAVAILABLE_COUNTER")));
    logs.complete_waiting();
    settle();
    EXPECT_THAT(events(), ElementsAre(HasSubstr("COUNTER_READY(1, "), HasSubstr("PUBLICATION_READY")));
    pass(15s);

    EXPECT_THAT(events(), ElementsAre("CLIENT_TIMEOUT(1)", HasSubstr("UNAVAILABLE_COUNTER(1, ")));
    EXPECT_EQ(allocated_counters(), system_counter_count);
    EXPECT_EQ(logs.files(), 0);
}

TEST_F(PublicationCommands, ConductorThatClosesWhileALogIsMadeGivesItBack) {
    logs.hold();
    add_publication(client);
    logs.complete_waiting();

    close_conductor();

    EXPECT_EQ(logs.files(), 0);
}

TEST_F(PublicationCommands, CloseGivesBackEveryLogAndCounter) {
    add_subscription(client);
    add_publication(client);
    add_exclusive_publication(client);
    add_counter(client);

    close_conductor();

    EXPECT_EQ(logs.files(), 0);
    EXPECT_EQ(allocated_counters(), system_counter_count);
}

TEST_F(PublicationCommands, ResponsePublicationIsSeenByTheSubscriptionThatTheRequestNamed) {
    const std::int64_t responses = add_subscription(client, "aeron:ipc?control-mode=response", test_stream + 1);
    const std::int64_t request =
        add_publication(client, fmt::format("aeron:ipc?response-correlation-id={}", responses), test_stream);
    add_publication(next_id(), "aeron:ipc", test_stream + 1);
    static_cast<void>(events());

    const std::int64_t response = add_exclusive_publication(
        next_id(), fmt::format("aeron:ipc?control-mode=response|response-correlation-id={}", request), test_stream + 1);

    EXPECT_THAT(events(),
                ElementsAre(HasSubstr("COUNTER_READY"), fmt::format("EXCLUSIVE_PUBLICATION_READY({0}, {0})", response),
                            fmt::format("AVAILABLE_IMAGE({}, {})", response, responses)));
    add_exclusive_publication(client, "aeron:ipc", test_stream + 1);
    EXPECT_THAT(events(), ElementsAre(HasSubstr("EXCLUSIVE_PUBLICATION_READY")));
}

}  // namespace
}  // namespace cpperon::driver
