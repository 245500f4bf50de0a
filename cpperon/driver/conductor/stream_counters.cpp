#include "cpperon/driver/conductor/stream_counters.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

namespace cpperon::driver {

namespace {

struct StreamCounterKind {
    std::int32_t type_id;
    std::string_view name;
};

/// In the order of `StreamCounter`. spec: 06 §19.1
constexpr std::array<StreamCounterKind, 14> kinds{{
    {1, "pub-lmt"},
    {2, "snd-pos"},
    {3, "rcv-hwm"},
    {4, "sub-pos"},
    {5, "rcv-pos"},
    {9, "snd-lmt"},
    {10, "rcv-cc-cubic-rtt"},
    {10, "rcv-cc-cubic-wnd"},
    {12, "pub-pos (concurrent)"},
    {12, "pub-pos (exclusive)"},
    {13, "snd-bpe"},
    {17, "fc-receivers"},
    {19, "snd-naks-received"},
    {20, "rcv-naks-sent"},
}};

const StreamCounterKind& kind_of(const StreamCounter counter) noexcept {
    return kinds[static_cast<std::size_t>(counter)];
}

/// spec: 06 §19.3
namespace key_offset {
constexpr std::size_t registration_id = 0;
constexpr std::size_t session_id = 8;
constexpr std::size_t stream_id = 12;
constexpr std::size_t channel_length = 16;
constexpr std::size_t channel = 20;
}  // namespace key_offset

}  // namespace

std::array<std::byte, 112> stream_counter_key(const StreamCounterSpec& spec) noexcept {
    std::array<std::byte, 112> key{};
    const auto put = [&key](const std::size_t offset, const auto& value) {
        std::memcpy(key.data() + offset, &value, sizeof value);
    };
    const std::string_view channel = spec.channel.substr(0, key.size() - key_offset::channel);
    put(key_offset::registration_id, spec.registration_id);
    put(key_offset::session_id, spec.session_id);
    put(key_offset::stream_id, spec.stream_id);
    put(key_offset::channel_length, static_cast<std::int32_t>(channel.size()));
    std::transform(channel.begin(), channel.end(), key.begin() + key_offset::channel,
                   [](const char character) { return static_cast<std::byte>(character); });
    return key;
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
    const std::array<std::byte, 112> key = stream_counter_key(spec);
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
