#include "cpperon/shm/attach.hpp"

#include <cstring>
#include <filesystem>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/shm/counters_manager.hpp"
#include "cpperon/shm/directory.hpp"
#include "cpperon/shm/many_to_one_ring_buffer.hpp"
#include "tests/support/temporary_directory.hpp"

namespace cpperon::shm {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// A client that looks for a driver, and the file a driver makes step by step; time stands still unless it is moved.
class Attach : public ::testing::Test {
protected:
    /// As a driver does until clients may attach, but for what a test leaves out.
    CncFile& create_file() {
        driver_file.emplace(CncFile::create(path, {.counters_values_buffer_length = 1'048'576}));
        static_cast<void>(ring().next_correlation_id());
        return *driver_file;
    }
    ManyToOneRingBuffer ring() { return ManyToOneRingBuffer{driver_file->to_driver_buffer()}; }
    void start_driver() {
        create_file();
        ring().set_consumer_heartbeat_ms(clock.epoch_ms());
        driver_file->publish_version();
    }
    void set_version(const SemanticVersion version) {
        const std::int32_t packed = version.packed();
        std::memcpy(driver_file->to_driver_buffer().data() - cnc_header_length, &packed, sizeof packed);
    }
    /// Polls, moving the clock as the steps ask, until it ends; counts the waits.
    AttachStep run_to_the_end() {
        while (true) {
            AttachStep step = attempt.poll();
            if (step.state != AttachState::pending) {
                return step;
            }
            ++waits;
            clock.advance(step.retry_after);
        }
    }

