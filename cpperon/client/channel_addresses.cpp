#include "cpperon/client/channel_addresses.hpp"

#include <cstdint>
#include <utility>

#include "cpperon/shm/counter_keys.hpp"
#include "cpperon/uri/channel_uri.hpp"
#include "cpperon/uri/endpoint.hpp"
#include "cpperon/uri/keys.hpp"
#include "cpperon/uri/values.hpp"

namespace cpperon::client {

std::vector<std::string> local_socket_addresses(const CountersReader& counters,
                                                const ChannelStatusIndicator& channel_status) {
    std::vector<std::string> addresses;
    if (channel_status.id == no_counter || channel_status.load() != ChannelStatus::active) {
        return addresses;
    }
    counters.for_each([&](const CounterView& counter) {
        if (counter.value != static_cast<std::int64_t>(ChannelStatus::active)) {
            return;
        }
        auto key = LocalSocketAddressKey::decode(counter.type_id, counter.key);
        if (key && key->channel_status_id == channel_status.id) {
            addresses.push_back(std::move(key->address));
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
