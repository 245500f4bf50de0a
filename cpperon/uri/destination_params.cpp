#include "cpperon/uri/destination_params.hpp"

#include <fmt/format.h>

#include "cpperon/uri/endpoint.hpp"
#include "cpperon/uri/keys.hpp"

namespace cpperon::uri {

Result<SendDestinationParams> try_parse_send_destination(const std::string_view channel) {
    if (channel.starts_with(ChannelUri::spy_prefix)) {
        return ErrorInfo{.code = ErrorCode::invalid_channel,
                         .message = fmt::format("Aeron spies are invalid as send destinations: '{}'", channel)};
    }
    const Result<ChannelUri> parsed = ChannelUri::try_parse_for_driver(channel);
    if (!parsed) {
        return parsed.error();
    }
    const ChannelUri& uri = parsed.value();
    const std::optional<std::string_view> endpoint = uri.get(key::endpoint);
    if (!uri.is_udp() || !endpoint) {
        return ErrorInfo{.code = ErrorCode::generic_error,
                         .message = fmt::format("incorrect URI format for destination: '{}'; write "
                                                "aeron:udp?endpoint=host:port",
                                                channel)};
    }
    if (ends_with_wildcard_port(*endpoint)) {
        return ErrorInfo{.code = ErrorCode::generic_error,
                         .message = fmt::format("{}={} has port=0 for send destination; name the receiver's port",
                                                key::endpoint, *endpoint)};
    }
    if (std::optional<ErrorInfo> error = check_destination_keys(uri)) {
        return *std::move(error);
    }
    return SendDestinationParams{.endpoint = std::string(*endpoint)};
}

std::optional<ErrorInfo> check_destination_keys(const ChannelUri& uri) {
    for (const std::string_view forbidden : {key::mtu, key::receiver_window, key::socket_receive_buffer,
                                             key::socket_send_buffer, key::response_correlation_id}) {
        if (uri.contains(forbidden)) {
            return ErrorInfo{
                .code = ErrorCode::invalid_channel,
                .message = fmt::format("destinations must not contain the key: {}; it belongs to the channel that the "
                                       "destination is added to",
                                       forbidden)};
        }
    }
    if (uri.has_control_mode_response()) {
        return ErrorInfo{.code = ErrorCode::invalid_channel,
                         .message = fmt::format("destinations may not specify {}=response", key::control_mode)};
    }
    return std::nullopt;
}

}  // namespace cpperon::uri
