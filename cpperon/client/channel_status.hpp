/// Whether the driver could set a channel up, as publications and subscriptions report it. Public. spec: 01 §6.7
#pragma once

#include <cstdint>

#include "cpperon/base/atomic.hpp"
#include "cpperon/base/ids.hpp"

namespace cpperon {

enum class ChannelStatus : std::int64_t {
    errored = -1,      ///< the driver could not set it up; also what every closed handle answers
    initializing = 0,  ///< not bound or resolved yet
    active = 1,        ///< in use; always so for channels without an indicator: IPC and spies
    closing = 2,
};

namespace client {

/// A channel's status counter, if it has one. Shared memory, valid as long as the counters are mapped.
struct ChannelStatusIndicator {
    CounterId id = no_counter;
    const std::int64_t* value = nullptr;  ///< null where there is no counter

    [[nodiscard]] ChannelStatus load() const noexcept {
        if (value == nullptr) {
            return id == no_counter ? ChannelStatus::active : ChannelStatus::initializing;
        }
        // acquire [counter-value] <- the driver: what the status speaks of is done.
        return static_cast<ChannelStatus>(load_acquire(*value));
    }
};

}  // namespace client

}  // namespace cpperon
