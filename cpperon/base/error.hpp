/// The errors of set-up paths: what went wrong, as a code a program can act on and a text a person can read.
/// Used by every room. Hot paths return small results instead. spec: 02 §5, design §4.6
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "cpperon/base/ids.hpp"

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
    timed_out = 2007,       ///< the time the caller allowed is over; the driver may be well
};

/// The name of a code in the words of the specification, for example `invalid_channel`.
[[nodiscard]] std::string_view to_string(ErrorCode code) noexcept;

/// Whether the same call may succeed if it is made again later: a resource was short, a queue was full, or the caller
/// did not wait for long enough. spec: 07 §G.5
[[nodiscard]] bool is_retryable(ErrorCode code) noexcept;

/// Whether what it was called on is at its end: a handle that is closed, or a client that has lost its driver, which
/// does not come back: connect anew. spec: 07 §G.5
[[nodiscard]] bool is_unrecoverable(ErrorCode code) noexcept;

/// An error as a value: what a pollable operation hands out instead of throwing.
struct ErrorInfo {
    ErrorCode code = ErrorCode::generic_error;
    std::string message;
    /// Of the request that was refused, or of the resource that failed; -1 where the error is of neither.
    RegistrationId registration_id = null_registration_id;
};

namespace detail {
struct CapturedStack;
}  // namespace detail

/// Base of everything cpperon throws.
class Error : public std::runtime_error {
public:
    Error(ErrorCode code, const std::string& message);
    explicit Error(const ErrorInfo& info) : Error(info.code, info.message) {}

    /// What happened, for programs; `what()` says it to people.
    [[nodiscard]] ErrorCode code() const noexcept { return code_; }
    /// Whether the same call may succeed if it is made again later.
    [[nodiscard]] bool is_retryable() const noexcept { return cpperon::is_retryable(code_); }
    /// Whether what it was called on is at its end.
    [[nodiscard]] bool is_unrecoverable() const noexcept { return cpperon::is_unrecoverable(code_); }

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

    /// The errno value.
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

/// The driver has not heard from the client for too long and has given it up. spec: 07 §G.3
class ClientTimeoutError : public Error {
public:
    explicit ClientTimeoutError(const std::string& message) : Error(ErrorCode::client_timeout, message) {}
};

/// The client's conductor was not run for too long. spec: 07 §G.3
class ConductorServiceTimeoutError : public Error {
public:
    explicit ConductorServiceTimeoutError(const std::string& message)
        : Error(ErrorCode::conductor_service_timeout, message) {}
};

/// The time that the caller of a waiting call allowed is over. Says nothing about the driver: the call may be made
/// again. spec: 07 §G.2
class TimeoutError : public Error {
public:
    explicit TimeoutError(const std::string& message) : Error(ErrorCode::timed_out, message) {}
};

/// A call that would wait was made inside a callback of the client, which it would wait for. spec: 07 §E.2
class ReentrantCallError : public Error {
public:
    explicit ReentrantCallError(const std::string& message) : Error(ErrorCode::reentrant_call, message) {}
};

/// The driver refused a command; `code()` is the driver's code. spec: 02 §5
class RegistrationError : public Error {
public:
    using Error::Error;
    explicit RegistrationError(const ErrorInfo& info) : Error(info), registration_id_(info.registration_id) {}

    /// What the `Pending` of the request has as its registration id; -1 where the error is not the driver's.
    [[nodiscard]] RegistrationId registration_id() const noexcept { return registration_id_; }

private:
    RegistrationId registration_id_ = null_registration_id;
};

/// The sockets of a channel could not be set up or have failed. Goes to the error handler where that happens later:
/// `registration_id()` is then that of the publication or subscription. spec: 07 §G.2
class ChannelEndpointError : public RegistrationError {
public:
    using RegistrationError::RegistrationError;
};

/// The driver has no room for the log of a stream. spec: 07 §G.5
class StorageSpaceError : public RegistrationError {
public:
    using RegistrationError::RegistrationError;
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

/// Calls `use` with that object instead of throwing it.
void use_error(const ErrorInfo& info, const std::function<void(const Error&)>& use);

}  // namespace detail

}  // namespace cpperon
