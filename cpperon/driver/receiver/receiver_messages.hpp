/// What conductor and receiver tell each other through their two queues. Pointers refer to objects of the conductor
/// that stay until the receiver has released them. spec: 06 §14
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "cpperon/base/ids.hpp"
#include "cpperon/driver/hand_over_queue.hpp"
#include "cpperon/net/socket_address.hpp"

namespace cpperon::driver {

class ImageReceiver;
class ReceiveDestination;
class ReceiveEndpoint;

/// Conductor to receiver: executed one per duty cycle, in order.
namespace receiver_command {

/// With the destinations that it has from the start.
struct AddEndpoint {
    ReceiveEndpoint* endpoint = nullptr;
};
/// Answered with `EndpointReleased`, which stands for its destinations too.
struct RemoveEndpoint {
    ReceiveEndpoint* endpoint = nullptr;
};
/// From now on the stream is wanted: all of its sessions, or one.
struct AddInterest {
    ReceiveEndpoint* endpoint = nullptr;
    std::int32_t stream_id = 0;
    std::optional<SessionId> session_id;
};
struct RemoveInterest {
    ReceiveEndpoint* endpoint = nullptr;
    std::int32_t stream_id = 0;
    std::optional<SessionId> session_id;
};
/// Send one SEND_SETUP status message through each destination. spec: 04 §9.3
struct RequestSetup {
    ReceiveEndpoint* endpoint = nullptr;
    std::int32_t stream_id = 0;
    SessionId session_id{};
};
struct AddDestination {
    ReceiveEndpoint* endpoint = nullptr;
    ReceiveDestination* destination = nullptr;
};
/// Answered with `DestinationReleased`.
struct RemoveDestination {
    ReceiveEndpoint* endpoint = nullptr;
    ReceiveDestination* destination = nullptr;
};
/// After clients were told of it: data is inserted from here on. spec: 04 §9.4
struct AddImage {
    ImageReceiver* image = nullptr;
};
/// Answered with `ImageReleased`.
struct RemoveImage {
    ImageReceiver* image = nullptr;
};
/// The session may have an image again. spec: 04 §9.8
struct ClearCoolDown {
    ReceiveEndpoint* endpoint = nullptr;
    std::int32_t stream_id = 0;
    SessionId session_id{};
};
/// No image was made of the SETUP: a later one may have more luck.
struct ClearInitInProgress {
    ReceiveEndpoint* endpoint = nullptr;
    std::int32_t stream_id = 0;
    SessionId session_id{};
};
struct ChangeControlAddress {
    ReceiveEndpoint* endpoint = nullptr;
    ReceiveDestination* destination = nullptr;
    net::SocketAddress address;
};
/// Inserts nothing more and answers with error frames. spec: 04 §9.10
struct RejectImage {
    ImageReceiver* image = nullptr;
    std::string reason;
};

}  // namespace receiver_command

using ReceiverCommand =
    std::variant<receiver_command::AddEndpoint, receiver_command::RemoveEndpoint, receiver_command::AddInterest,
                 receiver_command::RemoveInterest, receiver_command::RequestSetup, receiver_command::AddDestination,
                 receiver_command::RemoveDestination, receiver_command::AddImage, receiver_command::RemoveImage,
                 receiver_command::ClearCoolDown, receiver_command::ClearInitInProgress,
                 receiver_command::ChangeControlAddress, receiver_command::RejectImage>;

/// Receiver to conductor.
namespace receiver_event {

/// A wanted session announces itself. The fields are those of the SETUP frame, checked. spec: 04 §2.6
struct CreateImage {
    ReceiveEndpoint* endpoint = nullptr;
    ReceiveDestination* destination = nullptr;  ///< through which it came
    std::int32_t stream_id = 0;
    SessionId session_id{};
    std::int32_t initial_term_id = 0;
    std::int32_t active_term_id = 0;
    std::int32_t term_offset = 0;
    std::int32_t term_length = 0;
    std::int32_t mtu_length = 0;
    std::uint8_t flags = 0;  ///< `wire::setup_flag`s
    net::SocketAddress source;
};
/// The receiver touches the object no more.
struct EndpointReleased {
    ReceiveEndpoint* endpoint = nullptr;
};
struct DestinationReleased {
    ReceiveEndpoint* endpoint = nullptr;
    ReceiveDestination* destination = nullptr;
};
struct ImageReleased {
    ImageReceiver* image = nullptr;
};
/// Nothing comes from `control`: perhaps the name has another address by now. spec: 04 §13.3
struct ReResolveControl {
    ReceiveEndpoint* endpoint = nullptr;
    ReceiveDestination* destination = nullptr;
    std::string name;
    net::SocketAddress current;
};

}  // namespace receiver_event

using ReceiverEvent =
    std::variant<receiver_event::CreateImage, receiver_event::EndpointReleased, receiver_event::DestinationReleased,
                 receiver_event::ImageReleased, receiver_event::ReResolveControl>;

using ReceiverCommands = HandOverQueue<ReceiverCommand>;
using ReceiverEvents = HandOverQueue<ReceiverEvent>;

}  // namespace cpperon::driver
