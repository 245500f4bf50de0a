#include "cpperon/driver/conductor/stream_counters.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "cpperon/driver/conductor/conductor_fixture.hpp"

namespace cpperon::driver {
namespace {

/// spec: 06 §26.1
const StreamCounterSpec example{.counter = StreamCounter::publisher_limit,
                                .registration_id = 4,
                                .session_id = SessionId{-1'540'962'852},
                                .stream_id = 1001,
                                .channel = "aeron:udp?endpoint=localhost:24567",
                                .owner_id = 3,
                                .initial_value = 32'960};

TEST(StreamCounters, KeyIsThatOfTheVector) {
    constexpr std::array<unsigned char, 54> expected{
        0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xdc, 0xc5, 0x26, 0xa4, 0xe9, 0x03, 0x00, 0x00, 0x22, 0x00,
        0x00, 0x00, 0x61, 0x65, 0x72, 0x6f, 0x6e, 0x3a, 0x75, 0x64, 0x70, 0x3f, 0x65, 0x6e, 0x64, 0x70, 0x6f, 0x69,
        0x6e, 0x74, 0x3d, 0x6c, 0x6f, 0x63, 0x61, 0x6c, 0x68, 0x6f, 0x73, 0x74, 0x3a, 0x32, 0x34, 0x35, 0x36, 0x37};

    const auto key = stream_counter_key(example);

    for (std::size_t i = 0; i < key.size(); ++i) {
        EXPECT_EQ(std::to_integer<unsigned>(key[i]), i < expected.size() ? expected[i] : 0U) << i;
    }
}

TEST(StreamCounters, ChannelInTheKeyIsCutAt92Bytes) {
    const std::string channel(200, 'x');
    StreamCounterSpec spec = example;
    spec.channel = channel;

    const auto key = stream_counter_key(spec);

    EXPECT_EQ(std::to_integer<int>(key[16]), 92);
    EXPECT_EQ(std::to_integer<char>(key[111]), 'x');
}

TEST(StreamCounters, LabelsAreThoseThatToolsExpect) {
    EXPECT_EQ(stream_counter_label(example), "pub-lmt: 4 -1540962852 1001 aeron:udp?endpoint=localhost:24567");
    StreamCounterSpec spec{
        .registration_id = 8, .session_id = SessionId{2'106'231'609}, .stream_id = 1001, .channel = "aeron:ipc"};
    spec.counter = StreamCounter::concurrent_publisher_position;
    EXPECT_EQ(stream_counter_label(spec), "pub-pos (concurrent): 8 2106231609 1001 aeron:ipc");
    spec.counter = StreamCounter::exclusive_publisher_position;
    EXPECT_EQ(stream_counter_label(spec), "pub-pos (exclusive): 8 2106231609 1001 aeron:ipc");
    spec.counter = StreamCounter::subscriber_position;
    EXPECT_EQ(stream_counter_label(spec), "sub-pos: 8 2106231609 1001 aeron:ipc @0");
}

TEST(StreamCounters, NetworkStreamsHaveTheNamesThatToolsExpect) {
    constexpr std::array<std::pair<StreamCounter, std::string_view>, 9> names{{
        {StreamCounter::sender_position, "snd-pos"},
        {StreamCounter::receiver_high_water_mark, "rcv-hwm"},
        {StreamCounter::receiver_position, "rcv-pos"},
        {StreamCounter::sender_limit, "snd-lmt"},
        {StreamCounter::cubic_rtt, "rcv-cc-cubic-rtt"},
        {StreamCounter::cubic_window, "rcv-cc-cubic-wnd"},
        {StreamCounter::sender_back_pressure_events, "snd-bpe"},
        {StreamCounter::flow_control_receivers, "fc-receivers"},
        {StreamCounter::receiver_naks_sent, "rcv-naks-sent"},
    }};
    for (const auto& [counter, name] : names) {
        EXPECT_EQ(stream_counter_label({.counter = counter, .registration_id = 9, .channel = "c"}),
                  fmt::format("{}: 9 0 0 c", name));
    }
}

using StreamCountersAllocation = ConductorTest;

TEST_F(StreamCountersAllocation, RecordHoldsValueRegistrationOwnerAndReference) {
    const OwnedCounter counter = allocate_stream_counter(counters, example);

    EXPECT_EQ(reader().type_id(counter.id()), 1);
    EXPECT_EQ(reader().value(counter.id()), 32'960);
    EXPECT_EQ(reader().registration_id(counter.id()), 4);
    EXPECT_EQ(reader().owner_id(counter.id()), 3);
    EXPECT_EQ(reader().reference_id(counter.id()), 0);
}

TEST_F(StreamCountersAllocation, CounterIsFreedWithItsOwner) {
    std::int32_t id = -1;
    {
        OwnedCounter first = allocate_stream_counter(counters, example);
        id = first.id();
        const OwnedCounter moved{std::move(first)};
        EXPECT_EQ(reader().state(id), CounterState::allocated);
    }
    EXPECT_EQ(reader().state(id), CounterState::reclaimed);
}

}  // namespace
}  // namespace cpperon::driver
