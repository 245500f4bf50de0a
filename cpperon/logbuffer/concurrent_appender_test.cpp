#include "cpperon/logbuffer/concurrent_appender.hpp"

#include <array>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cpperon/logbuffer/test_log.hpp"

namespace cpperon::logbuffer {
namespace {

class ConcurrentAppenderTest : public testing::Test {
protected:
    TestLog log;
    ConcurrentAppender appender{log.view(), log.limit, log.params.session_id, log.params.stream_id};

    OfferResult offer(const std::size_t length) { return appender.offer(std::span<const std::byte>{pattern(length)}); }
    void limit_to_position() { log.limit = appender.position().position(); }
    /// The last term of the stream, 96 bytes before its end. spec: 03 §21.3
    void stand_at_the_end() {
        log.stand_at(-2147483642, 65'440);
        log.limit = INT64_MAX;
    }
};

// spec: 03-C13, 03-C26
TEST_F(ConcurrentAppenderTest, WritesTheBytesOfTheVector) {
    std::vector<std::string> seen;
    const auto supplier = [&](const std::span<const std::byte> frame) {
        seen.push_back(hex(frame.data(), 4) + " " + text_of(frame.subspan(32)));
        EXPECT_EQ(frame.data(), log.at(0, 0));
        EXPECT_EQ(frame.size(), 37U);
        return std::int64_t{0x0102030405060708};
    };

    const OfferResult result = appender.offer(bytes_of("Hello"), supplier);

    EXPECT_EQ(result.raw(), 64);
    EXPECT_EQ(hex(log.at(0, 0), 96),
              "25 00 00 00 00 c0 01 00 00 00 00 00 44 33 22 11 "
              "e9 03 00 00 07 00 00 00 08 07 06 05 04 03 02 01 "
              "48 65 6c 6c 6f 00 00 00 " +
                  zeroes(56));
    EXPECT_EQ(seen, std::vector<std::string>{"db ff ff ff Hello"});
}

// spec: 03-C14
TEST_F(ConcurrentAppenderTest, TakesAMessageOfNoBytes) {
    log.stand_at(7, 64);

    EXPECT_EQ(appender.offer(std::span<const std::byte>{}).raw(), 96);
    EXPECT_EQ(hex(log.at(0, 64), 32),
              "20 00 00 00 00 c0 01 00 40 00 00 00 44 33 22 11 "
              "e9 03 00 00 07 00 00 00 00 00 00 00 00 00 00 00");
}

// spec: 03-C15
TEST_F(ConcurrentAppenderTest, TellsAtTheLimitWhetherAnybodyIsThere) {
    limit_to_position();
    log.metadata().is_connected = 0;
    EXPECT_EQ(offer(10).status(), OfferStatus::not_connected);
    log.metadata().is_connected = 1;
    EXPECT_EQ(offer(10).status(), OfferStatus::back_pressured);
    log.metadata().is_connected = 2;
    EXPECT_EQ(offer(10).status(), OfferStatus::not_connected);
    EXPECT_EQ(log.tail(0), 0x0000000700000000U);
}

// spec: 03-C16
TEST_F(ConcurrentAppenderTest, TellsOfTooLongMessagesOnlyBelowTheLimit) {
    EXPECT_EQ(offer(8'193).status(), OfferStatus::message_too_long);
    EXPECT_EQ(offer(8'193).raw(), -6);
    limit_to_position();
    EXPECT_EQ(offer(8'193).raw(), -2);
    log.metadata().is_connected = 0;
    EXPECT_EQ(offer(8'193).raw(), -1);
    EXPECT_EQ(log.tail(0), 0x0000000700000000U);
}

// spec: 03-C17, 03-C18
TEST_F(ConcurrentAppenderTest, AnswersClosedOnceItIs) {
    appender.close();
    FrameClaim claim;
    EXPECT_EQ(appender.try_claim(1'377, claim).raw(), -6);
    EXPECT_EQ(appender.try_claim(1'376, claim).raw(), -4);
    EXPECT_EQ(offer(1).raw(), -4);
    EXPECT_EQ(offer(100'000).raw(), -4);
    EXPECT_EQ(appender.position().raw(), -4);
    EXPECT_EQ(appender.position_limit().raw(), -4);
    EXPECT_FALSE(appender.is_connected());
    EXPECT_TRUE(appender.is_closed());
    EXPECT_FALSE(claim.is_active());
    EXPECT_EQ(log.tail(0), 0x0000000700000000U);
}

// spec: 03-C19
TEST_F(ConcurrentAppenderTest, WaitsForARotationUnderWay) {
    log.metadata().active_term_count = 1;

    EXPECT_EQ(offer(10).status(), OfferStatus::admin_action);
    EXPECT_EQ(log.tail(1), 0x0000000500000000U);
    appender.close();
    EXPECT_EQ(offer(10).status(), OfferStatus::closed);
}

// spec: 03-C20
TEST_F(ConcurrentAppenderTest, FillsATermToItsVeryEnd) {
    log.stand_at(7, 65'472);

    EXPECT_EQ(offer(32).raw(), 65'536);
    EXPECT_EQ(log.tail(0), 0x0000000700010000U);
    EXPECT_EQ(log.tail(1), 0x0000000500000000U);
    EXPECT_EQ(log.metadata().active_term_count, 0);
    EXPECT_EQ(offer(32).raw(), -3);
    EXPECT_EQ(log.tail(0), 0x0000000700010040U);
    EXPECT_EQ(log.tail(1), 0x0000000800000000U);
    EXPECT_EQ(log.metadata().active_term_count, 1);
    EXPECT_EQ(hex(log.at(1, 0), 64), zeroes(64));
    EXPECT_EQ(offer(32).raw(), 65'600);
    EXPECT_EQ(log.tail(0), 0x0000000700010040U);
    EXPECT_EQ(log.tail(1), 0x0000000800000040U);
}

// spec: 03-C21, 03-C25
TEST_F(ConcurrentAppenderTest, PadsTheTermThatAMessageDoesNotFit) {
    log.stand_at(7, 62'976);

    EXPECT_EQ(offer(4'000).raw(), -3);
    EXPECT_EQ(log.tail(0), 0x0000000700010600U);
    EXPECT_EQ(log.tail(1), 0x0000000800000000U);
    EXPECT_EQ(log.tail(2), 0x0000000600000000U);
    EXPECT_EQ(log.metadata().active_term_count, 1);
    EXPECT_EQ(hex(log.at(0, 62'976), 2'560),
              "00 0a 00 00 00 c0 00 00 00 f6 00 00 44 33 22 11 "
              "e9 03 00 00 07 00 00 00 00 00 00 00 00 00 00 00 " +
                  zeroes(2'528));

    EXPECT_EQ(offer(4'000).raw(), 69'632);
    EXPECT_EQ(log.tail(1), 0x0000000800001000U);
    EXPECT_EQ(hex(log.at(1, 0), 32),
              "80 05 00 00 00 80 01 00 00 00 00 00 44 33 22 11 "
              "e9 03 00 00 08 00 00 00 00 00 00 00 00 00 00 00");
    EXPECT_EQ(hex(log.at(1, 1'408), 12), "80 05 00 00 00 00 01 00 80 05 00 00");
    EXPECT_EQ(hex(log.at(1, 2'816), 12), "00 05 00 00 00 40 01 00 00 0b 00 00");
    const std::vector<std::byte> message = pattern(4'000);
    EXPECT_EQ(hex(log.at(1, 32), 1'376), hex(message.data(), 1'376));
    EXPECT_EQ(hex(log.at(1, 1'440), 1'376), hex(message.data() + 1'376, 1'376));
    EXPECT_EQ(hex(log.at(1, 2'848), 1'248), hex(message.data() + 2'752, 1'248));
}

// spec: 03-C22
TEST_F(ConcurrentAppenderTest, LeavesARotationByOthersAlone) {
    log.stand_at(7, 65'536);
    log.metadata().raw_tails[1] = pack_tail(8, 128);

    EXPECT_EQ(offer(10).status(), OfferStatus::admin_action);
    EXPECT_EQ(log.tail(1), 0x0000000800000080U);
    EXPECT_EQ(log.metadata().active_term_count, 1);
}

TEST_F(ConcurrentAppenderTest, RotatesForAPublisherThatTrippedAndDiedWithTheLimitJustBeyondTheTerm) {
    log.stand_at(7, 65'536 + 4'096);
    log.limit = 65'536 + 32;

    EXPECT_EQ(offer(10).status(), OfferStatus::admin_action);
    EXPECT_EQ(log.tail(1), 0x0000000800000000U);
    EXPECT_EQ(offer(10).raw(), 65'600);
}

// spec: 03-C24
TEST_F(ConcurrentAppenderTest, EndsAtTheMaximumPosition) {
    stand_at_the_end();
    EXPECT_EQ(appender.position().raw(), 140'737'488'355'232);
    EXPECT_EQ(offer(100).raw(), -5);
    EXPECT_EQ(hex(log.at(1, 65'440), 12), "60 00 00 00 00 c0 00 00 a0 ff 00 00");
    EXPECT_EQ(log.tail(1), 0x8000000600010040U);
    EXPECT_EQ(log.metadata().active_term_count, 2147483647);
    EXPECT_EQ(offer(10).raw(), -5);
    EXPECT_EQ(log.tail(1) & 0xFFFFFFFFU, 65'664U);
    EXPECT_EQ(appender.position().raw(), 140'737'488'355'328);

    stand_at_the_end();
    EXPECT_EQ(offer(64).raw(), 140'737'488'355'328);
    EXPECT_EQ(offer(0).raw(), -5);

    stand_at_the_end();
    limit_to_position();
    EXPECT_EQ(offer(0).raw(), -2);
    EXPECT_EQ(offer(32).raw(), -2);
    EXPECT_EQ(offer(33).raw(), -5);
    EXPECT_EQ(offer(64).raw(), -5);
}

// spec: 03-C26
TEST_F(ConcurrentAppenderTest, AsksForTheReservedValueOfEachFragment) {
    std::vector<std::int64_t> offsets;
    std::vector<std::size_t> lengths;
    const auto supplier = [&](const std::span<const std::byte> frame) noexcept {
        offsets.push_back(frame.data() - log.at(0, 0));
        lengths.push_back(frame.size());
        EXPECT_LT(header_at(frame.data()).frame_length, 0) << "not yet committed";
        return static_cast<std::int64_t>(offsets.size());
    };
    const std::vector<std::byte> message = pattern(3'000);

    static_assert(noexcept(appender.offer(std::span<const std::byte>{message}, supplier)));
    EXPECT_EQ(appender.offer(std::span<const std::byte>{message}, supplier).raw(), 3'104);

    EXPECT_EQ(offsets, (std::vector<std::int64_t>{0, 1'408, 2'816}));
    EXPECT_EQ(lengths, (std::vector<std::size_t>{1'408, 1'408, 280}));
    EXPECT_EQ(log.header(0, 2'816).reserved_value, 3);
}

TEST_F(ConcurrentAppenderTest, PadsWhatASupplierThatThrowsLeaves) {
    int calls = 0;
    const auto supplier = [&](std::span<const std::byte>) -> std::int64_t {
        if (++calls == 2) {
            throw std::runtime_error("no value");
        }
        return 0;
    };
    const std::vector<std::byte> message = pattern(3'000);

    EXPECT_THROW(static_cast<void>(appender.offer(std::span<const std::byte>{message}, supplier)), std::runtime_error);

    EXPECT_EQ(log.header(0, 0).frame_length, 1'408);
    EXPECT_EQ(log.header(0, 1'408).frame_length, 3'104 - 1'408);
    EXPECT_EQ(log.header(0, 1'408).type, padding_type);
    EXPECT_EQ(offer(10).raw(), 3'168);
}

TEST_F(ConcurrentAppenderTest, JoinsThePartsOfAMessage) {
    const std::vector<std::byte> message = pattern(3'000);
    const std::span<const std::byte> whole{message};
    std::vector<std::span<const std::byte>> parts;
    for (std::size_t begin = 0; begin < 3'000; begin += 150) {
        parts.push_back(whole.subspan(begin, 150));
        parts.emplace_back();
    }

    EXPECT_EQ(appender.offer(MessageParts{parts}).raw(), 3'104);
    const std::array<std::span<const std::byte>, 3> three{bytes_of("He"), {}, bytes_of("llo")};
    EXPECT_EQ(appender.offer(MessageParts{three}).raw(), 3'168);
    EXPECT_EQ(appender.offer(MessageParts{}).raw(), 3'200);

    EXPECT_EQ(hex(log.at(0, 32), 1'376), hex(message.data(), 1'376));
    EXPECT_EQ(hex(log.at(0, 1'440), 1'376), hex(message.data() + 1'376, 1'376));
    EXPECT_EQ(hex(log.at(0, 2'848), 248), hex(message.data() + 2'752, 248));
    EXPECT_EQ(text_of({log.at(0, 3'136), 5}), "Hello");
}

// spec: 03-C28
TEST_F(ConcurrentAppenderTest, TurnsAnAbortedClaimIntoPadding) {
    log.stand_at(7, 96);
    FrameClaim claim;

    EXPECT_EQ(appender.try_claim(100, claim).raw(), 256);
    EXPECT_EQ(hex(log.at(0, 96), 24), "7c ff ff ff 00 c0 01 00 60 00 00 00 44 33 22 11 e9 03 00 00 07 00 00 00");
    EXPECT_EQ(claim.payload().size(), 100U);
    EXPECT_EQ(claim.payload().data(), log.at(0, 128));
    claim.abort();
    EXPECT_EQ(hex(log.at(0, 96), 24), "84 00 00 00 00 c0 00 00 60 00 00 00 44 33 22 11 e9 03 00 00 07 00 00 00");
}

TEST_F(ConcurrentAppenderTest, CommitsAClaimAsItsOwnerLeavesIt) {
    FrameClaim claim;
    EXPECT_EQ(appender.try_claim(20, claim).raw(), 64);
    claim.set_flags(0x80);
    claim.set_type(0x66);
    claim.set_reserved_value(9);
    claim.commit();
    EXPECT_EQ(hex(log.at(0, 0), 8), "34 00 00 00 00 80 66 00");
    EXPECT_EQ(log.header(0, 0).reserved_value, 9);
}

// spec: 03-C29
TEST_F(ConcurrentAppenderTest, OvershootsTheLimitByAtMostOneMessage) {
    log.limit = 32;
    EXPECT_EQ(offer(8'192).raw(), 8'384);
    EXPECT_EQ(offer(0).status(), OfferStatus::back_pressured);
    EXPECT_EQ(appender.available_window(), 32 - 8'384);
}

TEST(ConcurrentAppender, TakesAPayloadThatExceedsTheMaximumMessage) {
    LogParams params = vector_params();
    params.mtu_length = 65'504;
    const TestLog log{params};
    ConcurrentAppender appender{log.view(), log.limit, 1, 2};
    EXPECT_EQ(appender.offer(std::span<const std::byte>{pattern(65'472)}).raw(), 65'504);
}

TEST(ConcurrentAppender, SurvivesACorruptTail) {
    TestLog log;
    ConcurrentAppender appender{log.view(), log.limit, 1, 2};
    for (const std::int32_t count : {-1, -2, INT32_MIN, 5}) {
        log.metadata().active_term_count = count;
        for (std::size_t i = 0; i < 3; ++i) {
            log.metadata().raw_tails[i] = pack_tail(add_to_term_id(7, count), 65'501);
        }
        static_cast<void>(appender.offer(bytes_of("four")));
        static_cast<void>(appender.position());
    }
}

}  // namespace
}  // namespace cpperon::logbuffer
