#include "cpperon/driver/conductor/session_ids.hpp"

#include <cstdint>
#include <limits>
#include <set>

#include <gtest/gtest.h>

namespace cpperon::driver {
namespace {

constexpr ReservedSessionIds default_range{.low = -1, .high = 1000};

bool nothing_in_use(SessionId) {
    return false;
}

// spec: 06-C36
TEST(SessionIds, StartInsideTheReservedRangeGivesTheFirstIdBehindIt) {
    SessionIds ids{500, default_range};

    EXPECT_EQ(ids.take(nothing_in_use), SessionId{1001});
    EXPECT_EQ(ids.take(nothing_in_use), SessionId{1002});
}

TEST(SessionIds, FreeIdBelowTheReservedRangeIsTaken) {
    SessionIds ids{-5, default_range};

    EXPECT_EQ(ids.take(nothing_in_use), SessionId{-5});
    EXPECT_EQ(ids.take(nothing_in_use), SessionId{-4});
}

// spec: 06-C36
TEST(SessionIds, SearchForAFreeIdDoesNotStepIntoTheReservedRange) {
    SessionIds ids{-2, default_range};

    EXPECT_EQ(ids.take([](const SessionId id) { return id == SessionId{-2}; }), SessionId{1001});
}

TEST(SessionIds, SearchTakesTheSmallestFreeOffset) {
    SessionIds ids{2000, default_range};

    EXPECT_EQ(ids.take([](const SessionId id) { return id < SessionId{2003}; }), SessionId{2003});
    EXPECT_EQ(ids.take(nothing_in_use), SessionId{2004});
}

TEST(SessionIds, SequenceWrapsFromTheLargestToTheSmallestId) {
    SessionIds ids{std::numeric_limits<std::int32_t>::max(), default_range};

    EXPECT_EQ(ids.take(nothing_in_use), SessionId{std::numeric_limits<std::int32_t>::max()});
    EXPECT_EQ(ids.take(nothing_in_use), SessionId{std::numeric_limits<std::int32_t>::min()});
}

TEST(SessionIds, ReservedRangeUpToTheLargestIdIsLeftByWrapping) {
    SessionIds ids{7, {.low = 0, .high = std::numeric_limits<std::int32_t>::max()}};

    EXPECT_EQ(ids.take(nothing_in_use), SessionId{std::numeric_limits<std::int32_t>::min()});
}

// spec: 06-C36
TEST(SessionIds, AWholeWalkThroughTheNeighbourhoodNeverShowsAReservedId) {
    SessionIds ids{-100, default_range};
    std::set<std::int32_t> seen;

    for (int i = 0; i < 2000; ++i) {
        const auto id = static_cast<std::int32_t>(
            ids.take([&](const SessionId candidate) { return static_cast<std::int32_t>(candidate) % 3 == 0; }));
        EXPECT_FALSE(default_range.contains(id)) << id;
        EXPECT_TRUE(seen.insert(id).second) << id;
    }
}

}  // namespace
}  // namespace cpperon::driver
