#include "cpperon/client/channel_addresses.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "cpperon/uri/channel_uri.hpp"
#include "cpperon/uri/endpoint.hpp"
#include "cpperon/uri/keys.hpp"
#include "cpperon/uri/values.hpp"

namespace cpperon::client {

namespace {

constexpr std::int32_t local_socket_address_type_id = 14;

/// The key of a local address counter: i32 id of the channel's status counter, i32 length, text. spec: 06 §19.5
constexpr std::size_t text_length_offset = 4;
constexpr std::size_t text_offset = 8;

std::int32_t int32_at(const CounterKey& key, const std::size_t offset) noexcept {
    std::int32_t value = 0;
    std::memcpy(&value, key.data() + offset, sizeof(value));
    return value;
}

std::string text_of(const CounterKey& key) {
    constexpr std::int32_t longest = max_counter_key_length - static_cast<std::int32_t>(text_offset);
    const std::int32_t length = std::clamp(int32_at(key, text_length_offset), 0, longest);
    std::string text(static_cast<std::size_t>(length), '\0');
    std::memcpy(text.data(), key.data() + text_offset, text.size());
    return text;
}

}  // namespace

std::vector<std::string> local_socket_addresses(const CountersReader& counters,
                                                const ChannelStatusIndicator& channel_status) {
    std::vector<std::string> addresses;
    if (channel_status.id == no_counter || channel_status.load() != ChannelStatus::active) {
        return addresses;
    }
    counters.for_each([&](const CounterView& counter) {
        if (counter.type_id == local_socket_address_type_id &&
            counter.value == static_cast<std::int64_t>(ChannelStatus::active) &&
            int32_at(counter.key, 0) == static_cast<std::int32_t>(channel_status.id)) {
            addresses.push_back(text_of(counter.key));
        }
    });
    return addresses;
}

bool has_wildcard_port(const std::string_view channel) {
    const Result<ChannelUri> uri = ChannelUri::try_parse(channel);
    return uri && uri->is_udp() && !uri->is_spy() &&
           uri::ends_with_wildcard_port(uri->get_or(uri::key::endpoint, "")) &&
           uri::parse_control_mode(uri->get_or(uri::key::control_mode, "")) != ControlMode::manual;
}

std::optional<std::string> with_bound_port(const std::string_view channel, const std::string_view bound_address) {
    Result<ChannelUri> uri = ChannelUri::try_parse(channel);
    const Result<uri::HostPort> bound = uri::try_parse_host_port("bound address", bound_address);
    if (!uri || !bound || bound->port == 0) {
        return std::nullopt;
    }
    uri->replace_endpoint_wildcard_port(bound_address);
    return uri->to_string();
}

}  // namespace cpperon::client
