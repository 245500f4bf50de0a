#include "cpperon/driver/sender/retransmit_handler.hpp"

#include <cstdint>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Verdict = RetransmitHandler::Verdict;

constexpr std::int64_t linger_ns = 10'000'000;

TermRange range(const std::int32_t term_offset, const std::int32_t length, const std::int32_t term_id = 7) {
    return {.term_id = term_id, .term_offset = term_offset, .length = length};
}

std::vector<TermRange> poll(RetransmitHandler& handler, const std::int64_t now_ns) {
    std::vector<TermRange> due;
    handler.poll(now_ns, [&](const TermRange& resent) { due.push_back(resent); });
    return due;
}

// spec: 04-C33
TEST(RetransmitHandler, IgnoresANakInsideWhatWasJustSentAgainAndServesItAfterwards) {
    RetransmitHandler handler{{}};
    EXPECT_EQ(handler.on_nak(range(1'408, 2'816), 0), Verdict::send_now);

    EXPECT_EQ(handler.on_nak(range(1'408, 1'408), linger_ns), Verdict::ignore);
    EXPECT_EQ(handler.on_nak(range(4'192, 9'999), linger_ns), Verdict::ignore);
    EXPECT_THAT(poll(handler, linger_ns), IsEmpty());
    EXPECT_EQ(handler.on_nak(range(1'408, 1'408), linger_ns), Verdict::ignore);
    EXPECT_THAT(poll(handler, linger_ns + 1), IsEmpty());
    EXPECT_EQ(handler.on_nak(range(1'408, 1'408), linger_ns + 1), Verdict::send_now);
}

TEST(RetransmitHandler, ServesANakThatStartsOutsideOfWhatWasJustSentAgain) {
    RetransmitHandler handler{{.has_group_semantics = true}};
    static_cast<void>(handler.on_nak(range(1'408, 1'408), 0));

    EXPECT_EQ(handler.on_nak(range(1'376, 1'408), 0), Verdict::send_now);
    EXPECT_EQ(handler.on_nak(range(2'816, 32), 0), Verdict::send_now);
    EXPECT_EQ(handler.on_nak(range(1'408, 1'408, 8), 0), Verdict::send_now);
}

TEST(RetransmitHandler, OfUnicastTheLastGapTakesThePlaceOfTheOneBefore) {
    RetransmitHandler handler{{.max_resend = 16}};
    static_cast<void>(handler.on_nak(range(0, 1'408), 0));

    EXPECT_EQ(handler.on_nak(range(2'816, 1'408), 1), Verdict::send_now);
    EXPECT_EQ(handler.on_nak(range(0, 1'408), 2), Verdict::send_now);
}

// spec: 04-C34
TEST(RetransmitHandler, OfAGroupTheSeventeenthGapIsTooMuch) {
    RetransmitHandler handler{{.has_group_semantics = true, .max_resend = 16}};
    for (std::int32_t i = 0; i < 16; ++i) {
        ASSERT_EQ(handler.on_nak(range(i * 1'408, 1'408), 0), Verdict::send_now);
    }

    EXPECT_EQ(handler.on_nak(range(16 * 1'408, 1'408), linger_ns), Verdict::overflow);
    poll(handler, linger_ns + 1);
    EXPECT_EQ(handler.on_nak(range(16 * 1'408, 1'408), linger_ns + 1), Verdict::send_now);
}

TEST(RetransmitHandler, SendsAfterTheDelayAndThenLingers) {
    RetransmitHandler handler{{.delay_ns = 1'000, .linger_ns = linger_ns}};

    EXPECT_EQ(handler.on_nak(range(0, 1'408), 0), Verdict::later);
    EXPECT_EQ(handler.on_nak(range(0, 1'408), 500), Verdict::ignore);
    EXPECT_THAT(poll(handler, 1'000), IsEmpty());
    EXPECT_THAT(poll(handler, 1'001), ElementsAre(range(0, 1'408)));
    EXPECT_THAT(poll(handler, 1'002), IsEmpty());
    EXPECT_EQ(handler.on_nak(range(0, 1'408), 1'001 + linger_ns), Verdict::ignore);
    poll(handler, 1'002 + linger_ns);
    EXPECT_EQ(handler.on_nak(range(0, 1'408), 1'002 + linger_ns), Verdict::later);
}

TEST(RetransmitHandler, ARangeAtTheEndOfTheLargestTermDoesNotOverflow) {
    RetransmitHandler handler{{}};
    static_cast<void>(handler.on_nak(range(1'073'741'792, 2'147'483'616), 0));

    EXPECT_EQ(handler.on_nak(range(1'073'741'792, 32), 0), Verdict::ignore);
}

}  // namespace
}  // namespace cpperon::driver
