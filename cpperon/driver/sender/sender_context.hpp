/// What the sender and everything it steps is given from outside. Made by whoever assembles the driver; outlives them.
#pragma once

#include <cstdint>

#include "cpperon/driver/sender/sender_messages.hpp"

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

/// spec: 04 §4, §6.1
struct SenderSettings {
    std::int64_t status_message_timeout_ns = 200'000'000;
    std::int32_t send_to_status_poll_ratio = 6;
    std::int64_t re_resolution_check_interval_ns = 1'000'000'000;  ///< 0: never
    /// While nothing is sent and nobody waits for receivers they are listened to this often: a look costs as much as
    /// the rest of a duty cycle, and a message that comes meanwhile would wait for it.
    std::int64_t idle_poll_interval_ns = 0;
};

struct SenderContext {
    NanoClock& nano_clock;
    EpochClock& epoch_clock;  ///< send time-stamps
    net::SocketPoller& poller;
    SystemCounters& system_counters;
    DriverErrors& errors;
    SenderCommands& commands;  ///< the sender is the consumer
    SenderEvents& events;      ///< the sender is the producer
    SenderSettings settings;
    EventLog* event_log = nullptr;  ///< null: nothing is logged
    // The duty cycle that runs; the sender's thread only.
    std::int64_t now_ns = 0;
    bool has_short_send = false;  ///< a socket took less than it was given
    bool is_held_back = false;    ///< a publication waits for its receivers
};

}  // namespace cpperon::driver
