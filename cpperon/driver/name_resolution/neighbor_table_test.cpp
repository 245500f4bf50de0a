#include "cpperon/driver/name_resolution/neighbor_table.hpp"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpperon::driver {
namespace {

const net::SocketAddress address_a = *net::SocketAddress::try_parse("10.0.0.1", 8'050);
const net::SocketAddress address_b = *net::SocketAddress::try_parse("10.0.0.2", 8'050);

TEST(NeighborTable, AddsWhoeverIsHeardOf) {
    NeighborTable neighbors{10, 4};

    EXPECT_TRUE(neighbors.on_sighting({.address = address_a, .last_activity_ns = 0, .is_self = true}));
    EXPECT_TRUE(neighbors.on_sighting({.address = address_b, .last_activity_ns = 0, .is_self = false}));

    EXPECT_TRUE(neighbors.contains(address_a));
    EXPECT_TRUE(neighbors.contains(address_b));
    EXPECT_FALSE(neighbors.contains(address_a.with_port(1)));
    EXPECT_EQ(neighbors.size(), 2U);
}

TEST(NeighborTable, BelievesInAKnownNeighbourByItsOwnWordsAlone) {
    NeighborTable neighbors{10, 4};
    neighbors.on_sighting({.address = address_a, .last_activity_ns = 0, .is_self = true});
    neighbors.on_sighting({.address = address_b, .last_activity_ns = 0, .is_self = true});

    neighbors.on_sighting({.address = address_a, .last_activity_ns = 9, .is_self = true});
    neighbors.on_sighting({.address = address_b, .last_activity_ns = 9, .is_self = false});
    neighbors.expire(10, [](const net::SocketAddress& removed) { EXPECT_EQ(removed, address_b); });

    EXPECT_TRUE(neighbors.contains(address_a));
    EXPECT_FALSE(neighbors.contains(address_b));
}

TEST(NeighborTable, ForgetsAtTheTimeoutAndNotBefore) {
    NeighborTable neighbors{10, 4};
    neighbors.on_sighting({.address = address_a, .last_activity_ns = 100});

    std::vector<net::SocketAddress> removed;
    const auto keep = [&](const net::SocketAddress& address) { removed.push_back(address); };
    neighbors.expire(109, keep);
    EXPECT_EQ(neighbors.size(), 1U);
    EXPECT_THAT(removed, testing::IsEmpty());
    neighbors.expire(110, keep);
    EXPECT_EQ(neighbors.size(), 0U);
    EXPECT_THAT(removed, testing::ElementsAre(address_a));
}

TEST(NeighborTable, TakesNoMoreThanItsCapacity) {
    NeighborTable neighbors{10, 1};
    EXPECT_TRUE(neighbors.on_sighting({.address = address_a}));

    EXPECT_FALSE(neighbors.on_sighting({.address = address_b, .is_self = true}));
    EXPECT_TRUE(neighbors.on_sighting({.address = address_a, .is_self = true}));

    std::vector<net::SocketAddress> seen;
    neighbors.for_each([&](const net::SocketAddress& address) { seen.push_back(address); });
    EXPECT_THAT(seen, testing::ElementsAre(address_a));
}

}  // namespace
}  // namespace cpperon::driver
