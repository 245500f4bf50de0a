/// Turns logged events into lines, in the form in which other drivers print them. Pure; used by the reader of the log.
/// spec: 06 §22
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "cpperon/driver/event_log/event_id.hpp"

namespace cpperon::driver {

/// `[12.000000034] DRIVER: CMD_IN_CLIENT_CLOSE [16/16]: clientId=7 correlationId=-1`, without an end of line. The
/// numbers in brackets are how many bytes of the command, datagram or details were captured, and how many it has.
/// `record`: what `EventLog::consume` hands out. Control characters in texts are replaced, so that an event is a line.
[[nodiscard]] std::string format_event(EventId id, std::span<const std::byte> record);

/// The first line of a file: which driver writes it, since when, in local time.
[[nodiscard]] std::string format_start(std::int64_t now_ns, std::int64_t epoch_ms);

/// How many events are missing between the lines before and behind this one.
[[nodiscard]] std::string format_dropped(std::int64_t now_ns, std::int64_t count);

}  // namespace cpperon::driver
