#include "tools/time_option.hpp"

#include <cstdlib>
#include <ctime>

#include <gtest/gtest.h>

#include "cpperon/base/error.hpp"
#include "tools/text.hpp"

namespace cpperon::tools {
namespace {

constexpr std::int64_t now_ms = 1'700'000'000'123;

TEST(Moment, IsReadAsItIsPrinted) {
    EXPECT_EQ(parse_moment(local_time(now_ms), 0), now_ms);
    EXPECT_EQ(parse_moment("2023-11-15 00:13:20.123+0200", 0), now_ms);
    EXPECT_EQ(parse_moment("2023-11-14T22:13:20.1+0000", 0), 1'700'000'000'100);
}

TEST(Moment, WithoutAZoneIsLocal) {
    ::setenv("TZ", "UTC0", 1);
    ::tzset();

    EXPECT_EQ(parse_moment("2023-11-14 22:13:20", 0), 1'700'000'000'000);
    EXPECT_EQ(parse_moment("2023-11-14 22:13", 0), 1'699'999'980'000);
    EXPECT_EQ(parse_moment("2023-11-14", 0), 1'699'920'000'000);
}

TEST(Moment, MayBeATimeAgo) {
    EXPECT_EQ(parse_moment("90s", now_ms), now_ms - 90'000);
    EXPECT_EQ(parse_moment("15min", now_ms), now_ms - 900'000);
    EXPECT_EQ(parse_moment("2h", now_ms), now_ms - 7'200'000);
    EXPECT_EQ(parse_moment("1d", now_ms), now_ms - 86'400'000);
    EXPECT_EQ(parse_moment("1700000000123", 0), now_ms);
}

TEST(Moment, IsRefusedWhereItIsNone) {
    for (const char* const text : {"", "soon", "10m", "-5s", "2023-11-14 22:13:20 tomorrow", "99999999999999999999"}) {
        EXPECT_THROW(static_cast<void>(parse_moment(text, now_ms)), InvalidArgumentError) << text;
    }
}

}  // namespace
}  // namespace cpperon::tools
