#include "cpperon/driver/name_resolution/name_cache.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpperon::driver {
namespace {

const net::SocketAddress address_a = *net::SocketAddress::try_parse("10.0.0.1", 8'050);
const net::SocketAddress address_b = *net::SocketAddress::try_parse("10.0.0.2", 8'050);
const net::SocketAddress address_v6 = *net::SocketAddress::try_parse("fd00::1", 8'050);

TEST(NameCache, KnowsWhatItWasTold) {
    NameCache cache{10, 4};

    EXPECT_EQ(cache.find("a"), nullptr);
    EXPECT_TRUE(cache.put("a", {.address = address_a}));

    ASSERT_NE(cache.find("a"), nullptr);
    EXPECT_EQ(*cache.find("a"), address_a);
    EXPECT_EQ(cache.find("A"), nullptr);
    EXPECT_EQ(cache.size(), 1U);
}

TEST(NameCache, ReplacesAddressPortAndTime) {
    NameCache cache{10, 4};
    cache.put("a", {.address = address_a, .last_activity_ns = 5});

    cache.put("a", {.address = address_b.with_port(1), .last_activity_ns = 7});

    EXPECT_EQ(*cache.find("a"), address_b.with_port(1));
    EXPECT_EQ(cache.size(), 1U);
    cache.expire(16);
    EXPECT_EQ(cache.size(), 1U);
}

TEST(NameCache, KeepsFamiliesApartAndPrefersIpv4) {
    NameCache cache{10, 4};
    cache.put("a", {.address = address_v6, .last_activity_ns = 1});
    EXPECT_EQ(*cache.find("a"), address_v6);

    cache.put("a", {.address = address_a, .last_activity_ns = 0});
    EXPECT_EQ(*cache.find("a"), address_a);
    EXPECT_EQ(cache.size(), 2U);

    cache.expire(10);
    EXPECT_EQ(*cache.find("a"), address_v6);
}

TEST(NameCache, ForgetsAtTheTimeoutAndNotBefore) {
    NameCache cache{10, 4};
    cache.put("a", {.address = address_a, .last_activity_ns = 100});
    cache.put("b", {.address = address_b, .last_activity_ns = 101});

    cache.expire(109);
    EXPECT_EQ(cache.size(), 2U);
    cache.expire(110);
    EXPECT_EQ(cache.find("a"), nullptr);
    EXPECT_NE(cache.find("b"), nullptr);
}

TEST(NameCache, TakesNoMoreThanItsCapacityButStillUpdates) {
    NameCache cache{10, 2};
    EXPECT_TRUE(cache.put("a", {.address = address_a}));
    EXPECT_TRUE(cache.put("b", {.address = address_b}));

    EXPECT_FALSE(cache.put("c", {.address = address_a}));
    EXPECT_FALSE(cache.put("a", {.address = address_v6})) << "another family, another entry";
    EXPECT_TRUE(cache.put("a", {.address = address_b}));

    EXPECT_EQ(cache.find("c"), nullptr);
    EXPECT_EQ(*cache.find("a"), address_b);
}

TEST(NameCache, ShowsAllEntries) {
    NameCache cache{10, 4};
    cache.put("b", {.address = address_v6, .last_activity_ns = 3});
    cache.put("a", {.address = address_a, .last_activity_ns = 4});

    std::vector<std::string> seen;
    cache.for_each([&](const std::string_view name, const CachedName& entry) {
        seen.push_back(std::string{name} + "=" + entry.address.to_string() + "@" +
                       std::to_string(entry.last_activity_ns));
    });

    EXPECT_THAT(seen, testing::UnorderedElementsAre("a=10.0.0.1:8050@4", "b=[fd00::1]:8050@3"));
}

}  // namespace
}  // namespace cpperon::driver
