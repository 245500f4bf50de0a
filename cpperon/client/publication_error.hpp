/// What a subscriber that rejected an image tells its publisher. Public; handed to `Context::on_publication_error` on
/// the conductor's thread. spec: 02 §4.2, 07 §A.5
#pragma once

#include <cstdint>
#include <string>

#include "cpperon/base/error.hpp"
#include "cpperon/base/ids.hpp"

namespace cpperon {

/// A plain value, to keep as long as wanted.
struct PublicationError {
    RegistrationId registration_id = null_registration_id;  ///< of this client's handle
    RegistrationId original_registration_id = null_registration_id;
    /// Of the destination through which the receiver was reached; -1 where there is none.
    RegistrationId destination_registration_id = null_registration_id;
    SessionId session_id{};
    std::int32_t stream_id = 0;
    std::int64_t receiver_id = 0;  ///< -1 for an IPC subscriber
    std::int64_t group_tag = -1;   ///< -1 where the receiver has none
    std::string source_address;    ///< `ip:port` or `[ip6]:port`; empty where unknown
    ErrorCode code = ErrorCode::image_rejected;
    std::string message;  ///< the subscriber's reason
};

}  // namespace cpperon
