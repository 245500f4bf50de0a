/// What the receiver and everything it steps is given from outside. Made by whoever assembles the driver; outlives
/// them.
#pragma once

#include <cstdint>

#include "cpperon/driver/receiver/receiver_messages.hpp"

namespace cpperon {
class EpochClock;
class NanoClock;
}  // namespace cpperon

namespace cpperon::net {
class SocketPoller;
}  // namespace cpperon::net

namespace cpperon::driver {

class DriverErrors;
class EventLog;
class SystemCounters;

/// spec: 04 §4, §9.1
struct ReceiverSettings {
    std::int64_t status_message_timeout_ns = 200'000'000;
    std::int64_t image_liveness_timeout_ns = 10'000'000'000;
    std::int32_t stream_session_limit = 2'147'483'647;
    std::int64_t re_resolution_check_interval_ns = 1'000'000'000;  ///< 0: never
    /// Sockets that gave nothing are not asked again before this, those that gave a datagram not before twice this:
    /// where one thread steps all agents a look that finds nothing costs more than the rest of the duty cycle, and what
    /// is to be sent would wait for it.
    std::int64_t poll_interval_ns = 0;
};

struct ReceiverContext {
    NanoClock& nano_clock;
    EpochClock& epoch_clock;  ///< receive time-stamps
    net::SocketPoller& poller;
    SystemCounters& system_counters;
    DriverErrors& errors;
    ReceiverCommands& commands;  ///< the receiver is the consumer
    ReceiverEvents& events;      ///< the receiver is the producer
    ReceiverSettings settings;
    EventLog* event_log = nullptr;  ///< null: nothing is logged
    std::int64_t now_ns = 0;        ///< of the duty cycle that runs; the receiver's thread only
};

}  // namespace cpperon::driver
