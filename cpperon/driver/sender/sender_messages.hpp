/// What conductor and sender tell each other through their two queues. Pointers refer to objects of the conductor that
/// stay until the sender has released them. spec: 06 §14
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "cpperon/base/error.hpp"
#include "cpperon/base/ids.hpp"
#include "cpperon/driver/hand_over_queue.hpp"
#include "cpperon/net/socket_address.hpp"

namespace cpperon::driver {

class PublicationSender;
class SendEndpoint;

/// One place that a publication with `control-mode=manual` sends to.
struct SendDestination {
    std::int64_t registration_id = 0;           ///< correlation id of the command that added it
    std::string endpoint;                       ///< `host:port` as spelled
    std::optional<net::SocketAddress> address;  ///< nothing until the name resolves
};

/// Conductor to sender: executed one per duty cycle, in order.
namespace sender_command {

struct AddEndpoint {
    SendEndpoint* endpoint = nullptr;
};
/// After its publications were removed. Answered with `EndpointReleased`.
struct RemoveEndpoint {
    SendEndpoint* endpoint = nullptr;
};
struct AddPublication {
    PublicationSender* publication = nullptr;
};
/// Answered with `PublicationReleased`.
struct RemovePublication {
    PublicationSender* publication = nullptr;
};
struct AddDestination {
    SendEndpoint* endpoint = nullptr;
    SendDestination destination;
};
/// The last one added with this address goes; without an address the last one that has none. spec: 05 §9.1
struct RemoveDestination {
    SendEndpoint* endpoint = nullptr;
    std::optional<net::SocketAddress> address;
};
struct RemoveDestinationById {
    SendEndpoint* endpoint = nullptr;
    std::int64_t registration_id = 0;
};
/// A name was resolved again and gave something new: of every destination spelled so, or of the endpoint itself.
struct ChangeAddress {
    SendEndpoint* endpoint = nullptr;
    std::string name;
    net::SocketAddress address;
};

}  // namespace sender_command

using SenderCommand =
    std::variant<sender_command::AddEndpoint, sender_command::RemoveEndpoint, sender_command::AddPublication,
                 sender_command::RemovePublication, sender_command::AddDestination, sender_command::RemoveDestination,
                 sender_command::RemoveDestinationById, sender_command::ChangeAddress>;

/// Sender to conductor.
namespace sender_event {

/// The sender touches the object no more.
struct EndpointReleased {
    SendEndpoint* endpoint = nullptr;
};
struct PublicationReleased {
    PublicationSender* publication = nullptr;
};
/// Nobody answers from `current`: perhaps the name has another address by now. spec: 04 §13.3
struct ReResolveEndpoint {
    SendEndpoint* endpoint = nullptr;
    std::string name;
    std::optional<net::SocketAddress> current;
};
/// A live receiver rejected the stream. spec: 04 §6.12
struct ReceiverError {
    std::int64_t publication_registration_id = 0;
    std::int64_t destination_registration_id = -1;  ///< -1: none
    SessionId session_id{};
    std::int32_t stream_id = 0;
    std::int64_t receiver_id = 0;
    std::optional<std::int64_t> group_tag;
    net::SocketAddress source;
    ErrorCode code = ErrorCode::none;
    std::string text;
};
/// The other side offers a response channel. spec: 04 §11 step 6
struct ResponseSetup {
    std::int64_t response_correlation_id = 0;
    SessionId response_session_id{};
};
/// A publication that has a response correlation id got its first receiver. spec: 04 §11 step 8
struct ResponseConnected {
    std::int64_t response_correlation_id = 0;
};

}  // namespace sender_event

using SenderEvent =
    std::variant<sender_event::EndpointReleased, sender_event::PublicationReleased, sender_event::ReResolveEndpoint,
                 sender_event::ReceiverError, sender_event::ResponseSetup, sender_event::ResponseConnected>;

using SenderCommands = HandOverQueue<SenderCommand>;
using SenderEvents = HandOverQueue<SenderEvent>;

}  // namespace cpperon::driver
