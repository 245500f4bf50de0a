/// The driver, publishers and a subscriber, each a process of its own.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/system/process_fixture.hpp"

namespace cpperon::system_test {
namespace {

struct Traffic {
    std::string name;
    int publishers = 1;
    bool is_exclusive = false;
    std::size_t max_length = 0;

    /// For GoogleTest, which would print the bytes.
    friend void PrintTo(const Traffic& value, std::ostream* const out) { *out << value.name; }
};

class ThreeProcesses : public ProcessFixture, public testing::WithParamInterface<Traffic> {};

// Each log goes round its three terms of 64 KiB several times.
TEST_P(ThreeProcesses, EachMessageArrivesOnceInOrderAndUnchanged) {
    const Traffic& traffic = GetParam();
    const std::int64_t count =
        (test::is_sanitized ? 1'000'000 : 10'000'000) / static_cast<std::int64_t>(traffic.max_length);
    const auto driver = start_driver();
    const auto subscriber = start_peer("subscribe", {"--messages", std::to_string(count * traffic.publishers),
                                                     "--max-length", std::to_string(traffic.max_length)});
    wait_for_event(*subscriber, "ready");

    std::vector<std::unique_ptr<ChildProcess>> publishers;
    std::vector<std::string> sessions;
    for (int source = 1; source <= traffic.publishers; ++source) {
        std::vector<std::string> arguments{"--source",     std::to_string(source),
                                           "--messages",   std::to_string(count),
                                           "--max-length", std::to_string(traffic.max_length)};
        if (traffic.is_exclusive) {
            arguments.emplace_back("--exclusive");
        }
        publishers.push_back(start_peer("publish", arguments));
        sessions.push_back(wait_for_event(*publishers.back(), "ready"));
    }
    // All are there before any of them sends or leaves: shared publications are on one log.
    if (traffic.publishers > 1) {
        EXPECT_EQ(sessions[0] == sessions[1], !traffic.is_exclusive);
        EXPECT_EQ(count_logs(), traffic.is_exclusive ? 2U : 1U);
    }
    for (const auto& publisher : publishers) {
        publisher->tell("go");
    }

    for (const auto& publisher : publishers) {
        EXPECT_EQ(publisher->exit_status(), 0) << publisher->error_output();
    }
    EXPECT_EQ(subscriber->exit_status(), 0) << subscriber->output() << subscriber->error_output();
    for (int source = 1; source <= traffic.publishers; ++source) {
        EXPECT_THAT(subscriber->output(),
                    testing::HasSubstr("received " + std::to_string(count) + " from " + std::to_string(source) + "\n"));
    }
    wait_until([&] { return count_logs() == 0; }, "the logs to go with their publishers");
    driver->send(SIGTERM);
    EXPECT_EQ(driver->exit_status(), SIGTERM);
    EXPECT_EQ(driver->error_output(), "");
}

INSTANTIATE_TEST_SUITE_P(
    Traffic, ThreeProcesses,
    testing::Values(
        Traffic{.name = "SharedSmall", .publishers = 1, .is_exclusive = false, .max_length = 100},
        Traffic{.name = "SharedFragmented", .publishers = 1, .is_exclusive = false, .max_length = 8'192},
        Traffic{.name = "ExclusiveSmall", .publishers = 1, .is_exclusive = true, .max_length = 100},
        Traffic{.name = "ExclusiveFragmented", .publishers = 1, .is_exclusive = true, .max_length = 8'192},
        Traffic{.name = "TwoSharedOnOneLogSmall", .publishers = 2, .is_exclusive = false, .max_length = 100},
        Traffic{.name = "TwoSharedOnOneLogFragmented", .publishers = 2, .is_exclusive = false, .max_length = 8'192},
        Traffic{.name = "TwoExclusive", .publishers = 2, .is_exclusive = true, .max_length = 2'000}),
    [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace cpperon::system_test
