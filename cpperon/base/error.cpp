#include "cpperon/base/error.hpp"

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
    }
    return "unknown_code_value";
}

Error::Error(const ErrorCode code, const std::string& message)
    : std::runtime_error(message), code_(code), stack_(detail::capture_stack()) {}

std::string Error::stack_trace() const {
    return stack_ == nullptr ? std::string{} : detail::describe(*stack_);
}

IoError::IoError(const std::string& what_was_tried, const int system_error)
    : Error(ErrorCode::io_error, fmt::format("{}: {}", what_was_tried, std::generic_category().message(system_error))),
      system_error_(system_error) {}

void detail::throw_error(const ErrorInfo& info) {
    switch (info.code) {
        case ErrorCode::invalid_argument: throw InvalidArgumentError(info.message);
        case ErrorCode::malformed_file: throw MalformedFileError(info.message);
        case ErrorCode::incompatible_version: throw IncompatibleVersionError(info.message);
        case ErrorCode::active_driver: throw ActiveDriverError(info.message);
        case ErrorCode::driver_timeout: throw DriverTimeoutError(info.message);
        case ErrorCode::closed: throw ClosedError(info.message);
        default: break;
    }
    const auto number = static_cast<std::int32_t>(info.code);
    if (number < static_cast<std::int32_t>(ErrorCode::driver_timeout)) {
        throw RegistrationError(info);
    }
    throw Error(info);
}

}  // namespace cpperon
