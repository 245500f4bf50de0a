/// Type ids of everything that travels between client and driver, as they stand in the record headers of the command
/// ring and of the event broadcast. Used by both conductors. spec: 02 §3.1, §4.1
#pragma once

#include <cstdint>
#include <string_view>

namespace cpperon::command {

/// Client -> driver. spec: 02 §3.1
enum class CommandType : std::int32_t {
    add_publication = 0x01,
    remove_publication = 0x02,
    add_exclusive_publication = 0x03,
    add_subscription = 0x04,
    remove_subscription = 0x05,
    client_keepalive = 0x06,
    add_destination = 0x07,
    remove_destination = 0x08,
    add_counter = 0x09,
    remove_counter = 0x0A,
    client_close = 0x0B,
    add_receive_destination = 0x0C,
    remove_receive_destination = 0x0D,
    terminate_driver = 0x0E,
    add_static_counter = 0x0F,
    reject_image = 0x10,
    remove_destination_by_id = 0x11,
    get_next_available_session_id = 0x12,
};

/// Driver -> every client. spec: 02 §4.1
enum class EventType : std::int32_t {
    error = 0x0F01,
    available_image = 0x0F02,
    publication_ready = 0x0F03,
    operation_success = 0x0F04,
    unavailable_image = 0x0F05,
    exclusive_publication_ready = 0x0F06,
    subscription_ready = 0x0F07,
    counter_ready = 0x0F08,
    unavailable_counter = 0x0F09,
    client_timeout = 0x0F0A,
    static_counter = 0x0F0B,
    publication_error = 0x0F0C,
    next_available_session_id = 0x0F0D,
};

/// The name in the specification, for example `ADD_PUBLICATION`; `UNKNOWN` for a number it does not have.
[[nodiscard]] std::string_view to_string(CommandType type) noexcept;
[[nodiscard]] std::string_view to_string(EventType type) noexcept;

/// What the driver publishes in its system counter 43: major << 16 | minor << 8 | patch. A client may send
/// GET_NEXT_AVAILABLE_SESSION_ID to a driver that has at least this. spec: 02 §3.1
inline constexpr std::int64_t control_protocol_version = 1 << 16;

}  // namespace cpperon::command
