#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/conductor/network_publication_fixture.hpp"

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class NetworkPublicationCommands : public NetworkPublicationFixture {
protected:
    NetworkPublicationCommands() { context.term_length = 131'072; }

    /// The text of the refusal.
    std::string refusal_of(const std::int64_t id, const ErrorCode code) {
        EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, {})", id, static_cast<std::int32_t>(code))));
        return std::string{last<command::ErrorEvent>().message};
    }
    /// The original registration id of what was added.
    std::int64_t original_of(const std::int64_t id) {
        const auto ready = hear<command::PublicationReadyEvent>();
        EXPECT_EQ(ready.correlation_id, id);
        return ready.registration_id;
    }
    std::int64_t original_of_exclusive(const std::int64_t id) {
        const auto ready = hear<command::ExclusivePublicationReadyEvent>();
        EXPECT_EQ(ready.correlation_id, id);
        return ready.registration_id;
    }
    /// Adds alone on a channel of its own, and removes it again; the log as it was asked for.
    logbuffer::LogParams add_alone(const std::string& channel) {
        const std::int64_t id = add_exclusive_publication(client, channel);
        EXPECT_EQ(original_of_exclusive(id), id);
        remove_publication(client, id);
        return logs.requests().back();
    }
    /// Nothing but the client is there, nothing is open, and nobody was told anything.
    void expect_nothing_left() {
        EXPECT_EQ(transport.open_sockets(), 0);
        EXPECT_EQ(logs.files(), 0);
        EXPECT_EQ(allocated_counters() - static_cast<int>(labels(11).size()), system_counter_count);
        EXPECT_THAT(names_of_commands_to_sender(), IsEmpty());
    }
};

