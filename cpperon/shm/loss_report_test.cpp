/// Writer and reader of the loss report.
#include "cpperon/shm/loss_report.hpp"

#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/error.hpp"
#include "cpperon/shm/loss_report_reader.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/hex.hpp"
#include "tests/support/shared_section.hpp"
#include "tests/support/temporary_directory.hpp"

namespace cpperon::shm {
namespace {

using test::SharedSection;
using test::to_hex;
using ::testing::ElementsAre;

class Losses : public ::testing::Test {
protected:
    std::vector<std::string> channels() {
        std::vector<std::string> found;
        reader.for_each([&](const LossObservation& loss) { found.emplace_back(loss.channel); });
        return found;
    }

    SharedSection section{512};
    LossReport report{section.bytes()};
    LossReportReader reader{section.bytes()};
};

TEST_F(Losses, LookLikeTheWorkedExample) {
    ASSERT_TRUE(report.create_entry({.bytes_lost = 100,
                                     .now_ms = 1'000,
                                     .session_id = 7,
                                     .stream_id = 8,
                                     .channel = "aeron:ipc",
                                     .source = "src"}));

    EXPECT_EQ(to_hex(section.bytes(0, 64)),
              "01000000 00000000 64000000 00000000 e8030000 00000000 e8030000 00000000 "
              "07000000 08000000 09000000 6165726f 6e3a6970 63000000 03000000 73726300");
}

TEST_F(Losses, AreAddedUp) {
    auto entry = report.create_entry({.bytes_lost = 100, .now_ms = 1'000, .channel = "aeron:ipc", .source = "src"});
    ASSERT_TRUE(entry);
    entry->record(28, 2'000);

    LossObservation seen;
    EXPECT_EQ(reader.for_each([&](const LossObservation& loss) { seen = loss; }), 1);
    EXPECT_EQ(seen.count, 2);
    EXPECT_EQ(seen.total_bytes_lost, 128);
    EXPECT_EQ(seen.first_ms, 1'000);
    EXPECT_EQ(seen.last_ms, 2'000);
    EXPECT_EQ(seen.source, "src");
}

// spec: 01-C31
TEST_F(Losses, AreReadBackBehindAnEntryOfAwkwardLength) {
    ASSERT_TRUE(report.create_entry({.channel = "aeron:udp?abc", .source = "s"}));
    ASSERT_TRUE(report.create_entry({.bytes_lost = 3, .channel = "aeron:second", .source = "10.0.0.1:40123"}));

    EXPECT_EQ(loss_report_entry_length(13, 1), 65);
    EXPECT_EQ(section.word(128), 1);  // the second entry starts here, not at 64
    EXPECT_THAT(channels(), ElementsAre("aeron:udp?abc", "aeron:second"));
}

// The channel's length, which need not be a multiple of 4, says where the source and the next entry are. spec: 06-C64
TEST_F(Losses, AreReadBackWhateverTheLengthOfTheirChannel) {
    for (std::size_t length = 0; length <= 70; ++length) {
        SharedSection memory{512};
        LossReport written{memory.bytes()};
        const std::string channel(length, 'c');
        ASSERT_TRUE(written.create_entry(
            {.bytes_lost = 1, .session_id = 7, .stream_id = 8, .channel = channel, .source = "10.0.0.1:40123"}));
        ASSERT_TRUE(written.create_entry(
            {.bytes_lost = 2, .session_id = 9, .stream_id = 10, .channel = "aeron:next", .source = "[::1]:1"}));

        std::vector<std::string> seen;
        LossReportReader{memory.bytes()}.for_each([&](const LossObservation& loss) {
            seen.push_back(fmt::format("{} of {}/{} on '{}' from {}", loss.total_bytes_lost, loss.session_id,
                                       loss.stream_id, loss.channel, loss.source));
        });

        EXPECT_THAT(seen, ElementsAre(fmt::format("1 of 7/8 on '{}' from 10.0.0.1:40123", channel),
                                      "2 of 9/10 on 'aeron:next' from [::1]:1"));
    }
}

TEST_F(Losses, GoUnreportedWhenTheReportIsFull) {
    SharedSection memory{128 + 64};
    LossReport full{memory.bytes(0, 128)};
    EXPECT_TRUE(full.create_entry({.channel = "a", .source = "b"}));
    EXPECT_FALSE(full.create_entry({.channel = "a", .source = std::string(13, 'b')}));  // 65 bytes
    EXPECT_TRUE(full.create_entry({.channel = "a", .source = std::string(12, 'b')}));   // 64: exactly full
    EXPECT_FALSE(full.create_entry({.channel = "", .source = ""}));
    EXPECT_EQ(memory.word(128), 0);
    EXPECT_EQ((LossReportReader{memory.bytes(0, 128)}.for_each([](const auto&) {})), 2);
}

TEST_F(Losses, EndAtAnEntryOfImpossibleLength) {
    ASSERT_TRUE(report.create_entry({.channel = "first", .source = "s"}));
    ASSERT_TRUE(report.create_entry({.channel = "second", .source = "s"}));
    for (const std::int32_t length : {-1, 405, INT32_MAX, INT32_MIN}) {
        std::memcpy(section.bytes(64 + 40, 4).data(), &length, 4);
        EXPECT_THAT(channels(), ElementsAre("first")) << length;
    }
}

TEST_F(Losses, SurviveAnyContents) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    for (int round = 0; round < 2'000; ++round) {
        for (std::size_t offset = 0; offset < 512; offset += 8) {
            section.word(offset) = static_cast<std::int64_t>((std::uint64_t{random() % 80} << 32) | (random() % 80));
        }
        reader.for_each([](const LossObservation& loss) { EXPECT_LE(loss.channel.size() + loss.source.size(), 512U); });
    }
}

TEST_F(Losses, MustBeAligned) {
    EXPECT_THROW(LossReport{section.bytes(4, 100)}, InvalidArgumentError);
    EXPECT_THROW(LossReportReader{section.bytes(4, 100)}, InvalidArgumentError);
}

TEST(LossReportFile, IsAMultipleOfThePageSize) {
    test::TemporaryDirectory directory;
    EXPECT_EQ(create_loss_report_file(directory / "a", 1'048'576, 4'096).length(), 1'048'576);
    EXPECT_EQ(create_loss_report_file(directory / "b", 4'097, 4'096).length(), 8'192);
    EXPECT_THROW(static_cast<void>(create_loss_report_file(directory / "b", 4'097, 4'096)), IoError);
    EXPECT_THROW(static_cast<void>(create_loss_report_file(directory / "c", 0, 4'096)), InvalidArgumentError);
    EXPECT_THROW(static_cast<void>(create_loss_report_file(directory / "c", 1, 4'095)), InvalidArgumentError);
}

TEST(LossReportFile, OfAReferenceDriverIsReadAsEmpty) {
    test::TemporaryDirectory directory;
    test::extract_golden("loss-report.dat", directory / "loss-report.dat");
    const MappedFile file = MappedFile::open(directory / "loss-report.dat", Access::read_only);

    EXPECT_EQ(file.length(), 65'536);
    EXPECT_EQ(LossReportReader{file.bytes()}.for_each([](const auto&) {}), 0);
}

}  // namespace
}  // namespace cpperon::shm
