#include "cpperon/net/port_manager.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/net/name_resolver_test_support.hpp"

namespace cpperon::net {
namespace {

using testing::HasSubstr;

std::uint16_t take(PortManager& ports, const std::uint16_t wanted = 0) {
    return ports.take(address_of("127.0.0.1", wanted)).value().port();
}

void give_back(PortManager& ports, const std::uint16_t port) {
    ports.give_back(address_of("127.0.0.1", port));
}

TEST(PortManager, LeavesTheChoiceToTheSystemWithoutARange) {
    PortManager ports{{}};

    EXPECT_EQ(take(ports), 0);
    EXPECT_EQ(take(ports, 7), 7);
    EXPECT_EQ(take(ports), 0);
}

// spec: 06-C52
TEST(PortManager, HandsOutItsRangeInACircle) {
    PortManager ports{{.low = 20'000, .high = 20'002}};

    EXPECT_EQ(take(ports), 20'000);
    EXPECT_EQ(take(ports), 20'001);
    give_back(ports, 20'000);
    EXPECT_EQ(take(ports), 20'002) << "goes on from the last port, not from the lowest free one";
    EXPECT_EQ(take(ports), 20'000);
}

// spec: 06-C52
TEST(PortManager, SaysWhenAllPortsAreTakenAndGoesOnWithTheFirstThatIsGivenBack) {
    PortManager ports{{.low = 20'000, .high = 20'001}};
    take(ports);
    take(ports);

    const Result<SocketAddress> none = ports.take(address_of("127.0.0.1"));
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, ErrorCode::generic_error);
    EXPECT_THAT(none.error().message, HasSubstr("no available ports in range 20000 20001"));

    give_back(ports, 20'001);
    EXPECT_EQ(take(ports), 20'001);
}

TEST(PortManager, SkipsPortsThatChannelsStateUntilTheLastOfThemIsGone) {
    PortManager ports{{.low = 20'000, .high = 20'001}};
    EXPECT_EQ(take(ports, 20'000), 20'000);
    EXPECT_EQ(take(ports, 20'000), 20'000) << "of another address, or a group that is shared";

    EXPECT_EQ(take(ports), 20'001);
    give_back(ports, 20'000);
    EXPECT_FALSE(ports.take({}));
    give_back(ports, 20'000);
    EXPECT_EQ(take(ports), 20'000);
}

TEST(PortManager, KeepsTheAddressAndIgnoresPortsItNeverHandedOut) {
    PortManager ports{{.low = 20'000, .high = 20'000}};

    give_back(ports, 20'000);
    give_back(ports, 0);

    EXPECT_EQ(ports.take(address_of("::1")).value(), address_of("::1", 20'000));
    EXPECT_FALSE(ports.take({}));
}

TEST(PortManager, NeverHandsOutPortZeroAndReachesTheLast) {
    PortManager low{{.low = 0, .high = 1}};
    EXPECT_EQ(take(low), 1);
    EXPECT_FALSE(low.take({}));

    PortManager high{{.low = 65'534, .high = 65'535}};
    EXPECT_EQ(take(high), 65'534);
    EXPECT_EQ(take(high), 65'535);
    EXPECT_FALSE(high.take({}));
}

}  // namespace
}  // namespace cpperon::net
