/// What a driver says about a channel, in counters. Driver, client, tools and users. spec: 01 §6.7, 06 §19.4
#pragma once

#include <cstdint>

namespace cpperon {

/// The value of a channel status counter, and of a local socket address counter.
enum class ChannelStatus : std::int64_t {
    errored = -1,      ///< the driver could not set it up; also what every closed handle answers
    initializing = 0,  ///< not bound or resolved yet
    active = 1,        ///< in use; always so for channels without an indicator: IPC and spies
    closing = 2,
};

}  // namespace cpperon
