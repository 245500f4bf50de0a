#include "cpperon/command/message_type.hpp"

namespace cpperon::command {

std::string_view to_string(const CommandType type) noexcept {
    switch (type) {
        case CommandType::add_publication: return "ADD_PUBLICATION";
        case CommandType::remove_publication: return "REMOVE_PUBLICATION";
        case CommandType::add_exclusive_publication: return "ADD_EXCLUSIVE_PUBLICATION";
        case CommandType::add_subscription: return "ADD_SUBSCRIPTION";
        case CommandType::remove_subscription: return "REMOVE_SUBSCRIPTION";
        case CommandType::client_keepalive: return "CLIENT_KEEPALIVE";
        case CommandType::add_destination: return "ADD_DESTINATION";
        case CommandType::remove_destination: return "REMOVE_DESTINATION";
        case CommandType::add_counter: return "ADD_COUNTER";
        case CommandType::remove_counter: return "REMOVE_COUNTER";
        case CommandType::client_close: return "CLIENT_CLOSE";
        case CommandType::add_receive_destination: return "ADD_RCV_DESTINATION";
        case CommandType::remove_receive_destination: return "REMOVE_RCV_DESTINATION";
        case CommandType::terminate_driver: return "TERMINATE_DRIVER";
        case CommandType::add_static_counter: return "ADD_STATIC_COUNTER";
        case CommandType::reject_image: return "REJECT_IMAGE";
        case CommandType::remove_destination_by_id: return "REMOVE_DESTINATION_BY_ID";
        case CommandType::get_next_available_session_id: return "GET_NEXT_AVAILABLE_SESSION_ID";
    }
    return "UNKNOWN";
}

std::string_view to_string(const EventType type) noexcept {
    switch (type) {
        case EventType::error: return "ON_ERROR";
        case EventType::available_image: return "ON_AVAILABLE_IMAGE";
        case EventType::publication_ready: return "ON_PUBLICATION_READY";
        case EventType::operation_success: return "ON_OPERATION_SUCCESS";
        case EventType::unavailable_image: return "ON_UNAVAILABLE_IMAGE";
        case EventType::exclusive_publication_ready: return "ON_EXCLUSIVE_PUBLICATION_READY";
        case EventType::subscription_ready: return "ON_SUBSCRIPTION_READY";
        case EventType::counter_ready: return "ON_COUNTER_READY";
        case EventType::unavailable_counter: return "ON_UNAVAILABLE_COUNTER";
        case EventType::client_timeout: return "ON_CLIENT_TIMEOUT";
        case EventType::static_counter: return "ON_STATIC_COUNTER";
        case EventType::publication_error: return "ON_PUBLICATION_ERROR";
        case EventType::next_available_session_id: return "ON_NEXT_AVAILABLE_SESSION_ID";
    }
    return "UNKNOWN";
}

}  // namespace cpperon::command
