#include "cpperon/driver/conductor/network_publication.hpp"

#include <cstdint>
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/conductor/network_publication_fixture.hpp"

namespace cpperon::driver {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Publications with terms of 64 KiB and a window of 32 KiB.
class NetworkPublicationTest : public NetworkPublicationFixture {
protected:
    std::vector<std::string> removed_from_sender() {
        std::vector<std::string> removed;
        for (std::string& name : names_of_commands_to_sender()) {
            if (name.starts_with("Remove")) {
                removed.push_back(std::move(name));
            }
        }
        return removed;
    }
};

// Limit.

// spec: 04-C38, 03-C42, 06-C27
TEST_F(NetworkPublicationTest, LimitIsAWindowAheadOfTheSenderWithReceiversAndAtTheSenderWithout) {
    const Stream stream = publish();
    EXPECT_EQ(value(stream.limit_id), 0);

    set_has_receivers(stream, true);
    EXPECT_EQ(value(stream.limit_id), 32'768);
    stream.publisher->offer_up_to(4'096);
    send_up_to(stream, 4'096);
    EXPECT_EQ(value(stream.limit_id), 36'864);
    EXPECT_EQ(value(stream.position_id), 4'096);
    set_has_receivers(stream, false);
    EXPECT_EQ(value(stream.limit_id), 4'096);
    EXPECT_FALSE(stream.is_connected());
}

TEST_F(NetworkPublicationTest, LimitStaysWhileReceiversThatFlowControlDemandsAreMissing) {
    const Stream stream = publish();
    stream.signals().has_required_receivers.store(false);

    set_has_receivers(stream, true);
    tick();
    EXPECT_EQ(value(stream.limit_id), 0);
    EXPECT_FALSE(stream.is_connected());

    stream.signals().has_required_receivers.store(true);
    tick();
    EXPECT_EQ(value(stream.limit_id), 32'768);
    EXPECT_TRUE(stream.is_connected());
}

// spec: 03-C41
TEST_F(NetworkPublicationTest, LimitDoesNotEnterAPartitionThatIsStillDirty) {
    const Stream stream = publish();
    stream.publisher->ignore_limit();
    set_has_receivers(stream, true);
    send_up_to(stream, 256);
    EXPECT_EQ(value(stream.limit_id), 33'024);
    stream.publisher->offer_up_to(164'032);

    set_value(stream.sender_position_id, 164'032);
    static_cast<void>(conductor().do_work());
    EXPECT_EQ(value(stream.limit_id), 33'024);
    static_cast<void>(conductor().do_work());
    EXPECT_EQ(value(stream.limit_id), 196'800);
}

// Spies.

// spec: 04-C39
TEST_F(NetworkPublicationTest, SlowSpyHoldsTheLimitButNotTheSender) {
    const Stream stream = publish();
    const Spy slow = spy();
    set_has_receivers(stream, true);
    stream.publisher->offer_up_to(8'192);

    send_up_to(stream, 8'192);
    EXPECT_EQ(value(stream.limit_id), 32'768);
    consume(slow, 4'096);
    EXPECT_EQ(value(stream.limit_id), 36'864);
    remove_subscription(client, slow.subscription);
    EXPECT_EQ(value(stream.limit_id), 40'960);
}

// spec: 06-C38
TEST_F(NetworkPublicationTest, SpyJoinsWhereTheSenderIsAndDoesNotConnect) {
    const Stream stream = publish();
    set_has_receivers(stream, true);
    stream.publisher->offer_up_to(4'096);
    send_up_to(stream, 4'096);
    set_has_receivers(stream, false);

    const std::int64_t subscription = add_subscription(client, spy_on_unicast);

    EXPECT_THAT(events(), ElementsAre(fmt::format("SUBSCRIPTION_READY({}, -1)", subscription),
                                      fmt::format("AVAILABLE_IMAGE({}, {})", stream.publication, subscription)));
    const auto image = last<command::AvailableImageEvent>();
    EXPECT_EQ(image.source_identity, "aeron:ipc");
    EXPECT_EQ(image.session_id, stream.session_id);
    EXPECT_EQ(value(image.subscriber_position_id), 4'096);
    EXPECT_TRUE(stream.signals().has_spies.load());
    tick();
    EXPECT_FALSE(stream.is_connected());
    EXPECT_EQ(value(stream.limit_id), 4'096);
}

// spec: 06-C38, 04-C40, 03-C43
TEST_F(NetworkPublicationTest, SpyThatSimulatesAConnectionConnectsAndSetsThePace) {
    const Stream stream = publish("aeron:udp?endpoint=localhost:24325|ssc=true");
    const Spy only = spy();

    EXPECT_TRUE(stream.is_connected());
    EXPECT_EQ(value(stream.limit_id), 32'768);
    stream.publisher->offer_up_to(4'096);
    consume(only, 4'096);
    EXPECT_EQ(stream.signals().max_spy_position.load(), 4'096);  // which the sender follows
    send_up_to(stream, 4'096);
    EXPECT_EQ(value(stream.limit_id), 4'096 + 32'768);

    remove_subscription(client, only.subscription);
    EXPECT_FALSE(stream.is_connected());
    EXPECT_FALSE(stream.signals().has_spies.load());
    EXPECT_EQ(value(stream.limit_id), 4'096);
}

TEST_F(NetworkPublicationTest, PositionsThatNoSpyCanBeAtAreHeldToTheStream) {
    const Stream stream = publish("aeron:udp?endpoint=localhost:24325|ssc=true");
    const Spy wild = spy();
    stream.publisher->offer_up_to(4'096);

    consume(wild, std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(stream.signals().max_spy_position.load(), 4'096);
    EXPECT_EQ(value(stream.limit_id), 32'768);
    consume(wild, std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(value(stream.limit_id), 32'768);
}

// spec: 04-C77, 06-C46
TEST_F(NetworkPublicationTest, UntetheredSpyLosesItsImageAndJoinsAgainWhereTheSenderIs) {
    const Stream stream = publish();
    const Spy slow = spy("aeron-spy:aeron:udp?endpoint=localhost:24325|tether=false");
    set_has_receivers(stream, true);
    stream.publisher->ignore_limit();
    stream.publisher->offer_up_to(32'768);
    send_up_to(stream, 32'768);
    static_cast<void>(events());

    pass(6s);
    EXPECT_THAT(events(), ElementsAre(fmt::format("UNAVAILABLE_IMAGE({}, {})", stream.publication, slow.subscription)));
    EXPECT_EQ(value(stream.limit_id), 32'768);  // it still counts
    pass(6s);
    EXPECT_EQ(value(stream.limit_id), 65'536);
    EXPECT_FALSE(stream.signals().has_spies.load());
    pass(11s);
    EXPECT_THAT(events(), ElementsAre(fmt::format("AVAILABLE_IMAGE({}, {})", stream.publication, slow.subscription)));
    EXPECT_EQ(last<command::AvailableImageEvent>().subscriber_position_id, slow.position_id);
    EXPECT_EQ(value(slow.position_id), 32'768);
    EXPECT_TRUE(stream.signals().has_spies.load());
}

// The end.

TEST_F(NetworkPublicationTest, LastReferenceEndsTheStreamWhereItIs) {
    const Stream stream = publish();
    set_has_receivers(stream, true);
    stream.publisher->offer_up_to(4'096);
    send_up_to(stream, 2'048);

    remove_publication(client, stream.publication);

    EXPECT_EQ(stream.publisher->metadata().end_of_stream_position, 4'096);
    EXPECT_EQ(value(stream.limit_id), 4'096);
    EXPECT_FALSE(stream.signals().is_end_of_stream.load());  // some of it is still to be sent
    send_up_to(stream, 4'096);
    tick();
    EXPECT_TRUE(stream.signals().is_end_of_stream.load());
}

TEST_F(NetworkPublicationTest, StreamThatWasSentToItsEndEndsAtOnce) {
    const Stream stream = publish();

    remove_publication(client, stream.publication);

    EXPECT_TRUE(stream.signals().is_end_of_stream.load());
}

TEST_F(NetworkPublicationTest, IsReleasedAfterDrainingAndLingering) {
    const Stream stream = publish("aeron:udp?endpoint=localhost:24325|linger=3s");
    const std::ptrdiff_t files = logs.files();
    remove_publication(client, stream.publication);

    tick();  // drained
    pass(2s);
    EXPECT_THAT(removed_from_sender(), IsEmpty());
    pass(2s);
    EXPECT_EQ(last_told_to_sender<sender_command::RemovePublication>().publication, stream.sender);
    EXPECT_EQ(logs.files(), files);  // the sender may still use it

    sender_says(sender_event::PublicationReleased{.publication = stream.sender});
    EXPECT_EQ(logs.files(), files - 1);
    EXPECT_EQ(counter_of(12, stream.publication), -1);
    EXPECT_EQ(transport.open_sockets(), 1);  // until the sender has let go of the endpoint as well
    EXPECT_EQ(removed_from_sender().size(), 1U);
}

TEST_F(NetworkPublicationTest, ReceiverThatKnowsTheEndCutsTheLingerShort) {
    const Stream stream = publish();
    remove_publication(client, stream.publication);
    tick();

    stream.signals().has_received_unicast_eos.store(true);
    tick();

    EXPECT_THAT(removed_from_sender(), ElementsAre("RemovePublication"));
}

// spec: 04-C42
TEST_F(NetworkPublicationTest, UnsentDataDoesNotKeepAPublicationThatNobodyReceives) {
    const Stream stream = publish("aeron:udp?endpoint=localhost:24325|linger=0");
    set_has_receivers(stream, true);
    stream.publisher->offer_up_to(4'096);
    remove_publication(client, stream.publication);

    pass(10s);
    EXPECT_THAT(removed_from_sender(), IsEmpty());
    set_has_receivers(stream, false);
    tick();
    EXPECT_TRUE(stream.signals().is_end_of_stream.load());
    tick();
    EXPECT_THAT(removed_from_sender(), ElementsAre("RemovePublication"));
}

TEST_F(NetworkPublicationTest, DrainingWaitsForItsSpies) {
    const Stream stream = publish();
    const Spy slow = spy();
    set_has_receivers(stream, true);
    stream.publisher->offer_up_to(4'096);
    send_up_to(stream, 4'096);
    remove_publication(client, stream.publication);
    static_cast<void>(events());

    pass(20s);
    EXPECT_THAT(events(), IsEmpty());
    consume(slow, 4'096);
    tick();
    EXPECT_THAT(events(), ElementsAre(fmt::format("UNAVAILABLE_IMAGE({}, {})", stream.publication, slow.subscription)));
    EXPECT_EQ(labels(4), std::vector<std::string>{});
    pass(6s);
    EXPECT_THAT(removed_from_sender(), ElementsAre("RemovePublication"));
}

TEST_F(NetworkPublicationTest, DrainingTakesFurtherSpiesOnlyWhileOthersAreStillServed) {
    const Stream stream = publish();
    set_has_receivers(stream, true);
    stream.publisher->offer_up_to(4'096);
    const Spy first = spy();
    remove_publication(client, stream.publication);
    static_cast<void>(events());

    const std::int64_t second = add_subscription(client, spy_on_unicast);
    EXPECT_THAT(events(), Contains(fmt::format("AVAILABLE_IMAGE({}, {})", stream.publication, second)));
    send_up_to(stream, 4'096);
    const std::int64_t third = add_subscription(client, spy_on_unicast);
    EXPECT_THAT(events(), ElementsAre(fmt::format("SUBSCRIPTION_READY({}, -1)", third)));
    EXPECT_NE(first.position_id, -1);
}

// spec: 04-C41, 06-C48
TEST_F(NetworkPublicationTest, RevokedStreamEndsAtTheNextTickWithEverythingUnread) {
    const Stream stream = publish_exclusively();
    const Spy slow = spy();
    set_has_receivers(stream, true);
    stream.publisher->offer_up_to(4'096);
    remove_publication(client, stream.publication, true);
    static_cast<void>(events());

    tick();

    EXPECT_THAT(events(), ElementsAre(fmt::format("UNAVAILABLE_IMAGE({}, {})", stream.publication, slow.subscription)));
    EXPECT_EQ(stream.publisher->metadata().end_of_stream_position, 4'096);
    EXPECT_EQ(value(stream.limit_id), 4'096);
    EXPECT_EQ(stream.publisher->metadata().is_publication_revoked, 1);
    EXPECT_FALSE(stream.is_connected());
    EXPECT_TRUE(stream.signals().is_end_of_stream.load());
    EXPECT_FALSE(stream.signals().has_spies.load());
    EXPECT_EQ(system_counter(SystemCounter::publications_revoked), 1);
    pass(6s);
    EXPECT_THAT(removed_from_sender(), ElementsAre("RemovePublication"));
}

TEST_F(NetworkPublicationTest, RevokedStreamStaysDisconnectedThoughItHasReceiversAndLosesItsSpies) {
    const Stream stream = publish("aeron:udp?endpoint=localhost:24325|ssc=true");
    spy();
    set_has_receivers(stream, true);
    tick();
    EXPECT_TRUE(stream.is_connected());

    remove_publication(client, stream.publication, true);
    pass(3s);

    EXPECT_FALSE(stream.is_connected());
}

TEST_F(NetworkPublicationTest, RevokedSharedStreamLingersUntilEveryoneHasLetGo) {
    const Stream stream = publish();
    const std::int64_t joined = add_publication(client, unicast);
    remove_publication(client, stream.publication, true);

    pass(20s);
    EXPECT_THAT(removed_from_sender(), IsEmpty());
    remove_publication(client, joined);
    pass(4s);
    EXPECT_THAT(removed_from_sender(), IsEmpty());  // the linger begins with the last reference
    pass(2s);
    EXPECT_THAT(removed_from_sender(), ElementsAre("RemovePublication"));
}

TEST_F(NetworkPublicationTest, ClientThatDiesDropsItsReferencesAndItsSpies) {
    const std::int64_t other = next_id();
    const Stream stream = publish();
    add_publication(other, unicast);
    add_subscription(other, spy_on_unicast);
    EXPECT_EQ(labels(4).size(), 1U);

    kill(other);
    pass(12s);
    EXPECT_EQ(labels(4).size(), 0U);
    EXPECT_EQ(value(stream.limit_id), 0);
    EXPECT_FALSE(stream.signals().is_end_of_stream.load());

    kill(client);
    pass(20s);
    EXPECT_TRUE(stream.signals().is_end_of_stream.load());
    sender_releases();
    EXPECT_EQ(logs.files(), 0);
    EXPECT_EQ(transport.open_sockets(), 0);
    EXPECT_EQ(allocated_counters(), system_counter_count);
}

// Publishers that died.

// spec: 06-C55
TEST_F(NetworkPublicationTest, SharedPublicationIsUnblockedAfterTheTimeout) {
    const Stream stream = publish();
    set_has_receivers(stream, true);
    stream.publisher->claim(64);
    static_cast<void>(stream.publisher->offer(32));

    pass(14s);
    EXPECT_EQ(system_counter(SystemCounter::unblocked_publications), 0);
    pass(4s);
    EXPECT_EQ(system_counter(SystemCounter::unblocked_publications), 1);
}

TEST_F(NetworkPublicationTest, ExclusivePublicationIsUnblockedWhileDrainingOnly) {
    const Stream stream = publish_exclusively();
    set_has_receivers(stream, true);
    stream.publisher->claim(64);
    static_cast<void>(stream.publisher->offer(32));

    pass(30s);
    EXPECT_EQ(system_counter(SystemCounter::unblocked_publications), 0);
    remove_publication(client, stream.publication);
    tick();
    EXPECT_EQ(system_counter(SystemCounter::unblocked_publications), 1);
}

}  // namespace
}  // namespace cpperon::driver
