/// What the conductor tells the clients: encodes events and broadcasts them to all. spec: 02 §4
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "cpperon/base/error.hpp"
#include "cpperon/command/codec.hpp"
#include "cpperon/driver/conductor/driver_errors.hpp"
#include "cpperon/shm/broadcast_transmitter.hpp"

namespace cpperon::driver {

class EventLog;

/// The conductor's voice. Conductor only. Does not wait: a client that does not keep up loses events and finds out.
class ClientEvents {
public:
    /// All must outlive the object. `log`: null if nothing is logged.
    ClientEvents(shm::BroadcastTransmitter& transmitter, DriverErrors& errors, EventLog* const log = nullptr) noexcept
        : transmitter_(transmitter), errors_(errors), log_(log) {}

    /// For what is to be logged along with what is said; null if nothing is.
    [[nodiscard]] EventLog* log() const noexcept { return log_; }

    /// Broadcasts one event. One that is longer than the buffer carries is recorded as an error instead: the buffer was
    /// configured too small for the channels in use.
    template <command::Message Event>
    void send(const Event& event) {
        encoded_.resize(command::encoded_length(event));
        command::encode(event, encoded_);
        transmit(command::type_id<Event>);
    }

    /// A command failed. The text is cut where the event would get longer than a driver may produce.
    void send_error(std::int64_t correlation_id, ErrorCode code, std::string_view text);

    /// A remove, a destination command or a rejection was done.
    void send_success(const std::int64_t correlation_id) {
        send(command::OperationSuccessEvent{.correlation_id = correlation_id});
    }

private:
    void transmit(std::int32_t type_id);

    shm::BroadcastTransmitter& transmitter_;
    DriverErrors& errors_;
    EventLog* log_;
    std::vector<std::byte> encoded_;  // reused from event to event
};

}  // namespace cpperon::driver
