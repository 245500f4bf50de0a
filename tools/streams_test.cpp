#include "tools/streams.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/shm/counter_types.hpp"
#include "tools/snapshot_maker.hpp"

namespace cpperon::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

CounterRow stream_counter(const std::int32_t id, const std::int32_t type_id, const std::string& name,
                          const std::string& channel, const std::string& suffix = {}) {
    CounterRow row = counter_of({.type_id = type_id, .registration_id = 8, .channel = channel, .name = name});
    row.id = id;
    row.label += suffix;
    return row;
}

// A publication's counters and the position of its subscriber make one group, whatever the label says behind it.
TEST(Streams, AreGroupedByTheWholeChannel) {
    const std::string channel = "aeron:ipc?alias=" + std::string(200, 'a');
    DriverSnapshot snapshot;
    snapshot.counters = {
        stream_counter(50, counter_type::publisher_position, "pub-pos (concurrent)", channel),
        stream_counter(51, counter_type::publisher_limit, "pub-lmt", channel),
        stream_counter(52, counter_type::subscriber_position, "sub-pos", channel, " @64"),
        stream_counter(53, counter_type::publisher_limit, "pub-lmt", channel + "b"),
        {.id = 54, .type_id = 1'000, .label = "an application's"},
    };

    const std::vector<StreamGroup> groups = group_streams(snapshot);

    ASSERT_THAT(groups, SizeIs(2));
    EXPECT_EQ(groups[0].identity, (StreamIdentity{-77, 1001, channel}));
    EXPECT_THAT(groups[0].counters, ElementsAre(&snapshot.counters[0], &snapshot.counters[1], &snapshot.counters[2]));
    EXPECT_EQ(groups[1].identity.channel, channel + "b");
}

TEST(Streams, CounterNamesEndAtTheColon) {
    EXPECT_EQ(counter_name("sub-pos: 4 5 6 aeron:ipc @0"), "sub-pos");
    EXPECT_EQ(counter_name("Bytes sent"), "Bytes sent");
}

}  // namespace
}  // namespace cpperon::tools
