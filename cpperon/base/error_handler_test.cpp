#include "cpperon/base/error_handler.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpperon {
namespace {

using ::testing::HasSubstr;
using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

struct Recorder {
    std::vector<std::pair<ErrorCode, std::string>> errors;

    ErrorHandler handler() {
        return [this](const Error& error) { errors.emplace_back(error.code(), error.what()); };
    }
};

template <typename Exception>
void report_thrown(const ErrorHandler& handler, const Exception& exception) {
    try {
        throw exception;
    } catch (...) {
        report_current_exception(handler);
    }
}

TEST(ReportCurrentException, KeepsTheCodeOfAnError) {
    Recorder recorder;

    report_thrown(recorder.handler(), DriverTimeoutError{"no driver"});

    EXPECT_THAT(recorder.errors, ::testing::ElementsAre(std::pair{ErrorCode::driver_timeout, "no driver"}));
}

TEST(ReportCurrentException, HandsOverTheErrorItself) {
    bool is_io_error = false;

    report_thrown([&](const Error& error) { is_io_error = dynamic_cast<const IoError*>(&error) != nullptr; },
                  IoError{"cannot read", 5});

    EXPECT_TRUE(is_io_error);
}

TEST(ReportCurrentException, MakesAGenericErrorOfWhatIsNone) {
    Recorder recorder;

    report_thrown(recorder.handler(), std::runtime_error{"of the application"});
    report_thrown(recorder.handler(), 42);

    ASSERT_EQ(recorder.errors.size(), 2U);
    EXPECT_EQ(recorder.errors[0], std::pair(ErrorCode::generic_error, std::string{"of the application"}));
    EXPECT_EQ(recorder.errors[1].first, ErrorCode::generic_error);
}

TEST(ReportError, MakesTheErrorOfAValue) {
    bool is_registration_error = false;

    report_error(
        [&](const Error& error) {
            const auto* const refusal = dynamic_cast<const RegistrationError*>(&error);
            is_registration_error = refusal != nullptr && refusal->registration_id() == RegistrationId{5};
        },
        ErrorInfo{.code = ErrorCode::unknown_host, .message = "no", .registration_id = RegistrationId{5}});

    EXPECT_TRUE(is_registration_error);
}

TEST(ReportError, WritesToStderrWithoutAHandler) {
    CaptureStderr();
    report_error({}, ClosedError{"it is closed"});
    EXPECT_EQ(GetCapturedStderr(), "cpperon: error: closed (2005): it is closed\n");
}

TEST(ReportError, WritesALineWhenTheHandlerThrows) {
    CaptureStderr();
    report_error([](const Error&) { throw std::runtime_error{"handler failed"}; }, ClosedError{"it is closed"});
    report_error([](const Error&) { throw 42; }, ClosedError{"it is closed too"});
    const std::string text = GetCapturedStderr();
    EXPECT_THAT(text, HasSubstr("handler failed: closed (2005): it is closed\n"));
    EXPECT_THAT(text, HasSubstr("it is closed too"));
}

TEST(StderrErrorHandler, WritesALinePerError) {
    CaptureStderr();
    stderr_error_handler()(ClosedError{"it is closed"});
    EXPECT_EQ(GetCapturedStderr(), "cpperon: error: closed (2005): it is closed\n");
}

}  // namespace
}  // namespace cpperon
