#include "cpperon/base/error_handler.hpp"

#include <cstdio>
#include <exception>

namespace cpperon {

namespace {

void print_to_stderr(const char* const what_happened, const ErrorCode code, const char* const text) noexcept {
    const std::string_view name = to_string(code);
    std::fprintf(stderr, "cpperon: %s: %.*s (%d): %s\n", what_happened, static_cast<int>(name.size()), name.data(),
                 static_cast<int>(code), text);
}

void print_to_stderr(const char* const what_happened, const Error& error) {
    print_to_stderr(what_happened, error.code(), error.what());
    std::fputs(error.stack_trace().c_str(), stderr);
}

}  // namespace

ErrorHandler stderr_error_handler() {
    return [](const Error& error) { print_to_stderr("error", error); };
}

void report_error(const ErrorHandler& on_error, const Error& error) noexcept {
    if (!on_error) {
        print_to_stderr("error", error.code(), error.what());
        return;
    }
    try {
        on_error(error);
    } catch (const std::exception& of_handler) {
        print_to_stderr(of_handler.what(), error.code(), error.what());
    } catch (...) {
        print_to_stderr("the error handler threw when it was given this error", error.code(), error.what());
    }
}

void report_error(const ErrorHandler& on_error, const ErrorInfo& error) noexcept {
    detail::use_error(error, [&](const Error& object) { report_error(on_error, object); });
}

void report_current_exception(const ErrorHandler& on_error) noexcept {
    try {
        throw;
    } catch (const Error& error) {
        report_error(on_error, error);
    } catch (const std::exception& exception) {
        report_error(on_error, Error(ErrorCode::generic_error, exception.what()));
    } catch (...) {
        report_error(on_error, Error(ErrorCode::generic_error, "an exception that is no std::exception was thrown"));
    }
}

}  // namespace cpperon
