/// The counters of publications, images and subscriber positions: their type ids, keys and labels, exactly as tools
/// expect them. Used by the conductor. spec: 06 §19.3
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cpperon/base/ids.hpp"
#include "cpperon/driver/conductor/owned_counter.hpp"
#include "cpperon/shm/counters_layout.hpp"

namespace cpperon::driver {

/// What a stream counter counts. spec: 06 §19.1
enum class StreamCounter : std::uint8_t {
    publisher_limit,                ///< `pub-lmt`
    sender_position,                ///< `snd-pos`
    receiver_high_water_mark,       ///< `rcv-hwm`
    subscriber_position,            ///< `sub-pos`
    receiver_position,              ///< `rcv-pos`
    sender_limit,                   ///< `snd-lmt`
    cubic_rtt,                      ///< `rcv-cc-cubic-rtt`
    cubic_window,                   ///< `rcv-cc-cubic-wnd`
    concurrent_publisher_position,  ///< `pub-pos (concurrent)`
    exclusive_publisher_position,   ///< `pub-pos (exclusive)`
    sender_back_pressure_events,    ///< `snd-bpe`
    flow_control_receivers,         ///< `fc-receivers`
    sender_naks_received,           ///< `snd-naks-received`
    receiver_naks_sent,             ///< `rcv-naks-sent`
};

/// What one stream counter belongs to.
struct StreamCounterSpec {
    StreamCounter counter = StreamCounter::publisher_limit;
    std::int64_t registration_id = 0;  ///< the publication's; of a subscriber position the subscription's
    SessionId session_id{};
    std::int32_t stream_id = 0;
    std::string_view channel;       ///< full URI text of the command
    std::int64_t owner_id = 0;      ///< client
    std::int64_t reference_id = 0;  ///< of a subscriber position: the publication or image it reads
    std::int64_t initial_value = 0;
};

/// Registration id, session, stream, and as much of the channel as fits; the rest zero. spec: 06 §19.3
[[nodiscard]] CounterKey stream_counter_key(const StreamCounterSpec& spec);

/// For example `sub-pos: 6 2106231611 1002 aeron:ipc @0`.
[[nodiscard]] std::string stream_counter_label(const StreamCounterSpec& spec);

/// Allocates one, its initial value in place. Throws `Error` with `generic_error` where no counter is free.
[[nodiscard]] OwnedCounter allocate_stream_counter(shm::CountersManager& manager, const StreamCounterSpec& spec);

}  // namespace cpperon::driver
