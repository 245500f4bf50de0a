#include "cpperon/driver/conductor/channel_counters.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string>

#include <fmt/format.h>

namespace cpperon::driver {

namespace {

// spec: 06 §19.1
constexpr std::int32_t send_channel_type_id = 6;
constexpr std::int32_t receive_channel_type_id = 7;
constexpr std::int32_t local_address_type_id = 14;
constexpr std::int32_t destination_count_type_id = 18;

using Key = std::array<std::byte, 112>;

void put_number(Key& key, const std::size_t offset, const std::int32_t number) noexcept {
    std::memcpy(key.data() + offset, &number, sizeof number);
}

/// A length, then as much of the text as fits.
void put_text(Key& key, const std::size_t offset, const std::string_view text) noexcept {
    const std::string_view stored = text.substr(0, key.size() - offset - sizeof(std::int32_t));
    put_number(key, offset, static_cast<std::int32_t>(stored.size()));
    std::transform(stored.begin(), stored.end(),
                   key.begin() + static_cast<std::ptrdiff_t>(offset + sizeof(std::int32_t)),
                   [](const char character) { return static_cast<std::byte>(character); });
}

OwnedCounter allocate(shm::CountersManager& manager, const std::int32_t type_id, const std::string_view name,
                      const ChannelCounterSpec& spec) {
    Key key{};
    put_text(key, 0, spec.channel);
    const std::string label = fmt::format("{}: {}", name, spec.channel);
    return OwnedCounter::allocate(
        manager, {.type_id = type_id, .key = key, .label = label, .registration_id = spec.registration_id});
}

}  // namespace

OwnedCounter allocate_channel_status(shm::CountersManager& manager, const ChannelCounterSpec& spec) {
    return spec.end == ChannelEnd::send ? allocate(manager, send_channel_type_id, "snd-channel", spec)
                                        : allocate(manager, receive_channel_type_id, "rcv-channel", spec);
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
    Key key{};
    put_number(key, 0, status_counter_id);
    put_text(key, sizeof(std::int32_t), text);
    const std::string label =
        fmt::format("{}-local-sockaddr: {} {}", end == ChannelEnd::send ? "snd" : "rcv", status_counter_id, text);
    return OwnedCounter::allocate(manager, {.type_id = local_address_type_id,
                                            .key = key,
                                            .label = label,
                                            .registration_id = registration_id,
                                            .initial_value = static_cast<std::int64_t>(ChannelStatus::active)});
}

OwnedCounter allocate_destination_count(shm::CountersManager& manager, const ChannelCounterSpec& spec) {
    return allocate(manager, destination_count_type_id, "mdc-num-dest", spec);
}

}  // namespace cpperon::driver
