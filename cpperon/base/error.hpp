/// The errors of set-up paths: what went wrong, as a code a program can act on and a text a person can read.
/// Used by every room. Hot paths return small results instead. spec: 02 §5, design §4.6
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cpperon {

/// Codes below 1,000 travel between driver and client; those from 1,000 are raised by the client itself; those from
/// 2,000 are local to this process and never travel. spec: 02 §5
enum class ErrorCode : std::int32_t {
    unknown_code_value = -1,
    none = 0,
    invalid_channel = 1,
    unknown_subscription = 2,
    unknown_publication = 3,
    channel_endpoint_error = 4,
    unknown_counter = 5,
    unknown_command_type_id = 6,
    malformed_command = 7,
    not_supported = 8,
    unknown_host = 9,
    resource_temporarily_unavailable = 10,
    generic_error = 11,
    storage_space = 12,
    image_rejected = 13,
    publication_revoked = 14,

    driver_timeout = 1000,
    client_timeout = 1001,
    conductor_service_timeout = 1002,
    buffer_full = 1003,
    driver_buffer_full = 1004,

    invalid_argument = 2000,  ///< a value the caller gave is not allowed
    io_error = 2001,          ///< the operating system refused: file, mapping, socket, thread
    malformed_file = 2002,    ///< a shared file is truncated or inconsistent
    incompatible_version = 2003,
    active_driver = 2004,   ///< a driver is alive on that directory
    closed = 2005,          ///< the handle or its client is closed
    reentrant_call = 2006,  ///< a blocking call inside a callback
};

/// The name of a code in the words of the specification, for example `invalid_channel`.
[[nodiscard]] std::string_view to_string(ErrorCode code) noexcept;

/// An error as a value: what a pollable operation hands out instead of throwing.
struct ErrorInfo {
    ErrorCode code = ErrorCode::generic_error;
    std::string message;
};

namespace detail {
struct CapturedStack;
}  // namespace detail

/// Base of everything cpperon throws.
class Error : public std::runtime_error {
public:
    Error(ErrorCode code, const std::string& message);
    explicit Error(const ErrorInfo& info) : Error(info.code, info.message) {}

    [[nodiscard]] ErrorCode code() const noexcept { return code_; }

    /// The calls that led to where this error was made, one line each, the innermost first; empty unless the library
    /// was built with the CMake option `CPPERON_BACKTRACE`. Names and lines are looked up now, which takes a tenth of a
    /// second the first time. Throws `std::bad_alloc`. design §4.6
    [[nodiscard]] std::string stack_trace() const;

private:
    ErrorCode code_;
    std::shared_ptr<const detail::CapturedStack> stack_;  // none without CPPERON_BACKTRACE
};

/// A value given by the caller is not allowed. The message names the value, what is allowed and what to do.
class InvalidArgumentError : public Error {
public:
    explicit InvalidArgumentError(const std::string& message) : Error(ErrorCode::invalid_argument, message) {}
};

/// A channel URI is malformed or contradicts itself. spec: 05 §11
class ChannelUriError : public Error {
public:
    explicit ChannelUriError(const std::string& message) : Error(ErrorCode::invalid_channel, message) {}
};

/// The operating system refused. `system_error()` is the errno value.
class IoError : public Error {
public:
    /// `what_was_tried` names operation and object, for example `cannot map '/dev/shm/aeron/cnc.dat'`; the system's
    /// reason is appended.
    IoError(const std::string& what_was_tried, int system_error);

    [[nodiscard]] int system_error() const noexcept { return system_error_; }

private:
    int system_error_;
};

/// A shared file is truncated, inconsistent or not what it should be.
class MalformedFileError : public Error {
public:
    explicit MalformedFileError(const std::string& message) : Error(ErrorCode::malformed_file, message) {}
};

/// A shared file is of a version this library cannot work with.
class IncompatibleVersionError : public Error {
public:
    explicit IncompatibleVersionError(const std::string& message) : Error(ErrorCode::incompatible_version, message) {}
};

/// Another driver is alive on the directory.
class ActiveDriverError : public Error {
public:
    explicit ActiveDriverError(const std::string& message) : Error(ErrorCode::active_driver, message) {}
};

/// The driver did not answer in time, is gone, or was never there. spec: 02 §5
class DriverTimeoutError : public Error {
public:
    explicit DriverTimeoutError(const std::string& message) : Error(ErrorCode::driver_timeout, message) {}
};

/// The driver refused a command; `code()` is the driver's code. spec: 02 §5
class RegistrationError : public Error {
public:
    using Error::Error;
};

/// The handle, or the client it belongs to, is closed.
class ClosedError : public Error {
public:
    explicit ClosedError(const std::string& message) : Error(ErrorCode::closed, message) {}
};

namespace detail {

/// Throws the subclass of `Error` that fits `info.code`. Lets headers report errors without a throw expression, so that
/// they can be included by programs built without exceptions.
[[noreturn]] void throw_error(const ErrorInfo& info);

}  // namespace detail

}  // namespace cpperon
