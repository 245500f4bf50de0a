/// Where errors go that have no caller to be thrown at: those of agents and of callbacks. design §4.6
#pragma once

#include <functional>

#include "cpperon/base/error.hpp"

namespace cpperon {

/// Called with each asynchronous error, on the thread where it happened; the error lives for the call. What the handler
/// itself throws ends as a line on stderr.
using ErrorHandler = std::function<void(const Error& error)>;

/// Writes a line per error to stderr: what is used where no handler was given.
[[nodiscard]] ErrorHandler stderr_error_handler();

/// Hands an error to the handler, to stderr if the handler is empty or throws. Any thread.
void report_error(const ErrorHandler& on_error, const Error& error) noexcept;

/// The same for an error that is a value: the handler is given the subclass of `Error` that fits its code.
void report_error(const ErrorHandler& on_error, const ErrorInfo& error) noexcept;

/// For a catch block at the border of an agent or a callback: hands over the exception being handled. What is not an
/// `Error` arrives as one with code `generic_error` and the exception's text.
void report_current_exception(const ErrorHandler& on_error) noexcept;

}  // namespace cpperon
