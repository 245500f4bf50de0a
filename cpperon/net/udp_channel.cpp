#include "cpperon/net/udp_channel.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "cpperon/net/interface_selection.hpp"
#include "cpperon/uri/keys.hpp"

namespace cpperon::net {

namespace {

/// The last byte of a group's address plus one, without carry. spec: 05 §5.4
SocketAddress next_address(const SocketAddress& address) noexcept {
    if (address.is_ipv6()) {
        std::array<std::uint8_t, 16> bytes{};
        std::ranges::copy(address.bytes(), bytes.begin());
        ++bytes.back();
        return SocketAddress::ipv6(bytes, address.port(), address.scope_id());
    }
    std::array<std::uint8_t, 4> bytes{};
    std::ranges::copy(address.bytes(), bytes.begin());
    ++bytes.back();
    return SocketAddress::ipv4(bytes, address.port());
}

/// Fills in the addresses of one channel while its parameters are read.
class AddressResolution {
public:
    AddressResolution(UdpChannel& channel, NameResolver& resolver, const std::span<const NetworkInterface> interfaces)
        : channel_(channel), resolver_(resolver), interfaces_(interfaces) {}

    [[nodiscard]] uri::AddressSteps steps() {
        return {.read_host_port = [this](const std::string_view key,
                                         const std::string_view text) { return read_host_port(key, text); },
                .assign_addresses = [this](const uri::UdpChannelParams& params) { return assign(params); }};
    }

private:
    Result<uri::HostPort> read_host_port(const std::string_view key, const std::string_view text) {
        Result<uri::HostPort> host_port = uri::try_parse_host_port(key, resolver_.lookup(key, text, false));
        if (!host_port) {
            return host_port;
        }
        host_port->text = text;
        const Result<SocketAddress> address = resolve_host_port(resolver_, key, *host_port, false);
        if (!address) {
            return address.error();
        }
        (key == uri::key::endpoint ? endpoint_ : control_) = *address;
        return host_port;
    }

    /// spec: 05 §5.2
    std::optional<ErrorInfo> assign(const uri::UdpChannelParams& params) {
        const AddressFamily control_family = control_ ? control_->family() : AddressFamily::ipv4;
        channel_.remote_data = endpoint_.value_or(SocketAddress::wildcard(control_family));
        channel_.has_explicit_endpoint = endpoint_.has_value();
        channel_.is_multicast = channel_.remote_data.is_multicast();
        channel_.has_explicit_control = control_.has_value() && !channel_.is_multicast;
        if (channel_.is_multicast && channel_.remote_data.bytes().back() % 2 == 0) {
            return ErrorInfo{.code = ErrorCode::generic_error,
                             .message = fmt::format("Multicast data address must be odd: {}={}; the even address after "
                                                    "it carries control",
                                                    uri::key::endpoint, params.endpoint->text)};
        }
        channel_.remote_control = channel_.is_multicast ? next_address(channel_.remote_data) : channel_.remote_data;
        // Selected even where `control` is bound instead: an interface that does not exist is a mistake all the same.
        const Result<SelectedInterface> selected =
            select_interface(params.interface,
                             {.family = channel_.has_explicit_control ? control_family : channel_.remote_data.family(),
                              .is_multicast = channel_.is_multicast},
                             resolver_, interfaces_);
        if (!selected) {
            return selected.error();
        }
        channel_.local_data = channel_.has_explicit_control ? *control_ : selected->address;
        channel_.interface_index = selected->index;
        return std::nullopt;
    }

    UdpChannel& channel_;
    NameResolver& resolver_;
    std::span<const NetworkInterface> interfaces_;
    std::optional<SocketAddress> endpoint_;
    std::optional<SocketAddress> control_;
};

}  // namespace

Result<UdpChannel> resolve_channel(const std::string_view text, const ChannelUse use, NameResolver& resolver,
                                   const std::span<const NetworkInterface> interfaces, const std::uint64_t unique_id) {
    Result<ChannelUri> parsed = ChannelUri::try_parse_for_driver(text);
    if (!parsed) {
        return parsed.error();
    }
    UdpChannel channel{.text = std::string(text), .uri = std::move(parsed).value()};
    AddressResolution resolution(channel, resolver, interfaces);
    Result<uri::UdpChannelParams> params = uri::try_parse_udp_channel_params(channel.uri, resolution.steps());
    if (!params) {
        return params.error();
    }
    channel.params = std::move(params).value();
    channel.canonical_form = uri::canonical_form(channel.params,
                                                 {.is_multicast = channel.is_multicast,
                                                  .is_ipv6 = channel.remote_data.is_ipv6(),
                                                  .local = channel.local_data.to_string(),
                                                  .remote = channel.remote_data.to_string(),
                                                  .is_destination = use == ChannelUse::destination},
                                                 unique_id);
    return channel;
}

}  // namespace cpperon::net
