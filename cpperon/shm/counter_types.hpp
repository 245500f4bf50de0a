/// The type ids of counters: what a driver and its clients count, by number. For drivers, clients, tools and users that
/// look for a counter. The keys that go with them are in `counter_keys.hpp`. spec: 06 §19.1, 07 §A.8
#pragma once

#include <cstdint>

/// Applications choose theirs from `first_of_applications` on, by custom; archives and other products use some below.
namespace cpperon::counter_type {

inline constexpr std::int32_t system = 0;  ///< see `SystemCounter`

// Of one publication.
inline constexpr std::int32_t publisher_limit = 1;               ///< `pub-lmt`
inline constexpr std::int32_t sender_position = 2;               ///< `snd-pos`
inline constexpr std::int32_t sender_limit = 9;                  ///< `snd-lmt`
inline constexpr std::int32_t publisher_position = 12;           ///< `pub-pos (concurrent)`, `pub-pos (exclusive)`
inline constexpr std::int32_t sender_back_pressure_events = 13;  ///< `snd-bpe`
inline constexpr std::int32_t flow_control_receivers = 17;       ///< `fc-receivers`
inline constexpr std::int32_t sender_naks_received = 19;         ///< `snd-naks-received`

// Of one image.
inline constexpr std::int32_t receiver_high_water_mark = 3;  ///< `rcv-hwm`
inline constexpr std::int32_t receiver_position = 5;         ///< `rcv-pos`
inline constexpr std::int32_t per_image = 10;                ///< `rcv-cc-cubic-rtt`, `rcv-cc-cubic-wnd`
inline constexpr std::int32_t receiver_naks_sent = 20;       ///< `rcv-naks-sent`

/// `sub-pos`, of one subscription on one publication or image.
inline constexpr std::int32_t subscriber_position = 4;

// Of one channel; the values of the first three are of `ChannelStatus`.
inline constexpr std::int32_t send_channel_status = 6;       ///< `snd-channel`
inline constexpr std::int32_t receive_channel_status = 7;    ///< `rcv-channel`
inline constexpr std::int32_t local_socket_address = 14;     ///< `snd-local-sockaddr`, `rcv-local-sockaddr`
inline constexpr std::int32_t multi_destination_count = 18;  ///< `mdc-num-dest`

inline constexpr std::int32_t client_heartbeat = 11;

// Of name resolvers.
inline constexpr std::int32_t resolver_neighbors = 15;
inline constexpr std::int32_t resolver_cache_entries = 16;
inline constexpr std::int32_t bootstrap_neighbor = 21;
inline constexpr std::int32_t name_entry = 2'001;  ///< a row of the table of names that tests may change

inline constexpr std::int32_t first_of_applications = 1'000;

}  // namespace cpperon::counter_type
