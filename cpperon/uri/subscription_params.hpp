/// The parameters of a subscription (UDP, IPC or spy), read from its channel URI, checked, and completed with the
/// driver's defaults; and those of its endpoint and images, which are evaluated later. Used by the driver's conductor;
/// pure functions. spec: 05 §4.3, §7, §8
#pragma once

#include <cstdint>
#include <optional>

#include "cpperon/base/ids.hpp"
#include "cpperon/base/result.hpp"
#include "cpperon/uri/channel_uri.hpp"
#include "cpperon/uri/defaults.hpp"
#include "cpperon/uri/values.hpp"

namespace cpperon::uri {

struct SubscriptionParams {
    bool is_reliable = true;  ///< an IPC or spy subscription is always reliable, whatever this says
    bool is_sparse = true;
    bool is_tether = true;
    bool is_rejoin = true;
    bool is_response = false;  ///< `control-mode=response`
    GroupConsideration group = GroupConsideration::infer;
    std::optional<SessionId> session_id;
    std::int64_t receiver_window_length = 0;  ///< effective; still to be compared with the receive buffer
    std::int64_t untethered_window_limit_timeout_ns = 0;
    std::int64_t untethered_linger_timeout_ns = 0;
    std::int64_t untethered_resting_timeout_ns = 0;

    /// Whether the subscription takes a stream of that session. One for responses takes session 0 only until it is
    /// assigned its session (`session_id` is set then). spec: 05 §7
    [[nodiscard]] bool matches_session(const SessionId session) const noexcept {
        return (!session_id && !is_response) || session_id.value_or(SessionId{0}) == session;
    }
};

/// Reads the parameters of a subscription, in the order of spec 05 §8. Errors have the code `generic_error`.
[[nodiscard]] Result<SubscriptionParams> try_parse_subscription_params(const ChannelUri& uri,
                                                                       const ChannelDefaults& defaults);

/// The tag sent in status messages, from the URI that creates a receive endpoint; not to be read for later ones. Errors
/// have the code `generic_error`. spec: 05 §4.3
[[nodiscard]] Result<std::optional<std::int64_t>> try_parse_group_tag(const ChannelUri& uri,
                                                                      const ChannelDefaults& defaults);

/// What each image of a receive endpoint takes from the URI that created the endpoint.
struct ImageParams {
    CongestionControl congestion_control = CongestionControl::static_window;
    std::int64_t nak_delay_ns = 0;
};

/// To be read when an image is created: an error means no image and an entry in the error log, while the subscription
/// lives. Errors have the code `generic_error`. spec: 05 §3.10, §4.3
[[nodiscard]] Result<ImageParams> try_parse_image_params(const ChannelUri& uri, const ChannelDefaults& defaults);

}  // namespace cpperon::uri
