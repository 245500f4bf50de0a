#include "cpperon/logbuffer/log_file.hpp"

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/error.hpp"
#include "cpperon/logbuffer/test_log.hpp"

namespace cpperon::logbuffer {
namespace {

/// A directory of its own for each test.
class LogFileTest : public testing::Test {
protected:
    void SetUp() override {
        std::string name = "/tmp/cpperon-log-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        directory_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    [[nodiscard]] std::string path() const { return directory_ + "/3.logbuffer"; }

    /// Overwrites an int32 of the metadata of a fresh log.
    void corrupt(const std::size_t metadata_offset, const std::int64_t value) const {
        std::filesystem::remove(path());
        const LogFile log = LogFile::create(path(), vector_params());
        const auto narrow = static_cast<std::int32_t>(value);
        std::memcpy(static_cast<std::byte*>(static_cast<void*>(&log.metadata())) + metadata_offset, &narrow,
                    sizeof narrow);
    }

private:
    std::string directory_;
};

// spec: 03-C1
TEST_F(LogFileTest, HasItsMetadataAtTheEndOfTheFile) {
    EXPECT_EQ(log_length(65'536, 4'096), 200'704);
    EXPECT_EQ(log_length(65'536, 2 * 1024 * 1024), 2'097'152);
    EXPECT_EQ(log_length(16 * 1024 * 1024, 4'096), 50'335'744);
    EXPECT_EQ(log_length(64 * 1024 * 1024, 4'096), 201'330'688);
    EXPECT_EQ(log_length(1'073'741'824, 4'096), 3'221'229'568);
    EXPECT_EQ(log_length(1'073'741'824, 2 * 1024 * 1024), 3'223'322'624);

    LogParams params = vector_params();
    params.page_size = 2 * 1024 * 1024;
    const LogFile log = LogFile::create(path(), params);

    EXPECT_EQ(std::filesystem::file_size(path()), 2'097'152U);
    EXPECT_EQ(static_cast<std::byte*>(static_cast<void*>(&log.metadata())) - log.view().terms(), 2'093'056);
    EXPECT_EQ(LogFile::open(path(), true).view().page_size(), 2'097'152);
}

// spec: 03-C2
TEST_F(LogFileTest, RefusesTermLengthsAndPageSizesThatAreNotAllowed) {
    for (const std::int64_t term_length : {std::int64_t{65'535}, std::int64_t{98'304}, std::int64_t{1} << 31}) {
        corrupt(offsetof(LogMetadata, term_length), term_length);
        EXPECT_THROW(static_cast<void>(LogFile::open(path())), MalformedFileError) << term_length;
    }
    for (const std::int64_t page_size : {2'048, 6'144}) {
        corrupt(offsetof(LogMetadata, page_size), page_size);
        EXPECT_THROW(static_cast<void>(LogFile::open(path())), MalformedFileError) << page_size;
    }
}

TEST_F(LogFileTest, RefusesWhatWouldLeadBeyondTheFile) {
    corrupt(offsetof(LogMetadata, term_length), 131'072);
    EXPECT_THROW(static_cast<void>(LogFile::open(path())), MalformedFileError);
    for (const std::int32_t mtu : {0, 32, 33, -64, 65'536}) {
        corrupt(offsetof(LogMetadata, mtu_length), mtu);
        EXPECT_THROW(static_cast<void>(LogFile::open(path())), MalformedFileError) << mtu;
    }
    std::filesystem::resize_file(path(), 4'096);
    try {
        static_cast<void>(LogFile::open(path()));
        FAIL() << "a truncated file was opened";
    } catch (const MalformedFileError& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("its length is 4096, at least 200704 is expected"));
    }
    std::filesystem::resize_file(path(), 0);
    EXPECT_THROW(static_cast<void>(LogFile::open(path())), MalformedFileError);
}

TEST_F(LogFileTest, IsCreatedOnlyOnceAndOnlyWithParametersThatAreAllowed) {
    LogParams params = vector_params();
    static_cast<void>(LogFile::create(path(), params));
    EXPECT_THROW(static_cast<void>(LogFile::create(path(), params)), IoError);

    std::filesystem::remove(path());
    params.term_length = 65'535;
    EXPECT_THROW(static_cast<void>(LogFile::create(path(), params)), InvalidArgumentError);
    EXPECT_FALSE(std::filesystem::exists(path()));
}

// spec: 03-C3
TEST(LogMetadata, EndsAt508) {
    EXPECT_EQ(offsetof(LogMetadata, untethered_linger_timeout_bytes) + 8, 508U);
    EXPECT_EQ(offsetof(LogMetadata, is_publication_revoked), 496U);
    TestLog log;
    log.metadata().set_untethered_linger_timeout_ns(0x0102030405060708);
    EXPECT_EQ(hex(log.at(3, 500), 8), "08 07 06 05 04 03 02 01");
    EXPECT_EQ(log.metadata().untethered_linger_timeout_ns(), 0x0102030405060708);
}

// spec: 03-C4, 03-C7, 03-C8
TEST(NewLog, HasTheBytesOfTheVector) {
    TestLog log;
    log.metadata().is_connected = 0;
    const std::byte* const metadata = log.at(3, 0);

    EXPECT_EQ(hex(metadata, 32),
              "00 00 00 00 07 00 00 00 00 00 00 00 05 00 00 00 "
              "00 00 00 00 06 00 00 00 00 00 00 00 00 00 00 00");
    EXPECT_EQ(hex(metadata + 128, 16), "ff ff ff ff ff ff ff 7f 00 00 00 00 00 00 00 00");
    EXPECT_EQ(hex(metadata + 256, 32),
              "92 10 00 00 00 00 00 00 07 00 00 00 20 00 00 00 "
              "80 05 00 00 00 00 01 00 00 10 00 00 00 80 00 00");
    EXPECT_EQ(hex(metadata + 320, 32),
              "00 00 00 00 00 c0 01 00 00 00 00 00 44 33 22 11 "
              "e9 03 00 00 07 00 00 00 00 00 00 00 00 00 00 00");
    EXPECT_EQ(hex(metadata + 448, 16), "ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff");
    EXPECT_EQ(hex(metadata + 488, 20), "00 00 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
    EXPECT_EQ(hex(metadata + 508, 3'588), zeroes(3'588));
}

// spec: 03-C5
TEST(NewLog, StartsAtAGivenPosition) {
    LogParams params = vector_params();
    params.initial_term_id = 5;
    params.start = StartPosition{112'004, 384};
    const TestLog log{params};

    EXPECT_EQ(log.metadata().raw_tails[0], pack_tail(112'004, 384));
    EXPECT_EQ(log.metadata().raw_tails[1], pack_tail(112'002, 0));
    EXPECT_EQ(log.metadata().raw_tails[2], pack_tail(112'003, 0));
    EXPECT_EQ(log.metadata().active_term_count, 111'999);
    EXPECT_EQ(start_position_of(params), 7'339'966'848);
}

// spec: 03-C6
TEST(NewLog, StartsInThePartitionOfItsTerm) {
    LogParams params = vector_params();
    params.initial_term_id = 5;
    params.start = StartPosition{7, 65'280};
    const TestLog log{params};

    EXPECT_EQ(log.metadata().raw_tails[2], pack_tail(7, 65'280));
    EXPECT_EQ(log.metadata().raw_tails[0], pack_tail(5, 0));
    EXPECT_EQ(log.metadata().raw_tails[1], pack_tail(6, 0));
}

// spec: 03-C9
TEST(NewLog, TellsWhoWritesIt) {
    for (const LogType type : {LogType::concurrent_publication, LogType::exclusive_publication, LogType::image}) {
        LogParams params = vector_params();
        params.type = type;
        const TestLog log{params};
        EXPECT_EQ(std::to_integer<int>(*log.at(3, 497)), static_cast<int>(type));
    }
    LogParams params = vector_params();
    params.type = LogType::image;
    EXPECT_EQ(TestLog{params}.tail(0), 0U) << "the tails of an image are never used";
}

TEST(NewLog, RefusesStartPositionsOutsideTheStream) {
    const auto attempt = [](const std::int32_t term_id, const std::int32_t offset) {
        LogParams params = vector_params();
        params.start = StartPosition{term_id, offset};
        TestLog log{params};
    };
    EXPECT_THROW(attempt(6, 0), InvalidArgumentError);
    EXPECT_THROW(attempt(7, 33), InvalidArgumentError);
    EXPECT_THROW(attempt(7, -32), InvalidArgumentError);
    EXPECT_THROW(attempt(7, 65'568), InvalidArgumentError);
    EXPECT_NO_THROW(attempt(7, 65'536));
}

}  // namespace
}  // namespace cpperon::logbuffer
