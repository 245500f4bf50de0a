/// What the parameters of an aeron:ipc channel mean to the driver: which are read, which separate streams, and what a
/// refusal leaves behind. spec: 05
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/conductor/conductor_fixture.hpp"

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ChannelRules : public ConductorTest {
protected:
    /// The text of the only event, which must be the refusal of `correlation_id`.
    std::string refusal_of(const std::int64_t correlation_id, const ErrorCode code) {
        EXPECT_THAT(events(),
                    ElementsAre(fmt::format("ERROR({}, {})", correlation_id, static_cast<std::int32_t>(code))));
        return std::string{last<command::ErrorEvent>().message};
    }
    /// As a shared publication of an own stream; its correlation id.
    std::int64_t add_alone(const std::string_view channel) {
        const std::int64_t id = add_publication(client, channel, ++last_stream);
        EXPECT_THAT(events(), ElementsAre(fmt::format("PUBLICATION_READY({0}, {0})", id))) << channel;
        return id;
    }
    /// A client that has a record already, so that its first resource is not announced with a heartbeat.
    std::int64_t known_client() {
        const std::int64_t id = next_id();
        add_counter(id);
        static_cast<void>(events());
        return id;
    }

    const std::int64_t client = known_client();
    std::int32_t last_stream = test_stream;
};

