#include "cpperon/logbuffer/term_cleaner.hpp"

#include <algorithm>
#include <cstring>

#include <gtest/gtest.h>

#include "cpperon/logbuffer/test_log.hpp"

namespace cpperon::logbuffer {
namespace {

bool all_are(const std::byte* const begin, const std::size_t length, const std::byte value) {
    return std::all_of(begin, begin + length, [&](const std::byte byte) { return byte == value; });
}

// spec: 03-C45
TEST(TermCleaner, ZeroesEveryByteBeforeItsTargetAndNoOther) {
    for (const std::int32_t term_length : {65'536, 1'048'576}) {
        LogParams params = vector_params();
        params.term_length = term_length;
        const TestLog log{params};
        std::memset(log.at(0, 0), 0x5a, static_cast<std::size_t>(term_length));
        TermCleaner cleaner{log.view(), 32};
        const std::int32_t target = term_length - 4'096;

        EXPECT_EQ(cleaner.clean_up_to(target), target - 32);

        EXPECT_EQ(cleaner.position(), target);
        EXPECT_TRUE(all_are(log.at(0, 0), 32, std::byte{0x5a}));
        EXPECT_TRUE(all_are(log.at(0, 32), static_cast<std::size_t>(target - 32), std::byte{0}));
        EXPECT_TRUE(all_are(log.at(0, target), 4'096, std::byte{0x5a}));
        EXPECT_EQ(cleaner.clean_up_to(target), 0);
        EXPECT_EQ(cleaner.clean_up_to(-1), 0);
    }
}

// spec: 03-C46
TEST(TermCleaner, StopsAtTheEndOfATerm) {
    const TestLog log;
    std::memset(log.at(0, 0), 0x5a, 3U * 65'536);
    TermCleaner cleaner{log.view(), 65'536 * 3 - 64};

    EXPECT_EQ(cleaner.clean_up_to(65'536 * 4), 64);
    EXPECT_TRUE(all_are(log.at(2, 65'472), 64, std::byte{0}));
    EXPECT_TRUE(all_are(log.at(0, 0), 65'536, std::byte{0x5a}));
    EXPECT_EQ(cleaner.clean_up_to(65'536 * 4), 65'536);
    EXPECT_TRUE(all_are(log.at(0, 0), 65'536, std::byte{0}));
    EXPECT_EQ(cleaner.position(), 65'536 * 4);
}

}  // namespace
}  // namespace cpperon::logbuffer
