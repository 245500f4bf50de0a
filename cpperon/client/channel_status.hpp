/// Whether the driver could set a channel up, as publications and subscriptions report it. Public. spec: 01 §6.7
#pragma once

#include <cstdint>

#include "cpperon/base/atomic.hpp"
#include "cpperon/base/ids.hpp"
#include "cpperon/shm/channel_status.hpp"

namespace cpperon {

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
