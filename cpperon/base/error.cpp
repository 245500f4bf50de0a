#include "cpperon/base/error.hpp"

#include <cstdlib>
#include <system_error>

#include <fmt/format.h>

#include "cpperon/base/captured_stack.hpp"

namespace cpperon {

std::string_view to_string(const ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::unknown_code_value: return "unknown_code_value";
        case ErrorCode::none: return "none";
        case ErrorCode::invalid_channel: return "invalid_channel";
        case ErrorCode::unknown_subscription: return "unknown_subscription";
        case ErrorCode::unknown_publication: return "unknown_publication";
        case ErrorCode::channel_endpoint_error: return "channel_endpoint_error";
        case ErrorCode::unknown_counter: return "unknown_counter";
        case ErrorCode::unknown_command_type_id: return "unknown_command_type_id";
        case ErrorCode::malformed_command: return "malformed_command";
        case ErrorCode::not_supported: return "not_supported";
        case ErrorCode::unknown_host: return "unknown_host";
        case ErrorCode::resource_temporarily_unavailable: return "resource_temporarily_unavailable";
        case ErrorCode::generic_error: return "generic_error";
        case ErrorCode::storage_space: return "storage_space";
        case ErrorCode::image_rejected: return "image_rejected";
        case ErrorCode::publication_revoked: return "publication_revoked";
        case ErrorCode::driver_timeout: return "driver_timeout";
        case ErrorCode::client_timeout: return "client_timeout";
        case ErrorCode::conductor_service_timeout: return "conductor_service_timeout";
        case ErrorCode::buffer_full: return "buffer_full";
        case ErrorCode::driver_buffer_full: return "driver_buffer_full";
        case ErrorCode::invalid_argument: return "invalid_argument";
        case ErrorCode::io_error: return "io_error";
        case ErrorCode::malformed_file: return "malformed_file";
        case ErrorCode::incompatible_version: return "incompatible_version";
        case ErrorCode::active_driver: return "active_driver";
        case ErrorCode::closed: return "closed";
        case ErrorCode::reentrant_call: return "reentrant_call";
        case ErrorCode::timed_out: return "timed_out";
    }
    return "unknown_code_value";
}

bool is_retryable(const ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::resource_temporarily_unavailable:
        case ErrorCode::buffer_full:
        case ErrorCode::driver_buffer_full:
        case ErrorCode::timed_out: return true;
        default: return false;
    }
}

bool is_unrecoverable(const ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::driver_timeout:
        case ErrorCode::client_timeout:
        case ErrorCode::conductor_service_timeout:
        case ErrorCode::closed: return true;
        default: return false;
    }
}

Error::Error(const ErrorCode code, const std::string& message)
    : std::runtime_error(message), code_(code), stack_(detail::capture_stack()) {}

std::string Error::stack_trace() const {
    return stack_ == nullptr ? std::string{} : detail::describe(*stack_);
}

IoError::IoError(const std::string& what_was_tried, const int system_error)
    : Error(ErrorCode::io_error, fmt::format("{}: {}", what_was_tried, std::generic_category().message(system_error))),
      system_error_(system_error) {}

namespace {

/// Calls `use` with the error as the class that fits its code.
template <typename Use>
void with_class_of(const ErrorInfo& info, Use&& use) {
    switch (info.code) {
        case ErrorCode::invalid_argument: return use(InvalidArgumentError(info.message));
        case ErrorCode::malformed_file: return use(MalformedFileError(info.message));
        case ErrorCode::incompatible_version: return use(IncompatibleVersionError(info.message));
        case ErrorCode::active_driver: return use(ActiveDriverError(info.message));
        case ErrorCode::driver_timeout: return use(DriverTimeoutError(info.message));
        case ErrorCode::client_timeout: return use(ClientTimeoutError(info.message));
        case ErrorCode::conductor_service_timeout: return use(ConductorServiceTimeoutError(info.message));
        case ErrorCode::timed_out: return use(TimeoutError(info.message));
        case ErrorCode::closed: return use(ClosedError(info.message));
        case ErrorCode::reentrant_call: return use(ReentrantCallError(info.message));
        case ErrorCode::channel_endpoint_error: return use(ChannelEndpointError(info));
        case ErrorCode::storage_space: return use(StorageSpaceError(info));
        default: break;
    }
    const auto number = static_cast<std::int32_t>(info.code);
    if (number < static_cast<std::int32_t>(ErrorCode::driver_timeout)) {
        return use(RegistrationError(info));
    }
    return use(Error(info));
}

}  // namespace

void detail::throw_error(const ErrorInfo& info) {
    with_class_of(info, [](const auto& error) { throw error; });
    std::abort();  // unreachable: each path above throws
}

void detail::use_error(const ErrorInfo& info, const std::function<void(const Error&)>& use) {
    with_class_of(info, use);
}

}  // namespace cpperon