// spec: 05-C2
TEST_F(ChannelRules, ChannelOf4095BytesRegistersAndOneMoreByteIsRefused) {
    const std::string longest = "aeron:ipc?alias=" + std::string(4'095 - 16, 'x');
    const auto complaint =
        testing::AllOf(HasSubstr("4096"), HasSubstr("exceeds max supported length (4095)"), HasSubstr(longest));

    const std::int64_t publication = add_publication(client, longest);
    EXPECT_THAT(events(), ElementsAre(fmt::format("PUBLICATION_READY({0}, {0})", publication)));
    const std::int64_t subscription = add_subscription(client, longest);
    EXPECT_THAT(events(), ElementsAre(fmt::format("SUBSCRIPTION_READY({}, -1)", subscription),
                                      fmt::format("AVAILABLE_IMAGE({}, {})", publication, subscription)));

    EXPECT_THAT(refusal_of(add_publication(client, longest + "x"), ErrorCode::invalid_channel), complaint);
    EXPECT_THAT(refusal_of(add_exclusive_publication(client, longest + "x"), ErrorCode::invalid_channel), complaint);
    EXPECT_THAT(refusal_of(add_subscription(client, longest + "x"), ErrorCode::invalid_channel), complaint);
}

// spec: 05-C3
TEST_F(ChannelRules, UnknownKeysAreIgnoredAndStayInTheLabelsOfTheCounters) {
    const std::string channel = "aeron:ipc?colour=blue|session-id=7|Mtu=nonsense|mtux=1";

    const std::int64_t publication = add_publication(client, channel);
    const auto ready = hear<command::PublicationReadyEvent>();
    const std::int64_t subscription = add_subscription(client, "aeron:ipc?colour=red|alias=x");
    const auto image = hear<command::AvailableImageEvent>();

    EXPECT_EQ(ready.session_id, 7);
    EXPECT_EQ(logs.requests().back().mtu_length, 1'408);
    EXPECT_EQ(reader().label(ready.position_limit_id), fmt::format("pub-lmt: {} 7 1001 {}", publication, channel));
    EXPECT_EQ(reader().label(ready.position_limit_id - 1),
              fmt::format("pub-pos (concurrent): {} 7 1001 {}", publication, channel));
    EXPECT_EQ(reader().label(image.subscriber_position_id),
              fmt::format("sub-pos: {} 7 1001 aeron:ipc?colour=red|alias=x @0", subscription));
}

// The rows for aeron:ipc, 156 to 160, of the table of 05 C19. spec: 05 §18.4
TEST_F(ChannelRules, SharedPublicationsJoinUnlessAnExplicitParameterDiffers) {
    const std::int64_t first = add_publication(client, "aeron:ipc?session-id=10|mtu=1408|term-length=128k");
    static_cast<void>(events());

    for (const std::string channel :
         {"aeron:ipc", "aeron:ipc?alias=other", "aeron:ipc?ssc=true", "aeron:ipc?session-id=10", "aeron:ipc?tags=4,5",
          "aeron:ipc?linger=1s|eos=false|sparse=false|max-resend=3|pub-wnd=4k|ttl=3", "aeron:ipc?endpoint=a:1",
          "aeron:ipc?control-mode=manual"}) {
        const std::int64_t id = add_publication(client, channel);
        EXPECT_THAT(events(), ElementsAre(fmt::format("PUBLICATION_READY({}, {})", id, first))) << channel;
    }
    for (const std::string channel : {"aeron:ipc?session-id=11", "aeron:ipc?mtu=2k", "aeron:ipc?term-length=64k",
                                      "aeron:ipc?init-term-id=1|term-id=1|term-offset=0"}) {
        SCOPED_TRACE(channel);
        refusal_of(add_publication(client, channel), ErrorCode::generic_error);
    }
    refusal_of(add_exclusive_publication(client, "aeron:ipc?session-id=10"), ErrorCode::invalid_channel);
    EXPECT_EQ(logs.files(), 1);
}

TEST_F(ChannelRules, SharedPublicationsJoinAtTheStartPositionThatTheyNameOnly) {
    const std::int64_t first =
        add_publication(client, "aeron:ipc?term-length=128k|init-term-id=3|term-id=4|term-offset=32", 2);
    EXPECT_EQ(value(hear<command::PublicationReadyEvent>().position_limit_id), 131'104);

    refusal_of(add_publication(client, "aeron:ipc?term-length=128k|init-term-id=3|term-id=4|term-offset=64", 2),
               ErrorCode::generic_error);

    const std::int64_t same =
        add_publication(client, "aeron:ipc?term-length=128k|init-term-id=3|term-id=4|term-offset=32", 2);
    EXPECT_THAT(events(), ElementsAre(fmt::format("PUBLICATION_READY({}, {})", same, first)));
}

TEST_F(ChannelRules, PublicationsThatAnswerDifferentRequestsAreTwo) {
    const std::int64_t first = add_publication(client, "aeron:ipc?response-correlation-id=99", 3);
    const std::int64_t second = add_publication(client, "aeron:ipc?response-correlation-id=98", 3);
    const std::int64_t third = add_publication(client, "aeron:ipc?response-correlation-id=99", 3);

    EXPECT_THAT(events(), ElementsAre(fmt::format("PUBLICATION_READY({0}, {0})", first),
                                      fmt::format("PUBLICATION_READY({0}, {0})", second),
                                      fmt::format("PUBLICATION_READY({}, {})", third, first)));
}

class DrawnSessionIds : public ConductorTest {
protected:
    std::int32_t session_of_new_publication() {
        add_exclusive_publication(client);
        return hear<command::ExclusivePublicationReadyEvent>().session_id;
    }

    const std::int64_t client = next_id();
};

// spec: 05-C22
TEST_F(DrawnSessionIds, SkipTheReservedRangeAndThoseInUse) {
    // The conductor begins at its first random number, here within the reserved range.
    const std::int32_t start = SeededRandomSource{42}.next_i32();
    context.reserved_session_id_low = start - 5;
    context.reserved_session_id_high = start + 10;

    EXPECT_EQ(session_of_new_publication(), start + 11);
    add_exclusive_publication(client, fmt::format("aeron:ipc?session-id={}", start + 12));
    add_publication(client, fmt::format("aeron:ipc?session-id={}", start + 13));
    add_exclusive_publication(client, fmt::format("aeron:ipc?session-id={}", start + 14), test_stream + 1);

    EXPECT_EQ(session_of_new_publication(), start + 14) << "in use on another stream only";
    EXPECT_EQ(session_of_new_publication(), start + 15);
}

// The half of 05 C25 that aeron:ipc has: no socket buffer bounds its MTU.
TEST_F(ChannelRules, MtuIsAMultipleOf32From64To65504) {
    for (const std::string mtu : {"0", "31", "32", "33", "63", "65", "1400", "65500", "65505", "65536", "1g"}) {
        SCOPED_TRACE(mtu);
        EXPECT_THAT(refusal_of(add_publication(client, "aeron:ipc?mtu=" + mtu), ErrorCode::generic_error),
                    HasSubstr("mtu"));
    }
    EXPECT_EQ(logs.requests().size(), 0U);
    for (const std::int32_t mtu : {64, 96, 1'408, 8'192, 65'504}) {
        add_alone(fmt::format("aeron:ipc?term-length=1m|mtu={}", mtu));
        EXPECT_EQ(logs.requests().back().mtu_length, mtu);
    }
    add_alone("aeron:ipc?so-sndbuf=1k|mtu=2k");
}

// spec: 05-C37
TEST_F(ChannelRules, SubscriptionMatchesByStreamAndSessionWhateverElseBothSay) {
    const std::vector<std::string> publications{
        "aeron:ipc?session-id=1", "aeron:ipc?session-id=2|term-length=128k|mtu=64|pub-wnd=1k",
        "aeron:ipc?session-id=3|init-term-id=3|term-id=4|term-offset=32|alias=x",
        "aeron:ipc?session-id=4|tags=5,6|ssc=true|eos=false|sparse=false|linger=0",
        "aeron:ipc?session-id=5|endpoint=localhost:20121|interface=lo|control=localhost:1|control-mode=dynamic"};
    const std::vector<std::string> subscriptions{
        "",
        "?alias=y",
        "?tags=7",
        "?endpoint=localhost:20122|interface=eth0",
        "?control=localhost:2|control-mode=manual",
        "?reliable=false|rejoin=false|group=true|sparse=true|tether=false",
        "?mtu=4k|term-length=1g|init-term-id=1|ssc=false|rcv-wnd=64k|so-rcvbuf=1m"};
    std::vector<std::int64_t> ids;
    for (const std::string& channel : publications) {
        ids.push_back(add_exclusive_publication(client, channel));
    }
    add_exclusive_publication(client, "aeron:ipc?session-id=1", test_stream + 1);
    static_cast<void>(events());

    for (const std::string& parameters : subscriptions) {
        const std::int64_t all = add_subscription(client, "aeron:ipc" + parameters);
        EXPECT_THAT(events(), ElementsAre(fmt::format("SUBSCRIPTION_READY({}, -1)", all),
                                          fmt::format("AVAILABLE_IMAGE({}, {})", ids[0], all),
                                          fmt::format("AVAILABLE_IMAGE({}, {})", ids[1], all),
                                          fmt::format("AVAILABLE_IMAGE({}, {})", ids[2], all),
                                          fmt::format("AVAILABLE_IMAGE({}, {})", ids[3], all),
                                          fmt::format("AVAILABLE_IMAGE({}, {})", ids[4], all)))
            << parameters;

        const std::string separator = parameters.empty() ? "?" : "|";
        const std::int64_t one = add_subscription(client, "aeron:ipc" + parameters + separator + "session-id=3");
        EXPECT_THAT(events(), ElementsAre(fmt::format("SUBSCRIPTION_READY({}, -1)", one),
                                          fmt::format("AVAILABLE_IMAGE({}, {})", ids[2], one)))
            << parameters;

        const std::int64_t elsewhere = add_subscription(client, "aeron:ipc" + parameters, test_stream + 2);
        const std::int64_t absent = add_subscription(client, "aeron:ipc" + parameters + separator + "session-id=9");
        EXPECT_THAT(events(), ElementsAre(fmt::format("SUBSCRIPTION_READY({}, -1)", elsewhere),
                                          fmt::format("SUBSCRIPTION_READY({}, -1)", absent)))
            << parameters;
        for (const std::int64_t id : {all, one, elsewhere, absent}) {
            remove_subscription(client, id);
        }
        static_cast<void>(events());
    }
}

// The rows for aeron:ipc, 187 and 188, of the table of 05 C28. spec: 05 §18.5
TEST_F(ChannelRules, SubscriptionChecksWhatItReadsAndIgnoresTheRest) {
    for (const std::string parameter :
         {"reliable=x", "session-id=x", "session-id=tag:5", "rcv-wnd=x", "tether=x", "rejoin=x", "sparse=x",
          "untethered-resting-timeout=x", "untethered-window-limit-timeout=-1", "untethered-linger-timeout=5sec"}) {
        SCOPED_TRACE(parameter);
        EXPECT_THAT(refusal_of(add_subscription(client, "aeron:ipc?" + parameter), ErrorCode::generic_error),
                    HasSubstr(parameter.substr(0, parameter.find('='))));
    }
    for (const std::string parameter :
         {"tags=x", "control-mode=zzz", "reliable=false", "mtu=33", "term-length=5", "linger=x", "init-term-id=5",
          "gtag=x", "cc=cubic", "nak-delay=junk", "fc=junk", "stream-id=99"}) {
        const std::int64_t id = add_subscription(client, "aeron:ipc?" + parameter);
        EXPECT_THAT(events(), ElementsAre(fmt::format("SUBSCRIPTION_READY({}, -1)", id))) << parameter;
    }
}

// The half of 05 C38 that aeron:ipc has.
TEST_F(ChannelRules, ResponseSubscriptionGetsNoImageBeforeItsSessionIsKnown) {
    const std::int64_t responses = add_subscription(client, "aeron:ipc?control-mode=response");
    const std::int64_t request =
        add_publication(client, fmt::format("aeron:ipc?response-correlation-id={}", responses), test_stream + 1);
    add_exclusive_publication(client, "aeron:ipc?session-id=7");
    add_publication(client);
    pass(3s);
    EXPECT_THAT(events(), testing::Not(testing::Contains(HasSubstr("IMAGE"))));

    const std::int64_t response =
        add_exclusive_publication(client, fmt::format("aeron:ipc?response-correlation-id={}", request));

    EXPECT_THAT(events(), ElementsAre(fmt::format("EXCLUSIVE_PUBLICATION_READY({0}, {0})", response),
                                      fmt::format("AVAILABLE_IMAGE({}, {})", response, responses)));
}

// The half of 05 C39 that aeron:ipc has: nothing looks whether the id exists.
TEST_F(ChannelRules, ResponseCorrelationIdIsMinusOneOrAnyOtherIdThatIsNotNegative) {
    for (const std::string id : {"-2", "xyz"}) {
        SCOPED_TRACE(id);
        refusal_of(add_publication(client, "aeron:ipc?response-correlation-id=" + id), ErrorCode::generic_error);
    }
    for (const std::string id : {"-1", "0", "12345"}) {
        add_alone("aeron:ipc?response-correlation-id=" + id);
    }
}

// The rows for aeron:ipc, 214 and 222, of the table of 05 C40. spec: 05 §18.7
TEST_F(ChannelRules, PublicationThatWasJoinedHasNoDestinationsEither) {
    const std::int64_t first = add_publication(client);
    const std::int64_t joined = add_publication(client);
    static_cast<void>(events());

    for (const std::int64_t id : {first, joined}) {
        EXPECT_THAT(execute(command::AddDestinationCommand{.client_id = client,
                                                           .correlation_id = 25,
                                                           .registration_id = id,
                                                           .channel = "aeron:udp?endpoint=localhost:43030"}),
                    ElementsAre("ERROR(25, 3)"));
    }
    EXPECT_THAT(
        execute(command::AddReceiveDestinationCommand{
            .client_id = client, .correlation_id = 26, .registration_id = first, .channel = "aeron:ipc?reliable=x"}),
        ElementsAre("ERROR(26, 11)"));
}

/// Every way in which a registration fails; each does it once.
class FailedRegistrations : public ChannelRules {
protected:
    struct Failure {
        std::string what;
        ErrorCode code;
        std::function<std::int64_t()> cause;
    };

    std::vector<Failure> failures() {
        add_exclusive_publication(client, "aeron:ipc?session-id=99");
        const std::int64_t shared = add_publication(client);
        static_cast<void>(events());
        return {
            {"URI length", ErrorCode::invalid_channel,
             [=, this] { return add_publication(client, "aeron:ipc?alias=" + std::string(4'080, 'x')); }},
            {"aeron:tcp", ErrorCode::invalid_channel, [=, this] { return add_publication(client, "aeron:tcp?a=b"); }},
            {"aeron:ipcx", ErrorCode::invalid_channel, [=, this] { return add_subscription(client, "aeron:ipcx"); }},
            {"term-length", ErrorCode::generic_error,
             [=, this] { return add_publication(client, "aeron:ipc?term-length=100000", 5); }},
            {"rcv-wnd", ErrorCode::generic_error,
             [=, this] { return add_subscription(client, "aeron:ipc?rcv-wnd=zz"); }},
            {"clashing sessionId", ErrorCode::invalid_channel,
             [=, this] { return add_exclusive_publication(client, "aeron:ipc?session-id=99"); }},
            {"existing publication has different", ErrorCode::generic_error,
             [=, this] { return add_publication(client, "aeron:ipc?mtu=4k"); }},
            {"no room for this log", ErrorCode::storage_space,
             [=, this] {
                 logs.fail_with({.code = ErrorCode::storage_space, .message = "no room for this log"});
                 const std::int64_t id = add_publication(client, "aeron:ipc", 6);
                 logs.recover();
                 return id;
             }},
            {"has destinations", ErrorCode::unknown_publication,
             [=, this] {
                 return write_and_settle(command::AddDestinationCommand{.client_id = client,
                                                                        .correlation_id = next_id(),
                                                                        .registration_id = 4'242,
                                                                        .channel = "aeron:udp?endpoint=a:1"});
             }},
            {"have destinations", ErrorCode::unknown_publication,
             [=, this] {
                 return write_and_settle(command::AddDestinationCommand{.client_id = client,
                                                                        .correlation_id = next_id(),
                                                                        .registration_id = shared,
                                                                        .channel = "aeron:udp?endpoint=a:1"});
             }},
            {"no other has destinations", ErrorCode::unknown_subscription,
             [=, this] {
                 return write_and_settle(command::AddReceiveDestinationCommand{.client_id = client,
                                                                               .correlation_id = next_id(),
                                                                               .registration_id = 4'242,
                                                                               .channel = "aeron:ipc"});
             }},
            {"unknown publication", ErrorCode::unknown_publication,
             [=, this] { return remove_publication(client, 4'243); }},
            {"unknown subscription", ErrorCode::unknown_subscription,
             [=, this] { return remove_subscription(client, 4'244); }},
        };
    }
    template <command::Message Command>
    std::int64_t write_and_settle(const Command& command) {
        write(command);
        settle();
        return command.correlation_id;
    }
};

// spec: 05-C46
TEST_F(FailedRegistrations, EachIsCountedAndLogged) {
    for (const Failure& failure : failures()) {
        SCOPED_TRACE(failure.what);
        const std::int64_t errors_before = system_counter(SystemCounter::errors);
        const std::size_t entries_before = logged_errors().size();

        const std::string text = refusal_of(failure.cause(), failure.code);

        EXPECT_THAT(text, HasSubstr(failure.what));
        EXPECT_EQ(system_counter(SystemCounter::errors), errors_before + 1);
        ASSERT_EQ(logged_errors().size(), entries_before + 1);
        EXPECT_THAT(
            logged_errors().back(),
            testing::AllOf(StartsWith(fmt::format("({}) ", static_cast<std::int32_t>(failure.code))), HasSubstr(text)));
    }
}

// spec: 05-C46
TEST_F(FailedRegistrations, OneThatIsToBeTriedAgainIsOnlyAnswered) {
    logs.fail_with({.code = ErrorCode::resource_temporarily_unavailable, .message = "try again"});

    EXPECT_EQ(refusal_of(add_publication(client), ErrorCode::resource_temporarily_unavailable), "try again");

    EXPECT_EQ(system_counter(SystemCounter::errors), 0);
    EXPECT_THAT(logged_errors(), testing::IsEmpty());
}

}  // namespace
}  // namespace cpperon::driver
