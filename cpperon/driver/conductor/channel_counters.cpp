#include "cpperon/driver/conductor/channel_counters.hpp"

#include <string>

#include <fmt/format.h>

#include "cpperon/shm/counter_keys.hpp"
#include "cpperon/shm/counter_types.hpp"

namespace cpperon::driver {

namespace {

OwnedCounter allocate(shm::CountersManager& manager, const std::int32_t type_id, const std::string_view name,
                      const ChannelCounterSpec& spec) {
    const CounterKey key = ChannelCounterKey{.channel = std::string{spec.channel}}.encode();
    const std::string label = fmt::format("{}: {}", name, spec.channel);
    return OwnedCounter::allocate(
        manager, {.type_id = type_id, .key = key, .label = label, .registration_id = spec.registration_id});
}

}  // namespace

OwnedCounter allocate_channel_status(shm::CountersManager& manager, const ChannelCounterSpec& spec) {
    return spec.end == ChannelEnd::send ? allocate(manager, counter_type::send_channel_status, "snd-channel", spec)
                                        : allocate(manager, counter_type::receive_channel_status, "rcv-channel", spec);
}

void activate_channel_status(shm::CountersManager& manager, OwnedCounter& status,
                             const std::string_view bound_address) {
    manager.append_label(status.id(), fmt::format(" {}", bound_address));
    status.set(static_cast<std::int64_t>(ChannelStatus::active));
}

OwnedCounter allocate_local_address(shm::CountersManager& manager, const ChannelEnd end,
                                    const std::int32_t status_counter_id, const net::SocketAddress& address,
                                    const std::int64_t registration_id) {
    const std::string text = address.to_string();
    const CounterKey key =
        LocalSocketAddressKey{.channel_status_id = CounterId{status_counter_id}, .address = text}.encode();
    const std::string label =
        fmt::format("{}-local-sockaddr: {} {}", end == ChannelEnd::send ? "snd" : "rcv", status_counter_id, text);
    return OwnedCounter::allocate(manager, {.type_id = counter_type::local_socket_address,
                                            .key = key,
                                            .label = label,
                                            .registration_id = registration_id,
                                            .initial_value = static_cast<std::int64_t>(ChannelStatus::active)});
}

OwnedCounter allocate_destination_count(shm::CountersManager& manager, const ChannelCounterSpec& spec) {
    return allocate(manager, counter_type::multi_destination_count, "mdc-num-dest", spec);
}

}  // namespace cpperon::driver
