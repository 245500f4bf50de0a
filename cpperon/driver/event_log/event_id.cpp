#include "cpperon/driver/event_log/event_id.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace cpperon::driver {

namespace {

constexpr std::array<std::pair<EventId, std::string_view>, 52> names{{
    {EventId::frame_in, "FRAME_IN"},
    {EventId::frame_out, "FRAME_OUT"},
    {EventId::cmd_in_add_publication, "CMD_IN_ADD_PUBLICATION"},
    {EventId::cmd_in_remove_publication, "CMD_IN_REMOVE_PUBLICATION"},
    {EventId::cmd_in_add_subscription, "CMD_IN_ADD_SUBSCRIPTION"},
    {EventId::cmd_in_remove_subscription, "CMD_IN_REMOVE_SUBSCRIPTION"},
    {EventId::cmd_out_publication_ready, "CMD_OUT_PUBLICATION_READY"},
    {EventId::cmd_out_available_image, "CMD_OUT_AVAILABLE_IMAGE"},
    {EventId::cmd_out_on_operation_success, "CMD_OUT_ON_OPERATION_SUCCESS"},
    {EventId::cmd_in_keepalive_client, "CMD_IN_KEEPALIVE_CLIENT"},
    {EventId::remove_publication_cleanup, "REMOVE_PUBLICATION_CLEANUP"},
    {EventId::remove_subscription_cleanup, "REMOVE_SUBSCRIPTION_CLEANUP"},
    {EventId::remove_image_cleanup, "REMOVE_IMAGE_CLEANUP"},
    {EventId::cmd_out_on_unavailable_image, "CMD_OUT_ON_UNAVAILABLE_IMAGE"},
    {EventId::send_channel_creation, "SEND_CHANNEL_CREATION"},
    {EventId::receive_channel_creation, "RECEIVE_CHANNEL_CREATION"},
    {EventId::send_channel_close, "SEND_CHANNEL_CLOSE"},
    {EventId::receive_channel_close, "RECEIVE_CHANNEL_CLOSE"},
    {EventId::cmd_in_add_destination, "CMD_IN_ADD_DESTINATION"},
    {EventId::cmd_in_remove_destination, "CMD_IN_REMOVE_DESTINATION"},
    {EventId::cmd_in_add_exclusive_publication, "CMD_IN_ADD_EXCLUSIVE_PUBLICATION"},
    {EventId::cmd_out_exclusive_publication_ready, "CMD_OUT_EXCLUSIVE_PUBLICATION_READY"},
    {EventId::cmd_out_error, "CMD_OUT_ERROR"},
    {EventId::cmd_in_add_counter, "CMD_IN_ADD_COUNTER"},
    {EventId::cmd_in_remove_counter, "CMD_IN_REMOVE_COUNTER"},
    {EventId::cmd_out_subscription_ready, "CMD_OUT_SUBSCRIPTION_READY"},
    {EventId::cmd_out_counter_ready, "CMD_OUT_COUNTER_READY"},
    {EventId::cmd_out_on_unavailable_counter, "CMD_OUT_ON_UNAVAILABLE_COUNTER"},
    {EventId::cmd_in_client_close, "CMD_IN_CLIENT_CLOSE"},
    {EventId::cmd_in_add_rcv_destination, "CMD_IN_ADD_RCV_DESTINATION"},
    {EventId::cmd_in_remove_rcv_destination, "CMD_IN_REMOVE_RCV_DESTINATION"},
    {EventId::cmd_out_on_client_timeout, "CMD_OUT_ON_CLIENT_TIMEOUT"},
    {EventId::cmd_in_terminate_driver, "CMD_IN_TERMINATE_DRIVER"},
    {EventId::untethered_subscription_state_change, "UNTETHERED_SUBSCRIPTION_STATE_CHANGE"},
    {EventId::name_resolution_neighbor_added, "NAME_RESOLUTION_NEIGHBOR_ADDED"},
    {EventId::name_resolution_neighbor_removed, "NAME_RESOLUTION_NEIGHBOR_REMOVED"},
    {EventId::flow_control_receiver_added, "FLOW_CONTROL_RECEIVER_ADDED"},
    {EventId::flow_control_receiver_removed, "FLOW_CONTROL_RECEIVER_REMOVED"},
    {EventId::name_resolution_resolve, "NAME_RESOLUTION_RESOLVE"},
    {EventId::generic_message, "GENERIC_MESSAGE"},
    {EventId::name_resolution_lookup, "NAME_RESOLUTION_LOOKUP"},
    {EventId::name_resolution_host_name, "NAME_RESOLUTION_HOST_NAME"},
    {EventId::nak_sent, "NAK_SENT"},
    {EventId::resend, "RESEND"},
    {EventId::cmd_in_remove_destination_by_id, "CMD_IN_REMOVE_DESTINATION_BY_ID"},
    {EventId::cmd_in_reject_image, "CMD_IN_REJECT_IMAGE"},
    {EventId::nak_received, "NAK_RECEIVED"},
    {EventId::publication_revoke, "PUBLICATION_REVOKE"},
    {EventId::publication_image_revoke, "PUBLICATION_IMAGE_REVOKE"},
    {EventId::add_dynamic_dissector, "ADD_DYNAMIC_DISSECTOR"},
    {EventId::dynamic_dissector_event, "DYNAMIC_DISSECTOR_EVENT"},
    // Only to be found by.
    {EventId::nak_sent, "SEND_NAK_MESSAGE"},
}};

EventSet begin_with(const std::string_view prefix) noexcept {
    EventSet set;
    for (const auto& [id, name] : names) {
        if (name.starts_with(prefix)) {
            set.add(id);
        }
    }
    return set;
}

}  // namespace

