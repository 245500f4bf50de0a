/// What the keys of counters say, by counter type: written by drivers, read by clients, tools and users.
///
///     counters.for_each([](const CounterView& counter) {
///         if (const auto key = StreamCounterKey::decode(counter.type_id, counter.key)) {
///             show(key->stream_id, key->channel, counter.value);
///         }
///     });
///
/// `decode` answers nothing for a type id whose counters have other keys, and for a key that no driver writes: the
/// length of a text is negative or reaches beyond the key. `encode` gives what `decode` reads, the rest zero; a text is
/// cut to what fits. Plain values; pure functions. spec: 06 §19.3 to §19.9
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "cpperon/base/ids.hpp"
#include "cpperon/shm/counters_layout.hpp"
#include "cpperon/shm/system_counter.hpp"

namespace cpperon {

/// Of the counters of publications, images and subscriptions: types 1 to 5, 9, 10, 12, 13, 17, 19 and 20.
/// spec: 06 §19.3
struct StreamCounterKey {
    static constexpr std::size_t max_channel_length = 92;

    RegistrationId registration_id{};  ///< publication or image; of a subscriber position the subscription
    SessionId session_id{};
    std::int32_t stream_id = 0;
    std::string channel;  ///< the beginning of the URI, up to 92 bytes; the label has more of it

    /// Nothing for a type id with other keys, and for a key that no driver writes.
    [[nodiscard]] static std::optional<StreamCounterKey> decode(std::int32_t type_id, const CounterKey& key);
    /// What `decode` reads.
    [[nodiscard]] CounterKey encode() const noexcept;
    friend bool operator==(const StreamCounterKey&, const StreamCounterKey&) = default;
};

/// Of the status of a channel and the number of its destinations: types 6, 7 and 18. spec: 06 §19.4
struct ChannelCounterKey {
    static constexpr std::size_t max_channel_length = 108;

    std::string channel;  ///< the beginning of the URI, up to 108 bytes

    /// Nothing for a type id with other keys, and for a key that no driver writes.
    [[nodiscard]] static std::optional<ChannelCounterKey> decode(std::int32_t type_id, const CounterKey& key);
    /// What `decode` reads.
    [[nodiscard]] CounterKey encode() const noexcept;
    friend bool operator==(const ChannelCounterKey&, const ChannelCounterKey&) = default;
};

/// Of the address that a socket is bound to: type 14. spec: 06 §19.5
struct LocalSocketAddressKey {
    static constexpr std::size_t max_address_length = 104;

    CounterId channel_status_id = no_counter;  ///< the status counter of the channel that the socket belongs to
    std::string address;                       ///< `127.0.0.1:24567`, `[::1]:24567`

    /// Nothing for a type id with other keys, and for a key that no driver writes.
    [[nodiscard]] static std::optional<LocalSocketAddressKey> decode(std::int32_t type_id, const CounterKey& key);
    /// What `decode` reads.
    [[nodiscard]] CounterKey encode() const noexcept;
    friend bool operator==(const LocalSocketAddressKey&, const LocalSocketAddressKey&) = default;
};

/// Of the sign of life of a client: type 11. spec: 06 §19.6
struct ClientHeartbeatKey {
    std::int64_t client_id = 0;

    /// Nothing for a type id with other keys, and for a key that no driver writes.
    [[nodiscard]] static std::optional<ClientHeartbeatKey> decode(std::int32_t type_id, const CounterKey& key);
    /// What `decode` reads.
    [[nodiscard]] CounterKey encode() const noexcept;
    friend bool operator==(const ClientHeartbeatKey&, const ClientHeartbeatKey&) = default;
};

/// Of a driver's own counters: type 0. A newer driver may have some that `SystemCounter` has no name for.
/// spec: 06 §18
struct SystemCounterKey {
    SystemCounter counter{};

    /// Nothing for a type id with other keys, and for a key that no driver writes.
    [[nodiscard]] static std::optional<SystemCounterKey> decode(std::int32_t type_id, const CounterKey& key);
    /// What `decode` reads.
    [[nodiscard]] CounterKey encode() const noexcept;
    friend bool operator==(const SystemCounterKey&, const SystemCounterKey&) = default;
};

/// Of a neighbour that a driver's name resolver was configured with: type 21. spec: 06 §19.8
struct BootstrapNeighborKey {
    std::int32_t index = 0;  ///< in the setting, from 0

    /// Nothing for a type id with other keys, and for a key that no driver writes.
    [[nodiscard]] static std::optional<BootstrapNeighborKey> decode(std::int32_t type_id, const CounterKey& key);
    /// What `decode` reads.
    [[nodiscard]] CounterKey encode() const noexcept;
    friend bool operator==(const BootstrapNeighborKey&, const BootstrapNeighborKey&) = default;
};

/// Of a row in the table of a driver's name resolver: type 2001. spec: 06 §19.9
struct NameEntryKey {
    static constexpr std::size_t max_name_length = 108;

    std::string name;

    /// Nothing for a type id with other keys, and for a key that no driver writes.
    [[nodiscard]] static std::optional<NameEntryKey> decode(std::int32_t type_id, const CounterKey& key);
    /// What `decode` reads.
    [[nodiscard]] CounterKey encode() const noexcept;
    friend bool operator==(const NameEntryKey&, const NameEntryKey&) = default;
};

}  // namespace cpperon