TEST_F(NetworkPublicationCommands, FirstAddOpensTheEndpointAndTellsTheSenderBeforeTheClient) {
    const std::int64_t id = add_publication(client, unicast);

    EXPECT_THAT(events(), ElementsAre("COUNTER_READY(1, 48)", fmt::format("PUBLICATION_READY({0}, {0})", id)));
    EXPECT_THAT(names_of_commands_to_sender(), ElementsAre("AddEndpoint", "AddPublication"));
    ASSERT_EQ(transport.opened().size(), 1U);
    EXPECT_EQ(transport.opened()[0].connect_to, net::SocketAddress::ipv4({127, 0, 0, 1}, 24'325));
}

TEST_F(NetworkPublicationCommands, CountersComeInTheOrderOfListings) {
    const std::int64_t id = add_publication(client, unicast);
    const std::int32_t session_id = hear<command::PublicationReadyEvent>().session_id;

    std::vector<std::string> found;
    reader().for_each([&](const CounterView& counter) {
        if (counter.id >= system_counter_count) {
            found.emplace_back(counter.label);
            EXPECT_EQ(counter.registration_id, counter.type_id == 11 ? client : id) << counter.label;
            EXPECT_EQ(counter.reference_id, 0) << counter.label;
        }
    });
    const std::string stream = fmt::format("{} {} {} {}", id, session_id, test_stream, unicast);
    EXPECT_THAT(found, ElementsAre(fmt::format("snd-channel: {} 0.0.0.0:40001", unicast),
                                   "snd-local-sockaddr: 46 0.0.0.0:40001", "client-heartbeat: id=1",
                                   "pub-pos (concurrent): " + stream, "pub-lmt: " + stream, "snd-pos: " + stream,
                                   "snd-lmt: " + stream, "snd-bpe: " + stream, "snd-naks-received: " + stream));
    EXPECT_EQ(value(46), 1);
}

TEST_F(NetworkPublicationCommands, FlowControlThatCountsReceiversHasACounterOfTheEndpointsChannel) {
    const std::string channel = "aeron:udp?control=localhost:24568|control-mode=dynamic|fc=min";
    const std::int64_t first = add_exclusive_publication(client, channel);
    const std::int32_t session_id = hear<command::ExclusivePublicationReadyEvent>().session_id;

    EXPECT_THAT(labels(17),
                ElementsAre(fmt::format("fc-receivers: {} {} {} {}", first, session_id, test_stream, channel)));
    EXPECT_THAT(labels(18), ElementsAre("mdc-num-dest: " + channel));
    const std::int32_t receivers = counter_of(17, first);
    EXPECT_EQ(reader().owner_id(receivers), -1);
    EXPECT_EQ(counter_of(12, first), receivers + 1);
}

TEST_F(NetworkPublicationCommands, LogSaysWhatTheChannelAndTheSystemSaid) {
    transport.default_buffers = {.send = 200'000, .receive = 300'000};

    const logbuffer::LogParams unicast_log = add_alone("aeron:udp?endpoint=localhost:40101|so-sndbuf=64k|eos=false");
    EXPECT_EQ(unicast_log.type, logbuffer::LogType::exclusive_publication);
    EXPECT_EQ(unicast_log.socket_send_buffer_length, 65'536);
    EXPECT_EQ(unicast_log.socket_receive_buffer_length, 0);
    EXPECT_EQ(unicast_log.os_default_socket_send_buffer_length, 200'000);
    EXPECT_EQ(unicast_log.os_default_socket_receive_buffer_length, 300'000);
    EXPECT_EQ(unicast_log.mtu_length, 1'408);
    EXPECT_EQ(unicast_log.term_length, 131'072);
    EXPECT_EQ(unicast_log.publication_window_length, 65'536);
    EXPECT_FALSE(unicast_log.signal_eos);
    EXPECT_FALSE(unicast_log.group);
    EXPECT_FALSE(unicast_log.is_response);

    EXPECT_TRUE(add_alone("aeron:udp?control-mode=manual").group);
    EXPECT_TRUE(add_alone("aeron:udp?endpoint=224.20.30.41:40102|interface=192.0.2.0/24").group);
}

TEST_F(NetworkPublicationCommands, StartsAtThePositionOfTheChannel) {
    const std::int64_t id = add_publication(
        client, "aeron:udp?endpoint=localhost:40103|init-term-id=5|term-id=7|term-offset=64|term-length=128k");
    const auto ready = hear<command::PublicationReadyEvent>();

    for (const std::int32_t type_id : {1, 2, 9, 12}) {
        EXPECT_EQ(value(counter_of(type_id, id)), 262'208) << type_id;
    }
    EXPECT_EQ(publisher_of(ready).position(), 262'208);
}

// Values. spec: 05 §18.3

TEST_F(NetworkPublicationCommands, EachRowOfTheTableOfValuesIsAcceptedOrRefusedAsItSays) {
    struct Row {
        std::string values;
        std::int32_t code;  // 0: fine
    };
    const std::vector<Row> rows{{"mtu=32", 11},
                                {"mtu=64", 0},
                                {"mtu=1400", 11},
                                {"mtu=65504", 0},
                                {"mtu=0x580", 11},
                                {"term-length=64k", 0},
                                {"term-length=32k", 11},
                                {"linger=10x", 11},
                                {"linger=0", 0},
                                {"init-term-id=1|term-id=2", 11},
                                {"session-id=7", 0},
                                {"session-id=foo", 11},
                                {"session-id=tag:99", 11},
                                {"session-id=tag:x", 11},
                                {"tags=x", 1},
                                {"tags=-1", 1},
                                {"tags=13,abc", 11},
                                {"tags=,14", 0},
                                {"sparse=TRUE", 11},
                                {"reliable=foo", 0},
                                {"max-resend=0", 11},
                                {"max-resend=256", 0},
                                {"pub-wnd=1024", 11},
                                {"pub-wnd=128k", 11},
                                {"pub-wnd=64k", 0},
                                {"response-correlation-id=-2", 11},
                                {"response-correlation-id=-1", 0},
                                {"response-correlation-id=12345", 11},
                                {"response-correlation-id=prototype", 11},
                                {"ats=true", 11},
                                {"ats=false", 0},
                                {"so-sndbuf=1024", 11},
                                {"so-sndbuf=1k|mtu=1k", 0},
                                {"so-rcvbuf=1024", 0},
                                {"rcv-wnd=zz", 11},
                                {"ttl=abc", 0},
                                {"channel-snd-ts-offset=-5", 0},
                                {"channel-snd-ts-offset=foo", 11},
                                {"media-rcv-ts-offset=2|channel-rcv-ts-offset=9", 11},
                                {"untethered-window-limit-timeout=x", 11},
                                {"stream-id=junk", 0},
                                {"fc=junk", 0},
                                {"cc=junk|nak-delay=junk|gtag=junk", 0},
                                {"term-offset=0", 11}};
    int port = 42'000;
    for (const Row& row : rows) {
        SCOPED_TRACE(row.values);
        const std::string channel = fmt::format("aeron:udp?endpoint=localhost:{}|{}", ++port, row.values);
        if (row.code == 0) {
            add_alone(channel);
        } else {
            refusal_of(add_exclusive_publication(client, channel), static_cast<ErrorCode>(row.code));
        }
        pass(8s);
        sender_releases();
        static_cast<void>(events());
        expect_nothing_left();
        if (HasFailure()) {
            return;
        }
    }
}

// spec: 05-C32, 05-C33, 04-C49
TEST_F(NetworkPublicationCommands, FlowControlIsReadForGroupsOnlyAndLastOfAll) {
    const std::string multicast = "aeron:udp?endpoint=224.20.30.41:40104|interface=192.0.2.0/24|";
    for (const std::string fc : {"junk", "maximum", ",min", "min,x:1", "max,g:1", "max,rrwm:0", "min,t:5q", "min,g:/-1",
                                 "tagged,g:", "min,g:5x"}) {
        SCOPED_TRACE(fc);
        const int errors_before = static_cast<int>(system_counter(SystemCounter::errors));
        refusal_of(add_publication(client, multicast + "fc=" + fc), ErrorCode::generic_error);
        EXPECT_EQ(system_counter(SystemCounter::errors), errors_before + 1);
        expect_nothing_left();
    }

    // What failed left no endpoint behind whose flow control would count.
    const std::int64_t id = add_publication(client, multicast + "fc=tagged,g:123/2,t:5s,rrwm:4");
    EXPECT_EQ(original_of(id), id);
    EXPECT_EQ(add_alone("aeron:udp?endpoint=localhost:40105|fc=junk").stream_id, test_stream);
}

TEST_F(NetworkPublicationCommands, FlowControlOfTheEndpointsCreatorCountsForAllOnIt) {
    const std::string channel = "aeron:udp?control=localhost:24568|control-mode=dynamic";
    add_exclusive_publication(client, channel + "|fc=min");

    add_exclusive_publication(client, channel + "|fc=junk");

    EXPECT_EQ(labels(17).size(), 2U);
}

// Sharing. spec: 05 §18.4

// spec: 05-C19, 05-C21, 06-C24
TEST_F(NetworkPublicationCommands, PublicationsOnOneEndpointAreSharedByTheTableOfTheSpecification) {
    const std::string channel = "aeron:udp?endpoint=localhost:42001";
    const std::int64_t a = add_publication(client, channel + "|session-id=10|mtu=1408");
    EXPECT_EQ(original_of(a), a);
    const auto joins = [&](const std::string& values) {
        SCOPED_TRACE(values);
        EXPECT_EQ(original_of(add_publication(client, channel + values)), a);
    };
    const auto differs = [&](const std::string& values, const std::string_view fragment) {
        SCOPED_TRACE(values);
        EXPECT_THAT(refusal_of(add_publication(client, channel + values), ErrorCode::generic_error),
                    HasSubstr(fragment));
    };

    joins("");                                                                                 // 125
    differs("|session-id=11", "different 'session-id'");                                       // 126
    differs("|mtu=2048", "different 'mtu'");                                                   // 127
    differs("|term-length=64k", "different 'term-length'");                                    // 128
    joins("|term-length=128k");                                                                // 129
    differs("|init-term-id=1|term-id=1|term-offset=0", "init-term-id");                        // 130
    differs("|ssc=true", "different spies simulate connection");                               // 131
    joins("|linger=1s|eos=false|sparse=false|max-resend=3|pub-wnd=4k|fc=max|ttl=3");           // 132
    differs("|so-sndbuf=64k", "so-sndbuf=65536 does not match existing value of OS default");  // 133
    differs("|so-rcvbuf=64k", "so-rcvbuf=65536 does not match existing value of 131072");      // 134
    joins("|so-rcvbuf=128k");                                                                  // 135
    differs("|channel-snd-ts-offset=0", "option conflicts with existing subscription");        // 136
    EXPECT_THAT(refusal_of(add_exclusive_publication(client, channel + "|session-id=10"), ErrorCode::invalid_channel),
                HasSubstr("clashing sessionId"));                                                  // 137
    const std::int64_t exclusive = add_exclusive_publication(client, channel + "|session-id=12");  // 138
    EXPECT_EQ(original_of_exclusive(exclusive), exclusive);
    const std::int64_t next_exclusive = add_exclusive_publication(client, channel);
    EXPECT_EQ(original_of_exclusive(next_exclusive), next_exclusive);
    const std::int64_t other_stream = add_exclusive_publication(client, channel + "|session-id=10", 2);  // 139
    EXPECT_EQ(original_of_exclusive(other_stream), other_stream);
    EXPECT_EQ(transport.opened().size(), 1U);

    const std::int64_t spelled = add_publication(client, "aeron:udp?endpoint=127.0.0.1:42001");  // 140
    EXPECT_EQ(original_of(spelled), spelled);
    EXPECT_EQ(transport.opened().size(), 2U);
    const std::int64_t b = add_publication(client, channel + "|interface=localhost");  // 141
    EXPECT_EQ(original_of(b), b);
    EXPECT_EQ(original_of(add_publication(client, channel + "|interface=127.0.0.0/8")), b);  // 142
    joins("|interface=0.0.0.0");                                                             // 143
}

// spec: 05-C19
TEST_F(NetworkPublicationCommands, EndpointsAreFoundByTagsByTheTableOfTheSpecification) {
    const std::string channel = "aeron:udp?endpoint=localhost:42010|tags=7";
    const std::int64_t c = add_publication(client, channel);
    EXPECT_EQ(original_of(c), c);

    EXPECT_EQ(original_of(add_publication(client, "aeron:udp?tags=7")), c);  // 145
    EXPECT_THAT(refusal_of(add_publication(client, "aeron:udp?tags=8"), ErrorCode::generic_error),
                HasSubstr("when original"));  // 146
    EXPECT_THAT(
        refusal_of(add_publication(client, "aeron:udp?tags=7|endpoint=localhost:42011"), ErrorCode::generic_error),
        HasSubstr("matching tag 7 has mismatched endpoint"));  // 147
    EXPECT_THAT(refusal_of(add_publication(client, "aeron:udp?tags=7|control-mode=manual"), ErrorCode::generic_error),
                HasSubstr("matching tag 7 has mismatched control-mode"));                             // 148
    const std::int64_t newer = add_publication(client, "aeron:udp?tags=9|endpoint=localhost:42010");  // 149
    EXPECT_EQ(original_of(newer), newer);
    EXPECT_EQ(original_of(add_publication(client, "aeron:udp?endpoint=localhost:42010")), newer);

    const std::int64_t first_manual = add_publication(client, "aeron:udp?control-mode=manual");  // 150
    EXPECT_EQ(original_of(first_manual), first_manual);
    const std::int64_t second_manual = add_publication(client, "aeron:udp?control-mode=manual");
    EXPECT_EQ(original_of(second_manual), second_manual);
    const std::int64_t tagged = add_publication(client, "aeron:udp?control-mode=manual|tags=20");  // 151
    EXPECT_EQ(original_of(tagged), tagged);
    EXPECT_EQ(original_of(add_publication(client, "aeron:udp?control-mode=manual|tags=20")), tagged);
    EXPECT_EQ(original_of(add_publication(client, "aeron:udp?tags=20")), tagged);
    const std::int64_t dynamic = add_publication(client, "aeron:udp?control=localhost:42020|control-mode=dynamic");
    EXPECT_EQ(original_of(dynamic), dynamic);  // 152
    EXPECT_EQ(original_of(add_publication(client, "aeron:udp?control=localhost:42020|control-mode=manual")), dynamic);
}

// spec: 05-C23
TEST_F(NetworkPublicationCommands, TaggedSessionIsTakenFromTheOtherPublication) {
    add_publication(client, "aeron:udp?endpoint=localhost:40120|tags=1,77|mtu=2048|term-length=256k");
    const std::int32_t session_id = hear<command::PublicationReadyEvent>().session_id;

    add_publication(client, "aeron:udp?endpoint=localhost:40121|tags=2,78|session-id=tag:77");
    EXPECT_EQ(hear<command::PublicationReadyEvent>().session_id, session_id);
    EXPECT_EQ(logs.requests().back().mtu_length, 2'048);
    EXPECT_EQ(logs.requests().back().term_length, 262'144);

    add_publication(client, "aeron:ipc?session-id=tag:77");
    EXPECT_EQ(hear<command::PublicationReadyEvent>().session_id, session_id);
}

// spec: 06-C36, 06-C37, 02-C27
TEST_F(NetworkPublicationCommands, NextSessionIdIsOneThatNoPublicationOfTheStreamHas) {
    context.reserved_session_id_low = 0;
    context.reserved_session_id_high = 0;
    std::int64_t id = next_id();
    EXPECT_THAT(execute(command::GetNextAvailableSessionIdCommand{
                    .client_id = client, .correlation_id = id, .stream_id = test_stream}),
                testing::SizeIs(1));
    const std::int32_t drawn = last<command::NextAvailableSessionIdEvent>().session_id;
    add_exclusive_publication(client, fmt::format("aeron:udp?endpoint=localhost:40130|session-id={}", drawn + 1));
    add_exclusive_publication(client, fmt::format("aeron:ipc?session-id={}", drawn + 2));
    static_cast<void>(events());

    id = next_id();
    execute(
        command::GetNextAvailableSessionIdCommand{.client_id = client, .correlation_id = id, .stream_id = test_stream});
    EXPECT_EQ(last<command::NextAvailableSessionIdEvent>().session_id, drawn + 3);
}

// Endpoints that close.

// spec: 06-C35, 05-C45
TEST_F(NetworkPublicationCommands, AddOnAClosingEndpointIsToBeRetriedAndNotLogged) {
    const Stream stream = publish();
    remove_publication(client, stream.publication);
    pass(8s);
    sender_says(sender_event::PublicationReleased{.publication = stream.sender});
    const std::int64_t errors_before = system_counter(SystemCounter::errors);
    static_cast<void>(events());

    EXPECT_THAT(refusal_of(add_publication(client, unicast), ErrorCode::resource_temporarily_unavailable),
                HasSubstr("CLOSING state, please retry"));
    EXPECT_EQ(system_counter(SystemCounter::errors), errors_before);
    EXPECT_THAT(logged_errors(), IsEmpty());

    sender_releases();
    const std::int64_t id = add_publication(client, unicast);
    EXPECT_EQ(original_of(id), id);
}

TEST_F(NetworkPublicationCommands, AddThatWaitsForItsLogKeepsTheEndpointItWillUse) {
    const Stream stream = publish_exclusively();
    remove_publication(client, stream.publication);
    pass(2s);
    logs.hold();
    add_exclusive_publication(client, unicast);
    static_cast<void>(told_to_sender());

    pass(6s);
    sender_says(sender_event::PublicationReleased{.publication = stream.sender});
    EXPECT_THAT(names_of_commands_to_sender(), ElementsAre("RemovePublication"));
    logs.complete_waiting();
    settle();
    EXPECT_THAT(names_of_commands_to_sender(), ElementsAre("AddPublication"));
    EXPECT_EQ(transport.opened().size(), 1U);
}

// What fails leaves nothing.

TEST_F(NetworkPublicationCommands, SocketThatDoesNotOpenIsAGenericErrorAndLeavesNothing) {
    transport.fail_with({.code = ErrorCode::generic_error, .message = "failed to bind 0.0.0.0:0: no"});
    EXPECT_THAT(refusal_of(add_publication(client, unicast), ErrorCode::generic_error), HasSubstr("failed to bind"));
    expect_nothing_left();

    transport.recover();
    const std::int64_t id = add_publication(client, unicast);
    EXPECT_EQ(original_of(id), id);
}

TEST_F(NetworkPublicationCommands, LogThatCannotBeMadeLeavesNothing) {
    logs.fail_with({.code = ErrorCode::storage_space, .message = "no room for this log"});
    refusal_of(add_publication(client, unicast), ErrorCode::storage_space);
    expect_nothing_left();
}

TEST_F(NetworkPublicationCommands, CountersThatRunOutAtAnyPlaceLeaveNothing) {
    std::vector<std::int64_t> user_counters;
    while (allocated_counters() < static_cast<int>(max_counters)) {
        user_counters.push_back(add_counter(client));
    }
    static_cast<void>(events());
    // Of its endpoint it needs two, of its own six.
    for (int free_counters = 0; free_counters < 8; ++free_counters) {
        SCOPED_TRACE(free_counters);
        refusal_of(add_publication(client, unicast), ErrorCode::generic_error);
        EXPECT_EQ(allocated_counters(), static_cast<int>(max_counters) - free_counters);
        EXPECT_EQ(transport.open_sockets(), 0);
        EXPECT_EQ(logs.files(), 0);
        EXPECT_THAT(names_of_commands_to_sender(), IsEmpty());
        execute(command::RemoveCounterCommand{
            .client_id = client, .correlation_id = next_id(), .registration_id = user_counters.back()});
        user_counters.pop_back();
        pass(2s);
    }

    const std::int64_t id = add_publication(client, unicast);
    EXPECT_EQ(original_of(id), id);
}

// spec: 02-C33, 06-C57, 02-C32
TEST_F(NetworkPublicationCommands, NameThatDoesNotResolveHoldsBackCommandsAndNothingElse) {
    resolver.hold();
    const std::int64_t unknown = add_publication(client, "aeron:udp?endpoint=nohost.invalid:40110");
    const std::int64_t later = add_publication(client, "aeron:ipc");
    tick();
    EXPECT_THAT(events(), IsEmpty());
    EXPECT_EQ(ring.consumer_heartbeat_ms(), clock.epoch_ms());

    resolver.complete_waiting();
    settle();
    EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, 9)", unknown), StartsWith("COUNTER_READY"),
                                      fmt::format("PUBLICATION_READY({0}, {0})", later)));
    EXPECT_THAT(logged_errors(), ElementsAre(HasSubstr("Unable to resolve host=(nohost.invalid)")));
}

// spec: 04-C93, 05-C9
TEST_F(NetworkPublicationCommands, ChannelsThatCannotBePublishedOnAreRefused) {
    EXPECT_THAT(refusal_of(add_publication(client, "aeron:udp?endpoint=localhost:0"), ErrorCode::generic_error),
                HasSubstr("has port=0 for publication"));
    EXPECT_THAT(refusal_of(add_publication(client, "aeron:udp?control=localhost:40111"), ErrorCode::generic_error),
                HasSubstr("'control' parameter requires"));
    refusal_of(add_publication(client, "aeron:udp?control-mode=dynamic"), ErrorCode::invalid_channel);
    expect_nothing_left();
}

// Ports.

// spec: 06-C52
TEST_F(NetworkPublicationCommands, ExplicitControlWithoutAPortTakesOneOfTheRange) {
    context.sender_wildcard_port_range = {.low = 20'100, .high = 20'101};
    const std::string channel = "aeron:udp?control=localhost:0|control-mode=dynamic";
    const Stream first = publish(channel);
    EXPECT_EQ(transport.last_socket().local_address().port(), 20'100);
    publish(channel);
    EXPECT_EQ(transport.last_socket().local_address().port(), 20'101);
    EXPECT_THAT(refusal_of(add_publication(client, channel), ErrorCode::generic_error),
                HasSubstr("no available ports in range 20100 20101"));
    publish();  // without control the system chooses
    EXPECT_EQ(transport.last_socket().local_address().port(), 40'001);

    remove_publication(client, first.publication);
    pass(8s);
    sender_releases();
    publish(channel);
    EXPECT_EQ(transport.last_socket().local_address().port(), 20'100);
}

// spec: 06-C53
TEST_F(NetworkPublicationCommands, BoundAddressStandsInTheChannelsCounters) {
    const std::string channel = "aeron:udp?control=localhost:0|control-mode=dynamic";
    publish(channel);

    EXPECT_THAT(labels(6), ElementsAre(fmt::format("snd-channel: {} 127.0.0.1:40001", channel)));
    EXPECT_THAT(labels(14), ElementsAre("snd-local-sockaddr: 46 127.0.0.1:40001"));
}

// Responses. spec: 05 §13.2

// spec: 05-C39, 04-C85
TEST_F(NetworkPublicationCommands, ResponsePublicationNeedsAnImageOrIsAPrototype) {
    const std::string channel = "aeron:udp?control-mode=response|control=localhost:40133";
    EXPECT_THAT(refusal_of(add_publication(client, channel), ErrorCode::generic_error),
                HasSubstr("no response-correlation-id"));  // 153
    EXPECT_THAT(refusal_of(add_publication(client, channel + "|response-correlation-id=55"), ErrorCode::generic_error),
                HasSubstr("image.correlationId=55 not found"));  // 154
    EXPECT_EQ(transport.open_sockets(), 0);

    const std::int64_t id = add_publication(client, channel + "|response-correlation-id=prototype|term-length=1m");
    EXPECT_EQ(original_of(id), id);  // 155
    EXPECT_EQ(logs.requests().back().term_length, 65'536);
    EXPECT_TRUE(logs.requests().back().is_response);
    EXPECT_EQ(transport.opened().back().connect_to, std::nullopt);
}

TEST_F(NetworkPublicationCommands, RequestPublicationNeedsAResponseSubscription) {
    EXPECT_THAT(refusal_of(add_publication(client, std::string{unicast} + "|response-correlation-id=4242"),
                           ErrorCode::generic_error),
                HasSubstr("unable to find response subscription"));
}

}  // namespace
}  // namespace cpperon::driver