std::string_view to_string(const EventId id) noexcept {
    const auto found = std::find_if(names.begin(), names.end(), [id](const auto& entry) { return entry.first == id; });
    return found == names.end() ? std::string_view{} : found->second;
}

std::optional<EventId> find_event(const std::string_view name) noexcept {
    const auto found =
        std::find_if(names.begin(), names.end(), [name](const auto& entry) { return entry.second == name; });
    return found == names.end() ? std::nullopt : std::optional{found->first};
}

std::optional<EventId> event_of(const command::CommandType type) noexcept {
    using command::CommandType;
    switch (type) {
        case CommandType::add_publication: return EventId::cmd_in_add_publication;
        case CommandType::remove_publication: return EventId::cmd_in_remove_publication;
        case CommandType::add_exclusive_publication: return EventId::cmd_in_add_exclusive_publication;
        case CommandType::add_subscription: return EventId::cmd_in_add_subscription;
        case CommandType::remove_subscription: return EventId::cmd_in_remove_subscription;
        case CommandType::client_keepalive: return EventId::cmd_in_keepalive_client;
        case CommandType::add_destination: return EventId::cmd_in_add_destination;
        case CommandType::remove_destination: return EventId::cmd_in_remove_destination;
        case CommandType::add_counter: return EventId::cmd_in_add_counter;
        case CommandType::remove_counter: return EventId::cmd_in_remove_counter;
        case CommandType::client_close: return EventId::cmd_in_client_close;
        case CommandType::add_receive_destination: return EventId::cmd_in_add_rcv_destination;
        case CommandType::remove_receive_destination: return EventId::cmd_in_remove_rcv_destination;
        case CommandType::terminate_driver: return EventId::cmd_in_terminate_driver;
        case CommandType::reject_image: return EventId::cmd_in_reject_image;
        case CommandType::remove_destination_by_id: return EventId::cmd_in_remove_destination_by_id;
        case CommandType::add_static_counter:
        case CommandType::get_next_available_session_id: break;
    }
    return std::nullopt;
}

std::optional<EventId> event_of(const command::EventType type) noexcept {
    using command::EventType;
    switch (type) {
        case EventType::error: return EventId::cmd_out_error;
        case EventType::available_image: return EventId::cmd_out_available_image;
        case EventType::publication_ready: return EventId::cmd_out_publication_ready;
        case EventType::operation_success: return EventId::cmd_out_on_operation_success;
        case EventType::unavailable_image: return EventId::cmd_out_on_unavailable_image;
        case EventType::exclusive_publication_ready: return EventId::cmd_out_exclusive_publication_ready;
        case EventType::subscription_ready: return EventId::cmd_out_subscription_ready;
        case EventType::counter_ready: return EventId::cmd_out_counter_ready;
        case EventType::unavailable_counter: return EventId::cmd_out_on_unavailable_counter;
        case EventType::client_timeout: return EventId::cmd_out_on_client_timeout;
        case EventType::static_counter:
        case EventType::publication_error:
        case EventType::next_available_session_id: break;
    }
    return std::nullopt;
}

EventSet EventSet::all() noexcept {
    return begin_with("");
}

EventSet EventSet::commands_in() noexcept {
    return begin_with("CMD_IN_");
}

EventSet EventSet::commands_out() noexcept {
    return begin_with("CMD_OUT_");
}

}  // namespace cpperon::driver
