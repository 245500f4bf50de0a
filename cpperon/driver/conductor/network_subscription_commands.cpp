/// Commands about subscriptions to UDP channels. spec: 02 §7.3, 05 §6.7, §8
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "cpperon/driver/channel_resolver.hpp"
#include "cpperon/driver/conductor/commands.hpp"
#include "cpperon/driver/conductor/image_linking.hpp"
#include "cpperon/driver/conductor/network_image.hpp"
#include "cpperon/driver/conductor/receive_channel.hpp"
#include "cpperon/driver/event_log/event_log.hpp"
#include "cpperon/net/endpoint_conflicts.hpp"

namespace cpperon::driver {

namespace {

void require(const std::optional<ErrorInfo>& obstacle) {
    if (obstacle) {
        throw RegistrationError(*obstacle);
    }
}

/// Whether a difference between the two matters: they receive the same, unless one names its endpoint by a tag and the
/// other does not. spec: 05 §6.7
bool have_to_agree(const NetworkSubscription& existing, const SubscriptionLink& added, const net::UdpChannel& channel,
                   const ReceiveChannel& receive_channel) {
    return existing.channel == &receive_channel && existing.link.stream_id == added.stream_id &&
           existing.link.params.session_id == added.params.session_id &&
           (channel.params.channel_tag || !receive_channel.channel().params.channel_tag);
}

[[noreturn]] void refuse_option(const std::string_view option, const SubscriptionLink& existing) {
    throw RegistrationError(ErrorCode::generic_error,
                            fmt::format("option conflicts with existing subscription: {} differs from that of '{}' on "
                                        "the same stream; use the same value",
                                        option, existing.channel));
}

void check_agreement(const ConductorState& state, const SubscriptionLink& added, const net::UdpChannel& channel,
                     const ReceiveChannel& receive_channel) {
    for (const auto& existing : state.network_subscriptions) {
        if (!have_to_agree(*existing, added, channel, receive_channel)) {
            continue;
        }
        const uri::SubscriptionParams& params = existing->link.params;
        if (params.is_reliable != added.params.is_reliable) {
            refuse_option("reliable=", existing->link);
        }
        if (params.is_rejoin != added.params.is_rejoin) {
            refuse_option("rejoin=", existing->link);
        }
        if (params.is_response != added.params.is_response) {
            refuse_option("isResponse=", existing->link);
        }
    }
}

/// In the order of the specification, so that of several mistakes the same one is reported. spec: 05 §6.7, §8
void check_joining(const ConductorState& state, const SubscriptionLink& added, const net::UdpChannel& channel,
                   const ReceiveChannel& existing) {
    require(net::find_receive_timestamp_conflict(channel, existing.channel()));
    check_agreement(state, added, channel, existing);
    require(uri::check_ats(channel.params));
    if (existing.destination_count() == 1) {
        require(net::find_receive_buffer_conflict(
            channel, existing.channel(), state.channel_defaults.receiver_window_length, state.buffer_defaults));
    }
    if (!existing.is_active()) {
        throw RegistrationError(ErrorCode::resource_temporarily_unavailable,
                                fmt::format("the receive endpoint of '{}' is found in CLOSING state, please retry",
                                            existing.channel().text));
    }
}

/// Waits for the names of the channel to be resolved.
class NetworkSubscriptionCreation final : public CommandInProgress {
public:
    NetworkSubscriptionCreation(ConductorState& state, SubscriptionLink link,
                                std::shared_ptr<ChannelResolution> resolution)
        : state_(state), link_(std::move(link)), resolution_(std::move(resolution)) {}

    [[nodiscard]] bool advance() override {
        std::optional<Result<net::UdpChannel>> outcome = resolution_->poll();
        if (!outcome) {
            return false;
        }
        finish(std::move(*outcome).value_or_throw());
        return true;
    }

    [[nodiscard]] std::int64_t correlation_id() const noexcept override { return link_.registration_id; }

private:
    /// What can fail comes first; what it made goes with it.
    void finish(net::UdpChannel channel) {
        link_.params = uri::try_parse_subscription_params(channel.uri, state_.channel_defaults).value_or_throw();
        require(uri::check_for_subscription(channel.params));
        ReceiveChannel* receive_channel = find_receive_channel(state_, channel);
        std::unique_ptr<ReceiveChannel> made;
        if (receive_channel == nullptr) {
            require(uri::check_ats(channel.params));
            made = make_receive_channel(state_, std::move(channel), link_.params, link_.registration_id);
            receive_channel = made.get();
        } else {
            check_joining(state_, link_, channel, *receive_channel);
        }
        auto subscription = std::make_unique<NetworkSubscription>(
            NetworkSubscription{.link = std::move(link_), .channel = receive_channel});
        static_cast<void>(client_for(state_, subscription->link.client_id));
        std::vector<PreparedImageLink> links = prepare_links(state_, *subscription);

        if (made) {
            state_.receive_channels.push_back(std::move(made));
            receive_channel->start();
        }
        register_interest(*subscription);
        const NetworkSubscription& added = *state_.network_subscriptions.emplace_back(std::move(subscription));
        state_.events.send(command::SubscriptionReadyEvent{.correlation_id = added.link.registration_id,
                                                           .channel_status_id = receive_channel->status_counter_id()});
        make_links(state_, added, std::move(links));
    }

    static void register_interest(const NetworkSubscription& subscription) {
        if (subscription.is_waiting_for_session()) {
            subscription.channel->add_response();
        } else {
            subscription.channel->add_interest(subscription.link.stream_id, subscription.link.params.session_id);
        }
    }

    ConductorState& state_;
    SubscriptionLink link_;
    std::shared_ptr<ChannelResolution> resolution_;
};

void remove(ConductorState& state, const NetworkSubscription& subscription) {
    if (EventLog* const log = state.resources.event_log) {
        log->on_event(EventId::remove_subscription_cleanup,
                      SubscriptionDetails{.stream_id = subscription.link.stream_id,
                                          .registration_id = subscription.link.registration_id,
                                          .channel = subscription.link.channel});
    }
    for (const auto& image : state.images) {
        image->unlink(subscription);
    }
    if (subscription.is_waiting_for_session()) {
        subscription.channel->drop_response();
    } else {
        subscription.channel->drop_interest(subscription.link.stream_id, subscription.link.params.session_id);
    }
}

}  // namespace

void add_network_subscription(ConductorState& state, const command::AddSubscriptionCommand& command) {
    // Its syntax is checked at once, so that nothing that is no channel is resolved.
    static_cast<void>(ChannelUri::try_parse_for_driver(command.channel).value_or_throw());
    state.in_progress = std::make_unique<NetworkSubscriptionCreation>(
        state,
        SubscriptionLink{.registration_id = command.correlation_id,
                         .client_id = command.client_id,
                         .stream_id = command.stream_id,
                         .channel = std::string{command.channel}},
        state.resources.channels.resolve_channel(std::string{command.channel}, net::ChannelUse::endpoint));
}

std::size_t remove_network_subscriptions(ConductorState& state,
                                         const std::function<bool(const SubscriptionLink& link)>& is_meant) {
    return std::erase_if(state.network_subscriptions, [&](const auto& subscription) {
        if (!is_meant(subscription->link)) {
            return false;
        }
        remove(state, *subscription);
        return true;
    });
}

}  // namespace cpperon::driver
