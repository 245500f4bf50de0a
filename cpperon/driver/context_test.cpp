#include "cpperon/driver/context.hpp"

#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/error.hpp"
#include "cpperon/driver/settings.hpp"

namespace cpperon {
namespace {

using namespace std::chrono_literals;
using driver::Bounds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A driver context read from variables that stand in the test.
struct EnvironmentFixture : testing::Test {
    std::map<std::string, std::string, std::less<>> variables;
    std::vector<std::string> warnings;

    DriverContext read() {
        return DriverContext::from_environment(
            [this](const std::string_view name) -> std::optional<std::string> {
                const auto found = variables.find(name);
                return found == variables.end() ? std::nullopt : std::optional{found->second};
            },
            [this](const std::string_view line) { warnings.emplace_back(line); });
    }

    std::string refusal_when_read() {
        try {
            read();
        } catch (const InvalidArgumentError& error) {
            return error.what();
        }
        return "accepted";
    }
};
using DriverEnvironment = EnvironmentFixture;

std::string refusal_of(const DriverContext& context) {
    try {
        validate(context);
    } catch (const InvalidArgumentError& error) {
        return error.what();
    }
    return "accepted";
}

TEST(DriverContext, TakesTheDefaultsOfTheReferenceDriver) {
    const DriverContext context;

    EXPECT_EQ(refusal_of(context), "accepted");
    EXPECT_THAT(describe(context), HasSubstr("    aeron.timer.interval=1000000000\n"));
    EXPECT_THAT(describe(context), HasSubstr("    aeron.counters.buffer.length=8388608\n"));
    EXPECT_THAT(describe(context), HasSubstr("    aeron.threading.mode=DEDICATED\n"));
}

// spec: 06 §3.6
TEST(DriverContext, IsPrintedAsOneBlockWithTheVersionFirstAndTheDirectorySecond) {
    const std::string text = describe({.directory = "/dev/shm/x", .rejoin_stream = false});

    EXPECT_THAT(text, testing::StartsWith(
                          "cpperon driver configuration {\n    aeron.cnc.version=0.2.0\n    aeron.dir=/dev/shm/x\n"));
    EXPECT_THAT(text, HasSubstr("    aeron.rejoin.stream=false\n"));
    EXPECT_THAT(text, HasSubstr("    aeron.conductor.idle.strategy=backoff\n"));
    EXPECT_THAT(text, testing::EndsWith("\n}\n"));
}

TEST_F(DriverEnvironment, OverridesTheDefaults) {
    variables = {
        {"AERON_DIR", "/dev/shm/orders"},
        {"AERON_DIR_DELETE_ON_SHUTDOWN", "true"},
        {"AERON_DRIVER_TIMEOUT", "2500"},
        {"AERON_THREADING_MODE", "SHARED_NETWORK"},
        {"AERON_THREAD_NAMING", "new"},
        {"AERON_SHARED_IDLE_STRATEGY", "spin"},
        {"AERON_CONDUCTOR_IDLE_STRATEGY_INIT_ARGS", "1-2-3us-4ms"},
        {"AERON_COUNTERS_BUFFER_LENGTH", "2m"},
        {"AERON_IPC_MTU_LENGTH", "8k"},
        {"AERON_TIMER_INTERVAL", "500ms"},
        {"AERON_UNTETHERED_LINGER_TIMEOUT", "7s"},
        {"AERON_PUBLICATION_RESERVED_SESSION_ID_LOW", "0x10"},
        {"AERON_TETHER_SUBSCRIPTIONS", "off"},
        {"AERON_DRIVER_TERMINATION_VALIDATOR", "allow"},
    };

    const DriverContext context = read();

    EXPECT_EQ(context.directory, "/dev/shm/orders");
    EXPECT_TRUE(context.delete_directory_on_shutdown);
    EXPECT_EQ(context.driver_timeout, 2'500ms);
    EXPECT_EQ(context.threading_mode, ThreadingMode::shared_network);
    EXPECT_EQ(context.thread_naming, ThreadNaming::aeron_md);
    EXPECT_EQ(context.shared_idle.name, "spin");
    EXPECT_EQ(context.conductor_idle.args, "1-2-3us-4ms");
    EXPECT_EQ(context.counters_buffer_length, 2'097'152);
    EXPECT_EQ(context.ipc_mtu_length, 8'192);
    EXPECT_EQ(context.timer_interval, 500ms);
    EXPECT_EQ(context.untethered_linger_timeout, 7s);
    EXPECT_EQ(context.reserved_session_id_low, 16);
    EXPECT_FALSE(context.tether_subscriptions);
    EXPECT_TRUE(context.termination_validator({}));
    EXPECT_THAT(warnings, IsEmpty());
}

/// Tries values out of bounds, and nonsense, on every setting that is a number.
class BoundsTrial {
public:
    BoundsTrial(DriverEnvironment& environment, const DriverContext& defaults)
        : environment_(environment), defaults_(defaults) {}

    void section(std::string_view /*title*/) {}
    void text(const driver::Setting& /*setting*/, std::string& /*field*/) {}
    void flag(const driver::Setting& /*setting*/, bool& /*field*/) {}
    void mode(const driver::Setting& /*setting*/, std::optional<ThreadingMode>& /*field*/) {}
    void naming(const driver::Setting& /*setting*/, ThreadNaming& /*field*/) {}
    void idle(const driver::Setting& /*setting*/, IdleSetting& /*field*/) {}
    void validator(const driver::Setting& /*setting*/, TerminationValidator& /*field*/) {}
    void group(const driver::Setting& /*setting*/, GroupConsideration& /*field*/) {}
    void flow_control(const driver::Setting& /*setting*/, uri::FlowControlStrategy& /*field*/) {}
    void congestion_control(const driver::Setting& /*setting*/, CongestionControlSupplier& /*field*/) {}
    void ports(const driver::Setting& /*setting*/, net::PortRange& /*field*/) {}
    void optional_long(const driver::Setting& /*setting*/, std::optional<std::int64_t>& /*field*/, const Bounds&) {}
    void whole(const driver::Setting& setting, std::int64_t& field, const Bounds& bounds) {
        record(setting.property, &field, bounds);
    }
    void size(const driver::Setting& setting, std::int64_t& field, const Bounds& bounds) {
        record(setting.property, &field, bounds);
    }
    void integer(const driver::Setting& setting, std::int32_t& field, const Bounds& bounds) {
        record(setting.property, &field, bounds);
    }
    template <typename Duration>
    void duration(const driver::Setting& setting, Duration& field, const Bounds& bounds) {
        record(setting.property, &field, bounds);
    }
    template <typename Duration>
    void milliseconds(const driver::Setting& setting, Duration& field, const Bounds& bounds) {
        record(setting.property, &field, bounds);
    }
    template <typename Duration>
    void optional_duration(const driver::Setting& /*setting*/, Duration& /*field*/, const Bounds& /*bounds*/) {}

    static std::int64_t count_of(const std::int64_t value) { return value; }
    static std::int64_t count_of(const std::int32_t value) { return value; }
    template <typename Rep, typename Period>
    static std::int64_t count_of(const std::chrono::duration<Rep, Period> value) {
        return value.count();
    }

private:
    static constexpr std::int64_t largest(const std::int32_t&) { return std::numeric_limits<std::int32_t>::max(); }
    static constexpr std::int64_t largest(const auto&) { return std::numeric_limits<std::int64_t>::max(); }

    /// `field` lies in the defaults: the same place in a context that was read is the setting's value.
    template <typename T>
    void record(const std::string_view property, const T* const field, const Bounds& bounds) {
        const auto offset = reinterpret_cast<const char*>(field) - reinterpret_cast<const char*>(&defaults_);
        const auto value_with = [&](const std::string& text) {
            environment_.variables = {{environment_name(property), text}};
            const DriverContext context = environment_.read();
            return count_of(*reinterpret_cast<const T*>(reinterpret_cast<const char*>(&context) + offset));
        };
        SCOPED_TRACE(property);

        if (bounds.low > 0) {
            EXPECT_EQ(value_with(std::to_string(bounds.low - 1)), bounds.low);
        }
        if (bounds.high < largest(*field)) {
            EXPECT_EQ(value_with(std::to_string(bounds.high + 1)), bounds.high);
        }
        EXPECT_THAT(environment_.warnings, IsEmpty()) << "clamping is silent";

        EXPECT_EQ(value_with("lots"), count_of(*field));
        EXPECT_THAT(environment_.warnings, ElementsAre(testing::StartsWith("WARNING: " + environment_name(property) +
                                                                           "=lots is invalid, using default ")));
        environment_.warnings.clear();
    }

    DriverEnvironment& environment_;
    const DriverContext& defaults_;
};

// spec: 05-C50, 06-C16
TEST_F(DriverEnvironment, ClampsNumbersToTheirBoundsAndWarnsOfWhatIsNone) {
    DriverContext defaults;
    BoundsTrial trial{*this, defaults};

    driver::visit_settings(defaults, trial);
}

// spec: 05-C50
TEST_F(DriverEnvironment, ReadsIntegersOf32BitsInAnyBaseAndNothingBehindThem) {
    variables = {{"AERON_DRIVER_RESOURCE_FREE_LIMIT", "0x20"}, {"AERON_CONDUCTOR_CPU_AFFINITY", "-50"}};
    EXPECT_EQ(read().resource_free_limit, 32);
    EXPECT_EQ(read().conductor_cpu_affinity, -1);
    EXPECT_THAT(warnings, IsEmpty());

    variables = {{"AERON_DRIVER_RESOURCE_FREE_LIMIT", "20abc"},
                 {"AERON_PUBLICATION_RESERVED_SESSION_ID_HIGH", "3000000000"},
                 {"AERON_PUBLICATION_RESERVED_SESSION_ID_LOW", "-2147483649"}};
    const DriverContext context = read();
    EXPECT_EQ(context.resource_free_limit, 1);
    EXPECT_EQ(context.reserved_session_id_high, 1'000);
    EXPECT_EQ(context.reserved_session_id_low, -1);
    EXPECT_THAT(
        warnings,
        ElementsAre("WARNING: AERON_PUBLICATION_RESERVED_SESSION_ID_LOW=-2147483649 is invalid, using default -1; "
                    "allowed: an integer",
                    "WARNING: AERON_PUBLICATION_RESERVED_SESSION_ID_HIGH=3000000000 is invalid, using default "
                    "1000; allowed: an integer",
                    "WARNING: AERON_DRIVER_RESOURCE_FREE_LIMIT=20abc is invalid, using default 1; allowed: an "
                    "integer of at least 1"));
}

// spec: 06 §22
TEST_F(DriverEnvironment, ReadsWhatIsToBeLoggedAndWhere) {
    variables = {{"AERON_EVENT_LOG", "admin,FRAME_IN"},
                 {"AERON_EVENT_LOG_DISABLE", "NAK_SENT"},
                 {"AERON_EVENT_LOG_FILENAME", "/var/log/events"},
                 {"AERON_EVENT_LOG_FILE_MAX_LENGTH", "64m"}};
    const DriverContext context = read();

    EXPECT_EQ(context.event_log, "admin,FRAME_IN");
    EXPECT_EQ(context.event_log_disable, "NAK_SENT");
    EXPECT_EQ(context.event_log_filename, "/var/log/events");
    EXPECT_EQ(context.event_log_file_max_length, 67'108'864);
    EXPECT_THAT(describe(context), HasSubstr("    aeron.event.log=admin,FRAME_IN\n"
                                             "    aeron.event.log.disable=NAK_SENT\n"
                                             "    aeron.event.log.filename=/var/log/events\n"
                                             "    aeron.event.log.file.max.length=67108864\n"));
    EXPECT_THAT(refusal_of({.event_log_file_max_length = -1}),
                HasSubstr("aeron.event.log.file.max.length=-1 is not allowed: set it to a size of at least 0"));
}

// spec: 06 §26.5
TEST_F(DriverEnvironment, ClampsATermLengthWhichTheStartThenRefuses) {
    variables = {{"AERON_IPC_TERM_BUFFER_LENGTH", "100"}};

    const DriverContext context = read();

    EXPECT_EQ(context.ipc_term_length, 1'024);
    EXPECT_EQ(refusal_of(context),
              "aeron.ipc.term.buffer.length=1024 is not allowed: set it to a power of two from 64k to 1g");
}

// spec: 06 §3.3
TEST_F(DriverEnvironment, ReadsTruthByItsBeginningAndKeepsTheDefaultOtherwise) {
    variables = {{"AERON_DIR_DELETE_ON_START", "1x"},
                 {"AERON_REJOIN_STREAM", "offline"},
                 {"AERON_TETHER_SUBSCRIPTIONS", "no"},
                 {"AERON_PRINT_CONFIGURATION", "TRUE"}};

    const DriverContext context = read();

    EXPECT_TRUE(context.delete_directory_on_start);
    EXPECT_FALSE(context.rejoin_stream);
    EXPECT_TRUE(context.tether_subscriptions);
    EXPECT_FALSE(context.print_configuration);
    EXPECT_THAT(warnings, IsEmpty());
}

// spec: 06 §3.3
TEST_F(DriverEnvironment, WarnsOfUnknownModesAndOfTextAfterASuffix) {
    variables = {
        {"AERON_THREADING_MODE", "shared"}, {"AERON_THREAD_NAMING", "modern"}, {"AERON_ERROR_BUFFER_LENGTH", "8mb"}};

    const DriverContext context = read();

    EXPECT_EQ(context.threading_mode, std::nullopt);
    EXPECT_EQ(context.thread_naming, ThreadNaming::classic);
    EXPECT_EQ(context.error_buffer_length, 4'194'304);
    EXPECT_THAT(warnings,
                ElementsAre("WARNING: AERON_THREADING_MODE=shared is invalid, using default DEDICATED; allowed: "
                            "DEDICATED, SHARED_NETWORK, SHARED or INVOKER",
                            "WARNING: AERON_THREAD_NAMING=modern is invalid, using default classic; allowed: "
                            "classic or new",
                            "WARNING: AERON_ERROR_BUFFER_LENGTH=8mb is invalid, using default 4m; allowed: a "
                            "multiple of 8 of at least 4m"));
}

TEST_F(DriverEnvironment, ReadsWhatOnlyNetworkChannelsUse) {
    variables = {
        {"AERON_MTU_LENGTH", "8k"},
        {"AERON_UNICAST_FLOWCONTROL_SUPPLIER", "unicast_max"},
        {"AERON_MULTICAST_FLOWCONTROL_SUPPLIER", "multicast_tagged"},
        {"AERON_CONGESTIONCONTROL_SUPPLIER", "cubic"},
        {"AERON_RECEIVER_GROUP_CONSIDERATION", "true"},
        {"AERON_RECEIVER_GROUP_TAG", "-7"},
        {"AERON_RECEIVER_WILDCARD_PORT_RANGE", " 20000\t20010 "},
        {"AERON_SENDER_IDLE_STRATEGY", "noop"},
        {"CPPERON_SOCKET_RECEIVE_OFFLOAD", "false"},
    };

    const DriverContext context = read();

    EXPECT_EQ(context.mtu_length, 8'192);
    EXPECT_EQ(context.unicast_flow_control, uri::FlowControlStrategy::max);
    EXPECT_EQ(context.multicast_flow_control, uri::FlowControlStrategy::tagged);
    EXPECT_EQ(context.congestion_control, CongestionControlSupplier::cubic);
    EXPECT_EQ(context.receiver_group_consideration, GroupConsideration::force_true);
    EXPECT_EQ(context.receiver_group_tag, -7);
    EXPECT_EQ(context.receiver_wildcard_port_range, (net::PortRange{.low = 20'000, .high = 20'010}));
    EXPECT_EQ(context.sender_idle.name, "noop");
    EXPECT_TRUE(context.segmentation_offload);
    EXPECT_FALSE(context.receive_offload);
    EXPECT_THAT(warnings, IsEmpty());
}

// spec: 06 §3.3
TEST_F(DriverEnvironment, RefusesUnknownStrategiesAndImpossiblePortRanges) {
    variables = {{"AERON_MULTICAST_FLOWCONTROL_SUPPLIER", "fastest"}};
    EXPECT_EQ(refusal_when_read(),
              "AERON_MULTICAST_FLOWCONTROL_SUPPLIER=fastest: this name is unknown; allowed: multicast_max, "
              "unicast_max, multicast_min or multicast_tagged");

    for (const std::string range : {"20", "30 20", "1 70000", "1 2 3", "a b", "-1 5"}) {
        variables = {{"AERON_SENDER_WILDCARD_PORT_RANGE", range}};
        EXPECT_THAT(refusal_when_read(), HasSubstr("AERON_SENDER_WILDCARD_PORT_RANGE=" + range + ": a port range is"));
    }
}

TEST(DriverContext, RefusesNamesThatCannotBeResolved) {
    EXPECT_THAT(refusal_of({.name_resolver_supplier = "dns"}), HasSubstr("allowed are default, csv_table and driver"));
    EXPECT_THAT(refusal_of({.resolver_interface = "0.0.0.0:8050"}), HasSubstr("without aeron.driver.resolver.name"));
    EXPECT_THAT(refusal_of({.name_resolver_supplier = "driver"}), HasSubstr("needs aeron.driver.resolver.interface"));
    EXPECT_THAT(refusal_of({.name_resolver_supplier = "csv_table"}), HasSubstr("needs aeron.name.resolver.init.args"));
}

TEST(DriverContext, RefusesAWindowBelowTheMtuAndARetryDelayBeyondAllTime) {
    EXPECT_THAT(refusal_of({.mtu_length = 8'192, .receiver_window_length = 4'096}),
                HasSubstr("aeron.rcv.initial.window.length=4096 is less than one datagram"));
    EXPECT_THAT(refusal_of({.nak_unicast_delay = 2us,
                            .nak_unicast_retry_delay_ratio = std::numeric_limits<std::int64_t>::max() / 1'000}),
                HasSubstr("beyond all time"));
}

// spec: 06 §27 trap 23
TEST_F(DriverEnvironment, ReadsTheDriverTimeoutInMillisecondsOrWithAUnit) {
    variables = {{"AERON_DRIVER_TIMEOUT", "10s"}};
    EXPECT_EQ(read().driver_timeout, 10'000ms);

    variables = {{"AERON_DRIVER_TIMEOUT", "10"}};
    EXPECT_EQ(read().driver_timeout, 10ms);
}

// spec: 06 §3.3
TEST_F(DriverEnvironment, RefusesUnknownIdleStrategiesTheirArgumentsAndValidators) {
    variables = {{"AERON_SHARED_IDLE_STRATEGY", "lazy"}};
    EXPECT_THAT(refusal_when_read(), testing::StartsWith("AERON_SHARED_IDLE_STRATEGY=lazy: "));

    variables = {{"AERON_CONDUCTOR_IDLE_STRATEGY_INIT_ARGS", "10-20-1us"}};
    EXPECT_THAT(refusal_when_read(), testing::StartsWith("AERON_CONDUCTOR_IDLE_STRATEGY=backoff: "));

    variables = {{"AERON_DRIVER_TERMINATION_VALIDATOR", "maybe"}};
    EXPECT_THAT(refusal_when_read(), HasSubstr("allowed: allow or deny"));
}

// spec: 06 §2.4
TEST_F(DriverEnvironment, GivesANamedResourceAgentStrategyNoArgumentsButItsOwn) {
    variables = {{"AERON_DRIVER_NATIVE_RESOURCE_AGENT_IDLE_STRATEGY", "backoff"}};

    EXPECT_EQ(read().native_resource_agent_idle.args, "");
}

TEST_F(DriverEnvironment, TreatsAnEmptyVariableAsUnset) {
    variables = {{"AERON_DIR", ""}, {"AERON_TIMER_INTERVAL", ""}};

    EXPECT_EQ(read().directory, "");
    EXPECT_EQ(read().timer_interval, 1s);
    EXPECT_THAT(warnings, IsEmpty());
}

TEST(DriverContext, IsRefusedForAValueOutOfBoundsThatTheProgramSets) {
    EXPECT_EQ(refusal_of({.counters_buffer_length = 1'000}),
              "aeron.counters.buffer.length=1000 is not allowed: set it to a multiple of 128 from 1m to 500m");
    EXPECT_EQ(refusal_of({.conductor_cpu_affinity = 256}),
              "aeron.conductor.cpu.affinity=256 is not allowed: set it to an integer from -1 to 255");
    EXPECT_EQ(refusal_of({.publication_linger_timeout = 999ns}),
              "aeron.publication.linger.timeout=999ns is not allowed: set it to a duration of at least 1us");
    EXPECT_THAT(refusal_of({.directory = std::string(5'000, 'x')}), HasSubstr("at most 4095 are allowed"));
    EXPECT_THAT(refusal_of({.shared_idle = {.name = "lazy"}}), testing::StartsWith("aeron.shared.idle.strategy=lazy "));
}

TEST(DriverContext, IsRefusedForALengthOfTheWrongForm) {
    EXPECT_THAT(refusal_of({.to_driver_buffer_length = 2'097'152}), HasSubstr("a power of two + 768"));
    EXPECT_EQ(refusal_of({.to_driver_buffer_length = 2'097'152 + 768}), "accepted");
    EXPECT_THAT(refusal_of({.to_clients_buffer_length = 2'097'152}), HasSubstr("a power of two + 128"));
    EXPECT_THAT(refusal_of({.counters_buffer_length = 1'048'577}), HasSubstr("a multiple of 128"));
    EXPECT_THAT(refusal_of({.error_buffer_length = 4'194'305}), HasSubstr("a multiple of 8"));
    EXPECT_THAT(refusal_of({.file_page_size = 6'144}), HasSubstr("a power of two"));
    EXPECT_THAT(refusal_of({.ipc_term_length = 98'304}), HasSubstr("a power of two from 64k"));
    EXPECT_THAT(refusal_of({.ipc_mtu_length = 32}), HasSubstr("a multiple of 32 from 64"));
    EXPECT_THAT(refusal_of({.ipc_mtu_length = 1'400}), HasSubstr("a multiple of 32 from 64"));
}

// spec: 06 §3.5.5
TEST(DriverContext, IsRefusedForACncFileAboveTwoGigabytes) {
    EXPECT_THAT(refusal_of({.counters_buffer_length = 524'288'000}), HasSubstr("at most 2147483647 are allowed"));
}

// spec: 03-C55
TEST(DriverContext, IsRefusedUnlessTheUnblockTimeoutIsAboveTheClientLivenessTimeout) {
    EXPECT_EQ(
        refusal_of({.publication_unblock_timeout = 10s}),
        "aeron.publication.unblock.timeout=10000000000 ns must be above aeron.client.liveness.timeout=10000000000 "
        "ns: raise the one or lower the other");
    EXPECT_THAT(refusal_of({.publication_unblock_timeout = 9s}),
                HasSubstr("aeron.client.liveness.timeout=10000000000"));
    EXPECT_THAT(refusal_of({.client_liveness_timeout = 15s}), HasSubstr("aeron.client.liveness.timeout=15000000000"));
    EXPECT_EQ(refusal_of({.publication_unblock_timeout = 10s + 1ns}), "accepted");
}

TEST(DriverContext, IsRefusedForTimeoutsOutOfOrder) {
    EXPECT_THAT(refusal_of({.client_liveness_timeout = 1s}), HasSubstr("must be above aeron.timer.interval="));
    EXPECT_THAT(refusal_of({.untethered_window_limit_timeout = 1s}),
                HasSubstr("aeron.untethered.window.limit.timeout"));
    EXPECT_THAT(refusal_of({.untethered_resting_timeout = 1s}), HasSubstr("aeron.untethered.resting.timeout"));
    EXPECT_THAT(refusal_of({.untethered_linger_timeout = 1s}), HasSubstr("aeron.untethered.linger.timeout"));
}

TEST(DriverContext, IsRefusedForReservedSessionIdsThatAreNoRange) {
    EXPECT_THAT(refusal_of({.reserved_session_id_low = 5, .reserved_session_id_high = 4}), HasSubstr("are no range"));
    EXPECT_THAT(refusal_of({.reserved_session_id_low = std::numeric_limits<std::int32_t>::min(),
                            .reserved_session_id_high = 0}),
                HasSubstr("are no range"));
    EXPECT_EQ(refusal_of({.reserved_session_id_low = 4, .reserved_session_id_high = 4}), "accepted");
}

}  // namespace
}  // namespace cpperon
