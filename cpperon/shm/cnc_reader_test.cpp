#include "cpperon/shm/cnc_reader.hpp"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/shm/cnc_file.hpp"
#include "cpperon/shm/counters_manager.hpp"
#include "cpperon/shm/directory.hpp"
#include "cpperon/shm/distinct_error_log.hpp"
#include "cpperon/shm/loss_report.hpp"
#include "cpperon/shm/many_to_one_ring_buffer.hpp"
#include "cpperon/shm/open_cnc.hpp"
#include "tests/support/memory_maps.hpp"
#include "tests/support/temporary_directory.hpp"

namespace cpperon {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::int64_t start_ms = 1'700'000'000'000;

/// The files of a driver, made as a driver makes them, and read as a tool reads them.
class CncReader : public ::testing::Test {
protected:
    void start_driver() {
        driver.emplace(shm::CncFile::create(path, {.counters_values_buffer_length = 1'048'576,
                                                   .client_liveness_timeout_ns = 7'000'000'000,
                                                   .start_timestamp_ms = start_ms,
                                                   .pid = 4'242}));
        beat(start_ms);
        driver->publish_version();
    }
    void beat(const std::int64_t now_ms) {
        shm::ManyToOneRingBuffer{driver->to_driver_buffer()}.set_consumer_heartbeat_ms(now_ms);
    }
    /// The process is gone, its files are not.
    void kill_driver() { driver.reset(); }
    void set_header_field(const std::size_t offset, const std::int32_t value) {
        std::memcpy(driver->to_driver_buffer().data() - shm::cnc_header_length + offset, &value, sizeof value);
    }
    ErrorInfo error_of_opening() {
        const Result<CncFile> opened = CncFile::try_open(directory.path());
        return opened ? ErrorInfo{ErrorCode::none, "it was opened"} : opened.error();
    }

    test::TemporaryDirectory directory;
    std::string path = shm::cnc_path(directory.path());
    std::optional<shm::CncFile> driver;
};

// spec: 07-C61
TEST_F(CncReader, TellsWhatTheDriverDecidedAlsoWhenItIsDead) {
    start_driver();
    const CncFile cnc = CncFile::open(directory.path());
    kill_driver();

    for (const CncFile& file : {cnc, CncFile::open(directory.path())}) {
        EXPECT_EQ(file.constants().cnc_version.packed(), 512);
        EXPECT_EQ(file.constants().to_driver_buffer_length, 1'049'344);
        EXPECT_EQ(file.constants().to_clients_buffer_length, 1'048'704);
        EXPECT_EQ(file.constants().counters_metadata_buffer_length, 4'194'304);
        EXPECT_EQ(file.constants().counters_values_buffer_length, 1'048'576);
        EXPECT_EQ(file.constants().error_log_buffer_length, 4'194'304);
        EXPECT_EQ(file.constants().client_liveness_timeout, 7s);
        EXPECT_EQ(file.constants().start_timestamp_ms, start_ms);
        EXPECT_EQ(file.constants().pid, 4'242);
        EXPECT_EQ(file.constants().file_page_size, 4'096);
        EXPECT_EQ(file.path(), path);
        EXPECT_EQ(file.directory(), directory.path());
        EXPECT_EQ(file.driver_heartbeat_ms(), start_ms);
    }
}

// spec: 07-C61
TEST_F(CncReader, StaysAsItWasWhenItsFileIsDeletedOrReplaced) {
    start_driver();
    const CncFile cnc = CncFile::open(directory.path());
    kill_driver();
    std::filesystem::remove(path);
    start_driver();
    beat(start_ms + 1);

    EXPECT_EQ(cnc.driver_heartbeat_ms(), start_ms);
    EXPECT_EQ(CncFile::open(directory.path()).driver_heartbeat_ms(), start_ms + 1);
}

// spec: 07-C61
TEST_F(CncReader, MapsItsFilesReadOnly) {
    start_driver();
    kill_driver();
    const std::string report_path = shm::loss_report_path(directory.path());
    {
        const MappedFile report_file = shm::create_loss_report_file(report_path, 65'536, 4'096);
        ASSERT_TRUE(shm::LossReport{report_file.bytes()}.create_entry({.channel = "aeron:udp", .source = "x"}));
    }
    ASSERT_THAT(test::permissions_of_mappings(path), ElementsAre());

    const CncFile cnc = CncFile::open(directory.path());

    EXPECT_THAT(test::permissions_of_mappings(path), ElementsAre("r--s"));
    EXPECT_EQ(cnc.for_each_loss([&](const LossObservation&) {
        EXPECT_THAT(test::permissions_of_mappings(report_path), ElementsAre("r--s"));
    }),
              1);
    EXPECT_THAT(test::permissions_of_mappings(report_path), ElementsAre());
}

TEST_F(CncReader, CannotBeWrittenThrough) {
    start_driver();
    kill_driver();
    const CncFile cnc = CncFile::open(directory.path());
    auto* const value = const_cast<std::byte*>(cnc.counters().values().data());

    EXPECT_DEATH(std::memset(value, 1, 8), "");
}

TEST_F(CncReader, NeedsNoRightToWrite) {
    start_driver();
    kill_driver();
    ASSERT_EQ(::chmod(path.c_str(), 0444), 0);

    EXPECT_EQ(CncFile::open(directory.path()).constants().pid, 4'242);
}

TEST_F(CncReader, SharesItsMappingAmongCopies) {
    start_driver();
    std::optional<CncFile> first = CncFile::open(directory.path());
    const CncFile second = std::move(*first);
    EXPECT_EQ(first->path(), path) << "there is no moved-from state";
    first.reset();

    EXPECT_EQ(second.driver_heartbeat_ms(), start_ms);
}

TEST_F(CncReader, KnowsWhetherTheDriverIsActive) {
    start_driver();
    const CncFile cnc = CncFile::open(directory.path());
    ManualClock clock{start_ms};
    EXPECT_TRUE(cnc.is_driver_active(10s, clock));
    clock.advance(10s);
    EXPECT_TRUE(cnc.is_driver_active(10s, clock));
    clock.advance(1ms);
    EXPECT_FALSE(cnc.is_driver_active(10s, clock));

    beat(clock.epoch_ms());
    EXPECT_TRUE(cnc.is_driver_active(0s, clock));
    beat(-1);
    EXPECT_FALSE(cnc.is_driver_active(10s, clock)) << "closed";
    EXPECT_EQ(cnc.driver_heartbeat_ms(), -1);
    beat(0);
    EXPECT_FALSE(cnc.is_driver_active(10s, clock)) << "not ready yet";
    beat(INT64_MIN);
    EXPECT_FALSE(cnc.is_driver_active(10s, clock));
    beat(INT64_MAX);
    EXPECT_TRUE(cnc.is_driver_active(10s, clock)) << "by a clock that goes fast";
}

TEST_F(CncReader, ReadsCountersErrorsAndLosses) {
    start_driver();
    ManualClock clock{5'000};
    shm::CountersManager counters{driver->counters_metadata(), driver->counters_values(), clock, 1'000};
    shm::DistinctErrorLog errors{driver->error_log(), clock};
    MappedFile report_file = shm::create_loss_report_file(shm::loss_report_path(directory.path()), 65'536, 4'096);
    shm::LossReport report{report_file.bytes()};
    const CncFile cnc = CncFile::open(directory.path());

    ASSERT_EQ(counters.allocate({.type_id = 1'001, .label = "mine", .registration_id = 9, .initial_value = 3}), 0);
    static_cast<void>(errors.record(1, "early"));
    clock.advance(1s);
    static_cast<void>(errors.record(2, "late"));
    ASSERT_TRUE(report.create_entry({.bytes_lost = 64, .channel = "aeron:udp?endpoint=x:1", .source = "10.0.0.1:2"}));

    EXPECT_EQ(cnc.counters().find(1'001, 9), 0);
    EXPECT_EQ(cnc.counters().value(0), 3);
    std::vector<std::string> texts;
    const auto collect = [&](const ErrorObservation& error) { texts.emplace_back(error.text); };
    EXPECT_EQ(cnc.for_each_error(collect), 2);
    EXPECT_EQ(cnc.for_each_error(collect, 6'000), 1);
    EXPECT_THAT(texts, ElementsAre("early", "late", "late"));
    std::vector<std::string> sources;
    EXPECT_EQ(cnc.for_each_loss([&](const LossObservation& loss) { sources.emplace_back(loss.source); }), 1);
    EXPECT_THAT(sources, ElementsAre("10.0.0.1:2"));
}

TEST_F(CncReader, SaysWhenThereIsNoLossReport) {
    start_driver();
    const CncFile cnc = CncFile::open(directory.path());

    const Result<int> outcome = cnc.try_for_each_loss([](const LossObservation&) {});

    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, ErrorCode::io_error);
    EXPECT_THAT(outcome.error().message, HasSubstr(directory / "loss-report.dat"));
    EXPECT_THROW(static_cast<void>(cnc.for_each_loss([](const LossObservation&) {})), Error);
}

TEST_F(CncReader, SaysWhatIsWrongWithTheFile) {
    EXPECT_EQ(error_of_opening().code, ErrorCode::driver_timeout);
    EXPECT_THAT(error_of_opening().message, AllOf(HasSubstr(path), HasSubstr("start a media driver")));
    EXPECT_THROW(static_cast<void>(CncFile::open(directory.path())), DriverTimeoutError);

    start_driver();
    set_header_field(0, 0);
    EXPECT_EQ(error_of_opening().code, ErrorCode::client_timeout) << "unfinished";
    EXPECT_THAT(error_of_opening().message, HasSubstr(path));
    set_header_field(0, 1 << 16);
    EXPECT_EQ(error_of_opening().code, ErrorCode::incompatible_version);
    EXPECT_THAT(error_of_opening().message, HasSubstr("1.0.0"));
    EXPECT_THROW(static_cast<void>(CncFile::open(directory.path())), IncompatibleVersionError);
    set_header_field(0, shm::cnc_version.packed());
    set_header_field(20, -8);
    EXPECT_EQ(error_of_opening().code, ErrorCode::malformed_file);
    set_header_field(20, 4'194'304);
    std::filesystem::resize_file(path, 11'535'359);
    EXPECT_EQ(error_of_opening().code, ErrorCode::malformed_file) << "truncated";
    EXPECT_THAT(error_of_opening().message, HasSubstr("truncated"));
    EXPECT_THROW(static_cast<void>(CncFile::open(directory.path())), MalformedFileError);

    kill_driver();
    std::filesystem::remove(path);
    std::filesystem::create_directory(path);
    EXPECT_EQ(error_of_opening().code, ErrorCode::io_error);
    std::filesystem::remove(path);
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    EXPECT_EQ(error_of_opening().code, ErrorCode::io_error);
}

/// A user without rights, where the test has any.
class NobodyScope {
public:
    NobodyScope() : user_(::geteuid()) {
        constexpr uid_t nobody = 65'534;
        is_switched_ = user_ == 0 && ::seteuid(nobody) == 0;
    }
    NobodyScope(const NobodyScope&) = delete;
    NobodyScope& operator=(const NobodyScope&) = delete;
    ~NobodyScope() {
        if (is_switched_ && ::seteuid(user_) != 0) {
            std::abort();
        }
    }

private:
    uid_t user_;
    bool is_switched_ = false;
};

TEST_F(CncReader, SaysThatTheUserMayNotReadTheFile) {
    start_driver();
    ASSERT_EQ(::chmod(path.c_str(), 0000), 0);
    ErrorInfo error;
    {
        const NobodyScope nobody;
        error = error_of_opening();
    }

    EXPECT_EQ(error.code, ErrorCode::driver_timeout);
    EXPECT_THAT(error.message, AllOf(HasSubstr(path), HasSubstr("run as a user who may read the driver's files")));
}

/// Time passes while the tool sleeps.
class WaitingForCnc : public CncReader {
protected:
    Result<shm::CncFile> wait_for(const std::chrono::nanoseconds timeout) {
        return shm::open_cnc_read_only(path, timeout, clock, [this](const std::chrono::nanoseconds duration) {
            ++waits;
            clock.advance(duration);
            if (waits == starts_after) {
                start_driver();
            }
        });
    }

    ManualClock clock;
    int waits = 0;
    int starts_after = -1;
};

TEST_F(WaitingForCnc, EndsWhenTheDriverComes) {
    starts_after = 5;

    const Result<shm::CncFile> file = wait_for(10s);

    ASSERT_TRUE(file);
    EXPECT_EQ(file->pid(), 4'242);
    EXPECT_EQ(waits, 5);
}

TEST_F(WaitingForCnc, EndsWithTheTimeout) {
    const Result<shm::CncFile> file = wait_for(100ms);

    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, ErrorCode::driver_timeout);
    EXPECT_THAT(file.error().message, HasSubstr("(waited 100 ms)"));
    EXPECT_EQ(waits, 7) << "six times 16 ms, and the rest";
    EXPECT_EQ(clock.nano_time(), 100'000'000);
}

TEST_F(WaitingForCnc, IsOneAttemptWithoutATimeout) {
    for (const std::chrono::nanoseconds timeout : {0ns, -1ns}) {
        const Result<shm::CncFile> file = wait_for(timeout);
        ASSERT_FALSE(file);
        EXPECT_THAT(file.error().message, ::testing::Not(HasSubstr("waited")));
    }
    EXPECT_EQ(waits, 0);
}

TEST_F(WaitingForCnc, IsGivenUpAtOnceWhereItDoesNotHelp) {
    start_driver();
    set_header_field(0, 1 << 16);

    EXPECT_EQ(wait_for(10s).error().code, ErrorCode::incompatible_version);
    EXPECT_EQ(waits, 0);
}

}  // namespace
}  // namespace cpperon
