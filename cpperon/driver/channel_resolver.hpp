/// How the conductor has names looked up: the seam to the native resource agent, which may block on them.
/// spec: 06 §2.1, §16
#pragma once

#include <memory>
#include <string>

#include "cpperon/driver/async_outcome.hpp"
#include "cpperon/net/socket_address.hpp"
#include "cpperon/net/udp_channel.hpp"

namespace cpperon::driver {

using ChannelResolution = AsyncOutcome<net::UdpChannel>;
using AddressResolution = AsyncOutcome<net::SocketAddress>;

/// Called by the conductor's thread only; neither call blocks. The answer comes in a later duty cycle.
class ChannelResolver {
public:
    virtual ~ChannelResolver() = default;

    /// Parses `channel`, without `aeron-spy:`, and resolves its names and interface.
    [[nodiscard]] virtual std::shared_ptr<ChannelResolution> resolve_channel(std::string channel,
                                                                             net::ChannelUse use) = 0;

    /// Resolves `host_and_port`, which was the value of the parameter `key`.
    [[nodiscard]] virtual std::shared_ptr<AddressResolution> resolve_address(std::string key, std::string host_and_port,
                                                                             bool is_re_resolution) = 0;
};

}  // namespace cpperon::driver
