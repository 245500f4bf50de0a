#include "cpperon/shm/counter_keys.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "cpperon/shm/counter_types.hpp"

namespace cpperon {

namespace {

/// Where each field lies. spec: 06 §19.3, §19.5
namespace stream_offset {
constexpr std::size_t registration_id = 0;
constexpr std::size_t session_id = 8;
constexpr std::size_t stream_id = 12;
constexpr std::size_t channel = 16;
}  // namespace stream_offset
namespace address_offset {
constexpr std::size_t channel_status_id = 0;
constexpr std::size_t address = 4;
}  // namespace address_offset

/// A text follows its length.
constexpr std::size_t max_text_length_at(const std::size_t offset) noexcept {
    return std::size_t{max_counter_key_length} - offset - sizeof(std::int32_t);
}
static_assert(max_text_length_at(stream_offset::channel) == StreamCounterKey::max_channel_length);
static_assert(max_text_length_at(0) == ChannelCounterKey::max_channel_length);
static_assert(max_text_length_at(address_offset::address) == LocalSocketAddressKey::max_address_length);
static_assert(max_text_length_at(0) == NameEntryKey::max_name_length);

template <typename T>
requires std::is_trivially_copyable_v<T> T get(const CounterKey& key, const std::size_t offset)
noexcept {
    T value;
    std::memcpy(&value, key.data() + offset, sizeof value);
    return value;
}

template <typename T>
requires std::is_trivially_copyable_v<T>
void put(CounterKey& key, const std::size_t offset, const T value) noexcept {
    std::memcpy(key.data() + offset, &value, sizeof value);
}

/// A key that holds one number.
template <typename T>
CounterKey key_of(const T value) noexcept {
    CounterKey key{};
    put(key, 0, value);
    return key;
}

std::optional<std::string> get_text(const CounterKey& key, const std::size_t offset) {
    const auto length = get<std::int32_t>(key, offset);
    if (length < 0 || static_cast<std::size_t>(length) > max_text_length_at(offset)) {
        return std::nullopt;
    }
    const auto* const text = reinterpret_cast<const char*>(key.data() + offset + sizeof length);
    return std::string{text, static_cast<std::size_t>(length)};
}

void put_text(CounterKey& key, const std::size_t offset, const std::string_view text) noexcept {
    const std::string_view stored = text.substr(0, max_text_length_at(offset));
    put(key, offset, static_cast<std::int32_t>(stored.size()));
    std::memcpy(key.data() + offset + sizeof(std::int32_t), stored.data(), stored.size());
}

bool is_of_stream(const std::int32_t type_id) noexcept {
    switch (type_id) {
        case counter_type::publisher_limit:
        case counter_type::sender_position:
        case counter_type::receiver_high_water_mark:
        case counter_type::subscriber_position:
        case counter_type::receiver_position:
        case counter_type::sender_limit:
        case counter_type::per_image:
        case counter_type::publisher_position:
        case counter_type::sender_back_pressure_events:
        case counter_type::flow_control_receivers:
        case counter_type::sender_naks_received:
        case counter_type::receiver_naks_sent: return true;
        default: return false;
    }
}

bool is_of_channel(const std::int32_t type_id) noexcept {
    return type_id == counter_type::send_channel_status || type_id == counter_type::receive_channel_status ||
           type_id == counter_type::multi_destination_count;
}

}  // namespace

std::optional<StreamCounterKey> StreamCounterKey::decode(const std::int32_t type_id, const CounterKey& key) {
    if (!is_of_stream(type_id)) {
        return std::nullopt;
    }
    std::optional<std::string> channel = get_text(key, stream_offset::channel);
    if (!channel) {
        return std::nullopt;
    }
    return StreamCounterKey{.registration_id = get<RegistrationId>(key, stream_offset::registration_id),
                            .session_id = get<SessionId>(key, stream_offset::session_id),
                            .stream_id = get<std::int32_t>(key, stream_offset::stream_id),
                            .channel = std::move(*channel)};
}

CounterKey StreamCounterKey::encode() const noexcept {
    CounterKey key{};
    put(key, stream_offset::registration_id, registration_id);
    put(key, stream_offset::session_id, session_id);
    put(key, stream_offset::stream_id, stream_id);
    put_text(key, stream_offset::channel, channel);
    return key;
}

std::optional<ChannelCounterKey> ChannelCounterKey::decode(const std::int32_t type_id, const CounterKey& key) {
    std::optional<std::string> channel = is_of_channel(type_id) ? get_text(key, 0) : std::nullopt;
    return channel ? std::optional{ChannelCounterKey{.channel = std::move(*channel)}} : std::nullopt;
}

CounterKey ChannelCounterKey::encode() const noexcept {
    CounterKey key{};
    put_text(key, 0, channel);
    return key;
}

std::optional<LocalSocketAddressKey> LocalSocketAddressKey::decode(const std::int32_t type_id, const CounterKey& key) {
    if (type_id != counter_type::local_socket_address) {
        return std::nullopt;
    }
    std::optional<std::string> address = get_text(key, address_offset::address);
    if (!address) {
        return std::nullopt;
    }
    return LocalSocketAddressKey{.channel_status_id = get<CounterId>(key, address_offset::channel_status_id),
                                 .address = std::move(*address)};
}

CounterKey LocalSocketAddressKey::encode() const noexcept {
    CounterKey key{};
    put(key, address_offset::channel_status_id, channel_status_id);
    put_text(key, address_offset::address, address);
    return key;
}

std::optional<ClientHeartbeatKey> ClientHeartbeatKey::decode(const std::int32_t type_id, const CounterKey& key) {
    if (type_id != counter_type::client_heartbeat) {
        return std::nullopt;
    }
    return ClientHeartbeatKey{.client_id = get<std::int64_t>(key, 0)};
}

CounterKey ClientHeartbeatKey::encode() const noexcept {
    return key_of(client_id);
}

std::optional<SystemCounterKey> SystemCounterKey::decode(const std::int32_t type_id, const CounterKey& key) {
    if (type_id != counter_type::system) {
        return std::nullopt;
    }
    return SystemCounterKey{.counter = get<SystemCounter>(key, 0)};
}

CounterKey SystemCounterKey::encode() const noexcept {
    return key_of(counter);
}

std::optional<BootstrapNeighborKey> BootstrapNeighborKey::decode(const std::int32_t type_id, const CounterKey& key) {
    if (type_id != counter_type::bootstrap_neighbor) {
        return std::nullopt;
    }
    return BootstrapNeighborKey{.index = get<std::int32_t>(key, 0)};
}

CounterKey BootstrapNeighborKey::encode() const noexcept {
    return key_of(index);
}

std::optional<NameEntryKey> NameEntryKey::decode(const std::int32_t type_id, const CounterKey& key) {
    std::optional<std::string> name = type_id == counter_type::name_entry ? get_text(key, 0) : std::nullopt;
    return name ? std::optional{NameEntryKey{.name = std::move(*name)}} : std::nullopt;
}

CounterKey NameEntryKey::encode() const noexcept {
    CounterKey key{};
    put_text(key, 0, name);
    return key;
}

}  // namespace cpperon
