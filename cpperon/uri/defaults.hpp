/// What a driver uses where a URI is silent. The driver's context fills it from its properties; the initial values are
/// those of an unconfigured driver. spec: 05 §4.3, §17.2
#pragma once

#include <cstdint>
#include <optional>

#include "cpperon/uri/values.hpp"

namespace cpperon::uri {

struct ChannelDefaults {
    /// What differs between media.
    struct Publication {
        std::int32_t mtu_length = 1408;
        std::int32_t term_length = 16 * 1024 * 1024;
        std::int32_t window_length = 0;  ///< 0, or half a term or more: half a term
    };

    Publication udp{};
    Publication ipc{.term_length = 64 * 1024 * 1024};

    // Publications.
    std::int64_t linger_timeout_ns = 5'000'000'000;
    std::int32_t max_resend = 16;
    bool is_sparse = true;  ///< subscriptions too
    bool spies_simulate_connection = false;

    // Publications and subscriptions.
    std::int64_t untethered_window_limit_timeout_ns = 5'000'000'000;
    std::optional<std::int64_t> untethered_linger_timeout_ns;  ///< nothing: the effective window limit timeout
    std::int64_t untethered_resting_timeout_ns = 10'000'000'000;

    // Subscriptions and their images.
    bool is_reliable = true;
    bool is_rejoin = true;
    bool is_tether = true;
    GroupConsideration group = GroupConsideration::infer;
    std::int64_t receiver_window_length = 131'072;
    std::optional<std::int64_t> group_tag;
    CongestionControl congestion_control = CongestionControl::static_window;
    std::int64_t nak_delay_ns = 1'000;
};

}  // namespace cpperon::uri
