/// The channel-level parameters of a UDP URI: addresses as text, control mode, tag, buffers, timestamps; the rules that
/// bind them; and the canonical form by which channels share an endpoint. Used by the driver's conductor (UDP and spy
/// handlers); pure functions, names are resolved elsewhere. spec: 05 §4.2, §5, §6.1
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cpperon/base/result.hpp"
#include "cpperon/uri/channel_uri.hpp"
#include "cpperon/uri/endpoint.hpp"
#include "cpperon/uri/values.hpp"

namespace cpperon::uri {

struct UdpChannelParams {
    std::optional<HostPort> endpoint;
    std::optional<HostPort> control;
    std::optional<InterfaceSpec> interface;
    ControlMode control_mode = ControlMode::none;
    bool has_control_mode = false;  ///< whether the URI has the key, even with an unknown text
    std::optional<std::int64_t> channel_tag;
    std::uint8_t ttl = 0;                           ///< 0: the driver's setting
    bool requests_ats = false;                      ///< `ats=true`: see `check_ats`
    std::int64_t socket_send_buffer_length = 0;     ///< 0: not specified
    std::int64_t socket_receive_buffer_length = 0;  ///< 0: not specified
    std::int64_t receiver_window_length = 0;        ///< 0: not specified
    TimestampOffset media_receive_timestamp_offset;
    TimestampOffset channel_receive_timestamp_offset;
    TimestampOffset channel_send_timestamp_offset;

    /// Whether destinations come and go: `control-mode` is `manual` or `dynamic`.
    [[nodiscard]] bool is_multi_destination() const noexcept {
        return control_mode == ControlMode::manual || control_mode == ControlMode::dynamic;
    }

    /// Whether flow control and retransmission treat receivers as a group. spec: 05 §4.1
    [[nodiscard]] bool has_group_semantics(bool is_multicast) const noexcept {
        return is_multicast || is_multi_destination();
    }
};

/// What a driver does with addresses while it reads a channel, so that of several mistakes the first in the order of
/// spec 05 §5.1 is reported. Without them addresses are only taken apart.
struct AddressSteps {
    /// Step 5: takes the text of `control`, then that of `endpoint` apart; may look it up before, and resolve it.
    std::function<Result<HostPort>(std::string_view key, std::string_view text)> read_host_port;
    /// Step 7: assigns the addresses of a channel of which all but the time-stamps is known; gives the reason if it
    /// cannot.
    std::function<std::optional<ErrorInfo>(const UdpChannelParams& channel)> assign_addresses;
};

/// Reads the channel-level parameters, steps 2 to 8 of spec 05 §5.1. Errors have the codes of spec 05 §11.
[[nodiscard]] Result<UdpChannelParams> try_parse_udp_channel_params(const ChannelUri& uri,
                                                                    const AddressSteps& steps = {});

/// Why the channel cannot be published on, code `generic_error`: port 0 where it has to be known, `control` alone, or
/// `control-mode=response` without the id of what is responded to. spec: 05 §4.2, §5.6, §13.2
[[nodiscard]] std::optional<ErrorInfo> check_for_publication(const UdpChannelParams& channel,
                                                             std::int64_t response_correlation_id);

/// Why no send endpoint can be created for the channel when none with its tag exists, code `generic_error`.
/// spec: 05 §6.3 step 2
[[nodiscard]] std::optional<ErrorInfo> check_can_create_send_endpoint(const UdpChannelParams& channel);

/// Why the channel cannot be subscribed to, code `generic_error`: `control` with port 0. spec: 05 §4.2
[[nodiscard]] std::optional<ErrorInfo> check_for_subscription(const UdpChannelParams& channel);

/// `ats=true` is refused, code `generic_error`; not to be asked for spies. spec: 05 §4.3
[[nodiscard]] std::optional<ErrorInfo> check_ats(const UdpChannelParams& channel);

/// The resolved side of a channel, as the canonical form needs it.
struct ResolvedChannel {
    bool is_multicast = false;
    bool is_ipv6 = false;  ///< the family of the endpoint, or of `control` without one
    std::string local;     ///< `ip:port` of the selected interface or wildcard
    std::string remote;    ///< `ip:port` of the endpoint; looked at for multicast only
    bool is_destination = false;
};

/// Whether the canonical form ends in something that makes the channel unique: it has an address or port left to chance
/// and is neither a destination nor multicast. spec: 05 §6.1
[[nodiscard]] bool has_unique_suffix(const UdpChannelParams& channel, const ResolvedChannel& resolved) noexcept;

/// The text by which equal channels are known. `unique_id` comes from a counter of the process, one per parsed channel.
/// spec: 05 §6.1, §6.2
[[nodiscard]] std::string canonical_form(const UdpChannelParams& channel, const ResolvedChannel& resolved,
                                         std::uint64_t unique_id);

}  // namespace cpperon::uri
