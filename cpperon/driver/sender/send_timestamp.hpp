/// Writes the time of sending into what is about to be sent, for channels that ask for it. Sender only. spec: 04 §12,
/// 05 §3.6
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "cpperon/uri/values.hpp"

namespace cpperon::driver {

/// Stamps the first frame of `datagram`, a whole one in the log, if it holds data and the offset fits its payload.
/// Others may be reading it at the same time.
void stamp_departure(std::span<std::byte> datagram, TimestampOffset offset, std::int64_t timestamp_ns) noexcept;

}  // namespace cpperon::driver
