#include "tools/flows.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/shm/counter_types.hpp"
#include "tools/snapshot_maker.hpp"

namespace cpperon::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Field;
using ::testing::Optional;
using ::testing::SizeIs;

/// A stream that is published and received on one machine, with a subscriber of the image and a spy on the publication.
SnapshotMaker publication_and_image() {
    SnapshotMaker maker;
    maker.add_stream({.type_id = counter_type::publisher_position, .registration_id = 4, .value = 1'000});
    maker.add_stream({.type_id = counter_type::publisher_limit, .registration_id = 4, .value = 1'500});
    maker.add_stream({.type_id = counter_type::sender_position, .registration_id = 4, .value = 900});
    maker.add_stream({.type_id = counter_type::sender_limit, .registration_id = 4, .value = 960});
    maker.add_stream({.type_id = counter_type::receiver_high_water_mark, .registration_id = 9, .value = 800});
    maker.add_stream({.type_id = counter_type::receiver_position, .registration_id = 9, .value = 700});
    maker.add_stream(
        {.type_id = counter_type::subscriber_position, .registration_id = 2, .reference_id = 9, .value = 600});
    maker.add_stream({.type_id = counter_type::subscriber_position,
                      .registration_id = 3,
                      .reference_id = 4,
                      .value = 64,
                      .channel = "aeron-spy:aeron:udp?endpoint=localhost:1"});
    return maker;
}

// spec: 06 §19.3: a subscriber's counter names the publication or image that it reads, by reference id.
TEST(Flows, SubscribersBelongToWhatTheyRead) {
    const SnapshotMaker maker = publication_and_image();

    const std::vector<Flow> flows = group_flows(maker.snapshot);

    ASSERT_THAT(flows, SizeIs(2));
    EXPECT_EQ(flows[0].kind, FlowKind::publication);
    EXPECT_EQ(flows[0].registration_id, 4);
    EXPECT_THAT(flows[0].publication_window(), Optional(500));
    EXPECT_THAT(flows[0].sender_window(), Optional(60));
    EXPECT_THAT(flows[0].subscribers, ElementsAre(&maker.snapshot.counters[7]));
    EXPECT_THAT(flows[0].lag_of(*flows[0].subscribers[0]), Optional(936));
    EXPECT_EQ(flows[1].kind, FlowKind::image);
    EXPECT_THAT(flows[1].subscribers, ElementsAre(&maker.snapshot.counters[6]));
    EXPECT_THAT(flows[1].lag_of(*flows[1].subscribers[0]), Optional(200));
    EXPECT_THAT(flows[1].publication_window(), Eq(std::nullopt));
}

TEST(Flows, WithoutAReferenceTheSessionDecides) {
    SnapshotMaker maker;
    maker.add_stream({.type_id = counter_type::publisher_position, .registration_id = 4, .value = 1'000});
    maker.add_stream({.type_id = counter_type::receiver_high_water_mark, .registration_id = 9, .value = 800});
    maker.add_stream({.type_id = counter_type::subscriber_position, .registration_id = 2, .value = 800});
    maker.add_stream({.type_id = counter_type::subscriber_position, .registration_id = 3, .session_id = 5});

    const std::vector<Flow> flows = group_flows(maker.snapshot);

    ASSERT_THAT(flows, SizeIs(3));
    EXPECT_THAT(flows[0].subscribers, SizeIs(0));
    EXPECT_THAT(flows[1].subscribers, ElementsAre(&maker.snapshot.counters[2]));
    EXPECT_EQ(flows[2].kind, FlowKind::unknown);
    EXPECT_THAT(flows[2].lag_of(*flows[2].subscribers[0]), Eq(std::nullopt));
}

// A subscriber is read after its publication, and may have come farther meanwhile.
TEST(Flows, NobodyIsAheadOfTheStream) {
    SnapshotMaker maker;
    maker.add_stream({.type_id = counter_type::publisher_position, .registration_id = 4, .value = 64});
    maker.add_stream(
        {.type_id = counter_type::subscriber_position, .registration_id = 2, .reference_id = 4, .value = 128});

    const std::vector<Flow> flows = group_flows(maker.snapshot);

    EXPECT_THAT(flows.at(0).lag_of(maker.snapshot.counters[1]), Optional(0));
}

// A reference to what has gone is none to another flow of the session.
TEST(Flows, AReaderOfWhatHasGoneStandsAlone) {
    SnapshotMaker maker;
    maker.add_stream({.type_id = counter_type::publisher_position, .registration_id = 4, .value = 64});
    maker.add_stream(
        {.type_id = counter_type::subscriber_position, .registration_id = 2, .reference_id = 3, .value = 32});

    const std::vector<Flow> flows = group_flows(maker.snapshot);

    ASSERT_THAT(flows, SizeIs(2));
    EXPECT_THAT(flows[0].subscribers, SizeIs(0));
    EXPECT_EQ(flows[1].kind, FlowKind::unknown);
    EXPECT_THAT(flows[1].subscribers, ElementsAre(&maker.snapshot.counters[1]));
}

// spec: 06 §24.4. The publication, the image and the spy of one machine are one stream, in the order of their roles.
// The spy reads the log, of which the sender is a reader too: nothing but the publisher says how far that has come.
TEST(Flows, PartiesOfAStreamStandTogether) {
    SnapshotMaker maker = publication_and_image();
    maker.snapshot.counters[1].value = 990;
    maker.snapshot.counters[7].value = 950;
    maker.add_stream({.type_id = counter_type::receiver_naks_sent, .registration_id = 9, .value = 3});
    maker.add_stream({.type_id = counter_type::sender_back_pressure_events, .registration_id = 4, .value = 7});
    maker.snapshot.losses = {{.total_bytes_lost = 64, .session_id = -77, .stream_id = 1'001, .channel = "another"}};

    const std::vector<StreamParties> streams = parties_by_stream(maker.snapshot);

    ASSERT_THAT(streams, SizeIs(1));
    EXPECT_THAT(streams[0].counters, SizeIs(maker.snapshot.counters.size()));
    const std::vector<StreamParty>& parties = streams[0].parties;
    ASSERT_THAT(
        parties,
        ElementsAre(Field(&StreamParty::role, StreamRole::publisher), Field(&StreamParty::role, StreamRole::sender),
                    Field(&StreamParty::role, StreamRole::receiver), Field(&StreamParty::role, StreamRole::subscriber),
                    Field(&StreamParty::role, StreamRole::subscriber)));
    EXPECT_THAT(parties[0].behind, Eq(std::nullopt));
    EXPECT_THAT(parties[0].window_left, Optional(0)) << "a message went over";
    EXPECT_THAT(parties[1].behind, Optional(100));
    EXPECT_THAT(parties[1].window_left, Optional(60));
    EXPECT_EQ(parties[1].back_pressure_events->value, 7);
    EXPECT_EQ(parties[1].naks, nullptr);
    EXPECT_THAT(parties[2].behind, Optional(100));
    EXPECT_EQ(parties[2].naks->value, 3);
    EXPECT_THAT(parties[2].bytes_lost, Optional(64));
    EXPECT_EQ(parties[3].registration_id, 2);
    EXPECT_THAT(parties[3].behind, Optional(200));
    EXPECT_EQ(parties[4].registration_id, 3);
    EXPECT_THAT(parties[4].behind, Optional(50));
}

}  // namespace
}  // namespace cpperon::tools
