/// The events that a driver can log: their numbers and names, as those of other drivers. spec: 06 §22
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "cpperon/command/message_type.hpp"

namespace cpperon::driver {

enum class EventId : std::int32_t {
    frame_in = 1,
    frame_out = 2,
    cmd_in_add_publication = 3,
    cmd_in_remove_publication = 4,
    cmd_in_add_subscription = 5,
    cmd_in_remove_subscription = 6,
    cmd_out_publication_ready = 7,
    cmd_out_available_image = 8,
    cmd_out_on_operation_success = 12,
    cmd_in_keepalive_client = 13,
    remove_publication_cleanup = 14,
    remove_subscription_cleanup = 15,
    remove_image_cleanup = 16,
    cmd_out_on_unavailable_image = 17,
    send_channel_creation = 23,
    receive_channel_creation = 24,
    send_channel_close = 25,
    receive_channel_close = 26,
    cmd_in_add_destination = 30,
    cmd_in_remove_destination = 31,
    cmd_in_add_exclusive_publication = 32,
    cmd_out_exclusive_publication_ready = 33,
    cmd_out_error = 34,
    cmd_in_add_counter = 35,
    cmd_in_remove_counter = 36,
    cmd_out_subscription_ready = 37,
    cmd_out_counter_ready = 38,
    cmd_out_on_unavailable_counter = 39,
    cmd_in_client_close = 40,
    cmd_in_add_rcv_destination = 41,
    cmd_in_remove_rcv_destination = 42,
    cmd_out_on_client_timeout = 43,
    cmd_in_terminate_driver = 44,
    untethered_subscription_state_change = 45,
    name_resolution_neighbor_added = 46,
    name_resolution_neighbor_removed = 47,
    flow_control_receiver_added = 48,
    flow_control_receiver_removed = 49,
    name_resolution_resolve = 50,
    generic_message = 51,
    name_resolution_lookup = 52,
    name_resolution_host_name = 53,
    nak_sent = 54,
    resend = 55,
    cmd_in_remove_destination_by_id = 56,
    cmd_in_reject_image = 57,
    nak_received = 58,
    publication_revoke = 59,
    publication_image_revoke = 60,
    add_dynamic_dissector = 61,
    dynamic_dissector_event = 62,
};

/// `CMD_IN_ADD_PUBLICATION`; empty for a number that no event has.
[[nodiscard]] std::string_view to_string(EventId id) noexcept;

/// By exact name, the alias `SEND_NAK_MESSAGE` included.
[[nodiscard]] std::optional<EventId> find_event(std::string_view name) noexcept;

/// The event that a command or an answer is logged as; nothing for those that have none: static counters, errors of
/// publications, session ids.
[[nodiscard]] std::optional<EventId> event_of(command::CommandType type) noexcept;
[[nodiscard]] std::optional<EventId> event_of(command::EventType type) noexcept;

/// Some of them.
class EventSet {
public:
    constexpr EventSet() noexcept = default;
    constexpr EventSet(const std::initializer_list<EventId> ids) noexcept {
        for (const EventId id : ids) {
            add(id);
        }
    }
    /// Every event there is.
    [[nodiscard]] static EventSet all() noexcept;
    [[nodiscard]] static EventSet commands_in() noexcept;
    [[nodiscard]] static EventSet commands_out() noexcept;

    [[nodiscard]] constexpr bool contains(const EventId id) const noexcept { return (bits_ & bit(id)) != 0; }
    [[nodiscard]] constexpr bool is_empty() const noexcept { return bits_ == 0; }
    constexpr void add(const EventId id) noexcept { bits_ |= bit(id); }
    constexpr void add(const EventSet other) noexcept { bits_ |= other.bits_; }
    constexpr void remove(const EventSet other) noexcept { bits_ &= ~other.bits_; }

    friend constexpr bool operator==(const EventSet&, const EventSet&) noexcept = default;

private:
    [[nodiscard]] static constexpr std::uint64_t bit(const EventId id) noexcept {
        return std::uint64_t{1} << static_cast<std::uint32_t>(id);
    }

    std::uint64_t bits_ = 0;
};

}  // namespace cpperon::driver
