/// Commands about the destinations of a subscription that has several: sockets of its endpoint, and links to
/// publications of this driver under its registration id. spec: 02 §7.6, 05 §9.2
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "cpperon/driver/channel_resolver.hpp"
#include "cpperon/driver/conductor/commands.hpp"
#include "cpperon/driver/conductor/ipc_linking.hpp"
#include "cpperon/driver/conductor/network_publication.hpp"
#include "cpperon/driver/conductor/receive_channel.hpp"
#include "cpperon/driver/conductor/spy_linking.hpp"
#include "cpperon/uri/destination_params.hpp"

namespace cpperon::driver {

namespace {

void require(const std::optional<ErrorInfo>& obstacle) {
    if (obstacle) {
        throw RegistrationError(*obstacle);
    }
}

[[noreturn]] void refuse_unknown(const std::int64_t registration_id, const std::string_view channel) {
    throw RegistrationError(ErrorCode::unknown_subscription,
                            fmt::format("unknown subscription: {} has no destination '{}'", registration_id, channel));
}

/// The subscription that has destinations. Throws where there is none, or where it may not have any.
NetworkSubscription& find_target(const ConductorState& state, const std::int64_t registration_id) {
    const auto found = std::ranges::find_if(state.network_subscriptions, [&](const auto& subscription) {
        return subscription->link.registration_id == registration_id;
    });
    if (found == state.network_subscriptions.end()) {
        throw RegistrationError(
            ErrorCode::unknown_subscription,
            fmt::format("unknown subscription: {} is not an aeron:udp subscription with control-mode=manual, and no "
                        "other has destinations",
                        registration_id));
    }
    if (!(*found)->channel->is_manual()) {
        throw ChannelUriError(
            fmt::format("channel does not allow manual control of destinations: '{}'; add the subscription with "
                        "control-mode=manual",
                        (*found)->link.channel));
    }
    return **found;
}

/// What the commands have in common; owned, since a command ends with its duty cycle.
struct DestinationCommand {
    std::int64_t client_id = 0;
    std::int64_t correlation_id = 0;
    std::int64_t registration_id = 0;
    std::string channel;
};

template <typename Command>
DestinationCommand owned(const Command& command) {
    return {.client_id = command.client_id,
            .correlation_id = command.correlation_id,
            .registration_id = command.registration_id,
            .channel = std::string{command.channel}};
}

/// A link of the subscription, to what its stream finds at the destination. Whoever added it owns it.
SubscriptionLink link_of(const DestinationCommand& command, const NetworkSubscription& target,
                         const uri::SubscriptionParams& params) {
    return {.registration_id = command.registration_id,
            .client_id = command.client_id,
            .stream_id = target.link.stream_id,
            .channel = command.channel,
            .params = params};
}

/// A command that waits for the names in its channel.
class ResolvingDestinationCommand : public CommandInProgress {
public:
    ResolvingDestinationCommand(ConductorState& state, DestinationCommand command, const std::string_view channel)
        : state_(state),
          command_(std::move(command)),
          resolution_(state.resources.channels.resolve_channel(std::string{channel}, net::ChannelUse::destination)) {}

    [[nodiscard]] bool advance() final {
        if (!channel_) {
            std::optional<Result<net::UdpChannel>> outcome = resolution_->poll();
            if (!outcome) {
                return false;
            }
            channel_ = std::move(*outcome).value_or_throw();
        }
        return finish(*channel_);
    }

    [[nodiscard]] std::int64_t correlation_id() const noexcept final { return command_.correlation_id; }

protected:
    /// False: to be called again.
    virtual bool finish(net::UdpChannel& channel) = 0;

