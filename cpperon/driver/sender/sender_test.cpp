#include "cpperon/driver/sender/sender.hpp"

#include <cstdint>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/sender/sender_fixture.hpp"

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SenderAgentTest : public SenderTest {
protected:
    /// Polls in so many cycles, before each of which a frame is added.
    int polls_in(const int cycles, TestStream& stream) {
        const int before = poller.poll_count;
        for (int i = 0; i < cycles; ++i) {
            stream.append(64);
            step();
        }
        return poller.poll_count - before;
    }
};

TEST_F(SenderAgentTest, ListensInEveryCycleInWhichNothingIsSent) {
    const int before = poller.poll_count;

    for (int i = 0; i < 10; ++i) {
        step();
    }

    EXPECT_EQ(poller.poll_count - before, 10);
}

TEST_F(SenderAgentTest, ListensNowAndThenWhereThereIsNothingToSendAndNobodyWaits) {
    add_connected_stream();
    context.settings.idle_poll_interval_ns = 20'000;
    clock.advance(20'000ns);
    step();
    const int before = poller.poll_count;

    clock.advance(19'999ns);
    for (int i = 0; i < 10; ++i) {
        step();  // only cycles that send count for the ratio
    }
    EXPECT_EQ(poller.poll_count, before);
    clock.advance(1ns);
    step();
    EXPECT_EQ(poller.poll_count, before + 1);
}

TEST_F(SenderAgentTest, ListensInEveryCycleWhileAPublicationWaitsForItsReceivers) {
    context.settings.idle_poll_interval_ns = 20'000;
    add_stream();
    const int before = poller.poll_count;

    step();
    step();

    EXPECT_EQ(poller.poll_count, before + 2) << "it has no window before the first status message";
}

TEST_F(SenderAgentTest, ListensInEverySixthCycleWhileDataFlow) {
    TestStream& stream = add_connected_stream();
    step();

    EXPECT_EQ(polls_in(5, stream), 0);
    EXPECT_EQ(polls_in(1, stream), 1);
    EXPECT_EQ(polls_in(12, stream), 2);
}

TEST_F(SenderAgentTest, ListensWhenHalfTheStatusMessageTimeoutIsOver) {
    TestStream& stream = add_connected_stream();
    step();

    clock.advance(100ms);
    EXPECT_EQ(polls_in(1, stream), 0);
    clock.advance(1ns);
    EXPECT_EQ(polls_in(1, stream), 1);
}

TEST_F(SenderAgentTest, ListensAfterAShortSend) {
    TestStream& stream = add_connected_stream();
    stream.append_many(2, 1'408);
    channel.socket->room = 1;
    const int before = poller.poll_count;

    step();

    EXPECT_EQ(poller.poll_count - before, 1);
    channel.socket->room = 100;
    step();
    EXPECT_EQ(poller.poll_count - before, 1);
}

TEST_F(SenderAgentTest, ExecutesOneCommandPerCycle) {
    Endpoint first = make_endpoint();
    Endpoint second = make_endpoint();
    commands.push(sender_command::AddEndpoint{.endpoint = first.endpoint.get()});
    commands.push(sender_command::AddEndpoint{.endpoint = second.endpoint.get()});

    EXPECT_EQ(sender.do_work(), 1);
    EXPECT_TRUE(poller.has(*first.socket));
    EXPECT_FALSE(poller.has(*second.socket));
    EXPECT_EQ(sender.do_work(), 1);
    EXPECT_TRUE(poller.has(*second.socket));
    EXPECT_EQ(sender.do_work(), 0);
}

TEST_F(SenderAgentTest, SaysWhatItHasReleased) {
    TestStream& stream = add_connected_stream();

    command(sender_command::RemovePublication{.publication = stream.publication.get()});
    const auto publications = hear<sender_event::PublicationReleased>();
    ASSERT_THAT(publications, SizeIs(1));
    EXPECT_EQ(publications[0].publication, stream.publication.get());
    say(stream, {.window = 8'192});
    EXPECT_EQ(stream.sender_limit, 32'768);

    command(sender_command::RemoveEndpoint{.endpoint = channel.endpoint.get()});
    const auto endpoints = hear<sender_event::EndpointReleased>();
    ASSERT_THAT(endpoints, SizeIs(1));
    EXPECT_EQ(endpoints[0].endpoint, channel.endpoint.get());
    EXPECT_FALSE(poller.has(*channel.socket));
}

TEST_F(SenderAgentTest, ThePollerLetsGoOfAllSocketsWhenItCloses) {
    sender.on_close();

    EXPECT_FALSE(poller.has(*channel.socket));
}

TEST_F(SenderAgentTest, EachCycleBeginsWithAnotherPublication) {
    TestStream& first = add_connected_stream();
    TestStream& second = add_connected_stream([](StreamSettings& settings) { settings.log.session_id = 2; });
    step();
    channel.socket->sent.clear();

    std::vector<std::int32_t> sessions;
    for (int i = 0; i < 2; ++i) {
        first.append(64);
        second.append(64);
        step();
        sessions.push_back(take_data().front().session_id);
    }

    EXPECT_THAT(sessions, testing::UnorderedElementsAre(0x11223344, 2));
}

// A thousand heartbeats in one cycle overflowed the socket of a receiver that had the same thread, and with them the
// data.
TEST_F(SenderAgentTest, SixteenPublicationsSendInACycleAndTheOthersInTheNext) {
    for (std::int32_t i = 0; i < 20; ++i) {
        add_connected_stream([i](StreamSettings& settings) { settings.log.session_id = 100 + i; });
    }
    for (const auto& stream : streams) {
        stream->append(64);
    }

    step();
    EXPECT_THAT(take_data(), SizeIs(16));
    step();
    EXPECT_THAT(take_data(), SizeIs(4));
    step();
    EXPECT_THAT(take_data(), IsEmpty());
}

TEST_F(SenderAgentTest, ReportsWorkWhereItSentOrHeardSomething) {
    TestStream& stream = add_connected_stream();
    EXPECT_EQ(sender.do_work(), 0);

    stream.append(64);
    EXPECT_GT(sender.do_work(), 0);
    EXPECT_EQ(sender.do_work(), 0);
}

}  // namespace
}  // namespace cpperon::driver
