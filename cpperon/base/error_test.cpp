#include "cpperon/base/error.hpp"

#include <cerrno>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/captured_stack.hpp"

namespace cpperon {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

template <typename Expected>
void expect_thrown_for(const ErrorCode code) {
    SCOPED_TRACE(to_string(code));
    try {
        detail::throw_error({code, "what happened"});
        FAIL() << "nothing was thrown";
    } catch (const Expected& error) {
        EXPECT_EQ(error.code(), code);
        EXPECT_STREQ(error.what(), "what happened");
    }
}

TEST(ThrowError, PicksTheSubclassOfTheCode) {
    expect_thrown_for<InvalidArgumentError>(ErrorCode::invalid_argument);
    expect_thrown_for<MalformedFileError>(ErrorCode::malformed_file);
    expect_thrown_for<IncompatibleVersionError>(ErrorCode::incompatible_version);
    expect_thrown_for<ActiveDriverError>(ErrorCode::active_driver);
    expect_thrown_for<DriverTimeoutError>(ErrorCode::driver_timeout);
    expect_thrown_for<ClosedError>(ErrorCode::closed);
    expect_thrown_for<RegistrationError>(ErrorCode::unknown_host);
    expect_thrown_for<RegistrationError>(ErrorCode::image_rejected);
    expect_thrown_for<ClientTimeoutError>(ErrorCode::client_timeout);
    expect_thrown_for<ConductorServiceTimeoutError>(ErrorCode::conductor_service_timeout);
    expect_thrown_for<TimeoutError>(ErrorCode::timed_out);
    expect_thrown_for<ReentrantCallError>(ErrorCode::reentrant_call);
    expect_thrown_for<ChannelEndpointError>(ErrorCode::channel_endpoint_error);
    expect_thrown_for<RegistrationError>(ErrorCode::channel_endpoint_error);
    expect_thrown_for<StorageSpaceError>(ErrorCode::storage_space);
    expect_thrown_for<Error>(ErrorCode::buffer_full);
}

TEST(RegistrationError, NamesTheRequest) {
    try {
        detail::throw_error({.code = ErrorCode::unknown_host, .message = "no", .registration_id = RegistrationId{7}});
        FAIL() << "nothing was thrown";
    } catch (const RegistrationError& error) {
        EXPECT_EQ(error.registration_id(), RegistrationId{7});
    }
    EXPECT_EQ(RegistrationError(ErrorCode::unknown_host, "no").registration_id(), null_registration_id);
}

// spec: 07 §G.5
TEST(ErrorCode, TellsWhatMayBeTriedAgainAndWhatIsAtItsEnd) {
    for (const ErrorCode code : {ErrorCode::resource_temporarily_unavailable, ErrorCode::buffer_full,
                                 ErrorCode::driver_buffer_full, ErrorCode::timed_out}) {
        EXPECT_TRUE(is_retryable(code)) << to_string(code);
        EXPECT_FALSE(is_unrecoverable(code)) << to_string(code);
        EXPECT_TRUE(Error(code, "").is_retryable());
    }
    for (const ErrorCode code : {ErrorCode::driver_timeout, ErrorCode::client_timeout,
                                 ErrorCode::conductor_service_timeout, ErrorCode::closed}) {
        EXPECT_TRUE(is_unrecoverable(code)) << to_string(code);
        EXPECT_FALSE(is_retryable(code)) << to_string(code);
        EXPECT_TRUE(Error(code, "").is_unrecoverable());
    }
    for (const ErrorCode code : {ErrorCode::invalid_channel, ErrorCode::generic_error, ErrorCode::invalid_argument}) {
        EXPECT_FALSE(is_retryable(code) || is_unrecoverable(code)) << to_string(code);
    }
}

TEST(ErrorCode, HasTheNumbersThatTravel) {
    EXPECT_EQ(static_cast<int>(ErrorCode::unknown_code_value), -1);
    EXPECT_EQ(static_cast<int>(ErrorCode::invalid_channel), 1);
    EXPECT_EQ(static_cast<int>(ErrorCode::unknown_subscription), 2);
    EXPECT_EQ(static_cast<int>(ErrorCode::unknown_publication), 3);
    EXPECT_EQ(static_cast<int>(ErrorCode::channel_endpoint_error), 4);
    EXPECT_EQ(static_cast<int>(ErrorCode::unknown_counter), 5);
    EXPECT_EQ(static_cast<int>(ErrorCode::unknown_command_type_id), 6);
    EXPECT_EQ(static_cast<int>(ErrorCode::malformed_command), 7);
    EXPECT_EQ(static_cast<int>(ErrorCode::not_supported), 8);
    EXPECT_EQ(static_cast<int>(ErrorCode::unknown_host), 9);
    EXPECT_EQ(static_cast<int>(ErrorCode::resource_temporarily_unavailable), 10);
    EXPECT_EQ(static_cast<int>(ErrorCode::generic_error), 11);
    EXPECT_EQ(static_cast<int>(ErrorCode::storage_space), 12);
    EXPECT_EQ(static_cast<int>(ErrorCode::image_rejected), 13);
    EXPECT_EQ(static_cast<int>(ErrorCode::publication_revoked), 14);
    EXPECT_EQ(static_cast<int>(ErrorCode::driver_timeout), 1000);
    EXPECT_EQ(static_cast<int>(ErrorCode::client_timeout), 1001);
    EXPECT_EQ(static_cast<int>(ErrorCode::conductor_service_timeout), 1002);
    EXPECT_EQ(static_cast<int>(ErrorCode::buffer_full), 1003);
    EXPECT_EQ(static_cast<int>(ErrorCode::driver_buffer_full), 1004);
}

TEST(ErrorCode, HasANameForEachNumberAndOneForTheRest) {
    for (const int number : {0,  1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   11,   12,  13,
                             14, 1000, 1001, 1002, 1003, 1004, 2000, 2001, 2002, 2003, 2004, 2005, 2006}) {
        EXPECT_NE(to_string(static_cast<ErrorCode>(number)), "unknown_code_value") << number;
    }
    EXPECT_EQ(to_string(ErrorCode::invalid_channel), "invalid_channel");
    EXPECT_EQ(to_string(ErrorCode::unknown_code_value), "unknown_code_value");
    EXPECT_EQ(to_string(ErrorCode{4711}), "unknown_code_value");
}

TEST(IoError, TellsWhatWasTriedAndTheSystemsReason) {
    const IoError error{"cannot open '/no/such/file'", ENOENT};

    EXPECT_EQ(error.code(), ErrorCode::io_error);
    EXPECT_EQ(error.system_error(), ENOENT);
    EXPECT_THAT(error.what(), StartsWith("cannot open '/no/such/file': "));
    EXPECT_THAT(error.what(), HasSubstr("No such file"));
}

TEST(Error, CarriesAStackOnlyInALibraryThatIsBuiltToTakeIt) {
    const Error error{ErrorCode::generic_error, "x"};

    EXPECT_EQ(error.stack_trace().empty(), detail::capture_stack() == nullptr);
}

TEST(ChannelUriError, HasTheCodeTheDriverWouldAnswer) {
    EXPECT_EQ(ChannelUriError{"x"}.code(), ErrorCode::invalid_channel);
}

}  // namespace
}  // namespace cpperon
