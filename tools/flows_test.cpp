#include "tools/flows.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/shm/counter_types.hpp"
#include "tools/metrics_test_support.hpp"

namespace cpperon::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Optional;
using ::testing::SizeIs;

// spec: 06 §19.3: a subscriber's counter names the publication or image that it reads, by reference id.
TEST(Flows, SubscribersBelongToWhatTheyRead) {
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

}  // namespace
}  // namespace cpperon::tools
