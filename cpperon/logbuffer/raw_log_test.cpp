/// Logs of a reference driver, and broken ones, as an inspector sees them.
#include "cpperon/logbuffer/raw_log.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/error.hpp"
#include "cpperon/logbuffer/log_file.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/memory_maps.hpp"
#include "tests/support/temporary_directory.hpp"

namespace cpperon::logbuffer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RawLogs : public ::testing::Test {
protected:
    RawLog golden(const std::string& name) {
        test::extract_golden(name + ".logbuffer", path);
        return RawLog::open(path);
    }
    ErrorInfo error_of_opening() {
        const Result<RawLog> log = RawLog::try_open(path);
        return log ? ErrorInfo{ErrorCode::none, "it was opened"} : log.error();
    }

    test::TemporaryDirectory directory;
    std::string path = directory / "log.logbuffer";
};

TEST_F(RawLogs, ShowAnIpcPublication) {
    const RawLog log = golden("publications-3");

    EXPECT_EQ(log.bytes().size(), 200'704U);
    EXPECT_EQ(log.term_length(), 65'536);
    EXPECT_EQ(log.page_size(), 4'096);
    EXPECT_EQ(log.mtu_length(), 1'408);
    EXPECT_EQ(log.initial_term_id(), 7);
    EXPECT_EQ(log.position_bits_to_shift(), 16);
    EXPECT_EQ(log.active_term_count(), 0);
    EXPECT_EQ(log.raw_tail(0), 0x7'0000'0d60);
    EXPECT_EQ(log.raw_tail(1), 0x5'0000'0000);
    EXPECT_EQ(log.raw_tail(2), 0x6'0000'0000);
    EXPECT_EQ(log.producer_position(), 3'424);
    EXPECT_EQ(log.end_of_stream_position(), unknown_position);
    EXPECT_TRUE(log.is_connected());
    EXPECT_FALSE(log.is_publication_revoked());
    EXPECT_EQ(log.metadata().correlation_id, 3);
    EXPECT_EQ(log.metadata().default_frame_header_length, 32);
    EXPECT_EQ(log.metadata().publication_window_length, 32'768);
    EXPECT_EQ(log.metadata().os_default_socket_send_buffer_length, 212'992);
    EXPECT_EQ(log.metadata().os_default_socket_receive_buffer_length, 212'992);
    EXPECT_EQ(log.metadata().default_header.session_id, 287'454'020);
    EXPECT_EQ(log.metadata().default_header.stream_id, 1'001);
    EXPECT_EQ(log.metadata().entity_tag, -1);
    EXPECT_EQ(log.metadata().response_correlation_id, -1);
    EXPECT_EQ(log.metadata().linger_timeout_ns, 5'000'000'000);
    EXPECT_EQ(log.metadata().untethered_window_limit_timeout_ns, 5'000'000'000);
    EXPECT_EQ(log.metadata().untethered_linger_timeout_ns(), 5'000'000'000);
    EXPECT_EQ(log.metadata().untethered_resting_timeout_ns, 10'000'000'000);
    EXPECT_EQ(log.metadata().sparse, 1);
    EXPECT_EQ(log.metadata().signal_eos, 1);
    EXPECT_EQ(log.metadata().type, static_cast<std::uint8_t>(LogType::concurrent_publication));
}

TEST_F(RawLogs, ShowAnExclusivePublicationThatChangedTerms) {
    const RawLog log = golden("publications-4");

    EXPECT_EQ(log.initial_term_id(), -1);
    EXPECT_EQ(log.active_term_count(), 3);
    EXPECT_EQ(tail_term_id(log.raw_tail(0)), 2);
    EXPECT_EQ(tail_term_offset(log.raw_tail(0), log.term_length()), 320);
    EXPECT_EQ(tail_term_offset(log.raw_tail(2), log.term_length()), 65'536) << "it went beyond the end of its term";
    EXPECT_EQ(log.producer_position(), 196'928);
    EXPECT_EQ(log.metadata().type, static_cast<std::uint8_t>(LogType::exclusive_publication));
}

TEST_F(RawLogs, ShowAnImageWithTheFramesOfItsPublication) {
    const RawLog publication = golden("publications-7");
    path = directory / "image.logbuffer";
    const RawLog image = golden("images-8");

    EXPECT_EQ(image.initial_term_id(), 100);
    EXPECT_EQ(image.active_transport_count(), 1);
    EXPECT_EQ(image.metadata().receiver_window_length, 131'072);
    EXPECT_EQ(image.metadata().default_header.session_id, -559'038'737);
    EXPECT_EQ(image.metadata().type, static_cast<std::uint8_t>(LogType::image));
    for (std::int32_t index = 0; index < partition_count; ++index) {
        EXPECT_EQ(image.term(index).size(), 65'536U);
        EXPECT_TRUE(std::ranges::equal(image.term(index), publication.term(index))) << index;
    }
    const DataHeader& first = header_at(image.term(0).data());
    EXPECT_EQ(first.frame_length, 32 + 13);
    EXPECT_EQ(first.stream_id, 2'002);
    EXPECT_EQ(std::memcmp(image.term(0).data() + frame_header_length, "udp message 0", 13), 0);
}

TEST_F(RawLogs, HaveTheMetadataInTheirLastPage) {
    const RawLog log = golden("publications-3");

    EXPECT_EQ(log.metadata_page().size(), 4'096U);
    EXPECT_EQ(log.metadata_page().data(), log.bytes().data() + 196'608);
    EXPECT_EQ(static_cast<const void*>(&log.metadata()), static_cast<const void*>(log.metadata_page().data()));
}

TEST_F(RawLogs, AreMappedReadOnlyAndShareTheMapping) {
    std::optional<RawLog> log = golden("publications-3");
    EXPECT_THAT(test::permissions_of_mappings(path), ElementsAre("r--s"));

    const RawLog copy = std::move(*log);
    EXPECT_EQ(log->path(), path) << "there is no moved-from state";
    log.reset();

    EXPECT_EQ(copy.producer_position(), 3'424);
    EXPECT_THAT(test::permissions_of_mappings(path), ElementsAre("r--s"));
    EXPECT_DEATH(std::memset(const_cast<std::byte*>(copy.bytes().data()), 1, 8), "");
}

TEST_F(RawLogs, FollowALogThatIsInUse) {
    const LogFile log = LogFile::create(path, {.session_id = 1, .stream_id = 2, .initial_term_id = 5});
    const RawLog raw = RawLog::open(path);
    EXPECT_EQ(raw.producer_position(), 0);
    EXPECT_FALSE(raw.is_connected());

    log.metadata().raw_tails[0] = pack_tail(5, 96);
    log.metadata().is_connected = 1;
    log.metadata().end_of_stream_position = 96;
    log.metadata().is_publication_revoked = 1;

    EXPECT_EQ(raw.producer_position(), 96);
    EXPECT_TRUE(raw.is_connected());
    EXPECT_EQ(raw.end_of_stream_position(), 96);
    EXPECT_TRUE(raw.is_publication_revoked());
}

TEST_F(RawLogs, AreRefusedWithTheReason) {
    EXPECT_EQ(error_of_opening().code, ErrorCode::io_error);
    EXPECT_THAT(error_of_opening().message, HasSubstr(path));

    std::ofstream{path} << "no log";
    EXPECT_EQ(error_of_opening().code, ErrorCode::malformed_file);
    EXPECT_THROW(static_cast<void>(RawLog::open(path)), MalformedFileError);

    static_cast<void>(golden("publications-3"));
    std::filesystem::resize_file(path, 200'703);
    EXPECT_EQ(error_of_opening().code, ErrorCode::malformed_file);
}

}  // namespace
}  // namespace cpperon::logbuffer
