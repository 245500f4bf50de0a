/// One subscription as the driver holds it: what it wants to be linked to. A subscription with several receive
/// destinations is several links with one registration id. Conductor only. spec: 06 §10.1, §10.2
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cpperon/base/ids.hpp"
#include "cpperon/uri/subscription_params.hpp"

namespace cpperon::driver {

struct SubscriptionLink {
    std::int64_t registration_id = 0;
    std::int64_t client_id = 0;
    std::int32_t stream_id = 0;
    std::string channel;  ///< as the client wrote it
    /// Read from the channel. The session of a response subscription is assigned later.
    uri::SubscriptionParams params;

    [[nodiscard]] bool matches(const std::int32_t stream, const SessionId session) const noexcept {
        return stream == stream_id && params.matches_session(session);
    }
};

/// Links of one kind, in the order in which they were added; each stays where it is as long as it is in the list.
using SubscriptionLinks = std::vector<std::unique_ptr<SubscriptionLink>>;

}  // namespace cpperon::driver
