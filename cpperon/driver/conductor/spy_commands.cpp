/// Commands about spies: subscriptions that read what this driver publishes on the network. spec: 02 §7.3, 05 §8,
/// 06 §10
#include <algorithm>
#include <memory>
#include <utility>

#include "cpperon/driver/channel_resolver.hpp"
#include "cpperon/driver/conductor/commands.hpp"
#include "cpperon/driver/conductor/spy_linking.hpp"

namespace cpperon::driver {

namespace {

/// Waits until the names in the spied channel are resolved: they are part of what a spy matches by.
class SpyCreation final : public CommandInProgress {
public:
    SpyCreation(ConductorState& state, const command::AddSubscriptionCommand& command)
        : state_(state),
          link_{.registration_id = command.correlation_id,
                .client_id = command.client_id,
                .stream_id = command.stream_id,
                .channel = std::string{command.channel}},
          resolution_(state.resources.channels.resolve_channel(link_.channel.substr(ChannelUri::spy_prefix.size()),
                                                               net::ChannelUse::endpoint)) {}

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
    void finish(net::UdpChannel channel) {
        link_.params = uri::try_parse_subscription_params(channel.uri, state_.channel_defaults).value_or_throw();
        auto spy =
            std::make_unique<SpySubscription>(SpySubscription{.link = std::move(link_), .channel = std::move(channel)});
        static_cast<void>(client_for(state_, spy->link.client_id));
        std::vector<PreparedSpyLink> links = prepare_spy_links(state_, *spy);

        const std::int64_t registration_id = spy->link.registration_id;
        state_.spy_subscriptions.push_back(std::move(spy));
        state_.events.send(command::SubscriptionReadyEvent{.correlation_id = registration_id});
        make_links(state_, std::move(links));
    }

    ConductorState& state_;
    SubscriptionLink link_;
    std::shared_ptr<ChannelResolution> resolution_;
};

}  // namespace

void add_spy_subscription(ConductorState& state, const command::AddSubscriptionCommand& command) {
    state.in_progress = std::make_unique<SpyCreation>(state, command);
}

std::size_t remove_spy_subscriptions(ConductorState& state,
                                     const std::function<bool(const SubscriptionLink& link)>& is_meant) {
    return std::erase_if(state.spy_subscriptions, [&](const auto& spy) {
        if (!is_meant(spy->link)) {
            return false;
        }
        for (const auto& publication : state.network_publications) {
            publication->unlink(spy->link);
        }
        return true;
    });
}

}  // namespace cpperon::driver
