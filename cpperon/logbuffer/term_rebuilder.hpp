/// Puts received packets, and padding for what is lost for good, into the terms of an image. Used by the driver's
/// receiver, the only writer of image terms beside the cleaner. spec: 03 §13.2, §13.3
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "cpperon/logbuffer/frame.hpp"

namespace cpperon::logbuffer {

/// Copies a packet of whole frames to `term_offset` of `term`, unless something is there already. All its frames become
/// readable at once. False: a duplicate, or a packet that does not fit the term; nothing is changed. spec: 03 §13.2
bool insert_packet(std::span<std::byte> term, std::int32_t term_offset, std::span<const std::byte> packet) noexcept;

/// What a gap scan reported.
struct Gap {
    std::int32_t term_offset = 0;
    std::int32_t length = 0;

    friend bool operator==(const Gap&, const Gap&) noexcept = default;
};

/// Fills a gap with one padding frame made from the log's default header. False: something is in the gap by now, or it
/// does not fit the term; nothing is changed. spec: 03 §13.3
bool fill_gap(const DataHeader& default_header, std::span<std::byte> term, std::int32_t term_id,
              const Gap& gap) noexcept;

}  // namespace cpperon::logbuffer