    ConductorState& state_;
    DestinationCommand command_;

private:
    std::shared_ptr<ChannelResolution> resolution_;
    std::optional<net::UdpChannel> channel_;
};

// Sockets.

/// The receiver has not let go yet of a destination that was removed, whose socket has the address.
bool is_being_released(const ConductorState& state, const net::SocketAddress& address) {
    return std::ranges::any_of(state.receive_channels,
                               [&](const auto& channel) { return channel->is_releasing(address); });
}

class NetworkDestinationAddition final : public ResolvingDestinationCommand {
public:
    using ResolvingDestinationCommand::ResolvingDestinationCommand;

private:
    bool finish(net::UdpChannel& channel) override {
        ReceiveChannel& target = *find_target(state_, command_.registration_id).channel;
        require(uri::check_destination_keys(channel.uri));
        require(uri::check_ats(channel.params));
        if (is_being_released(state_, channel.remote_data)) {
            return false;
        }
        target.add_destination(make_receive_destination(state_, target, std::move(channel), command_.registration_id));
        state_.events.send_success(command_.correlation_id);
        return true;
    }
};

class NetworkDestinationRemoval final : public ResolvingDestinationCommand {
public:
    using ResolvingDestinationCommand::ResolvingDestinationCommand;

private:
    bool finish(net::UdpChannel& channel) override {
        find_target(state_, command_.registration_id).channel->remove_destination(channel.canonical_form);
        state_.events.send_success(command_.correlation_id);
        return true;
    }
};

// Spies.

class SpyDestinationAddition final : public ResolvingDestinationCommand {
public:
    using ResolvingDestinationCommand::ResolvingDestinationCommand;

private:
    bool finish(net::UdpChannel& channel) override {
        const uri::SubscriptionParams params =
            uri::try_parse_subscription_params(channel.uri, state_.channel_defaults).value_or_throw();
        const NetworkSubscription& target = find_target(state_, command_.registration_id);
        auto spy = std::make_unique<SpySubscription>(
            SpySubscription{.link = link_of(command_, target, params), .channel = std::move(channel)});
        std::vector<PreparedSpyLink> links = prepare_spy_links(state_, *spy);

        state_.spy_subscriptions.push_back(std::move(spy));
        state_.events.send_success(command_.correlation_id);
        make_links(state_, std::move(links));
        return true;
    }
};

void remove_spy_destination(ConductorState& state, const command::RemoveReceiveDestinationCommand& command) {
    auto& spies = state.spy_subscriptions;
    const auto found = std::ranges::find_if(spies, [&](const auto& spy) {
        return spy->link.registration_id == command.registration_id && spy->link.channel == command.channel;
    });
    if (found == spies.end()) {
        refuse_unknown(command.registration_id, command.channel);
    }
    state.events.send_success(command.correlation_id);
    for (const auto& publication : state.network_publications) {
        publication->end_link((*found)->link);
    }
    spies.erase(found);
}

// IPC.

void add_ipc_destination(ConductorState& state, const DestinationCommand& command) {
    const ChannelUri uri = ChannelUri::try_parse_for_driver(command.channel).value_or_throw();
    const uri::SubscriptionParams params =
        uri::try_parse_subscription_params(uri, state.channel_defaults).value_or_throw();
    auto link =
        std::make_unique<SubscriptionLink>(link_of(command, find_target(state, command.registration_id), params));
    std::vector<PreparedIpcLink> links = prepare_links(state, *link);

    state.ipc_subscriptions.push_back(std::move(link));
    state.events.send_success(command.correlation_id);
    make_links(state, std::move(links));
}

void remove_ipc_destination(ConductorState& state, const command::RemoveReceiveDestinationCommand& command) {
    auto& links = state.ipc_subscriptions;
    const auto found = std::ranges::find_if(links, [&](const auto& link) {
        return link->registration_id == command.registration_id && link->channel == command.channel;
    });
    if (found == links.end()) {
        refuse_unknown(command.registration_id, command.channel);
    }
    state.events.send_success(command.correlation_id);
    for (const auto& publication : state.ipc_publications) {
        publication->end_link(**found);
    }
    links.erase(found);
}

}  // namespace

void handle(ConductorState& state, const command::AddReceiveDestinationCommand& command) {
    switch (channel_kind(command.channel)) {
        case ChannelKind::ipc: add_ipc_destination(state, owned(command)); break;
        case ChannelKind::spy:
            state.in_progress = std::make_unique<SpyDestinationAddition>(
                state, owned(command), command.channel.substr(ChannelUri::spy_prefix.size()));
            break;
        case ChannelKind::udp:
            state.in_progress = std::make_unique<NetworkDestinationAddition>(state, owned(command), command.channel);
            break;
    }
}

void handle(ConductorState& state, const command::RemoveReceiveDestinationCommand& command) {
    switch (channel_kind(command.channel)) {
        case ChannelKind::ipc: remove_ipc_destination(state, command); break;
        case ChannelKind::spy: remove_spy_destination(state, command); break;
        case ChannelKind::udp:
            state.in_progress = std::make_unique<NetworkDestinationRemoval>(state, owned(command), command.channel);
            break;
    }
}

}  // namespace cpperon::driver
