#include "cpperon/driver/conductor/stream_counters.hpp"

#include <array>

#include <fmt/format.h>

#include "cpperon/shm/counter_keys.hpp"
#include "cpperon/shm/counter_types.hpp"

namespace cpperon::driver {

namespace {

struct StreamCounterKind {
    std::int32_t type_id;
    std::string_view name;
};

/// In the order of `StreamCounter`. spec: 06 §19.1
constexpr std::array<StreamCounterKind, 14> kinds{{
    {counter_type::publisher_limit, "pub-lmt"},
    {counter_type::sender_position, "snd-pos"},
    {counter_type::receiver_high_water_mark, "rcv-hwm"},
    {counter_type::subscriber_position, "sub-pos"},
    {counter_type::receiver_position, "rcv-pos"},
    {counter_type::sender_limit, "snd-lmt"},
    {counter_type::per_image, "rcv-cc-cubic-rtt"},
    {counter_type::per_image, "rcv-cc-cubic-wnd"},
    {counter_type::publisher_position, "pub-pos (concurrent)"},
    {counter_type::publisher_position, "pub-pos (exclusive)"},
    {counter_type::sender_back_pressure_events, "snd-bpe"},
    {counter_type::flow_control_receivers, "fc-receivers"},
    {counter_type::sender_naks_received, "snd-naks-received"},
    {counter_type::receiver_naks_sent, "rcv-naks-sent"},
}};

const StreamCounterKind& kind_of(const StreamCounter counter) noexcept {
    return kinds[static_cast<std::size_t>(counter)];
}

}  // namespace

CounterKey stream_counter_key(const StreamCounterSpec& spec) {
    return StreamCounterKey{.registration_id = RegistrationId{spec.registration_id},
                            .session_id = spec.session_id,
                            .stream_id = spec.stream_id,
                            .channel = std::string{spec.channel}}
        .encode();
}

std::string stream_counter_label(const StreamCounterSpec& spec) {
    std::string label = fmt::format("{}: {} {} {} {}", kind_of(spec.counter).name, spec.registration_id,
                                    static_cast<std::int32_t>(spec.session_id), spec.stream_id, spec.channel);
    if (spec.counter == StreamCounter::subscriber_position) {
        label += fmt::format(" @{}", spec.initial_value);
    }
    return label;
}

OwnedCounter allocate_stream_counter(shm::CountersManager& manager, const StreamCounterSpec& spec) {
    const CounterKey key = stream_counter_key(spec);
    const std::string label = stream_counter_label(spec);
    return OwnedCounter::allocate(manager, {.type_id = kind_of(spec.counter).type_id,
                                            .key = key,
                                            .label = label,
                                            .registration_id = spec.registration_id,
                                            .owner_id = spec.owner_id,
                                            .reference_id = spec.reference_id,
                                            .initial_value = spec.initial_value});
}

}  // namespace cpperon::driver
