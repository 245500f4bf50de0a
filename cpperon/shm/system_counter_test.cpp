/// Names of the driver's own counters, and how they are found.
#include "cpperon/shm/system_counter.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/clock.hpp"
#include "cpperon/shm/counter_types.hpp"
#include "cpperon/shm/counters_manager.hpp"
#include "cpperon/shm/system_counters_reader.hpp"
#include "tests/support/shared_section.hpp"

namespace cpperon {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(SystemCounterNames, AreThoseOfTheLabels) {
    EXPECT_EQ(to_string(SystemCounter::bytes_sent), "Bytes sent");
    EXPECT_EQ(to_string(SystemCounter::errors), "Errors");
    EXPECT_EQ(to_string(SystemCounter::conductor_max_cycle_time), "Conductor max cycle time doing its work in ns");
    EXPECT_EQ(to_string(SystemCounter::native_resource_agent_proxy_fails), "Failed offers to NativeResourceAgentProxy");
    for (std::int32_t id = 0; id < system_counter_count; ++id) {
        EXPECT_FALSE(to_string(SystemCounter{id}).empty()) << id;
    }
    for (const std::int32_t id : {-1, 46, INT32_MAX, INT32_MIN}) {
        EXPECT_EQ(to_string(SystemCounter{id}), "");
    }
}

class SystemCountersOfADriver : public ::testing::Test {
protected:
    std::optional<std::int32_t> allocate(const std::int32_t id, const std::int32_t type_id = counter_type::system) {
        return manager.allocate({.type_id = type_id,
                                 .key = SystemCounterKey{.counter = SystemCounter{id}}.encode(),
                                 .label = "label " + std::to_string(id),
                                 .registration_id = id,
                                 .owner_id = -1,
                                 .initial_value = 100 + id});
    }

    test::SharedSection metadata{std::size_t{64} * 512};
    test::SharedSection values{std::size_t{64} * 128};
    ManualClock clock;
    shm::CountersManager manager{metadata.bytes(), values.bytes(), clock, 0};
    const CountersReader& counters = manager.reader();
};

TEST_F(SystemCountersOfADriver, AreFoundByTheirIds) {
    ASSERT_EQ(allocate(0), 0);
    ASSERT_EQ(allocate(1), 1);
    EXPECT_EQ(system_counter_value(counters, SystemCounter::bytes_received), 101);
    EXPECT_EQ(system_counter_value(counters, SystemCounter::receiver_proxy_fails), std::nullopt);
    EXPECT_EQ(system_counter_value({}, SystemCounter::bytes_sent), std::nullopt);
    EXPECT_EQ(system_counter_value(counters, SystemCounter{-1}), std::nullopt);
}

TEST_F(SystemCountersOfADriver, AreNotMistakenForOthersInTheirPlace) {
    ASSERT_EQ(allocate(0, 1'001), 0);
    ASSERT_EQ(allocate(7), 1);

    EXPECT_EQ(system_counter_value(counters, SystemCounter::bytes_sent), std::nullopt);
    EXPECT_EQ(system_counter_value(counters, SystemCounter::bytes_received), std::nullopt);
}

TEST_F(SystemCountersOfADriver, AreEnumeratedAlsoThoseWithoutAName) {
    for (std::int32_t id = 0; id < 3; ++id) {
        static_cast<void>(allocate(id));
    }
    static_cast<void>(allocate(77));
    static_cast<void>(allocate(3, 1'001));
    manager.free(1);

    std::vector<std::pair<SystemCounter, std::string>> found;
    for_each_system_counter(counters, [&](const SystemCounter counter, const CounterView& view) {
        found.emplace_back(counter, view.label);
    });

    EXPECT_THAT(found,
                ElementsAre(Pair(SystemCounter::bytes_sent, "label 0"),
                            Pair(SystemCounter::receiver_proxy_fails, "label 2"), Pair(SystemCounter{77}, "label 77")));
}

}  // namespace
}  // namespace cpperon
