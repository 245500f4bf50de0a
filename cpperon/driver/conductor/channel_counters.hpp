/// The counters of channels: whether an endpoint is there, which addresses its sockets have, how many destinations it
/// sends to. Exactly as clients and tools expect them. Used by the conductor. spec: 06 §19.4, §19.5
#pragma once

#include <cstdint>
#include <string_view>

#include "cpperon/driver/conductor/owned_counter.hpp"
#include "cpperon/net/socket_address.hpp"
#include "cpperon/shm/channel_status.hpp"

namespace cpperon::driver {

/// Which end of a channel.
enum class ChannelEnd : std::uint8_t { send, receive };

/// What a channel counter belongs to.
struct ChannelCounterSpec {
    ChannelEnd end = ChannelEnd::send;
    std::string_view channel;          ///< of the command that created the endpoint
    std::int64_t registration_id = 0;  ///< correlation id of that command
};

// Each throws `Error` with `generic_error` where no counter is free.

/// `snd-channel` or `rcv-channel`, initializing.
[[nodiscard]] OwnedCounter allocate_channel_status(shm::CountersManager& manager, const ChannelCounterSpec& spec);

/// Says in the label of a channel's status where its socket is bound, and that it is active. `bound_address`: empty for
/// an endpoint without a socket of its own.
void activate_channel_status(shm::CountersManager& manager, OwnedCounter& status, std::string_view bound_address);

/// `snd-local-sockaddr` or `rcv-local-sockaddr`, active. `registration_id`: of the channel, or of the subscription that
/// got a further destination.
[[nodiscard]] OwnedCounter allocate_local_address(shm::CountersManager& manager, ChannelEnd end,
                                                  std::int32_t status_counter_id, const net::SocketAddress& address,
                                                  std::int64_t registration_id);

/// `mdc-num-dest`, 0.
[[nodiscard]] OwnedCounter allocate_destination_count(shm::CountersManager& manager, const ChannelCounterSpec& spec);

}  // namespace cpperon::driver
