/// Commands about the destinations of a subscription that has several. spec: 02 §7.6, 05 §9.2
#include <fmt/format.h>

#include "cpperon/driver/conductor/commands.hpp"
#include "cpperon/uri/destination_params.hpp"

namespace cpperon::driver {

namespace {

/// A receive destination may be of any kind; what its text must be comes before the subscription. spec: 05 §9.2
void check_receive_destination(const ConductorState& state, const std::string_view channel) {
    const ChannelKind kind = channel_kind(channel);
    const std::string_view text = kind == ChannelKind::spy ? channel.substr(ChannelUri::spy_prefix.size()) : channel;
    const ChannelUri uri = ChannelUri::try_parse_for_driver(text).value_or_throw();
    if (kind == ChannelKind::spy && uri.is_ipc()) {
        throw ChannelUriError(fmt::format("a spy watches an aeron:udp publication, not '{}'", channel));
    }
    if (kind != ChannelKind::udp) {
        static_cast<void>(uri::try_parse_subscription_params(uri, state.channel_defaults).value_or_throw());
    }
}

[[noreturn]] void refuse_subscription(const std::int64_t registration_id) {
    throw RegistrationError(
        ErrorCode::unknown_subscription,
        fmt::format("unknown subscription: {} is not an aeron:udp subscription with control-mode=manual, and no other "
                    "has destinations",
                    registration_id));
}

}  // namespace

void handle(ConductorState& state, const command::AddReceiveDestinationCommand& command) {
    check_receive_destination(state, command.channel);
    refuse_subscription(command.registration_id);
}

void handle(ConductorState& state, const command::RemoveReceiveDestinationCommand& command) {
    check_receive_destination(state, command.channel);
    refuse_subscription(command.registration_id);
}

}  // namespace cpperon::driver
