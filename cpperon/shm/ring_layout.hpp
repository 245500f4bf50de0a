/// The layout of the trailer behind the records of the to-driver ring buffer. spec: 01 §4.1
#pragma once

#include <cstdint>

namespace cpperon::shm {

/// Where the fields of the trailer lie, in bytes from the end of the records. spec: 01 §4.1
struct RingTrailer {
    static constexpr std::int32_t tail_position_offset = 128;
    static constexpr std::int32_t head_cache_position_offset = 256;
    static constexpr std::int32_t head_position_offset = 384;
    static constexpr std::int32_t correlation_counter_offset = 512;
    static constexpr std::int32_t consumer_heartbeat_offset = 640;
    static constexpr std::int32_t length = 768;
};

}  // namespace cpperon::shm
