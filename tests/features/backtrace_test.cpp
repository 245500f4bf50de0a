/// Errors of a library that is built with CPPERON_BACKTRACE.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/error.hpp"

namespace cpperon {

// Not in an unnamed namespace, or their names would be longer; kept out of line, or there would be no call.
[[gnu::noinline]] void open_what_is_not_there() {
    throw IoError{"cannot open 'x'", 2};
}

[[gnu::noinline]] void go_through_an_error_code() {
    detail::throw_error({ErrorCode::driver_timeout, "the driver is gone"});
}

namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

template <typename Fail>
std::string stack_of(const Fail& fail) {
    try {
        fail();
    } catch (const Error& error) {
        return error.stack_trace();
    }
    return "nothing was thrown";
}

TEST(StackTrace, BeginsWithTheFunctionThatFailedAndSaysWhereThatIs) {
    const std::string stack = stack_of(open_what_is_not_there);

    EXPECT_THAT(stack, StartsWith("#0 cpperon::open_what_is_not_there() at "));
    EXPECT_THAT(stack, ContainsRegex("#0 [^\n]*backtrace_test\\.cpp:[0-9]+\n"));
    EXPECT_THAT(stack, ContainsRegex("\n#[0-9]+ main "));
}

TEST(StackTrace, LeavesOutWhatOnlyThrewTheError) {
    const std::string stack = stack_of(go_through_an_error_code);

    EXPECT_THAT(stack, HasSubstr("go_through_an_error_code"));
    EXPECT_THAT(stack,
                AllOf(Not(HasSubstr("throw_error")), Not(HasSubstr("capture_stack")), Not(HasSubstr("backward"))));
}

TEST(StackTrace, IsThatOfTheOriginalInACopyThatOutlivesIt) {
    Error kept{ErrorCode::generic_error, "made here"};
    try {
        open_what_is_not_there();
    } catch (const Error& error) {
        kept = error;
    }

    EXPECT_THAT(kept.stack_trace(), StartsWith("#0 cpperon::open_what_is_not_there() "));
}

}  // namespace
}  // namespace cpperon
