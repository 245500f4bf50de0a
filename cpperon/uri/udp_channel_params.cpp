#include "cpperon/uri/udp_channel_params.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "cpperon/uri/keys.hpp"
#include "cpperon/uri/parameter_reader.hpp"

namespace cpperon::uri {

namespace {

constexpr std::uint64_t timestamp_length = 8;

ErrorInfo refused(std::string message) {
    return {.code = ErrorCode::generic_error, .message = std::move(message)};
}

ErrorInfo invalid_channel(std::string message) {
    return {.code = ErrorCode::invalid_channel, .message = std::move(message)};
}

bool has_port_zero(const std::optional<HostPort>& address) noexcept {
    return address && address->port == 0;
}

std::optional<HostPort> read_host_port(ParameterReader& reader, const std::string_view key, const AddressSteps& steps) {
    const std::optional<std::string_view> text = reader.text(key);
    if (!text) {
        return std::nullopt;
    }
    return reader.take(steps.read_host_port ? steps.read_host_port(key, *text) : try_parse_host_port(key, *text));
}

TimestampOffset read_timestamp_offset(ParameterReader& reader, const std::string_view key) {
    const std::optional<std::string_view> text = reader.text(key);
    return text ? reader.take(try_parse_timestamp_offset(key, *text)).value_or(TimestampOffset{}) : TimestampOffset{};
}

struct NamedOffset {
    std::string_view key;
    TimestampOffset offset;
};

std::optional<ErrorInfo> check_overlap(const NamedOffset& a, const NamedOffset& b) {
    if (a.offset == TimestampOffset{} || b.offset == TimestampOffset{}) {
        return std::nullopt;
    }
    // Unsigned, so that no distance of two values overflows.
    const auto [low, high] = std::minmax(a.offset.value, b.offset.value);
    if (static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) >= timestamp_length) {
        return std::nullopt;
    }
    return refused(fmt::format("{} and {} overlap: they are {} and {} ({} is 'reserved'); {} bytes apart is allowed",
                               a.key, b.key, a.offset.value, b.offset.value, TimestampOffset::reserved_value,
                               timestamp_length));
}

}  // namespace

Result<UdpChannelParams> try_parse_udp_channel_params(const ChannelUri& uri, const AddressSteps& steps) {
    if (!uri.is_udp()) {
        return invalid_channel(
            fmt::format("UDP channels must use UDP URIs: '{}'; write aeron:udp?...", uri.to_string()));
    }
    ParameterReader reader(uri);
    UdpChannelParams channel;
    channel.has_control_mode = uri.contains(key::control_mode);
    channel.control_mode = parse_control_mode(uri.get_or(key::control_mode, ""));
    if (channel.control_mode == ControlMode::dynamic && !uri.contains(key::control)) {
        return invalid_channel(
            fmt::format("explicit control expected with dynamic control mode: '{}'; add "
                        "control=host:port",
                        uri.to_string()));
    }
    const bool has_channel_tag = !split_tags(uri.get_or(key::tags, "")).channel.empty();
    const bool is_known_by_mode =
        channel.control_mode == ControlMode::manual || channel.control_mode == ControlMode::response;
    if (!uri.contains(key::endpoint) && !uri.contains(key::control) && !has_channel_tag && !is_known_by_mode) {
        return invalid_channel(
            fmt::format("URIs for UDP must specify endpoint, control, tags, or control-mode=manual/response: '{}'",
                        uri.to_string()));
    }

    channel.control = read_host_port(reader, key::control, steps);
    channel.endpoint = read_host_port(reader, key::endpoint, steps);
    if (const auto tags = reader.text(key::tags)) {
        channel.channel_tag = reader.take(try_parse_channel_tag(*tags)).value_or(std::nullopt);
    }
    channel.requests_ats = reader.boolean(key::asymmetric_transport_security).value_or(false);
    channel.socket_send_buffer_length = reader.size(key::socket_send_buffer).value_or(0);
    channel.socket_receive_buffer_length = reader.size(key::socket_receive_buffer).value_or(0);
    channel.receiver_window_length = reader.size(key::receiver_window).value_or(0);
    if (const auto interface = reader.text(key::interface)) {
        channel.interface = reader.take(try_parse_interface(*interface));
    }
    channel.ttl = parse_ttl(uri.get_or(key::ttl, ""));
    if (reader.is_ok() && steps.assign_addresses) {
        reader.require(steps.assign_addresses(channel));
    }

    const NamedOffset media_receive{key::media_receive_timestamp_offset,
                                    read_timestamp_offset(reader, key::media_receive_timestamp_offset)};
    const NamedOffset channel_receive{key::channel_receive_timestamp_offset,
                                      read_timestamp_offset(reader, key::channel_receive_timestamp_offset)};
    const NamedOffset channel_send{key::channel_send_timestamp_offset,
                                   read_timestamp_offset(reader, key::channel_send_timestamp_offset)};
    reader.require(check_overlap(media_receive, channel_receive));
    reader.require(check_overlap(media_receive, channel_send));
    reader.require(check_overlap(channel_receive, channel_send));
    if (!reader.is_ok()) {
        return *reader.error();
    }
    channel.media_receive_timestamp_offset = media_receive.offset;
    channel.channel_receive_timestamp_offset = channel_receive.offset;
    channel.channel_send_timestamp_offset = channel_send.offset;
    return channel;
}

