/// Commands about subscriptions: the kind is in the channel's first bytes. spec: 02 §7.3, 05 §1.1
#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "cpperon/driver/conductor/commands.hpp"
#include "cpperon/driver/conductor/ipc_linking.hpp"

namespace cpperon::driver {

namespace {

void add_ipc_subscription(ConductorState& state, const command::AddSubscriptionCommand& command) {
    const ChannelUri uri = ChannelUri::try_parse_for_driver(command.channel).value_or_throw();
    auto subscription = std::make_unique<SubscriptionLink>(
        SubscriptionLink{.registration_id = command.correlation_id,
                         .client_id = command.client_id,
                         .stream_id = command.stream_id,
                         .channel = std::string{command.channel},
                         .params = uri::try_parse_subscription_params(uri, state.channel_defaults).value_or_throw()});
    static_cast<void>(client_for(state, command.client_id));
    std::vector<PreparedIpcLink> links = prepare_links(state, *subscription);

    state.ipc_subscriptions.push_back(std::move(subscription));
    state.events.send(command::SubscriptionReadyEvent{.correlation_id = command.correlation_id});
    make_links(state, std::move(links));
}

}  // namespace

void handle(ConductorState& state, const command::AddSubscriptionCommand& command) {
    switch (channel_kind(command.channel)) {
        case ChannelKind::ipc: add_ipc_subscription(state, command); break;
        case ChannelKind::spy: add_spy_subscription(state, command); break;
        case ChannelKind::udp: add_network_subscription(state, command); break;
    }
}

void handle(ConductorState& state, const command::RemoveSubscriptionCommand& command) {
    // One with several destinations has links of each kind.
    const auto is_meant = [&](const SubscriptionLink& link) { return link.registration_id == command.registration_id; };
    const std::size_t removed = remove_ipc_subscriptions(state, is_meant) +
                                remove_network_subscriptions(state, is_meant) +
                                remove_spy_subscriptions(state, is_meant);
    if (removed == 0) {
        throw RegistrationError(
            ErrorCode::unknown_subscription,
            fmt::format("unknown subscription: there is none with registration id {}", command.registration_id));
    }
    state.events.send_success(command.correlation_id);
}

}  // namespace cpperon::driver
