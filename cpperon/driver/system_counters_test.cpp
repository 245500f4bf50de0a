#include "cpperon/driver/system_counters.hpp"

#include <chrono>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "cpperon/base/clock.hpp"
#include "cpperon/base/error.hpp"
#include "cpperon/base/version.hpp"
#include "cpperon/driver/test_counters.hpp"

namespace cpperon::driver {
namespace {

using namespace std::chrono_literals;

const std::string version{version_text};
const std::string commit{build_commit()};

std::vector<std::string> expected_labels() {
    return {
        "Bytes sent",
        "Bytes received",
        "Failed offers to ReceiverProxy",
        "Failed offers to SenderProxy",
        "Failed offers to DriverConductorProxy",
        "NAKs sent",
        "NAKs received",
        "Status Messages sent",
        "Status Messages received",
        "Heartbeats sent",
        "Heartbeats received",
        "Retransmits sent",
        "Flow control under runs",
        "Flow control over runs",
        "Invalid packets",
        "Errors: version=" + version + " commit=" + commit,
        "Short sends",
        "Failed attempts to free log buffers",
        "Sender flow control limits, i.e. back-pressure events",
        "Unblocked Publications",
        "Unblocked Control Commands",
        "Possible TTL Asymmetry",
        "ControllableIdleStrategy status",
        "Loss gap fills",
        "Client liveness timeouts",
        "Resolution changes: driverName=",
        "Conductor max cycle time doing its work in ns: SHARED",
        "Conductor work cycle exceeded threshold count: threshold=1500ns SHARED",
        "Sender max cycle time doing its work in ns: SHARED",
        "Sender work cycle exceeded threshold count: threshold=100ms SHARED",
        "Receiver max cycle time doing its work in ns: SHARED",
        "Receiver work cycle exceeded threshold count: threshold=100ms SHARED",
        "NameResolver max time in ns",
        "NameResolver exceeded threshold count: threshold=5s",
        "Aeron software: version=" + version + " commit=" + commit,
        "Bytes currently mapped",
        "Retransmitted bytes",
        "Retransmit Pool Overflow count",
        "Error Frames received",
        "Error Frames sent",
        "Publications Revoked",
        "Publication Images Revoked",
        "Images rejected",
        "Control protocol version",
        "Status Messages rejected",
        "Failed offers to NativeResourceAgentProxy",
    };
}

// spec: 06-C8, 06-C10
TEST(SystemCounters, HaveTheirIdsKeysAndLabels) {
    TestCounters section;
    const SystemCounters counters{section.manager,
                                  {.threading_mode = ThreadingMode::shared, .conductor_cycle_threshold = 1'500ns}};

    const std::vector<std::string> labels = expected_labels();
    ASSERT_EQ(labels.size(), 46U);
    std::int32_t id = 0;
    section.reader().for_each([&](const CounterView& counter) {
        ASSERT_LT(id, system_counter_count);
        std::int32_t key_id = -1;
        std::memcpy(&key_id, counter.key.data(), sizeof key_id);
        EXPECT_EQ(counter.id, id);
        EXPECT_EQ(key_id, id);
        EXPECT_EQ(counter.type_id, 0);
        EXPECT_EQ(counter.registration_id, id);
        EXPECT_EQ(counter.owner_id, -1);
        EXPECT_EQ(counter.reference_id, 0);
        EXPECT_EQ(counter.value, 0);
        EXPECT_EQ(counter.label, labels[static_cast<std::size_t>(id)]);
        ++id;
    });
    EXPECT_EQ(id, system_counter_count);
}

// spec: 06 §18
TEST(SystemCounters, CarryTheThresholdInItsLargestExactUnit) {
    const auto label = [](const std::chrono::nanoseconds threshold) {
        return label_of(SystemCounter::conductor_cycle_time_threshold_exceeded,
                        {.threading_mode = ThreadingMode::dedicated, .conductor_cycle_threshold = threshold});
    };

    EXPECT_EQ(label(100ms), "Conductor work cycle exceeded threshold count: threshold=100ms DEDICATED");
    EXPECT_EQ(label(5s), "Conductor work cycle exceeded threshold count: threshold=5s DEDICATED");
    EXPECT_EQ(label(1us), "Conductor work cycle exceeded threshold count: threshold=1us DEDICATED");
}

// spec: 06-C10, 06-C11
TEST(SystemCounters, CarryTheThresholdOfEachAgentAndTheNameOfTheDriver) {
    const SystemCounterLabels labels{.threading_mode = ThreadingMode::dedicated,
                                     .sender_cycle_threshold = 1ms,
                                     .receiver_cycle_threshold = 2ms,
                                     .name_resolver_threshold = 3s,
                                     .resolver_name = "node-1"};

    EXPECT_EQ(label_of(SystemCounter::sender_cycle_time_threshold_exceeded, labels),
              "Sender work cycle exceeded threshold count: threshold=1ms DEDICATED");
    EXPECT_EQ(label_of(SystemCounter::receiver_cycle_time_threshold_exceeded, labels),
              "Receiver work cycle exceeded threshold count: threshold=2ms DEDICATED");
    EXPECT_EQ(label_of(SystemCounter::name_resolver_time_threshold_exceeded, labels),
              "NameResolver exceeded threshold count: threshold=3s");
    EXPECT_EQ(label_of(SystemCounter::resolution_changes, labels), "Resolution changes: driverName=node-1");
}

TEST(SystemCounters, AreRefusedBehindOtherCounters) {
    TestCounters section;
    static_cast<void>(section.manager.allocate({.type_id = 1'001, .label = "mine"}));

    EXPECT_THROW((SystemCounters{section.manager, {}}), InvalidArgumentError);
}

TEST(SystemCounters, AreWrittenThroughTheirNames) {
    TestCounters section;
    SystemCounters counters{section.manager, {}};

    counters.increment(SystemCounter::client_timeouts);
    counters.add(SystemCounter::bytes_currently_mapped, 4'096);
    counters.add(SystemCounter::bytes_currently_mapped, -96);
    counters.set(SystemCounter::control_protocol_version, 65'536);
    counters.propose_max(SystemCounter::conductor_max_cycle_time, 5);
    counters.propose_max(SystemCounter::conductor_max_cycle_time, 3);

    EXPECT_EQ(section.reader().value(24), 1);
    EXPECT_EQ(section.reader().value(35), 4'000);
    EXPECT_EQ(section.reader().value(43), 65'536);
    EXPECT_EQ(section.reader().value(26), 5);
    EXPECT_EQ(counters.value(SystemCounter::conductor_max_cycle_time), 5);
}

TEST(SystemCounters, LoseNoErrorThatTwoAgentsCountAtOnce) {
    constexpr int errors_per_agent = 20'000;
    TestCounters section;
    SystemCounters counters{section.manager, {}};
    const auto count_errors = [&counters] {
        for (int error = 0; error < errors_per_agent; ++error) {
            counters.increment(SystemCounter::errors);
        }
    };

    std::thread other{count_errors};
    count_errors();
    other.join();

    EXPECT_EQ(counters.value(SystemCounter::errors), 2 * errors_per_agent);
}

// spec: 06 §6.1
TEST(SystemCounters, AreGivenBackAtTheEnd) {
    TestCounters section;
    SystemCounters counters{section.manager, {}};

    counters.free();

    section.reader().for_each([](const CounterView& counter) { ADD_FAILURE() << counter.label; });
}

}  // namespace
}  // namespace cpperon::driver