    test::TemporaryDirectory directory;
    std::string path = cnc_path(directory.path());
    ManualClock clock;
    DriverAttach attempt{{.directory = directory.path()}, clock, clock};
    std::optional<CncFile> driver_file;
    int waits = 0;
};

TEST_F(Attach, SucceedsAtOnceWithALivingDriver) {
    start_driver();

    AttachStep step = attempt.poll();

    ASSERT_EQ(step.state, AttachState::attached) << step.error.message;
    EXPECT_EQ(step.driver->client_id, 1);
    EXPECT_EQ(step.driver->inter_service_timeout_ns, 10'000'000'000);
    EXPECT_EQ(step.driver->control_protocol_version, SemanticVersion{});
    EXPECT_EQ(step.driver->cnc.path(), path);
}

TEST_F(Attach, GivesEachClientAnotherId) {
    start_driver();
    DriverAttach second{{.directory = directory.path()}, clock, clock};

    EXPECT_EQ(attempt.poll().driver->client_id, 1);
    EXPECT_EQ(second.poll().driver->client_id, 2);
}

TEST_F(Attach, ReadsTheControlProtocolVersionFromItsCounter) {
    start_driver();
    CountersManager counters{driver_file->counters_metadata(), driver_file->counters_values(), clock, 0};
    for (std::int64_t id = 0; id <= 43; ++id) {
        static_cast<void>(
            counters.allocate({.type_id = 0, .label = "system", .registration_id = id, .initial_value = 65'536}));
    }
    EXPECT_EQ(attempt.poll().driver->control_protocol_version, (SemanticVersion{1, 0, 0}));

    counters.set_registration_id(43, 44);
    DriverAttach again{{.directory = directory.path()}, clock, clock};
    EXPECT_EQ(again.poll().driver->control_protocol_version, SemanticVersion{});
}

TEST_F(Attach, WaitsAsLongAsTheStepAsks) {
    AttachStep step = attempt.poll();
    EXPECT_EQ(step.state, AttachState::pending);
    EXPECT_EQ(step.retry_after, 16ms);

    create_file();
    EXPECT_EQ(attempt.poll().retry_after, 1ms);

    driver_file->publish_version();
    EXPECT_EQ(attempt.poll().retry_after, 1ms);

    ring().set_consumer_heartbeat_ms(clock.epoch_ms() - 10'001);
    EXPECT_EQ(attempt.poll().retry_after, 100ms);

    ring().set_consumer_heartbeat_ms(clock.epoch_ms() - 10'000);
    EXPECT_EQ(attempt.poll().state, AttachState::attached);
}

TEST_F(Attach, FindsADriverThatReplacesADeadOnesFile) {
    start_driver();
    ring().set_consumer_heartbeat_ms(-1);
    ASSERT_EQ(attempt.poll().state, AttachState::pending);

    std::filesystem::remove(path);
    start_driver();

    EXPECT_EQ(attempt.poll().state, AttachState::attached);
}

// spec: 01-C13
TEST_F(Attach, FailsWhenNoFileAppears) {
    const AttachStep step = run_to_the_end();

    EXPECT_EQ(step.error.code, ErrorCode::driver_timeout);
    EXPECT_EQ(static_cast<int>(step.error.code), 1000);
    EXPECT_THAT(step.error.message,
                HasSubstr("CnC file not created: '" + path + "' does not exist; start a media driver"));
    EXPECT_THAT(step.error.message, HasSubstr("waited 10000 ms"));
    EXPECT_EQ(clock.nano_time(), 10'000'000'000);
    EXPECT_EQ(waits, 625);
}

// spec: 01-C13
TEST_F(Attach, FailsWhenThereIsOnlyADeadDriversFile) {
    start_driver();
    ring().set_consumer_heartbeat_ms(clock.epoch_ms() - 20'000);

    const AttachStep step = run_to_the_end();

    EXPECT_EQ(step.error.code, ErrorCode::driver_timeout);
    EXPECT_THAT(step.error.message,
                HasSubstr("the media driver of '" + path + "' is dead: its last sign of life is 30000 ms old"));
    EXPECT_EQ(clock.nano_time(), 10'000'000'000);
}

// spec: 01-C13
TEST_F(Attach, FailsWhenTheDriverWasClosed) {
    start_driver();
    ring().set_consumer_heartbeat_ms(-1);

    const AttachStep step = run_to_the_end();

    EXPECT_EQ(step.error.code, ErrorCode::driver_timeout);
    EXPECT_THAT(step.error.message, HasSubstr("'" + path + "' was closed; start it again"));
}

TEST_F(Attach, FailsWhenTheVersionIsNeverPublished) {
    create_file();

    const AttachStep step = run_to_the_end();

    EXPECT_EQ(static_cast<int>(step.error.code), 1001);
    EXPECT_THAT(step.error.message, HasSubstr("'" + path + "' was created but not initialised"));
}

TEST_F(Attach, FailsWhenThereIsNeverAHeartbeat) {
    create_file().publish_version();

    const AttachStep step = run_to_the_end();

    EXPECT_EQ(step.error.code, ErrorCode::driver_timeout);
    EXPECT_THAT(step.error.message, HasSubstr("no sign of life yet; restart it"));
}

TEST_F(Attach, FailsWhenTheFileStaysTooShort) {
    start_driver();
    std::filesystem::resize_file(path, 4'096);

    const AttachStep step = run_to_the_end();

    EXPECT_EQ(step.error.code, ErrorCode::malformed_file);
    EXPECT_THAT(step.error.message, HasSubstr("'" + path + "' is truncated"));
}

// spec: 01-C14
TEST_F(Attach, RefusesAnotherMajorVersionImmediately) {
    start_driver();
    set_version({1, 0, 0});

    const AttachStep step = attempt.poll();

    EXPECT_EQ(step.state, AttachState::failed);
    EXPECT_EQ(step.error.code, ErrorCode::incompatible_version);
    EXPECT_THAT(step.error.message, HasSubstr("'" + path + "' has CnC version 1.0.0"));
}

// spec: 01-C15
TEST_F(Attach, AcceptsALaterMinorVersion) {
    start_driver();
    set_version({0, 3, 0});

    EXPECT_EQ(attempt.poll().state, AttachState::attached);
}

TEST_F(Attach, RefusesImpossibleLengthsImmediately) {
    start_driver();
    const std::int32_t hostile = -1;
    std::memcpy(driver_file->to_driver_buffer().data() - cnc_header_length + 8, &hostile, sizeof hostile);

    const AttachStep step = attempt.poll();

    EXPECT_EQ(step.state, AttachState::failed);
    EXPECT_EQ(step.error.code, ErrorCode::malformed_file);
}

TEST_F(Attach, MakesOneAttemptWithATimeoutOfZero) {
    DriverAttach impatient{{.directory = directory.path(), .driver_timeout_ms = 0}, clock, clock};
    EXPECT_EQ(impatient.poll().state, AttachState::failed);
}

TEST_F(Attach, WaitsInOneCallWithTheSleepItIsGiven) {
    int sleeps = 0;
    const auto sleep = [&](const std::chrono::nanoseconds duration) {
        clock.advance(duration);
        if (++sleeps == 3) {
            start_driver();
        }
    };

    Result<AttachedDriver> driver = attach({.directory = directory.path()}, clock, clock, sleep);

    ASSERT_TRUE(driver) << driver.error().message;
    EXPECT_EQ(driver->client_id, 1);
    EXPECT_EQ(sleeps, 3);

    ring().set_consumer_heartbeat_ms(-1);
    Result<AttachedDriver> failed = attach({.directory = directory.path()}, clock, clock, sleep);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ErrorCode::driver_timeout);
}

}  // namespace
}  // namespace cpperon::shm
