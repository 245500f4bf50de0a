/// Whether a new channel can share the endpoint that another channel has created: the match by tag, and the parameters
/// in which the two must not differ. Pure functions; used by the conductor for each publication and subscription it
/// adds. What streams on one endpoint must agree on is not decided here. spec: 04 §5.5, 05 §6.5 to §6.7
#pragma once

#include <cstdint>
#include <optional>

#include "cpperon/base/result.hpp"
#include "cpperon/net/channel_sockets.hpp"
#include "cpperon/net/udp_channel.hpp"
#include "cpperon/net/udp_transport.hpp"

namespace cpperon::net {

/// Whether the endpoint of `existing` serves `channel` by its tag: yes, no, or an error of code `generic_error`.
/// `existing_remote_data`, `existing_local_data`: where it sends to and receives from by now. spec: 05 §6.5
[[nodiscard]] Result<bool> matches_by_tag(const UdpChannel& channel, const UdpChannel& existing,
                                          const SocketAddress& existing_remote_data,
                                          const SocketAddress& existing_local_data);

/// Where the length of a buffer comes from when the channel does not state it.
struct BufferDefaults {
    SocketSettings settings;
    SocketBufferLengths system;  ///< of a socket that does not ask: `UdpTransport::probe_buffers({})`
};

// Each of the following gives the reason of a refusal, code `generic_error`, with the texts of spec 05 §11. `existing`
// is the channel that created the endpoint; null where `channel` creates it.

/// A publication whose datagrams of `mtu_length` bytes do not fit the send buffer; on a new endpoint and on an existing
/// one. spec: 04 §5.5, 05 §6.6
[[nodiscard]] std::optional<ErrorInfo> check_mtu(std::int64_t mtu_length, const UdpChannel& channel,
                                                 const UdpChannel* existing, const BufferDefaults& defaults);

/// A publication that joins an endpoint: time-stamps, the mtu as above, then buffers. spec: 05 §6.6
[[nodiscard]] std::optional<ErrorInfo> find_send_endpoint_conflict(const UdpChannel& channel,
                                                                   const UdpChannel& existing, std::int64_t mtu_length,
                                                                   const BufferDefaults& defaults);

/// A subscription whose window, its own `rcv-wnd` or else `default_window_length`, does not fit the receive buffer; on
/// a new endpoint, `control-mode=manual` or not, and on an existing one. spec: 04 §5.5, 05 §4.3, §6.7
[[nodiscard]] std::optional<ErrorInfo> check_receiver_window(const UdpChannel& channel,
                                                             std::int64_t default_window_length,
                                                             const BufferDefaults& defaults);

/// A subscription that joins an endpoint and differs in its time-stamps; to be asked first, before its streams are
/// compared. spec: 05 §6.7
[[nodiscard]] std::optional<ErrorInfo> find_receive_timestamp_conflict(const UdpChannel& channel,
                                                                       const UdpChannel& existing);

/// A subscription that joins an endpoint of one transport: window, then buffers; to be asked last. Nothing is wrong
/// with `control-mode=manual`. spec: 05 §6.7
[[nodiscard]] std::optional<ErrorInfo> find_receive_buffer_conflict(const UdpChannel& channel,
                                                                    const UdpChannel& existing,
                                                                    std::int64_t default_window_length,
                                                                    const BufferDefaults& defaults);

}  // namespace cpperon::net
