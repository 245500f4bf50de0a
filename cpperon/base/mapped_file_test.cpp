#include "cpperon/base/mapped_file.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/error.hpp"

namespace cpperon {
namespace {

using ::testing::HasSubstr;

class MappedFileTest : public ::testing::Test {
protected:
    MappedFileTest() {
        std::string name = (std::filesystem::temp_directory_path() / "cpperon-mapped-file-XXXXXX").string();
        directory_ = ::mkdtemp(name.data());
    }
    ~MappedFileTest() override { std::filesystem::remove_all(directory_); }

    [[nodiscard]] std::string path(const std::string& name = "file") const { return (directory_ / name).string(); }

    void write(const std::string& text) const { std::ofstream{path(), std::ios::binary} << text; }

    /// What the operation throws, which it must.
    template <typename Operation>
    static IoError refusal_of(Operation&& operation) {
        try {
            operation();
        } catch (const IoError& error) {
            return error;
        }
        ADD_FAILURE() << "nothing was thrown";
        return {"", 0};
    }

private:
    std::filesystem::path directory_;
};

/// No file of this process may become longer, for as long as the object lives: a disk that is full for certain.
class FileLengthLimit {
public:
    explicit FileLengthLimit(const rlim_t length) : signal_before_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{.rlim_cur = length, .rlim_max = before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    FileLengthLimit(const FileLengthLimit&) = delete;
    FileLengthLimit& operator=(const FileLengthLimit&) = delete;
    ~FileLengthLimit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, signal_before_);
    }

private:
    rlimit before_{};
    void (*signal_before_)(int);
};

TEST_F(MappedFileTest, IsCreatedZeroFilledWithItsLength) {
    for (const Allocation allocation : {Allocation::sparse, Allocation::reserved}) {
        const std::string name = path(allocation == Allocation::sparse ? "sparse" : "reserved");

        const MappedFile file = MappedFile::create(name, 10'000, allocation);

        EXPECT_TRUE(file.is_mapped());
        EXPECT_EQ(file.length(), 10'000);
        EXPECT_EQ(file.path(), name);
        EXPECT_EQ(std::filesystem::file_size(name), 10'000U);
        EXPECT_TRUE(
            std::all_of(file.bytes().begin(), file.bytes().end(), [](const std::byte b) { return b == std::byte{0}; }));
    }
}

TEST_F(MappedFileTest, HasItsBlocksFromTheStartWhenTheyAreReserved) {
    const MappedFile file = MappedFile::create(path(), 1 << 20U, Allocation::reserved);

    struct stat status {};
    ASSERT_EQ(::stat(path().c_str(), &status), 0);
    EXPECT_GE(status.st_blocks * 512, 1 << 20U);
}

TEST_F(MappedFileTest, IsSharedByAllWhoMapIt) {
    const MappedFile writer = MappedFile::create(path(), 4'096, Allocation::sparse);
    const MappedFile reader = MappedFile::open(path(), Access::read_only);
    const MappedFile other_writer = MappedFile::open(path(), Access::read_write);

    writer.bytes()[7] = std::byte{42};
    other_writer.bytes()[8] = std::byte{43};

    EXPECT_EQ(reader.bytes()[7], std::byte{42});
    EXPECT_EQ(reader.bytes()[8], std::byte{43});
}

TEST_F(MappedFileTest, KeepsWhatWasWrittenAfterItIsUnmapped) {
    {
        const MappedFile file = MappedFile::create(path(), 16, Allocation::sparse);
        file.bytes()[15] = std::byte{'z'};
        file.flush();
    }

    const MappedFile again = MappedFile::open(path(), Access::read_only, true);
    EXPECT_EQ(again.length(), 16);
    EXPECT_EQ(again.bytes()[15], std::byte{'z'});
}

TEST_F(MappedFileTest, IsNotCreatedOverAnExistingOne) {
    write("precious");

    const IoError error = refusal_of([&] { return MappedFile::create(path(), 4'096, Allocation::sparse); });

    EXPECT_EQ(error.system_error(), EEXIST);
    EXPECT_THAT(error.what(), HasSubstr("cannot create '" + path() + "'"));
    EXPECT_EQ(std::filesystem::file_size(path()), 8U);
}

TEST_F(MappedFileTest, IsRemovedAgainWhenThereIsNoRoomForIt) {
    const FileLengthLimit full_disk{4'096};
    for (const Allocation allocation : {Allocation::sparse, Allocation::reserved}) {
        const IoError error = refusal_of([&] { return MappedFile::create(path(), 65'536, allocation); });

        EXPECT_EQ(error.system_error(), EFBIG);
        EXPECT_THAT(error.what(), HasSubstr("cannot give '" + path() + "' its length of 65536 bytes"));
        EXPECT_FALSE(std::filesystem::exists(path()));
    }
}

TEST_F(MappedFileTest, IsRemovedAgainWhenItsLengthCannotBe) {
    for (const Allocation allocation : {Allocation::sparse, Allocation::reserved}) {
        for (const std::int64_t length : {std::int64_t{-1}, std::int64_t{0}}) {
            EXPECT_EQ(refusal_of([&] { return MappedFile::create(path(), length, allocation); }).system_error(),
                      EINVAL);
            EXPECT_FALSE(std::filesystem::exists(path()));
        }
    }
}

TEST_F(MappedFileTest, IsNotCreatedInADirectoryThatIsNotThere) {
    const IoError error =
        refusal_of([&] { return MappedFile::create(path("missing/file"), 4'096, Allocation::sparse); });

    EXPECT_EQ(error.system_error(), ENOENT);
}

TEST_F(MappedFileTest, IsNotOpenedWhereThereIsNone) {
    const IoError error = refusal_of([&] { return MappedFile::open(path(), Access::read_only); });

    EXPECT_EQ(error.system_error(), ENOENT);
    EXPECT_THAT(error.what(), HasSubstr("cannot open '" + path() + "'"));
}

TEST_F(MappedFileTest, GivesAnEmptyMappingOfAnEmptyFile) {
    write("");

    const MappedFile file = MappedFile::open(path(), Access::read_write);

    EXPECT_FALSE(file.is_mapped());
    EXPECT_EQ(file.length(), 0);
    file.flush();
}

TEST_F(MappedFileTest, IsNoDirectory) {
    std::filesystem::create_directory(path());

    EXPECT_EQ(refusal_of([&] { return MappedFile::open(path(), Access::read_write); }).system_error(), EISDIR);
    EXPECT_THAT(refusal_of([&] { return MappedFile::open(path(), Access::read_only); }).what(),
                HasSubstr("not a regular file"));
}

TEST_F(MappedFileTest, IsNoPipeAndDoesNotWaitForOne) {
    ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);

    EXPECT_THAT(refusal_of([&] { return MappedFile::open(path(), Access::read_only); }).what(),
                HasSubstr("not a regular file"));
}

TEST_F(MappedFileTest, LeavesNothingBehindWhereItWasMovedFrom) {
    MappedFile first = MappedFile::create(path("a"), 16, Allocation::sparse);
    MappedFile second = MappedFile::create(path("b"), 32, Allocation::sparse);
    const std::byte* const address = first.bytes().data();

    second = std::move(first);

    EXPECT_FALSE(first.is_mapped());  // NOLINT(bugprone-use-after-move): what is asked
    EXPECT_EQ(first.length(), 0);
    EXPECT_EQ(second.bytes().data(), address);
    EXPECT_EQ(second.length(), 16);
    const MappedFile third{std::move(second)};
    EXPECT_FALSE(second.is_mapped());  // NOLINT(bugprone-use-after-move): what is asked
    EXPECT_EQ(third.path(), path("a"));
}

TEST_F(MappedFileTest, MapsNothingByDefault) {
    const MappedFile file;

    EXPECT_FALSE(file.is_mapped());
    EXPECT_TRUE(file.bytes().empty());
    file.flush();
}

}  // namespace
}  // namespace cpperon
