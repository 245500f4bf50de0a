/// Claiming a directory, with the detection of an active driver that it rests on.
#include "cpperon/shm/directory_claim.hpp"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/error.hpp"
#include "cpperon/shm/active_driver.hpp"
#include "cpperon/shm/cnc_file.hpp"
#include "cpperon/shm/directory.hpp"
#include "cpperon/shm/distinct_error_log.hpp"
#include "cpperon/shm/many_to_one_ring_buffer.hpp"
#include "tests/support/temporary_directory.hpp"

namespace cpperon::shm {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::UnorderedElementsAre;

/// A directory with what an earlier driver left in it, and a driver that starts.
class ClaimedDirectory : public ::testing::Test {
protected:
    /// An earlier driver that gave its last sign of life at this time.
    void leave_driver(const std::int64_t heartbeat_ms) {
        create_directory(directory);
        old.emplace(CncFile::create(cnc_path(directory), {.counters_values_buffer_length = 1'048'576}));
        ManyToOneRingBuffer{old->to_driver_buffer()}.set_consumer_heartbeat_ms(heartbeat_ms);
        old->publish_version();
    }
    void set_version(const std::int32_t packed) {
        std::memcpy(old->to_driver_buffer().data() - cnc_header_length, &packed, sizeof packed);
    }
    DriverActivity activity() { return check_driver_activity(directory, 10'000, clock, clock, sleep).activity; }
    void claim(const bool delete_on_start = false) {
        lock = claim_directory({.directory = directory,
                                .delete_on_start = delete_on_start,
                                .nano_clock = clock,
                                .epoch_clock = clock,
                                .sleep = sleep,
                                .on_notice = [this](const std::string_view text) { notices.emplace_back(text); }});
    }
    static std::vector<std::string> names_in(const std::string& path) {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator{path}) {
            names.push_back(entry.path().filename());
        }
        return names;
    }

    test::TemporaryDirectory root;
    std::string directory = root / "aeron";
    ManualClock clock;
    std::function<void(std::chrono::nanoseconds)> sleep = [this](const auto duration) { clock.advance(duration); };
    std::optional<CncFile> old;
    std::optional<DirectoryLock> lock;
    std::vector<std::string> notices;
};

TEST_F(ClaimedDirectory, HasNoActiveDriverWithoutAFile) {
    EXPECT_EQ(activity(), DriverActivity::inactive);
    create_directory(directory);
    EXPECT_EQ(activity(), DriverActivity::inactive);
    std::ofstream{cnc_path(directory)} << std::string(100, 'x');
    EXPECT_EQ(activity(), DriverActivity::inactive);
}

TEST_F(ClaimedDirectory, HasAnActiveDriverWhileItsHeartbeatIsYoung) {
    leave_driver(clock.epoch_ms());
    EXPECT_EQ(activity(), DriverActivity::active);
    clock.advance(10s);
    EXPECT_EQ(activity(), DriverActivity::active);
    clock.advance(1ms);
    EXPECT_EQ(activity(), DriverActivity::inactive);
}

TEST_F(ClaimedDirectory, HasNoActiveDriverAfterACleanStopOrBeforeTheFirstHeartbeat) {
    leave_driver(-1);
    EXPECT_EQ(activity(), DriverActivity::inactive);
    ManyToOneRingBuffer{old->to_driver_buffer()}.set_consumer_heartbeat_ms(0);
    EXPECT_EQ(activity(), DriverActivity::inactive);
}

TEST_F(ClaimedDirectory, HasNoActiveDriverInAMalformedFile) {
    leave_driver(clock.epoch_ms());
    fs::resize_file(cnc_path(directory), 4'096);
    EXPECT_EQ(activity(), DriverActivity::inactive);
}

TEST_F(ClaimedDirectory, WaitsForADriverThatIsStarting) {
    leave_driver(clock.epoch_ms());
    set_version(0);
    ActiveDriverProbe probe{directory, 10'000, clock, clock};

    ActivityCheck check = probe.poll();
    EXPECT_EQ(check.activity, DriverActivity::pending);
    EXPECT_EQ(check.retry_after, 1ms);

    set_version(512);
    EXPECT_EQ(probe.poll().activity, DriverActivity::active);

    set_version(0);
    clock.advance(10s);
    EXPECT_EQ(probe.poll().activity, DriverActivity::unpublished);
}

TEST_F(ClaimedDirectory, CannotTellWhereTheFileCannotBeMapped) {
    fs::create_directories(cnc_path(directory));
    EXPECT_THROW(static_cast<void>(activity()), Error);
    EXPECT_THROW(claim(), Error);
    EXPECT_TRUE(fs::exists(cnc_path(directory)));
}

TEST_F(ClaimedDirectory, IsMadeWhereThereWasNone) {
    claim();
    EXPECT_THAT(names_in(directory), UnorderedElementsAre("publications", "images"));
    EXPECT_THAT(notices, ElementsAre());
}

TEST_F(ClaimedDirectory, IsRefusedWhileADriverIsActive) {
    leave_driver(clock.epoch_ms());
    try {
        claim();
        FAIL() << "claimed";
    } catch (const ActiveDriverError& error) {
        EXPECT_THAT(error.what(), HasSubstr("a media driver is active in '" + directory + "'"));
    }
    EXPECT_TRUE(fs::exists(cnc_path(directory)));
}

TEST_F(ClaimedDirectory, IsRefusedWhereADriverDidNotFinishItsStart) {
    leave_driver(0);
    set_version(0);
    EXPECT_THROW(claim(), ActiveDriverError);
    EXPECT_EQ(clock.nano_time(), 10'000'000'000);
    EXPECT_TRUE(fs::exists(cnc_path(directory)));
}

// spec: 06 §5.1: a live newer driver may be there
TEST_F(ClaimedDirectory, IsRefusedWhereItsDriverIsOfAnotherMajorVersion) {
    leave_driver(-1);
    set_version(1 << 16);
    EXPECT_EQ(activity(), DriverActivity::unknown);
    EXPECT_THROW(claim(), ActiveDriverError);
    EXPECT_TRUE(fs::exists(cnc_path(directory)));

    claim(true);
    EXPECT_FALSE(fs::exists(cnc_path(directory))) << "delete on start asks nobody";
}

TEST_F(ClaimedDirectory, IsTakenOverFromADeadDriver) {
    leave_driver(clock.epoch_ms());
    std::ofstream{directory + "/publications/1.logbuffer"} << "x";
    clock.advance(10'001ms);

    claim();

    EXPECT_THAT(names_in(directory), UnorderedElementsAre("publications", "images"));
    EXPECT_THAT(names_in(directory + "/publications"), ElementsAre());
    EXPECT_THAT(names_in(root.path()), ElementsAre("aeron"));
    EXPECT_THAT(notices, ElementsAre(HasSubstr("exists already")));
}

TEST_F(ClaimedDirectory, IsTakenOverFromALivingDriverWithDeleteOnStart) {
    leave_driver(clock.epoch_ms());
    claim(true);
    EXPECT_THAT(names_in(directory), UnorderedElementsAre("publications", "images"));
}

TEST_F(ClaimedDirectory, IsLeftAloneIfItHoldsSomethingElseAndNoCncFile) {
    fs::create_directories(directory + "/publications");
    claim();
    lock.reset();
    std::ofstream{directory + "/thesis.txt"} << "mine";
    for (const bool delete_on_start : {false, true}) {
        try {
            claim(delete_on_start);
            FAIL() << "claimed";
        } catch (const InvalidArgumentError& error) {
            EXPECT_THAT(error.what(), AllOf(HasSubstr(directory), HasSubstr("but 'thesis.txt'")));
        }
        EXPECT_THAT(names_in(directory), UnorderedElementsAre("publications", "images", "thesis.txt"));
    }

    leave_driver(-1);
    claim();
    EXPECT_THAT(names_in(directory), UnorderedElementsAre("publications", "images")) << "that of a driver is taken";
}

TEST_F(ClaimedDirectory, IsRefusedToOthersWhileADriverIsStartingInIt) {
    claim();
    std::ofstream{directory + "/publications/1.logbuffer"} << "x";
    const std::int64_t start_ns = clock.nano_time();

    EXPECT_THROW(
        static_cast<void>(claim_directory(
            {.directory = directory, .nano_clock = clock, .epoch_clock = clock, .sleep = sleep, .on_notice = {}})),
        ActiveDriverError);

    EXPECT_EQ(clock.nano_time() - start_ns, 10'000'000'000);
    EXPECT_THAT(names_in(directory + "/publications"), ElementsAre("1.logbuffer"));
}

TEST_F(ClaimedDirectory, IsWaitedForUntilItIsGivenBackOrReplaced) {
    claim();
    const std::string moved = root / "moved";
    sleep = [&](const auto duration) {
        clock.advance(duration);
        fs::rename(directory, moved);  // the lock goes with it
        sleep = [](const auto /*duration*/) { FAIL() << "the new directory is nobody's"; };
    };
    std::optional<DirectoryLock> first = std::move(lock);

    claim();

    EXPECT_THAT(names_in(directory), UnorderedElementsAre("publications", "images"));
}

// spec: 01-C11
TEST_F(ClaimedDirectory, KeepsTheErrorsOfThePreviousDriverBesideIt) {
    leave_driver(-1);
    DistinctErrorLog errors{old->error_log(), clock};
    for (const char* const text : {"first error", "first error", "second error"}) {
        ASSERT_EQ(errors.record(1, text), ErrorRecordResult::recorded);
    }

    claim();

    std::string saved;
    for (const auto& name : names_in(root.path())) {
        saved = name == "aeron" ? saved : name;
    }
    EXPECT_THAT(saved, MatchesRegex("aeron-....-..-.. ..-..-......[+-]....-error.log"));
    std::stringstream content;
    content << std::ifstream{root / saved}.rdbuf();
    EXPECT_THAT(content.str(), AllOf(HasSubstr("2 observations from"), HasSubstr("first error"),
                                     HasSubstr("second error"), HasSubstr("2 distinct errors observed")));
    EXPECT_THAT(notices.back(), HasSubstr(saved));
}

TEST_F(ClaimedDirectory, SavesNoErrorsWhereThereAreNone) {
    EXPECT_EQ(save_error_log(directory, clock), std::nullopt);
    leave_driver(-1);
    EXPECT_EQ(save_error_log(directory + "/", clock), std::nullopt);
    DistinctErrorLog errors{old->error_log(), clock};
    ASSERT_EQ(errors.record(1, "error"), ErrorRecordResult::recorded);
    set_version(1 << 16);
    EXPECT_EQ(save_error_log(directory, clock), std::nullopt);
    set_version(512);
    EXPECT_EQ(fs::path{save_error_log(directory + "//", clock).value()}.parent_path(), root.path());
}

}  // namespace
}  // namespace cpperon::shm
