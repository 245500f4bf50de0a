#include "cpperon/driver/conductor/client_events.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cpperon/driver/event_log/event_log.hpp"

namespace cpperon::driver {

void ClientEvents::send_error(const std::int64_t correlation_id, const ErrorCode code, const std::string_view text) {
    const std::size_t fixed_length = command::encoded_length(command::ErrorEvent{});
    const std::size_t longest_event =
        std::min(command::max_error_event_length, static_cast<std::size_t>(transmitter_.max_message_length()));
    const std::size_t longest_text = longest_event > fixed_length ? longest_event - fixed_length : 0;
    send(command::ErrorEvent{
        .offending_correlation_id = correlation_id, .code = code, .message = text.substr(0, longest_text)});
}

void ClientEvents::transmit(const std::int32_t type_id) {
    if (transmitter_.transmit(type_id, encoded_) != shm::BroadcastTransmitResult::transmitted) {
        errors_.record(
            ErrorCode::generic_error,
            fmt::format("{} of {} bytes was not sent: the to-clients buffer carries at most {}; configure a longer one "
                        "(aeron.clients.buffer.length) or use shorter channels",
                        command::to_string(static_cast<command::EventType>(type_id)), encoded_.size(),
                        transmitter_.max_message_length()));
    } else if (log_ != nullptr) {
        log_->on_answer(type_id, encoded_);
    }
}

}  // namespace cpperon::driver
