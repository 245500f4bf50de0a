#include "cpperon/net/endpoint_conflicts.hpp"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cpperon/uri/keys.hpp"
#include "cpperon/uri/values.hpp"

namespace cpperon::net {

namespace {

ErrorInfo refused(std::string message) {
    return {.code = ErrorCode::generic_error, .message = std::move(message)};
}

bool is_all_wildcard(const SocketAddress& address) noexcept {
    return address.is_wildcard() && address.port() == 0;
}

/// A length with the name of the place that it comes from.
struct NamedLength {
    std::int64_t length = 0;
    std::string_view source;
};

/// The first that is stated; the last otherwise.
NamedLength first_stated(const std::initializer_list<NamedLength> candidates) noexcept {
    const auto* const stated =
        std::ranges::find_if(candidates, [](const NamedLength& candidate) { return candidate.length != 0; });
    return stated != candidates.end() ? *stated : *std::prev(candidates.end());
}

NamedLength send_buffer(const UdpChannel& channel, const UdpChannel* const existing, const BufferDefaults& defaults) {
    return first_stated({{existing != nullptr ? configured_buffers(*existing, defaults.settings).send : 0, "endpoint"},
                         {channel.params.socket_send_buffer_length, "channel"},
                         {defaults.settings.send_buffer_length, "context"},
                         {defaults.system.send, "os default"}});
}

NamedLength receive_buffer(const UdpChannel& channel, const BufferDefaults& defaults) {
    return first_stated({{channel.params.socket_receive_buffer_length, "channel"},
                         {defaults.settings.receive_buffer_length, "context"},
                         {defaults.system.receive, "os default"}});
}

/// A buffer length that is wanted must be the one the endpoint has; 0: nothing special is wanted, or was given.
std::optional<ErrorInfo> check_buffer(const std::string_view key, const std::int64_t wanted,
                                      const std::int64_t existing) {
    if (wanted == 0 || wanted == existing) {
        return std::nullopt;
    }
    return refused(fmt::format("{}={} does not match existing value of {}", key, wanted,
                               existing != 0 ? std::to_string(existing) : "OS default"));
}

std::optional<ErrorInfo> check_timestamp(const std::string_view key, const TimestampOffset wanted,
                                         const TimestampOffset existing) {
    if (wanted == existing) {
        return std::nullopt;
    }
    return refused(fmt::format("option conflicts with existing subscription: {}={}, the endpoint has {}", key,
                               wanted.value, existing.value));
}

}  // namespace

Result<bool> matches_by_tag(const UdpChannel& channel, const UdpChannel& existing,
                            const SocketAddress& existing_remote_data, const SocketAddress& existing_local_data) {
    if (!channel.params.channel_tag || channel.params.channel_tag != existing.params.channel_tag) {
        return false;
    }
    const ControlMode mode = channel.params.control_mode;
    if (mode != ControlMode::none && mode != existing.params.control_mode) {
        return refused(fmt::format("matching tag {} has mismatched control-mode: '{}', the endpoint of '{}' has '{}'",
                                   *channel.params.channel_tag, to_string(mode), existing.text,
                                   to_string(existing.params.control_mode)));
    }
    if (is_all_wildcard(channel.remote_data) && is_all_wildcard(channel.local_data)) {
        return true;
    }
    if (channel.remote_data == existing_remote_data && channel.local_data == existing_local_data) {
        return true;
    }
    return refused(
        fmt::format("matching tag {} has mismatched endpoint or control: {} and {}, the endpoint of '{}' "
                    "has {} and {}",
                    *channel.params.channel_tag, channel.remote_data.to_string(), channel.local_data.to_string(),
                    existing.text, existing_remote_data.to_string(), existing_local_data.to_string()));
}

std::optional<ErrorInfo> check_mtu(const std::int64_t mtu_length, const UdpChannel& channel,
                                   const UdpChannel* const existing, const BufferDefaults& defaults) {
    const NamedLength buffer = send_buffer(channel, existing, defaults);
    if (mtu_length <= buffer.length) {
        return std::nullopt;
    }
    return refused(fmt::format("MTU greater than SO_SNDBUF for {}: {}={}, {}={}", buffer.source, uri::key::mtu,
                               mtu_length, uri::key::socket_send_buffer, buffer.length));
}

std::optional<ErrorInfo> find_send_endpoint_conflict(const UdpChannel& channel, const UdpChannel& existing,
                                                     const std::int64_t mtu_length, const BufferDefaults& defaults) {
    std::optional<ErrorInfo> conflict =
        check_timestamp(uri::key::channel_send_timestamp_offset, channel.params.channel_send_timestamp_offset,
                        existing.params.channel_send_timestamp_offset);
    if (!conflict) {
        conflict = check_mtu(mtu_length, channel, &existing, defaults);
    }
    const SocketBufferLengths configured = configured_buffers(existing, defaults.settings);
    if (!conflict) {
        conflict = check_buffer(uri::key::socket_receive_buffer, channel.params.socket_receive_buffer_length,
                                configured.receive);
    }
    if (!conflict) {
        conflict =
            check_buffer(uri::key::socket_send_buffer, channel.params.socket_send_buffer_length, configured.send);
    }
    return conflict;
}

std::optional<ErrorInfo> check_receiver_window(const UdpChannel& channel, const std::int64_t default_window_length,
                                               const BufferDefaults& defaults) {
    const std::int64_t stated = channel.params.receiver_window_length;
    const std::int64_t window = stated != 0 ? stated : default_window_length;
    const NamedLength buffer = receive_buffer(channel, defaults);
    if (window <= buffer.length) {
        return std::nullopt;
    }
    return refused(fmt::format("Initial window greater than SO_RCVBUF for channel: {}={}, {}={} by {}",
                               uri::key::receiver_window, window, uri::key::socket_receive_buffer, buffer.length,
                               buffer.source));
}

std::optional<ErrorInfo> find_receive_timestamp_conflict(const UdpChannel& channel, const UdpChannel& existing) {
    std::optional<ErrorInfo> conflict =
        check_timestamp(uri::key::media_receive_timestamp_offset, channel.params.media_receive_timestamp_offset,
                        existing.params.media_receive_timestamp_offset);
    return conflict ? conflict
                    : check_timestamp(uri::key::channel_receive_timestamp_offset,
                                      channel.params.channel_receive_timestamp_offset,
                                      existing.params.channel_receive_timestamp_offset);
}

std::optional<ErrorInfo> find_receive_buffer_conflict(const UdpChannel& channel, const UdpChannel& existing,
                                                      const std::int64_t default_window_length,
                                                      const BufferDefaults& defaults) {
    if (channel.params.control_mode == ControlMode::manual) {
        return std::nullopt;
    }
    const SocketBufferLengths wanted = configured_buffers(channel, defaults.settings);
    const SocketBufferLengths configured = configured_buffers(existing, defaults.settings);
    std::optional<ErrorInfo> conflict = check_receiver_window(channel, default_window_length, defaults);
    if (!conflict) {
        conflict = check_buffer(uri::key::socket_send_buffer, wanted.send, configured.send);
    }
    if (!conflict) {
        conflict = check_buffer(uri::key::socket_receive_buffer, wanted.receive, configured.receive);
    }
    return conflict;
}

}  // namespace cpperon::net
