#include "cpperon/base/parse_value.hpp"

#include <limits>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpperon {
namespace {

using testing::HasSubstr;

constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();

struct Vector {
    std::string_view text;
    std::optional<std::int64_t> value;  ///< nothing: an error
};

template <typename Parse>
void expect_vectors(const std::initializer_list<Vector> vectors, const Parse parse) {
    for (const auto& [text, value] : vectors) {
        const auto result = parse(text);
        ASSERT_EQ(result.has_value(), value.has_value()) << "'" << text << "'";
        if (value) {
            EXPECT_EQ(*result, *value) << "'" << text << "'";
        } else {
            EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
            EXPECT_THAT(result.error().message, HasSubstr(std::string(text)));
        }
    }
}

// spec: 05-C6
TEST(ParseValue, ReadsSizesInEveryDocumentedForm) {
    expect_vectors({{"0", 0},
                    {"0k", 0},
                    {"64k", 65'536},
                    {"64K", 65'536},
                    {"64kb", 65'536},
                    {"1m", 1'048'576},
                    {"1M", 1'048'576},
                    {"1g", 1'073'741'824},
                    {"1G", 1'073'741'824},
                    {"1t", {}},
                    {"9007199254740991k", 9'223'372'036'854'774'784},
                    {"9007199254740992k", {}},
                    {"8796093022207m", 9'223'372'036'853'727'232},
                    {"8796093022208m", {}},
                    {"8589934591g", 9'223'372'035'781'033'984},
                    {"8589934592g", {}},
                    {"9223372036854775807", int64_max},
                    {"9223372036854775808", int64_max},
                    {"99999999999999999999999999", int64_max},
                    {"99999999999999999999999999k", {}},
                    {" 7", 7},
                    {"\t7", 7},
                    {"+7", 7},
                    {"010", 10},
                    {"0x10", {}},
                    {"-1", {}},
                    {"k", {}},
                    {"1 k", {}},
                    {"1.5k", {}},
                    {"64kx", {}},
                    {"64kbb", {}},
                    {"7 ", {}},
                    {"+", {}},
                    {"", {}}},
                   try_parse_size);
}

// spec: 05-C6
TEST(ParseValue, ReadsDurationsInEveryDocumentedForm) {
    expect_vectors({{"0", 0},
                    {"10", 10},
                    {"10ns", 10},
                    {"10us", 10'000},
                    {"10US", 10'000},
                    {"10ms", 10'000'000},
                    {"10Ms", 10'000'000},
                    {"10m", 10'000'000},
                    {"10u", 10'000},
                    {"10n", 10},
                    {"10s", 10'000'000'000},
                    {"10S", 10'000'000'000},
                    {"9223372036s", 9'223'372'036'000'000'000},
                    {"9223372037s", int64_max},
                    {"9223372036854ms", 9'223'372'036'854'000'000},
                    {"9223372036855ms", int64_max},
                    {"9223372036854775us", 9'223'372'036'854'775'000},
                    {"9223372036854776us", int64_max},
                    {"9223372036854775808ns", int64_max},
                    {"99999999999s", int64_max},
                    {" 7s", 7'000'000'000},
                    {"+7s", 7'000'000'000},
                    {"10h", {}},
                    {"10 s", {}},
                    {"1.5s", {}},
                    {"s", {}},
                    {"-1s", {}},
                    {"-1", {}},
                    {"0x10", {}},
                    {"", {}},
                    {"10sx", {}},
                    {"10mxy", {}},
                    {"10msx", {}},
                    {"5sec", {}},
                    {"5q", {}}},
                   try_parse_duration_ns);
}

TEST(ParseValue, ReadsIntegersByTheirPrefixAndNothingAfterThem) {
    expect_vectors({{"0", 0},
                    {"-0", 0},
                    {"10", 10},
                    {"+10", 10},
                    {" -10", -10},
                    {"0x10", 16},
                    {"0XfF", 255},
                    {"-0x10", -16},
                    {"020", 16},
                    {"9223372036854775807", int64_max},
                    {"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
                    {"9223372036854775808", {}},
                    {"-9223372036854775809", {}},
                    {"0x", {}},
                    {"0xg", {}},
                    {"08", {}},
                    {"20abc", {}},
                    {"64k", {}},
                    {"-", {}},
                    {"", {}}},
                   try_parse_int64);
    expect_vectors({{"2147483647", 2'147'483'647},
                    {"0x7fffffff", 2'147'483'647},
                    {"-2147483648", -2'147'483'648LL},
                    {"2147483648", {}},
                    {"-2147483649", {}},
                    {"foo", {}}},
                   try_parse_int32);
    expect_vectors({{"020", 20}, {"-1", -1}, {"0x10", {}}, {"12abc", {}}, {"", {}}}, try_parse_decimal_int64);
}

// spec: 05-C7
TEST(ParseValue, PrintsSizesAndDurationsInTheLargestExactUnit) {
    EXPECT_EQ(format_size(0), "0");
    EXPECT_EQ(format_size(1'024), "1k");
    EXPECT_EQ(format_size(10'224), "10224");
    EXPECT_EQ(format_size(131'072), "128k");
    EXPECT_EQ(format_size(1'048'576), "1m");
    EXPECT_EQ(format_size(1'073'741'824), "1g");
    EXPECT_EQ(format_size(int64_max), "9223372036854775807");

    EXPECT_EQ(format_duration(0), "0ns");
    EXPECT_EQ(format_duration(19), "19ns");
    EXPECT_EQ(format_duration(1'000), "1us");
    EXPECT_EQ(format_duration(12'345), "12345ns");
    EXPECT_EQ(format_duration(100'000'000), "100ms");
    EXPECT_EQ(format_duration(5'000'000'000), "5s");
    EXPECT_EQ(format_duration(int64_max), "9223372036854775807ns");
}

// spec: 05-C7
TEST(ParseValue, ReadsWhatItPrinted) {
    for (const std::int64_t unit : {std::int64_t{1}, std::int64_t{1'000}, std::int64_t{1'024}, std::int64_t{1'000'000},
                                    std::int64_t{1'048'576}, std::int64_t{1'000'000'000}, std::int64_t{1} << 30U}) {
        for (const std::int64_t count : {0, 1, 3, 7, 999, 1'000, 1'023, 1'024, 1'025}) {
            EXPECT_EQ(parse_size(format_size(count * unit)), count * unit);
            EXPECT_EQ(parse_duration_ns(format_duration(count * unit)), count * unit);
        }
    }
    EXPECT_EQ(parse_size(format_size(int64_max)), int64_max);
    EXPECT_EQ(parse_duration_ns(format_duration(int64_max)), int64_max);
}

TEST(ParseValue, SaysWhatIsWrongAndWhatIsAllowed) {
    EXPECT_EQ(try_parse_size("64q").error().message,
              "'64q' is not a size: 'q' is no unit of sizes; write digits and an optional k, m or g, for example 64k");
    EXPECT_EQ(
        try_parse_duration_ns("10h").error().message,
        "'10h' is not a duration: 'h' is no unit of durations; write digits and ns, us, ms or s, for example 5ms");
    EXPECT_EQ(try_parse_int32("3000000000").error().message,
              "'3000000000' is out of range: -2147483648 to 2147483647 is allowed");
    EXPECT_THROW((void)parse_size("x"), InvalidArgumentError);
    EXPECT_THROW((void)parse_duration_ns("x"), InvalidArgumentError);
}

}  // namespace
}  // namespace cpperon
