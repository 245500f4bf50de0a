/// What names a publication of any kind, what it was made from, and the states of its life. Conductor only.
/// spec: 06 §8, §9
#pragma once

#include <cstdint>
#include <string>

#include "cpperon/base/ids.hpp"
#include "cpperon/driver/conductor/image_announcer.hpp"
#include "cpperon/driver/conductor/tether.hpp"
#include "cpperon/driver/event_log/event_details.hpp"
#include "cpperon/uri/publication_params.hpp"

namespace cpperon::driver {

enum class PublicationState : std::uint8_t { active, draining, linger, end_of_life };

struct PublicationSpec {
    std::int64_t registration_id = 0;  ///< the original one: correlation id of the first add
    std::int64_t client_id = 0;        ///< who added it first
    SessionId session_id{};
    std::int32_t stream_id = 0;
    bool is_exclusive = false;
    std::string channel;                ///< of the first add
    uri::PublicationParams params;      ///< of the first add
    uri::StartPosition start_position;  ///< where the stream began, given or not

    [[nodiscard]] std::int64_t initial_position() const noexcept { return start_position.position(params.term_length); }
    [[nodiscard]] TetherTimeouts tether_timeouts() const noexcept {
        return {.window_limit_timeout_ns = params.untethered_window_limit_timeout_ns,
                .linger_timeout_ns = params.untethered_linger_timeout_ns,
                .resting_timeout_ns = params.untethered_resting_timeout_ns};
    }
    /// How subscribers know it that read its own log. spec: 06 §10.4
    [[nodiscard]] AnnouncedImage image(const std::string& log_file_name) const {
        return {.correlation_id = registration_id,
                .session_id = session_id,
                .stream_id = stream_id,
                .log_file_name = log_file_name,
                .source_identity = "aeron:ipc"};
    }
    /// For the event log; borrows the channel.
    [[nodiscard]] PublicationDetails details() const noexcept {
        return {.session_id = static_cast<std::int32_t>(session_id), .stream_id = stream_id, .channel = channel};
    }
    [[nodiscard]] RevokeDetails revoked_at(const std::int64_t position) const noexcept {
        return {.position = position,
                .session_id = static_cast<std::int32_t>(session_id),
                .stream_id = stream_id,
                .channel = channel};
    }
};

}  // namespace cpperon::driver
