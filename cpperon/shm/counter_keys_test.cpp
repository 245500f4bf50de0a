#include "cpperon/shm/counter_keys.hpp"

#include <cstring>
#include <random>
#include <set>
#include <span>
#include <string>

#include <gtest/gtest.h>

#include "cpperon/shm/counter_types.hpp"
#include "tests/support/hex.hpp"

namespace cpperon {
namespace {

std::string start_of(const CounterKey& key, const std::size_t length) {
    return test::to_hex(std::span{key}.first(length));
}

CounterKey with_int32(CounterKey key, const std::size_t offset, const std::int32_t value) {
    std::memcpy(key.data() + offset, &value, sizeof value);
    return key;
}

/// The vector of spec 06 §26.1.
const StreamCounterKey stream{.registration_id = RegistrationId{4},
                              .session_id = SessionId{-1'540'962'852},
                              .stream_id = 1001,
                              .channel = "aeron:udp?endpoint=localhost:24567"};

TEST(CounterKeys, OfStreamsHaveTheBytesOfTheSpecification) {
    EXPECT_EQ(start_of(stream.encode(), 56),
              "04000000 00000000 dcc526a4 e9030000 22000000 6165726f 6e3a7564 703f656e 64706f69 6e743d6c 6f63616c "
              "686f7374 3a323435 36370000");
    EXPECT_EQ(StreamCounterKey::decode(counter_type::publisher_limit, stream.encode()), stream);
}

TEST(CounterKeys, OfStreamsBelongToTwelveTypes) {
    std::set<std::int32_t> types;
    for (std::int32_t type_id = -1; type_id < 3'000; ++type_id) {
        if (StreamCounterKey::decode(type_id, stream.encode())) {
            types.insert(type_id);
        }
    }
    EXPECT_EQ(types, (std::set<std::int32_t>{1, 2, 3, 4, 5, 9, 10, 12, 13, 17, 19, 20}));
}

TEST(CounterKeys, OfChannelsBelongToThreeTypes) {
    const ChannelCounterKey channel{.channel = "aeron:udp?endpoint=localhost:0"};
    for (const std::int32_t type_id : {6, 7, 18}) {
        EXPECT_EQ(ChannelCounterKey::decode(type_id, channel.encode()), channel);
    }
    EXPECT_FALSE(ChannelCounterKey::decode(14, channel.encode()));
    EXPECT_EQ(start_of(ChannelCounterKey{.channel = "abc"}.encode(), 8), "03000000 61626300");
}

TEST(CounterKeys, OfLocalSocketAddressesNameTheChannelStatus) {
    const LocalSocketAddressKey address{.channel_status_id = CounterId{49}, .address = "127.0.0.1:24567"};

    EXPECT_EQ(start_of(address.encode(), 24), "31000000 0f000000 3132372e 302e302e 313a3234 35363700");
    EXPECT_EQ(LocalSocketAddressKey::decode(14, address.encode()), address);
    EXPECT_FALSE(LocalSocketAddressKey::decode(7, address.encode()));
}

TEST(CounterKeys, OfOneNumberHoldNothingElse) {
    EXPECT_EQ(start_of(ClientHeartbeatKey{.client_id = 77}.encode(), 12), "4d000000 00000000 00000000");
    EXPECT_EQ(ClientHeartbeatKey::decode(11, ClientHeartbeatKey{-7}.encode()), ClientHeartbeatKey{-7});
    EXPECT_FALSE(ClientHeartbeatKey::decode(12, ClientHeartbeatKey{1}.encode()));

    EXPECT_EQ(start_of(SystemCounterKey{.counter = SystemCounter::errors}.encode(), 8), "0f000000 00000000");
    EXPECT_EQ(SystemCounterKey::decode(0, with_int32({}, 0, 15)), SystemCounterKey{SystemCounter::errors});
    EXPECT_FALSE(SystemCounterKey::decode(1, {}));

    EXPECT_EQ(BootstrapNeighborKey::decode(21, BootstrapNeighborKey{.index = 3}.encode()), BootstrapNeighborKey{3});
    EXPECT_FALSE(BootstrapNeighborKey::decode(15, {}));
}

TEST(CounterKeys, OfNameEntriesHoldTheName) {
    EXPECT_EQ(start_of(NameEntryKey{.name = "node"}.encode(), 12), "04000000 6e6f6465 00000000");
    EXPECT_EQ(NameEntryKey::decode(2'001, NameEntryKey{.name = "node"}.encode()), NameEntryKey{"node"});
    EXPECT_FALSE(NameEntryKey::decode(2'000, NameEntryKey{.name = "node"}.encode()));
}

TEST(CounterKeys, HoldAsMuchOfATextAsFits) {
    const std::string text(200, 'x');
    const auto cut = [&](const std::size_t length) { return std::string(length, 'x'); };

    EXPECT_EQ(StreamCounterKey::decode(1, StreamCounterKey{.channel = text}.encode())->channel, cut(92));
    EXPECT_EQ(ChannelCounterKey::decode(6, ChannelCounterKey{.channel = text}.encode())->channel, cut(108));
    EXPECT_EQ(LocalSocketAddressKey::decode(14, LocalSocketAddressKey{.address = text}.encode())->address, cut(104));
    EXPECT_EQ(NameEntryKey::decode(2'001, NameEntryKey{.name = text}.encode())->name, cut(108));
    EXPECT_EQ(ChannelCounterKey{.channel = text}.encode().back(), std::byte{'x'});
}

TEST(CounterKeys, WithATextOfImpossibleLengthAreRefused) {
    for (const std::int32_t length : {-1, INT32_MIN, INT32_MAX, 109}) {
        EXPECT_FALSE(StreamCounterKey::decode(1, with_int32({}, 16, length))) << length;
        EXPECT_FALSE(ChannelCounterKey::decode(6, with_int32({}, 0, length))) << length;
        EXPECT_FALSE(LocalSocketAddressKey::decode(14, with_int32({}, 4, length))) << length;
        EXPECT_FALSE(NameEntryKey::decode(2'001, with_int32({}, 0, length))) << length;
    }
    EXPECT_TRUE(StreamCounterKey::decode(1, with_int32({}, 16, 92)));
    EXPECT_FALSE(StreamCounterKey::decode(1, with_int32({}, 16, 93)));
    EXPECT_TRUE(LocalSocketAddressKey::decode(14, with_int32({}, 4, 104)));
    EXPECT_FALSE(LocalSocketAddressKey::decode(14, with_int32({}, 4, 105)));
}

}  // namespace
}  // namespace cpperon
