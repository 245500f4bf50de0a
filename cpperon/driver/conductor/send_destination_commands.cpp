/// Commands about the destinations of a publication that has several. They belong to its endpoint. spec: 02 §7.5,
/// 05 §9.1
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "cpperon/driver/channel_resolver.hpp"
#include "cpperon/driver/conductor/commands.hpp"
#include "cpperon/driver/conductor/network_publication.hpp"
#include "cpperon/driver/conductor/send_channel.hpp"
#include "cpperon/uri/destination_params.hpp"
#include "cpperon/uri/keys.hpp"

namespace cpperon::driver {

namespace {

[[noreturn]] void refuse_publication(const ConductorState& state, const std::int64_t registration_id) {
    const IpcPublication* const publication = find_ipc_publication(state, registration_id);
    throw RegistrationError(
        ErrorCode::unknown_publication,
        publication == nullptr
            ? fmt::format("unknown publication: there is none with registration id {} that has destinations",
                          registration_id)
            : fmt::format("unknown publication: {} is '{}', and only aeron:udp publications with control-mode=manual "
                          "have destinations",
                          registration_id, publication->spec().channel));
}

/// The endpoint of a publication, by its original registration id, whose destinations come by command.
SendChannel& manual_channel_of(const ConductorState& state, const std::int64_t registration_id) {
    const NetworkPublication* const publication = find_network_publication(state, registration_id);
    if (publication == nullptr) {
        refuse_publication(state, registration_id);
    }
    SendChannel& channel = publication->channel();
    if (channel.channel().params.control_mode != ControlMode::manual) {
        throw RegistrationError(
            ErrorCode::generic_error,
            fmt::format("channel does not allow manual control of destinations: '{}'; add control-mode=manual",
                        channel.channel().text));
    }
    return channel;
}

/// Waits for the address of a destination. A name that cannot be resolved is no error: it has no address for now.
class DestinationCommand : public CommandInProgress {
public:
    DestinationCommand(ConductorState& state, SendChannel& channel, const std::int64_t correlation_id,
                       std::string endpoint)
        : state_(state),
          channel_(channel),
          correlation_id_(correlation_id),
          endpoint_(std::move(endpoint)),
          resolution_(state.resources.channels.resolve_address(std::string{uri::key::endpoint}, endpoint_, false)) {}

    [[nodiscard]] bool advance() override {
        const std::optional<Result<net::SocketAddress>> outcome = resolution_->poll();
        if (!outcome) {
            return false;
        }
        state_.resources.sender.commands.push(command_for(
            channel_.channel().endpoint(), outcome->has_value() ? std::optional{outcome->value()} : std::nullopt));
        state_.events.send_success(correlation_id_);
        return true;
    }

    [[nodiscard]] std::int64_t correlation_id() const noexcept override { return correlation_id_; }

protected:
    [[nodiscard]] const std::string& endpoint() const noexcept { return endpoint_; }

private:
    [[nodiscard]] virtual SenderCommand command_for(SendEndpoint& send_endpoint,
                                                    const std::optional<net::SocketAddress>& address) const = 0;

    ConductorState& state_;
    SendChannelReference channel_;  // stays open until the sender was told
    std::int64_t correlation_id_;
    std::string endpoint_;
    std::shared_ptr<AddressResolution> resolution_;
};

class AddDestination final : public DestinationCommand {
public:
    using DestinationCommand::DestinationCommand;

private:
    [[nodiscard]] SenderCommand command_for(SendEndpoint& send_endpoint,
                                            const std::optional<net::SocketAddress>& address) const override {
        return sender_command::AddDestination{
            .endpoint = &send_endpoint,
            .destination = {.registration_id = correlation_id(), .endpoint = endpoint(), .address = address}};
    }
};

class RemoveDestination final : public DestinationCommand {
public:
    using DestinationCommand::DestinationCommand;

private:
    [[nodiscard]] SenderCommand command_for(SendEndpoint& send_endpoint,
                                            const std::optional<net::SocketAddress>& address) const override {
        return sender_command::RemoveDestination{.endpoint = &send_endpoint, .address = address};
    }
};

/// Checks the command in the order of the specification, and begins.
template <typename InProgress, typename Command>
void begin(ConductorState& state, const Command& command) {
    SendChannel& channel = manual_channel_of(state, command.registration_id);
    uri::SendDestinationParams params = uri::try_parse_send_destination(command.channel).value_or_throw();
    state.in_progress =
        std::make_unique<InProgress>(state, channel, command.correlation_id, std::move(params.endpoint));
}

}  // namespace

void handle(ConductorState& state, const command::AddDestinationCommand& command) {
    begin<AddDestination>(state, command);
}

void handle(ConductorState& state, const command::RemoveDestinationCommand& command) {
    begin<RemoveDestination>(state, command);
}

void handle(ConductorState& state, const command::RemoveDestinationByIdCommand& command) {
    SendChannel& channel = manual_channel_of(state, command.registration_id);
    state.resources.sender.commands.push(sender_command::RemoveDestinationById{
        .endpoint = &channel.endpoint(), .registration_id = command.destination_registration_id});
    state.events.send_success(command.correlation_id);
}

}  // namespace cpperon::driver
