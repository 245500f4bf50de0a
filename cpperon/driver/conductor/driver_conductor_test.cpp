#include "cpperon/driver/conductor/driver_conductor.hpp"

#include <cstdint>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/conductor/conductor_fixture.hpp"

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DriverConductorTest : public ConductorTest {
protected:
    const std::int64_t client = next_id();
};

// spec: 01-C32
TEST_F(DriverConductorTest, HeartbeatAdvancesAtEveryTickWhileIdle) {
    tick();
    const std::int64_t first = ring.consumer_heartbeat_ms();
    EXPECT_EQ(first, clock.epoch_ms());

    tick();

    EXPECT_EQ(ring.consumer_heartbeat_ms(), clock.epoch_ms());
    EXPECT_GE(ring.consumer_heartbeat_ms(), first + 1'000);
}

TEST_F(DriverConductorTest, TakesAtMostOneCommandPerCycleInTheOrderOfTheRing) {
    write(command::AddSubscriptionCommand{
        .client_id = client, .correlation_id = 10, .stream_id = test_stream, .channel = "aeron:ipc"});
    write(command::RemoveSubscriptionCommand{.client_id = client, .correlation_id = 11, .registration_id = 10});

    EXPECT_EQ(conductor().do_work(), 1);
    EXPECT_THAT(events(), ElementsAre("COUNTER_READY(1, 46)", "SUBSCRIPTION_READY(10, -1)"));
    EXPECT_EQ(conductor().do_work(), 1);
    EXPECT_THAT(events(), ElementsAre("OPERATION_SUCCESS(11)"));
    EXPECT_EQ(conductor().do_work(), 0);
}

TEST_F(DriverConductorTest, CommandInProgressDelaysLaterOnesButNeitherTicksNorLimits) {
    const std::int64_t publication = add_publication(client);
    TestPublisher publisher = publisher_of(hear<command::PublicationReadyEvent>());
    add_subscription(client);
    const auto image = hear<command::AvailableImageEvent>();
    publisher.offer_up_to(8'192);
    logs.hold();
    const std::int64_t second = add_exclusive_publication(client);
    const std::int64_t counter = add_counter(client);

    set_value(image.subscriber_position_id, 8'192);
    tick();

    EXPECT_EQ(ring.consumer_heartbeat_ms(), clock.epoch_ms());
    EXPECT_THAT(events(), IsEmpty());
    EXPECT_TRUE(publisher.offer(0));
    publisher.offer_up_to(40'000);  // beyond the first limit
    logs.complete_waiting();
    settle();
    EXPECT_THAT(events(),
                ElementsAre(fmt::format("EXCLUSIVE_PUBLICATION_READY({0}, {0})", second), HasSubstr("AVAILABLE_IMAGE"),
                            HasSubstr(fmt::format("COUNTER_READY({},", counter))));
    static_cast<void>(publication);
}

// Malformed and unknown commands.

// spec: 02-C9, 06-C34
TEST_F(DriverConductorTest, UnknownCommandIsLoggedAndNotAnswered) {
    const std::array<std::byte, 16> payload{};
    write(119, payload);
    settle();

    EXPECT_THAT(events(), IsEmpty());
    EXPECT_EQ(system_counter(SystemCounter::errors), 1);
    EXPECT_THAT(logged_errors(), ElementsAre(HasSubstr("(6) ")));
    add_counter(client);
    EXPECT_THAT(events(), ElementsAre("COUNTER_READY(1, 46)", HasSubstr("COUNTER_READY")));
}

// spec: 06-C34
TEST_F(DriverConductorTest, CommandTooShortToBeAnsweredIsLogged) {
    const std::array<std::byte, 12> payload{};
    write(0x04, payload);
    settle();

    EXPECT_THAT(events(), IsEmpty());
    EXPECT_EQ(system_counter(SystemCounter::errors), 1);
    EXPECT_THAT(logged_errors(), ElementsAre(HasSubstr("(7) ")));
}

// spec: 02-C8
TEST_F(DriverConductorTest, NegativeAndOverlongTextLengthsAreMalformed) {
    struct Text {
        std::int32_t type_id;
        std::size_t length_offset;
    };
    int expected_errors = 0;
    for (const Text& text : {Text{0x01, 20}, Text{0x03, 20}, Text{0x04, 28}, Text{0x07, 24}, Text{0x08, 24},
                             Text{0x09, 20}, Text{0x09, 24}, Text{0x0C, 24}, Text{0x0D, 24}, Text{0x0F, 28},
                             Text{0x0F, 32}, Text{0x10, 32}, Text{0x0E, 16}}) {
        for (const std::int32_t length : {-1, std::numeric_limits<std::int32_t>::min(), 1'000, 0x7fff'ffff}) {
            std::array<std::byte, 48> payload{};
            payload[8] = std::byte{33};
            std::memcpy(payload.data() + text.length_offset, &length, sizeof length);
            write(text.type_id, payload);
            settle();

            ++expected_errors;
            EXPECT_EQ(system_counter(SystemCounter::errors), expected_errors) << text.type_id << " " << length;
            if (text.type_id == 0x0E) {
                EXPECT_THAT(events(), IsEmpty());
            } else {
                EXPECT_THAT(events(), ElementsAre("ERROR(33, 7)")) << text.type_id << " " << length;
            }
        }
    }
    EXPECT_THAT(logged_errors(), testing::Each(HasSubstr("(7) ")));
    add_counter(client);
    EXPECT_THAT(events(), ElementsAre("COUNTER_READY(1, 46)", HasSubstr("COUNTER_READY")));
}

TEST_F(DriverConductorTest, SameErrorTwiceIsOneEntryAndTwoCounts) {
    remove_subscription(client, 4242);
    remove_subscription(client, 4242);

    EXPECT_EQ(system_counter(SystemCounter::errors), 2);
    EXPECT_THAT(logged_errors(), ElementsAre(HasSubstr("(2) ")));
}

TEST_F(DriverConductorTest, ErrorAnswerIsNotLongerThanADriverMayProduce) {
    add_publication(client, std::string(8'000, 'x'));

    EXPECT_THAT(events(), ElementsAre(HasSubstr("ERROR")));
    EXPECT_LE(command::encoded_length(last<command::ErrorEvent>()), 8'192U);
}

TEST_F(DriverConductorTest, MalformedCommandsOfOneKindAreOneEntry) {
    for (std::size_t length = 24; length < 28; ++length) {
        write(0x0C, std::vector<std::byte>(length));
    }
    settle();

    EXPECT_EQ(system_counter(SystemCounter::errors), 4);
    EXPECT_THAT(logged_errors(),
                ElementsAre("(7) malformed_command: malformed ADD_RCV_DESTINATION: the message does not "
                            "hold its channel"));
}

TEST_F(DriverConductorTest, FullErrorLogIsSaidOnceAndErrorsAreStillCounted) {
    DriverErrors errors{error_log, system_counters};
    testing::internal::CaptureStderr();

    for (int i = 0; i < 200; ++i) {
        errors.record(ErrorCode::generic_error, fmt::format("{} {}", i, std::string(1'000, 'x')));
    }

    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_EQ(system_counter(SystemCounter::errors), 200);
    EXPECT_THAT(said, testing::StartsWith("the error log is full"));
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1);
}

TEST_F(DriverConductorTest, TryAgainErrorsAreNeitherCountedNorKept) {
    DriverErrors errors{error_log, system_counters};

    errors.record(ErrorCode::resource_temporarily_unavailable, "the endpoint is closing");

    EXPECT_EQ(system_counter(SystemCounter::errors), 0);
    EXPECT_THAT(logged_errors(), IsEmpty());
}

TEST_F(DriverConductorTest, CodesThatDoNotTravelBecomeGenericErrors) {
    EXPECT_EQ(wire_code_of(ErrorCode::storage_space), ErrorCode::storage_space);
    EXPECT_EQ(wire_code_of(ErrorCode::unknown_host), ErrorCode::unknown_host);
    EXPECT_EQ(wire_code_of(ErrorCode::io_error), ErrorCode::generic_error);
    EXPECT_EQ(wire_code_of(ErrorCode::driver_timeout), ErrorCode::generic_error);
    EXPECT_EQ(wire_code_of(ErrorCode::none), ErrorCode::generic_error);
    EXPECT_EQ(wire_code_of(ErrorCode::unknown_code_value), ErrorCode::generic_error);
}

// Termination.

// spec: 02-C31, 06-C13
TEST_F(DriverConductorTest, TerminationIsDeniedWithoutAValidator) {
    int terminations = 0;
    context.termination_hook = [&] { ++terminations; };
    const std::string token = "hello";

    EXPECT_THAT(execute(command::TerminateDriverCommand{.client_id = client, .token = std::as_bytes(std::span{token})}),
                IsEmpty());

    EXPECT_EQ(terminations, 0);
    EXPECT_EQ(system_counter(SystemCounter::errors), 0);
}

// spec: 06-C13
TEST_F(DriverConductorTest, TerminationWithAnAcceptedTokenRunsTheHookOnce) {
    int terminations = 0;
    context.termination_hook = [&] { ++terminations; };
    context.termination_validator = [](const std::span<const std::byte> token) { return token.size() == 5; };
    const std::string token = "hello";

    EXPECT_THAT(execute(command::TerminateDriverCommand{.client_id = client, .token = std::as_bytes(std::span{token})}),
                IsEmpty());
    EXPECT_THAT(execute(command::TerminateDriverCommand{.client_id = client}), IsEmpty());

    EXPECT_EQ(terminations, 1);
}

TEST_F(DriverConductorTest, ThrowingValidatorIsRecordedAndNotAnswered) {
    context.termination_validator = [](std::span<const std::byte>) -> bool { throw std::runtime_error{"no idea"}; };

    EXPECT_THAT(execute(command::TerminateDriverCommand{.client_id = client}), IsEmpty());

    EXPECT_THAT(logged_errors(), ElementsAre(HasSubstr("no idea")));
}

// The command ring.

// spec: 01-C18, 06-C54
TEST_F(DriverConductorTest, ClaimThatIsNeverCommittedIsUnblockedAfterTheLivenessTimeout) {
    static_cast<void>(conductor());
    ASSERT_TRUE(ring.try_claim(0x09, 40));
    add_counter(client);

    pass(9s);
    EXPECT_THAT(events(), IsEmpty());
    EXPECT_EQ(system_counter(SystemCounter::unblocked_commands), 0);
    pass(4s);

    EXPECT_EQ(system_counter(SystemCounter::unblocked_commands), 1);
    EXPECT_THAT(events(), ElementsAre("COUNTER_READY(1, 46)", HasSubstr("COUNTER_READY")));
}

// spec: 01-C19
TEST_F(DriverConductorTest, SpaceClaimedWithoutAHeaderIsUnblockedOnceAnotherCommandFollows) {
    static_cast<void>(conductor());
    auto& tail = field_at<std::int64_t>(ring_section.bytes().data() + 65'536 + 128);
    tail += 64;
    pass(15s);
    EXPECT_EQ(system_counter(SystemCounter::unblocked_commands), 0);

    add_counter(client);
    tick();

    EXPECT_EQ(system_counter(SystemCounter::unblocked_commands), 1);
    EXPECT_THAT(events(), ElementsAre("COUNTER_READY(1, 46)", HasSubstr("COUNTER_READY")));
}

TEST_F(DriverConductorTest, ClaimOfALivingClientIsNotTakenAwayBecauseTheDriverWasBusy) {
    add_counter(client);
    logs.hold();
    add_publication(client);
    static_cast<void>(events());
    pass(30s);
    const shm::RingClaim claim = ring.try_claim(0x06, 16);
    add_counter(client);

    pass(5s);
    logs.complete_waiting();
    tick();
    EXPECT_EQ(system_counter(SystemCounter::unblocked_commands), 0);
    EXPECT_TRUE(ring.commit(claim.offset));
    settle();

    EXPECT_THAT(events(), ElementsAre(HasSubstr("PUBLICATION_READY"), HasSubstr("COUNTER_READY")));
}

TEST_F(DriverConductorTest, RecordOfImpossibleLengthIsReported) {
    static_cast<void>(conductor());
    ASSERT_EQ(ring.write(0x06, std::array<std::byte, 16>{}), shm::RingWriteResult::written);
    field_at<std::int32_t>(ring_section.bytes().data()) = 0x7000'0000;
    for (int i = 0; i < 5; ++i) {
        static_cast<void>(conductor().do_work());
    }

    EXPECT_EQ(system_counter(SystemCounter::errors), 1);
    EXPECT_THAT(logged_errors(), ElementsAre(HasSubstr("impossible length")));
}

// Hostile clients.

TEST_F(DriverConductorTest, RandomCommandsNeverBreakIt) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE(fmt::format("seed {}", seed));
    std::mt19937 generator{seed};
    const auto below = [&](const std::uint32_t bound) { return static_cast<std::uint32_t>(generator() % bound); };
    const std::vector<std::string> channels{"aeron:ipc",
                                            "aeron:ipc?session-id=5",
                                            "aeron:ipc?session-id=5|tether=false",
                                            "aeron:ipc?control-mode=response",
                                            "aeron:ipc?response-correlation-id=3",
                                            "aeron:ipc?init-term-id=1|term-id=1|term-offset=65536|term-length=64k",
                                            "aeron:udp?endpoint=localhost:1",
                                            "aeron:udp?endpoint=localhost:1|session-id=5|ssc=true",
                                            "aeron:udp?control-mode=manual|tags=4",
                                            "aeron-spy:aeron:udp?endpoint=localhost:1",
                                            "aeron-spy:aeron:udp?tags=4",
                                            "aeron-spy:aeron:ipc",
                                            "aeron:ipc?mtu=7",
                                            ""};
    for (int i = 0; i < 3'000; ++i) {
        std::vector<std::byte> payload(16 + below(64));
        for (std::byte& byte : payload) {
            byte = static_cast<std::byte>(below(4) == 0 ? generator() : below(4));
        }
        // Small ids, so that commands often mean something that exists.
        const std::array<std::int64_t, 3> ids{below(4), below(200), below(200)};
        std::memcpy(payload.data(), ids.data(), std::min(payload.size(), sizeof ids));
        const auto type_id = static_cast<std::int32_t>(1 + below(20));
        if (below(2) == 0) {
            const std::string& channel = channels[below(static_cast<std::uint32_t>(channels.size()))];
            const auto stream_id = static_cast<std::int32_t>(below(3));
            if (type_id == 0x04) {
                write(command::AddSubscriptionCommand{
                    .client_id = ids[0], .correlation_id = ids[1], .stream_id = stream_id, .channel = channel});
            } else {
                command::AddPublicationCommand add{
                    .client_id = ids[0], .correlation_id = ids[1], .stream_id = stream_id, .channel = channel};
                std::vector<std::byte> encoded(command::encoded_length(add));
                command::encode(add, encoded);
                write(below(2) == 0 ? 0x01 : 0x03, encoded);
            }
        } else {
            write(type_id, payload);
        }
        static_cast<void>(conductor().do_work());
        static_cast<void>(conductor().do_work());
        if (below(20) == 0) {
            tick();
        }
        ASSERT_THAT(events(), testing::Not(testing::Contains("UNDECODABLE")));
    }
    for (std::int64_t id = 0; id < 4; ++id) {
        close_client(id);
    }
    reader().for_each([&](const CounterView& counter) {
        if (counter.type_id == 4) {
            set_value(counter.id, INT64_MAX);  // whoever reads the rest, reads it to the end
        }
    });
    pass(10s);
    sender_releases();
    receiver_releases();

    EXPECT_EQ(logs.files(), 0);
    EXPECT_EQ(transport.open_sockets(), 0);
    reader().for_each([](const CounterView& counter) { EXPECT_EQ(counter.owner_id, -1) << counter.label; });
}

// spec: 02-C10, 02-C29
TEST_F(DriverConductorTest, ReproducesTheWorkedSessionOfTheSpecification) {
    const std::int64_t a = client;
    EXPECT_EQ(a, 1);
    EXPECT_EQ(add_subscription(a), 2);
    EXPECT_THAT(events(), ElementsAre("COUNTER_READY(1, 46)", "SUBSCRIPTION_READY(2, -1)"));
    add_publication(a);
    EXPECT_THAT(events(), ElementsAre("PUBLICATION_READY(3, 3)", "AVAILABLE_IMAGE(3, 2)"));
    add_publication(a);
    EXPECT_THAT(events(), ElementsAre("PUBLICATION_READY(4, 3)"));
    add_exclusive_publication(a);
    EXPECT_THAT(events(), ElementsAre("EXCLUSIVE_PUBLICATION_READY(5, 5)", "AVAILABLE_IMAGE(5, 2)"));
    const std::int64_t b = next_id();
    add_publication(b);
    EXPECT_THAT(events(), ElementsAre(HasSubstr("COUNTER_READY(6, "), "PUBLICATION_READY(7, 3)"));
    remove_publication(a, 4);
    EXPECT_THAT(events(), ElementsAre("OPERATION_SUCCESS(8)"));
    kill(b);
    pass(11s);
    EXPECT_THAT(events(), ElementsAre("CLIENT_TIMEOUT(6)", HasSubstr("UNAVAILABLE_COUNTER(6, ")));
    remove_publication(a, 3);
    pass(2s);
    EXPECT_THAT(events(), ElementsAre("OPERATION_SUCCESS(9)", "UNAVAILABLE_IMAGE(3, 2)"));
    close_client(a);
    tick();
    EXPECT_THAT(events(), ElementsAre("UNAVAILABLE_COUNTER(1, 46)"));
}

}  // namespace
}  // namespace cpperon::driver
