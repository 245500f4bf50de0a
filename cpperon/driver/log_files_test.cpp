#include "cpperon/driver/log_files.hpp"

#include <cerrno>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/error.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/driver/test_counters.hpp"
#include "cpperon/driver/test_directory.hpp"
#include "cpperon/shm/directory.hpp"
#include "cpperon/shm/distinct_error_log.hpp"
#include "cpperon/shm/error_log_reader.hpp"

namespace cpperon::driver {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t smallest_log_length = 200'704;

struct LogFilesFixture : testing::Test {
    TestDirectory parent;
    std::string directory = parent / "aeron";
    TestCounters section;
    SystemCounters counters{section.manager, {}};
    std::vector<std::int64_t> error_words = std::vector<std::int64_t>(1'024);
    shm::DistinctErrorLog errors{std::as_writable_bytes(std::span{error_words}), section.clock};
    std::int64_t usable = 1'000'000'000;
    LogFilesConfig config{.directory = directory,
                          .low_storage_warning_threshold = 500'000,
                          .usable_space = [this](const std::string& /*path*/) { return usable; }};

    LogFilesFixture() { shm::create_directory(directory); }

    LogFiles make() { return LogFiles{config, counters, errors}; }

    static logbuffer::LogParams params(const std::int64_t correlation_id) {
        return {.correlation_id = correlation_id, .term_length = 65'536, .publication_window_length = 32'768};
    }
    std::string log_path(const std::int64_t correlation_id) const {
        return shm::publication_log_path(directory, correlation_id);
    }
    std::vector<std::string> recorded() const {
        std::vector<std::string> texts;
        ErrorLogReader{std::as_bytes(std::span{error_words})}.for_each(
            [&texts](const ErrorObservation& error) { texts.emplace_back(error.text); });
        return texts;
    }
};
using LogFilesTest = LogFilesFixture;

TEST_F(LogFilesTest, AreNamedByTheirCorrelationIdAndFilledIn) {
    LogFiles files = make();

    const Result<logbuffer::LogFile> log = files.create(params(7));

    ASSERT_TRUE(log) << log.error().message;
    EXPECT_EQ(log->path(), log_path(7));
    EXPECT_EQ(std::filesystem::file_size(log_path(7)), static_cast<std::uintmax_t>(smallest_log_length));
    EXPECT_EQ(log->metadata().publication_window_length, 32'768);
    EXPECT_EQ(log->metadata().correlation_id, 7);
}

TEST_F(LogFilesTest, OfImagesHaveAFolderOfTheirOwn) {
    LogFiles files = make();
    logbuffer::LogParams image = params(8);
    image.type = logbuffer::LogType::image;

    const Result<logbuffer::LogFile> log = files.create(image);

    ASSERT_TRUE(log) << log.error().message;
    EXPECT_EQ(log->path(), shm::image_log_path(directory, 8));
}

TEST_F(LogFilesTest, CountTheBytesThatAreMapped) {
    LogFiles files = make();
    Result<logbuffer::LogFile> first = files.create(params(1));
    Result<logbuffer::LogFile> second = files.create(params(2));
    EXPECT_EQ(counters.value(SystemCounter::bytes_currently_mapped), 2 * smallest_log_length);

    files.destroy(std::move(first).value());
    files.destroy(std::move(second).value());

    EXPECT_EQ(counters.value(SystemCounter::bytes_currently_mapped), 0);
    EXPECT_THAT(names_in(shm::publications_path(directory)), IsEmpty());
}

// spec: 06-C56
TEST_F(LogFilesTest, AreNotMadeWhereTheStorageDoesNotHoldThem) {
    LogFiles files = make();
    usable = smallest_log_length - 1;

    const Result<logbuffer::LogFile> log = files.create(params(7));

    ASSERT_FALSE(log);
    EXPECT_EQ(log.error().code, ErrorCode::storage_space);
    EXPECT_THAT(log.error().message,
                HasSubstr("insufficient usable storage for new log of length=200704 usable=200703 in " + directory));
    EXPECT_THAT(names_in(shm::publications_path(directory)), IsEmpty());
    EXPECT_EQ(counters.value(SystemCounter::bytes_currently_mapped), 0);
}

// spec: 06-C56
TEST_F(LogFilesTest, LeaveOneDistinctWarningWhereTheStorageIsRunningLow) {
    LogFiles files = make();
    usable = 500'001;
    ASSERT_TRUE(files.create(params(1)));
    EXPECT_THAT(recorded(), IsEmpty());

    usable = 500'000;
    ASSERT_TRUE(files.create(params(2)));
    usable = 400'000;
    ASSERT_TRUE(files.create(params(3)));

    EXPECT_THAT(recorded(), testing::ElementsAre(HasSubstr("space is running low in " + directory)));
    EXPECT_EQ(counters.value(SystemCounter::errors), 0) << "a warning is no error";
}

TEST_F(LogFilesTest, AreMadeUnaskedWithoutStorageChecks) {
    config.perform_storage_checks = false;
    usable = 0;

    EXPECT_TRUE(make().create(params(7)));
    EXPECT_THAT(recorded(), IsEmpty());
}

TEST_F(LogFilesTest, TellOfAFullDiskAsStorageSpace) {
    config.usable_space = [](const std::string& path) -> std::int64_t { throw IoError("no room on " + path, ENOSPC); };

    const Result<logbuffer::LogFile> log = make().create(params(7));

    ASSERT_FALSE(log);
    EXPECT_EQ(log.error().code, ErrorCode::storage_space);
}

TEST_F(LogFilesTest, NeverReplaceOneAnother) {
    LogFiles files = make();
    const Result<logbuffer::LogFile> first = files.create(params(7));
    ASSERT_TRUE(first);

    const Result<logbuffer::LogFile> second = files.create(params(7));

    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::generic_error);
    EXPECT_THAT(second.error().message, HasSubstr("cannot create the log '" + log_path(7) + "'"));
    EXPECT_TRUE(std::filesystem::exists(log_path(7)));
}

// spec: 06 §15.1
TEST_F(LogFilesTest, ThatCannotBeDeletedAreCountedAndTriedAgainWithinTheLimit) {
    LogFiles files = make();
    for (const std::int64_t id : {1, 2}) {
        Result<logbuffer::LogFile> log = files.create(params(id));
        ASSERT_TRUE(log);
        std::filesystem::remove(log_path(id));
        std::filesystem::create_directory(log_path(id));  // which unlink refuses

        files.destroy(std::move(log).value());
    }
    EXPECT_EQ(counters.value(SystemCounter::free_fails), 2);

    EXPECT_EQ(files.retry_deletions(), 0);
    EXPECT_EQ(counters.value(SystemCounter::free_fails), 3) << "one more attempt per call";

    std::filesystem::remove(log_path(1));
    std::filesystem::remove(log_path(2));
    EXPECT_EQ(files.retry_deletions(), 1);
    EXPECT_EQ(files.retry_deletions(), 1);
    EXPECT_EQ(files.retry_deletions(), 0);
    EXPECT_EQ(counters.value(SystemCounter::free_fails), 3);
}

TEST(UsableSpace, IsKnownForADirectoryAndRefusedForNone) {
    EXPECT_GT(usable_space(testing::TempDir()), 0);
    EXPECT_THROW(static_cast<void>(usable_space("/no/such/directory")), IoError);
}

}  // namespace
}  // namespace cpperon::driver