std::optional<ErrorInfo> check_for_publication(const UdpChannelParams& channel,
                                               const std::int64_t response_correlation_id) {
    if (has_port_zero(channel.endpoint) && !channel.is_multi_destination()) {
        return refused(fmt::format("{}={} has port=0 for publication; name the receiver's port", key::endpoint,
                                   channel.endpoint->text));
    }
    if (channel.control && !channel.endpoint && !channel.has_control_mode) {
        return refused(
            fmt::format("'control' parameter requires that either 'endpoint' or 'control-mode' is specified: "
                        "{}={}",
                        key::control, channel.control->text));
    }
    if (channel.control_mode == ControlMode::response && response_correlation_id == response_correlation_none) {
        return refused(
            fmt::format("{}=response was specified, but no {} set; set it to the correlation id of the "
                        "request's image, or to prototype",
                        key::control_mode, key::response_correlation_id));
    }
    return std::nullopt;
}

std::optional<ErrorInfo> check_can_create_send_endpoint(const UdpChannelParams& channel) {
    if (channel.channel_tag && !channel.control && !channel.endpoint && channel.control_mode != ControlMode::manual) {
        return refused(
            fmt::format("URI must have explicit control, endpoint, or be manual control-mode when original: "
                        "{}={} names no channel that exists",
                        key::tags, *channel.channel_tag));
    }
    return std::nullopt;
}

std::optional<ErrorInfo> check_for_subscription(const UdpChannelParams& channel) {
    if (has_port_zero(channel.control)) {
        return refused(fmt::format("{}={} has port=0 for subscription; name the publisher's control port", key::control,
                                   channel.control->text));
    }
    return std::nullopt;
}

std::optional<ErrorInfo> check_ats(const UdpChannelParams& channel) {
    if (channel.requests_ats) {
        return refused("ATS is not enabled and thus ats=true not allowed; leave it out or write ats=false");
    }
    return std::nullopt;
}

bool has_unique_suffix(const UdpChannelParams& channel, const ResolvedChannel& resolved) noexcept {
    if (resolved.is_destination || resolved.is_multicast) {
        return false;
    }
    return (!channel.endpoint && !channel.control) || has_port_zero(channel.endpoint) || has_port_zero(channel.control);
}

std::string canonical_form(const UdpChannelParams& channel, const ResolvedChannel& resolved,
                           const std::uint64_t unique_id) {
    if (resolved.is_multicast) {
        return fmt::format("UDP-{}-{}", resolved.local, resolved.remote);
    }
    const std::string_view wildcard = resolved.is_ipv6 ? "[::]:0" : "0.0.0.0:0";
    const std::string_view local = channel.control ? channel.control->text : resolved.local;
    const std::string_view remote = channel.endpoint ? std::string_view(channel.endpoint->text) : wildcard;
    std::string form = fmt::format("UDP-{}-{}", local, remote);
    if (has_unique_suffix(channel, resolved)) {
        form += channel.channel_tag ? fmt::format("#{}", *channel.channel_tag) : fmt::format("-{}", unique_id);
    }
    return form;
}

}  // namespace cpperon::uri
