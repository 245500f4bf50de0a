#include "cpperon/logbuffer/position.hpp"

#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

namespace cpperon::logbuffer {
namespace {

constexpr std::int32_t kib_64 = 65'536;
constexpr std::int32_t gib = 1'073'741'824;

std::uint64_t packed(const std::int32_t term_id, const std::int32_t offset) {
    return static_cast<std::uint64_t>(pack_tail(term_id, offset));
}

// spec: 03-C11
TEST(RawTail, PacksTermIdAndOffset) {
    EXPECT_EQ(packed(7, 64), 0x0000000700000040U);
    EXPECT_EQ(packed(-1, 0), 0xFFFFFFFF00000000U);
    EXPECT_EQ(packed(add_to_term_id(-1, -2), 0), 0xFFFFFFFD00000000U);
    EXPECT_EQ(packed(add_to_term_id(-1, -1), 0), 0xFFFFFFFE00000000U);
    const std::int64_t tripped = pack_tail(-2147483642, 65'600);
    EXPECT_EQ(static_cast<std::uint64_t>(tripped), 0x8000000600010040U);
    EXPECT_EQ(tail_term_id(tripped), -2147483642);
    EXPECT_EQ(tail_term_offset(tripped, kib_64), 65'536);
    EXPECT_EQ(tail_term_offset(pack_tail(7, -32), kib_64), 65'536) << "the low half is unsigned";
    EXPECT_EQ(tail_term_offset(pack_tail(7, 65), kib_64), 64) << "a corrupt tail does not misalign frames";
}

// spec: 03-C11
TEST(Position, AgreesWithTheTablesOfTheSpecification) {
    EXPECT_EQ(max_possible_position(kib_64), 140'737'488'355'328);
    EXPECT_EQ(max_possible_position(16 * 1024 * 1024), 36'028'797'018'963'968);
    EXPECT_EQ(max_possible_position(gib), 2'305'843'009'213'693'952);
    EXPECT_EQ(position_bits_to_shift(kib_64), 16);
    EXPECT_EQ(position_bits_to_shift(2 * kib_64), 17);
    EXPECT_EQ(position_bits_to_shift(gib), 30);

    EXPECT_EQ(term_count_of_position(1'000'000, 16), 15);
    EXPECT_EQ(term_id_of_position(1'000'000, 16, 7), 22);
    EXPECT_EQ(term_offset_of_position(1'000'000, kib_64), 16'960);
    EXPECT_EQ(index_of_position(1'000'000, 16), 0);

    EXPECT_EQ(term_id_of_position(5'368'713'216, 30, 100), 105);
    EXPECT_EQ(term_offset_of_position(5'368'713'216, gib), 4'096);
    EXPECT_EQ(index_of_position(5'368'713'216, 30), 2);

    EXPECT_EQ(term_count_of(-2147483646, 2147483647), 3);
    EXPECT_EQ(position_of(-2147483646, 4'096, 30, 2147483647), 3'221'229'568);
    EXPECT_EQ(index_of_term_count(3), 0);

    EXPECT_EQ(position_of(-5, 1'024, 16, -7), 132'096);

    EXPECT_EQ(term_count_of(-2147483642, 7), 2147483647);
    EXPECT_EQ(index_of_term_count(2147483647), 1);
    EXPECT_EQ(position_of(-2147483642, 0, 16, 7), 140'737'488'289'792);

    EXPECT_EQ(position_of(112'004, 384, 16, 5), 7'339'966'848);
    EXPECT_EQ(index_of_term_count(term_count_of(112'004, 5)), 0);
    EXPECT_EQ(index_of_term_count(term_count_of(7, 5)), 2);
}

// spec: 03-C11
TEST(FramedLength, RoundsOnlyTheLastFrame) {
    EXPECT_EQ(framed_length(0, 1'376), 32);
    EXPECT_EQ(framed_length(1'376, 1'376), 1'408);
    EXPECT_EQ(framed_length(1'377, 1'376), 1'472);
    EXPECT_EQ(framed_length(2'752, 1'376), 2'816);
    EXPECT_EQ(framed_length(2'753, 1'376), 2'880);
    EXPECT_EQ(framed_length(4'000, 1'376), 4'096);
    EXPECT_EQ(framed_length(8'192, 1'376), 8'384);
    EXPECT_EQ(max_payload_length(1'408), 1'376);
    EXPECT_EQ(max_message_length(kib_64), 8'192);
    EXPECT_EQ(max_message_length(gib), 16'777'216);
}

// spec: 03-C12
TEST(Position, IsMonotonicWhereTermIdsWrap) {
    for (const std::int32_t initial :
         {-3, -1, 0, std::numeric_limits<std::int32_t>::max() - 1, std::numeric_limits<std::int32_t>::min()}) {
        std::int64_t previous = -1;
        for (std::int32_t count = 0; count < 8; ++count) {
            const std::int64_t position = position_of(add_to_term_id(initial, count), 32, 16, initial);
            EXPECT_EQ(position, std::int64_t{count} * kib_64 + 32);
            EXPECT_GT(position, previous);
            EXPECT_EQ(term_id_of_position(position, 16, initial), add_to_term_id(initial, count));
            previous = position;
        }
    }
}

TEST(Position, IndexesOfCorruptCountsStayWithinThePartitions) {
    for (const std::int32_t count : {-1, -2, -3, std::numeric_limits<std::int32_t>::min()}) {
        EXPECT_GE(index_of_term_count(count), 0);
        EXPECT_LT(index_of_term_count(count), 3);
    }
}

}  // namespace
}  // namespace cpperon::logbuffer
