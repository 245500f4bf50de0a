#include "tools/log_dump.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/golden.hpp"
#include "tests/support/temporary_directory.hpp"

namespace cpperon::tools {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class LogDump : public ::testing::Test {
protected:
    logbuffer::RawLog golden(const std::string& name) {
        test::extract_golden(name + ".logbuffer", directory / "x.logbuffer");
        return logbuffer::RawLog::open(directory / "x.logbuffer");
    }

    test::TemporaryDirectory directory;
};

// The values are those that the reference's log inspector prints of this file.
TEST_F(LogDump, ShowsMetadataAndFramesOfAReferenceDriversLog) {
    const logbuffer::RawLog log = golden("publications-4");
    EXPECT_THAT(
        metadata_as_text(log),
        AllOf(HasSubstr("exclusive publication\n"), HasSubstr("  initial_term_id                          -1\n"),
              HasSubstr("  is_connected                             true\n"),
              HasSubstr("  end_of_stream_position                   unknown\n"),
              HasSubstr("  linger_timeout_ns                        5000000000 (5s)\n")));
    EXPECT_EQ(metadata_as_json(log)["producer_position"], 196'928);
    EXPECT_EQ(term_as_text(log, 2), "Partition 2: term 1, tail at 65600\n");

    const std::vector<LogPiece> pieces = pieces_of_term(log.term(0));

    ASSERT_EQ(pieces.size(), 3U);
    EXPECT_EQ(piece_as_text(log, pieces[1], 18),
              "  160: data, 132 bytes, flags begin|end, version 0, session 11, stream 1003, term 2, position 196768, "
              "reserved 0\n"
              "      0000  65 78 63 6c 75 73 69 76  65 20 33 20 2e 2e 2e 2e  |exclusive 3 ....|\n"
              "      0010  2e 2e                                             |..|\n");
    EXPECT_EQ(piece_as_text(log, pieces[2], whole_payload), "  320: 65216 bytes are empty\n");
    const nlohmann::json frame = piece_as_json(log, 0, pieces[0], 4);
    EXPECT_EQ(frame["payload"], "6578636c");
    EXPECT_EQ(frame["position"], 196'608);
    EXPECT_THAT(piece_as_text(log, pieces_of_term(log.term(2)).back(), whole_payload),
                HasSubstr("  65440: padding, 96 bytes"));
}

/// A term of 256 bytes with a frame at 0, a claim at 64, nothing at 128, and what is left of an older frame from 160
/// on.
struct SmallTerm {
    alignas(32) std::array<std::byte, 256> bytes{};

    SmallTerm() {
        put(0, 40, 0);
        put(64, -64, 64);
        put(160, 1'000'000, 12);
        put(192, 12, 192);
    }
    void put(const std::int32_t at, const std::int32_t frame_length, const std::int32_t term_offset) {
        const logbuffer::DataHeader header{.frame_length = frame_length,
                                           .version = 0,
                                           .flags = 0,
                                           .type = logbuffer::data_type,
                                           .term_offset = term_offset,
                                           .session_id = 1,
                                           .stream_id = 2,
                                           .term_id = 3,
                                           .reserved_value = 0};
        std::memcpy(bytes.data() + at, &header, sizeof header);
    }
};

TEST_F(LogDump, TellsWhatIsNoFrame) {
    const SmallTerm term;

    const std::vector<LogPiece> pieces = pieces_of_term(term.bytes);

    using Kind = LogPiece::Kind;
    ASSERT_EQ(pieces.size(), 5U);
    const auto is = [](const LogPiece& piece, const Kind kind, const std::int32_t offset, const std::int32_t length) {
        return piece.kind == kind && piece.offset == offset && piece.length == length;
    };
    EXPECT_TRUE(is(pieces[0], Kind::frame, 0, 64));
    EXPECT_EQ(pieces[0].payload.size(), 8U);
    EXPECT_TRUE(is(pieces[1], Kind::unfinished, 64, 64));
    EXPECT_TRUE(is(pieces[2], Kind::empty, 128, 32));
    EXPECT_TRUE(is(pieces[3], Kind::remains, 160, 64));
    EXPECT_TRUE(is(pieces[4], Kind::empty, 224, 32));
}

// Whatever a term holds, each of its bytes is in one piece.
TEST_F(LogDump, CoversAnyTerm) {
    for (std::uint32_t seed = 1; seed <= 100; ++seed) {
        std::mt19937 random{seed};
        SmallTerm term;
        for (std::size_t at = 0; at < term.bytes.size(); at += 4) {
            const auto word = static_cast<std::uint32_t>(random() % 3 == 0 ? random() : random() % 300);
            std::memcpy(term.bytes.data() + at, &word, sizeof word);
        }

        std::int32_t end = 0;
        for (const LogPiece& piece : pieces_of_term(term.bytes)) {
            ASSERT_EQ(piece.offset, end) << "seed " << seed;
            ASSERT_LE(piece.payload.size(), static_cast<std::size_t>(piece.length)) << "seed " << seed;
            end += piece.length;
        }
        ASSERT_EQ(end, static_cast<std::int32_t>(term.bytes.size())) << "seed " << seed;
    }
}

}  // namespace
}  // namespace cpperon::tools
