/// Prints what a frame says, in the words of other drivers. Pure. spec: 06 §22, 04 §2
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace cpperon::driver {

/// Appends `type=SM flags=00000000 frameLength=36 sessionId=…`, for the first frame of a datagram. `bytes`: as many as
/// were captured. What they are too few for is left out: datagrams come from anybody.
void append_frame_fields(std::string& line, std::span<const std::byte> bytes);

}  // namespace cpperon::driver
