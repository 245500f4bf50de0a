#include "cpperon/driver/receiver/image_connections.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/receiver/receiver_scenery.hpp"

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t now_ns = 100'000'000'000;
constexpr std::int64_t second_ns = 1'000'000'000;

class Connections : public ::testing::Test {
public:
    static ReceiveDestination destination_with(std::optional<net::SocketAddress> control) {
        return {{.control = control}, std::make_unique<RecordingSocket>()};
    }
    Arrival from(ReceiveDestination& destination, const std::int64_t at_ns = now_ns) {
        return {.destination = destination, .source = sender_address, .now_ns = at_ns};
    }
    [[nodiscard]] std::vector<net::SocketAddress> live_at(const std::int64_t at_ns) const {
        std::vector<net::SocketAddress> addresses;
        connections.for_each_live(at_ns, [&](ReceiveDestination& /*destination*/, const net::SocketAddress& address) {
            addresses.push_back(address);
        });
        return addresses;
    }

    ReceiveDestination plain = destination_with(std::nullopt);
    ReceiveDestination controlled = destination_with(address_of(9, 50'000));
    ImageConnections connections;
};

TEST_F(Connections, LiveForFiveSecondsAfterTheLastFrame) {
    connections.on_frame(from(plain));

    EXPECT_THAT(live_at(now_ns + 5 * second_ns - 1), ElementsAre(sender_address));
    EXPECT_THAT(live_at(now_ns + 5 * second_ns), IsEmpty());
}

TEST_F(Connections, KeepTheSourceOfTheFirstFrame) {
    const net::SocketAddress other = address_of(7, 1);
    connections.on_frame(from(plain));
    connections.on_frame({.destination = plain, .source = other, .now_ns = now_ns});

    EXPECT_THAT(live_at(now_ns), ElementsAre(sender_address));
}

TEST_F(Connections, PreferTheControlAddressOfTheirDestination) {
    connections.on_frame(from(controlled));

    EXPECT_THAT(live_at(now_ns), ElementsAre(address_of(9, 50'000)));
}

TEST_F(Connections, ThatWereAddedLiveWithoutFramesIfSomebodyCanBeSpokenTo) {
    connections.add(plain, now_ns);
    connections.add(controlled, now_ns);

    EXPECT_THAT(live_at(now_ns), ElementsAre(address_of(9, 50'000)));
    EXPECT_EQ(connections.count_active(now_ns, second_ns), 0);
}

TEST_F(Connections, CountAsActiveUpToTheTimeout) {
    connections.on_frame(from(plain));
    connections.on_frame(from(controlled, now_ns + 1));

    EXPECT_EQ(connections.count_active(now_ns + second_ns, second_ns), 2);
    EXPECT_EQ(connections.count_active(now_ns + second_ns + 1, second_ns), 1);
}

TEST_F(Connections, EndTogetherAtTheHighestPosition) {
    EXPECT_EQ(connections.end_of_stream_position(), std::nullopt) << "nothing has come, so nothing has ended";
    connections.on_frame(from(plain));
    connections.on_frame(from(controlled));

    connections.on_end_of_stream(from(plain), 128);
    EXPECT_EQ(connections.end_of_stream_position(), std::nullopt);

    connections.on_end_of_stream(from(controlled), 64);
    EXPECT_EQ(connections.end_of_stream_position(), 128);
}

TEST_F(Connections, ThatAreRemovedHoldNothingBack) {
    connections.on_frame(from(plain));
    connections.add(controlled, now_ns);
    connections.on_end_of_stream(from(plain), 32);

    connections.remove(controlled);

    EXPECT_EQ(connections.end_of_stream_position(), 32);
    EXPECT_THAT(live_at(now_ns), ElementsAre(sender_address));
}

}  // namespace
}  // namespace cpperon::driver
