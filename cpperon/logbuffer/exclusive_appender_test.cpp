#include "cpperon/logbuffer/exclusive_appender.hpp"

#include <array>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "cpperon/logbuffer/image_reader.hpp"
#include "cpperon/logbuffer/test_log.hpp"

namespace cpperon::logbuffer {
namespace {

class ExclusiveAppenderTest : public testing::Test {
protected:
    TestLog log;
    std::optional<ExclusiveAppender> appender;

    void SetUp() override { start_at(7, 0); }
    void start_at(const std::int32_t term_id, const std::int32_t offset) {
        log.stand_at(term_id, offset);
        log.limit = INT64_MAX;
        appender.emplace(log.view(), log.limit, log.params.session_id, log.params.stream_id);
    }
    OfferResult offer(const std::size_t length) { return appender->offer(std::span<const std::byte>{pattern(length)}); }
    /// Two frames, 64 and 96 bytes, that continue the stream at `offset` of the present term.
    std::vector<std::byte> block_at(const std::int32_t term_id, const std::int32_t offset) const {
        alignas(8) std::array<std::byte, 160> block{};
        DataHeader header{.frame_length = 40,
                          .flags = frame_flag::unfragmented,
                          .type = data_type,
                          .term_offset = offset,
                          .session_id = log.params.session_id,
                          .stream_id = log.params.stream_id,
                          .term_id = term_id};
        std::memcpy(block.data(), &header, sizeof header);
        header.frame_length = 96;
        header.term_offset = offset + 64;
        std::memcpy(block.data() + 64, &header, sizeof header);
        std::memset(block.data() + 96, 0x5a, 64);
        return {block.begin(), block.end()};
    }
    void expect_refused(const std::vector<std::byte>& block) {
        const std::uint64_t tail = log.tail(0);
        EXPECT_EQ(appender->offer_block(block).status(), OfferStatus::invalid_argument);
        EXPECT_EQ(appender->offer_block(block).raw(), -6);
        EXPECT_EQ(log.tail(0), tail);
        EXPECT_EQ(hex(log.at(0, 0), 160), zeroes(160));
    }
};

// spec: 03-C30
TEST_F(ExclusiveAppenderTest, GoesOnWhereTheLogIs) {
    start_at(112'004, 384);
    EXPECT_EQ(appender->term_id(), 112'004);
    EXPECT_EQ(appender->term_offset(), 384);
    EXPECT_EQ(offer(10).raw(), position_of(112'004, 448, 16, 7));
}

// spec: 03-C31, 03-C32
TEST_F(ExclusiveAppenderTest, StoresTheTailOfEachAppend) {
    start_at(7, 65'472);
    EXPECT_EQ(offer(32).raw(), 65'536);
    EXPECT_EQ(log.tail(0), 0x0000000700010000U);
    EXPECT_EQ(log.tail(1), 0x0000000500000000U);
    EXPECT_EQ(log.metadata().active_term_count, 0);
    EXPECT_EQ(offer(32).raw(), -3);
    EXPECT_EQ(log.tail(0), 0x0000000700010040U);
    EXPECT_EQ(log.tail(1), 0x0000000800000000U);
    EXPECT_EQ(log.metadata().active_term_count, 1);
    EXPECT_EQ(offer(32).raw(), 65'600);
    EXPECT_EQ(log.tail(0), 0x0000000700010040U);
    EXPECT_EQ(log.tail(1), 0x0000000800000040U);
}

TEST_F(ExclusiveAppenderTest, PadsTheTermThatAMessageDoesNotFit) {
    start_at(7, 62'976);
    EXPECT_EQ(offer(4'000).raw(), -3);
    EXPECT_EQ(log.tail(0), 0x0000000700010600U);
    EXPECT_EQ(log.tail(1), 0x0000000800000000U);
    EXPECT_EQ(log.tail(2), 0x0000000600000000U);
    EXPECT_EQ(hex(log.at(0, 62'976), 32),
              "00 0a 00 00 00 c0 00 00 00 f6 00 00 44 33 22 11 "
              "e9 03 00 00 07 00 00 00 00 00 00 00 00 00 00 00");
    EXPECT_EQ(offer(4'000).raw(), 69'632);
    EXPECT_EQ(log.tail(1), 0x0000000800001000U);
    EXPECT_EQ(hex(log.at(1, 0), 12), "80 05 00 00 00 80 01 00 00 00 00 00");
    EXPECT_EQ(hex(log.at(1, 1'408), 12), "80 05 00 00 00 00 01 00 80 05 00 00");
    EXPECT_EQ(hex(log.at(1, 2'816), 12), "00 05 00 00 00 40 01 00 00 0b 00 00");
}

// spec: 03-C32
TEST_F(ExclusiveAppenderTest, AppendsPadding) {
    EXPECT_EQ(appender->append_padding(3'000).raw(), 3'040);
    EXPECT_EQ(hex(log.at(0, 0), 12), "d8 0b 00 00 00 c0 00 00 00 00 00 00");
    EXPECT_EQ(appender->append_padding(8'192).raw(), 11'264);
    EXPECT_EQ(appender->append_padding(8'193).raw(), -6);
    EXPECT_EQ(appender->position().raw(), 11'264);
    start_at(7, 65'504);
    EXPECT_EQ(appender->append_padding(100).raw(), -3);
    EXPECT_EQ(appender->append_padding(100).raw(), 65'536 + 160);
}

// spec: 03-C37
TEST_F(ExclusiveAppenderTest, StaysExhaustedAtTheEndOfTheLastTerm) {
    start_at(-2147483642, 65'440);
    EXPECT_EQ(offer(100).raw(), -5);
    EXPECT_EQ(hex(log.at(1, 65'440), 12), "60 00 00 00 00 c0 00 00 a0 ff 00 00");
    EXPECT_EQ(offer(10).raw(), -5);
    EXPECT_EQ(offer(0).raw(), -5);
    FrameClaim claim;
    EXPECT_EQ(appender->try_claim(10, claim).raw(), -5);
    EXPECT_EQ(appender->append_padding(10).raw(), -5);
    EXPECT_EQ(appender->offer_block(block_at(-2147483642, 65'440)).raw(), -5);
    EXPECT_EQ(hex(log.at(1, 65'440), 8), "60 00 00 00 00 c0 00 00");
    EXPECT_EQ(log.metadata().active_term_count, 2147483647);

    start_at(-2147483642, 65'440);
    EXPECT_EQ(offer(64).raw(), 140'737'488'355'328);
    EXPECT_EQ(offer(0).raw(), -5);
    start_at(-2147483642, 65'440);
    log.limit = appender->position().position();
    EXPECT_EQ(offer(32).raw(), -2);
    EXPECT_EQ(offer(33).raw(), -5);
}

TEST_F(ExclusiveAppenderTest, RefusesAtTheLimitAndWhenClosed) {
    log.limit = 0;
    EXPECT_EQ(offer(1).raw(), -2);
    log.metadata().is_connected = 0;
    EXPECT_EQ(offer(8'193).raw(), -1);
    log.limit = 1;
    EXPECT_EQ(offer(8'193).raw(), -6);
    EXPECT_EQ(appender->available_window(), 1);
    FrameClaim claim;
    EXPECT_EQ(appender->try_claim(1'377, claim).raw(), -6);
    appender->close();
    EXPECT_EQ(appender->try_claim(1'377, claim).raw(), -6);
    EXPECT_EQ(appender->try_claim(10, claim).raw(), -4);
    EXPECT_EQ(offer(1).raw(), -4);
    EXPECT_EQ(appender->append_padding(1).raw(), -4);
    EXPECT_EQ(appender->offer_block({}).raw(), -4);
    EXPECT_EQ(appender->position().raw(), -4);
    EXPECT_EQ(appender->position_limit().raw(), -4);
}

TEST_F(ExclusiveAppenderTest, ClaimsAFrameToBeFilledInPlace) {
    FrameClaim claim;
    EXPECT_EQ(appender->try_claim(5, claim).raw(), 64);
    std::memcpy(claim.payload().data(), "Hello", 5);
    EXPECT_EQ(hex(log.at(0, 0), 4), "db ff ff ff");
    claim.commit();
    EXPECT_EQ(hex(log.at(0, 0), 8), "25 00 00 00 00 c0 01 00");
}

// spec: 03-C33
TEST_F(ExclusiveAppenderTest, RefusesBlocksOfAnotherStreamOrPlace) {
    const auto with = [&](const std::size_t at, const std::byte value) {
        std::vector<std::byte> block = block_at(7, 0);
        block[at] = value;
        return block;
    };
    expect_refused(with(8, std::byte{32}));    // term offset
    expect_refused(with(12, std::byte{0}));    // session
    expect_refused(with(16, std::byte{0}));    // stream
    expect_refused(with(20, std::byte{8}));    // term id
    expect_refused(with(6, std::byte{0}));     // type
    expect_refused(with(64, std::byte{128}));  // a frame that leads beyond the block
    expect_refused(with(64, std::byte{0}));    // and one that is not committed
    expect_refused({});
    std::vector<std::byte> cut = block_at(7, 0);
    cut.resize(150);
    expect_refused(cut);
}

// spec: 03-C34
TEST_F(ExclusiveAppenderTest, PutsABlockIntoTheNextTermWhenThisOneIsFull) {
    start_at(7, 65'536);
    EXPECT_EQ(appender->offer_block(block_at(8, 0)).raw(), 65'536 + 160);
    EXPECT_EQ(log.tail(1), 0x00000008000000a0U);
    EXPECT_EQ(log.metadata().active_term_count, 1);
    EXPECT_EQ(log.header(1, 64).frame_length, 96);
}

// spec: 03-C35
TEST_F(ExclusiveAppenderTest, RefusesABlockThatDoesNotFitTheTerm) {
    start_at(7, 65'408);
    EXPECT_EQ(appender->offer_block(block_at(7, 65'408)).raw(), -6);
    EXPECT_EQ(log.tail(0), 0x000000070000ff80U);
}

// spec: 03-C36
TEST_F(ExclusiveAppenderTest, MakesABlockReadableByItsFirstWord) {
    const std::vector<std::byte> block = block_at(7, 0);
    EXPECT_EQ(appender->offer_block(block).raw(), 160);
    EXPECT_EQ(hex(log.at(0, 0), 160), hex(block.data(), 160));

    ImageReader reader{log.view(), log.subscriber_position, log.params.session_id};
    log.header(0, 0).frame_length = 0;
    EXPECT_EQ(reader.poll([](auto, const Header&) {}, 10), 0) << "stopped by the first frame, whatever is behind it";
    log.header(0, 0).frame_length = 40;
    EXPECT_EQ(reader.poll([](auto, const Header&) {}, 10), 2);
}

TEST_F(ExclusiveAppenderTest, TakesTheSpaceWhenASupplierThrows) {
    const auto supplier = [](std::span<const std::byte>) -> std::int64_t { throw std::runtime_error("no value"); };
    EXPECT_THROW(static_cast<void>(appender->offer(bytes_of("Hello"), supplier)), std::runtime_error);
    EXPECT_EQ(hex(log.at(0, 0), 8), "40 00 00 00 00 c0 00 00");
    EXPECT_EQ(appender->position().raw(), 64);
}

}  // namespace
}  // namespace cpperon::logbuffer
