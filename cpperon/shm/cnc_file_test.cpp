#include "cpperon/shm/cnc_file.hpp"

#include <cstring>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/hex.hpp"
#include "tests/support/temporary_directory.hpp"

namespace cpperon::shm {
namespace {

using test::to_hex;
using ::testing::Each;
using ::testing::HasSubstr;

/// A directory in which a driver makes its file and a tool opens it.
class CncFileOf : public ::testing::Test {
protected:
    /// Small enough to be quick.
    static CncConfig small() { return {.counters_values_buffer_length = 1'048'576}; }

    CncOpening open(const Access access = Access::read_only) { return CncFile::try_open(path, access); }
    void write_bytes(const std::string& bytes) { std::ofstream{path, std::ios::binary} << bytes; }

    test::TemporaryDirectory directory;
    std::string path = directory / "cnc.dat";
};

// spec: 01-C4
TEST_F(CncFileOf, ADriverHasTheSpecifiedLength) {
    EXPECT_EQ(CncFile::create(path, {}).length(), 48'238'592);
    EXPECT_EQ(std::filesystem::file_size(path), 48'238'592U);
    const std::string small_path = directory / "small.dat";
    EXPECT_EQ(CncFile::create(small_path, small()).length(), 11'538'432);
    EXPECT_EQ(std::filesystem::file_size(small_path), 11'538'432U);
}

// spec: 01-C5
TEST_F(CncFileOf, ADriverBeginsWithTheSpecifiedHeader) {
    CncFile cnc = CncFile::create(path, {.start_timestamp_ms = 1'700'000'000'000, .pid = 4'242});
    cnc.publish_version();

    const MappedFile file = MappedFile::open(path, Access::read_only);
    EXPECT_EQ(to_hex(file.bytes().first(52)),
              "00020000 00031000 80001000 00000002 00008000 00004000 00e40b54 02000000 "
              "0068e5cf 8b010000 92100000 00000000 00100000");
    EXPECT_THAT(file.bytes().subspan(52, 76), Each(std::byte{}));
}

// spec: 01-C37
TEST_F(CncFileOf, ADriverIsAMultipleOfItsPageSize) {
    const CncFile cnc = CncFile::create(path, {.file_page_size = 2'097'152});

    EXPECT_EQ(std::filesystem::file_size(path), 50'331'648U);
    EXPECT_EQ(cnc.file_page_size(), 2'097'152);
    EXPECT_EQ(to_hex(MappedFile::open(path, Access::read_only).bytes().subspan(48, 4)), "00002000");
}

TEST_F(CncFileOf, ADriverIsZeroBehindItsHeaderAndHasNoVersionYet) {
    const CncFile cnc = CncFile::create(path, small());

    EXPECT_EQ(cnc.version(), SemanticVersion{});
    EXPECT_THAT(cnc.to_clients_buffer(), Each(std::byte{}));
    EXPECT_EQ(cnc.to_driver_buffer().size(), 1'049'344U);
    EXPECT_EQ(cnc.to_clients_buffer().size(), 1'048'704U);
    EXPECT_EQ(cnc.counters_metadata().size(), 4'194'304U);
    EXPECT_EQ(cnc.counters_values().size(), 1'048'576U);
    EXPECT_EQ(cnc.error_log().size(), 4'194'304U);
}

TEST_F(CncFileOf, ADriverIsNotCreatedOverAnExistingOneOrFromInvalidSettings) {
    EXPECT_THROW(static_cast<void>(CncFile::create(path, {.to_driver_buffer_length = 1})), InvalidArgumentError);
    EXPECT_FALSE(std::filesystem::exists(path));
    write_bytes("old");
    EXPECT_THROW(static_cast<void>(CncFile::create(path, small())), IoError);
    EXPECT_EQ(std::filesystem::file_size(path), 3U);
}

TEST_F(CncFileOf, AToolShowsWhatTheDriverWrote) {
    CncFile written = CncFile::create(path, {.counters_values_buffer_length = 1'048'576,
                                             .client_liveness_timeout_ns = 5,
                                             .start_timestamp_ms = 6,
                                             .pid = 7});
    written.publish_version();

    const CncOpening opening = open();

    ASSERT_EQ(opening.status, CncOpenStatus::ready) << opening.error.message;
    const CncFile& cnc = *opening.file;
    EXPECT_EQ(cnc.version(), (SemanticVersion{0, 2, 0}));
    EXPECT_EQ(cnc.client_liveness_timeout_ns(), 5);
    EXPECT_EQ(cnc.start_timestamp_ms(), 6);
    EXPECT_EQ(cnc.pid(), 7);
    EXPECT_EQ(cnc.file_page_size(), 4'096);
    EXPECT_EQ(cnc.path(), path);
    EXPECT_EQ(cnc.error_log().data() - cnc.to_driver_buffer().data(), 7'341'056 - 128);
}

TEST_F(CncFileOf, AStartingDriverMayBecomeReady) {
    CncOpening opening = open();
    EXPECT_EQ(opening.status, CncOpenStatus::absent);
    EXPECT_TRUE(opening.may_become_ready());
    EXPECT_THAT(opening.error.message, HasSubstr("'" + path + "' does not exist; start a media driver"));

    write_bytes(std::string(128, '\0'));
    opening = open();
    EXPECT_EQ(opening.status, CncOpenStatus::absent);
    EXPECT_EQ(opening.error.code, ErrorCode::driver_timeout);

    write_bytes(std::string(129, '\0'));
    opening = open();
    EXPECT_EQ(opening.status, CncOpenStatus::unpublished);
    EXPECT_TRUE(opening.may_become_ready());
    EXPECT_EQ(opening.error.code, ErrorCode::client_timeout);
}

TEST_F(CncFileOf, ADirectoryInItsPlaceIsUnreadable) {
    std::filesystem::create_directory(path);
    const CncOpening opening = open();
    EXPECT_EQ(opening.status, CncOpenStatus::unreadable);
    EXPECT_FALSE(opening.may_become_ready());
    EXPECT_EQ(opening.error.code, ErrorCode::io_error);
    EXPECT_THAT(opening.error.message, HasSubstr(path));
}

TEST_F(CncFileOf, AnotherMajorVersionIsRefusedAndAnotherMinorIsNot) {
    CncFile cnc = CncFile::create(path, small());
    const auto status_of_version = [&](const SemanticVersion version) {
        const std::int32_t packed = version.packed();
        std::memcpy(cnc.to_driver_buffer().data() - 128, &packed, sizeof packed);
        return open().status;
    };
    EXPECT_EQ(status_of_version({1, 0, 0}), CncOpenStatus::incompatible);
    EXPECT_EQ(status_of_version({0, 3, 0}), CncOpenStatus::ready);
    EXPECT_EQ(status_of_version({0, 1, 9}), CncOpenStatus::ready);
}

TEST_F(CncFileOf, SectionsThatReachBeyondTheFileAreTruncatedAndImpossibleOnesMalformed) {
    CncFile cnc = CncFile::create(path, small());
    cnc.publish_version();
    std::filesystem::resize_file(path, 11'535'359);
    EXPECT_EQ(open().status, CncOpenStatus::truncated);
    std::filesystem::resize_file(path, 11'535'360);
    EXPECT_EQ(open().status, CncOpenStatus::ready);

    const std::int32_t hostile = INT32_MAX;
    std::memcpy(cnc.to_driver_buffer().data() - 128 + 20, &hostile, sizeof hostile);
    EXPECT_EQ(open().status, CncOpenStatus::truncated);
    const std::int32_t negative = -8;
    std::memcpy(cnc.to_driver_buffer().data() - 128 + 20, &negative, sizeof negative);
    EXPECT_EQ(open().status, CncOpenStatus::malformed);
}

TEST_F(CncFileOf, AHeaderThatChangesLaterMovesNoSection) {
    CncFile cnc = CncFile::create(path, small());
    cnc.publish_version();
    const CncOpening opening = open();
    const std::int32_t hostile = INT32_MAX;
    std::memcpy(cnc.to_driver_buffer().data() - 128 + 4, &hostile, sizeof hostile);

    EXPECT_EQ(opening.file->to_driver_buffer().size(), 1'049'344U);
}

}  // namespace
}  // namespace cpperon::shm
