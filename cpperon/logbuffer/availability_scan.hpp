/// How much of a term can be sent as one datagram. Used by the driver's sender, for new data and retransmits.
/// spec: 03 §13.1
#pragma once

#include <cstddef>
#include <cstdint>

namespace cpperon::logbuffer {

/// What a scan found. The stream moves by `available + padding`; bytes to send are `available`.
struct Availability {
    /// Above 0: bytes of whole frames to send, of a padding frame its header alone. Below 0: there is a frame, of that
    /// many bytes, but it exceeds what may be sent. 0: nothing is committed.
    std::int32_t available = 0;
    /// Bytes behind the header of the padding frame that ends what was found.
    std::int32_t padding = 0;

    friend bool operator==(const Availability&, const Availability&) noexcept = default;
};

/// Scans committed frames from `frame`, which has `left` bytes to the end of its term, for at most `max_length` bytes.
/// A frame that would not fit its term, which no writer leaves, counts as not committed. spec: 03 §13.1
[[nodiscard]] Availability scan_availability(const std::byte* frame, std::int32_t left,
                                             std::int32_t max_length) noexcept;

}  // namespace cpperon::logbuffer
