/// Writes the time of arrival into messages, for channels that ask for it. Receiver only; pure functions on bytes.
/// spec: 04 §12, 05 §3.6
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "cpperon/uri/values.hpp"

namespace cpperon::driver {

/// Stamps every data frame with a BEGIN flag that lies completely inside `datagram`, where the offset is enabled and
/// fits the payload. `datagram` may be anything.
void stamp_arrival(std::span<std::byte> datagram, TimestampOffset offset, std::int64_t timestamp_ns) noexcept;

}  // namespace cpperon::driver
