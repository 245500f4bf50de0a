/// Everything the conductor knows, for the small functions that handle its commands. Conductor only.
/// spec: 06 §7, §8
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "cpperon/driver/conductor/client_events.hpp"
#include "cpperon/driver/conductor/client_registry.hpp"
#include "cpperon/driver/conductor/command_in_progress.hpp"
#include "cpperon/driver/conductor/driver_errors.hpp"
#include "cpperon/driver/conductor/driver_resources.hpp"
#include "cpperon/driver/conductor/event_in_progress.hpp"
#include "cpperon/driver/conductor/ipc_publication.hpp"
#include "cpperon/driver/conductor/network_subscription.hpp"
#include "cpperon/driver/conductor/session_ids.hpp"
#include "cpperon/driver/conductor/spy_subscription.hpp"
#include "cpperon/driver/conductor/subscription_link.hpp"
#include "cpperon/driver/context.hpp"
#include "cpperon/driver/receiver/receiver_context.hpp"
#include "cpperon/driver/sender/sender_context.hpp"
#include "cpperon/net/endpoint_conflicts.hpp"
#include "cpperon/net/port_manager.hpp"
#include "cpperon/net/udp_transport.hpp"
#include "cpperon/uri/channel_uri.hpp"
#include "cpperon/uri/defaults.hpp"

namespace cpperon::driver {

class NetworkImage;
class NetworkPublication;
class ReceiveChannel;
class SendChannel;

struct ConductorState {
    /// Both must outlive the object.
    ConductorState(const DriverContext& driver_context, const DriverResources& driver_resources);
    ConductorState(const ConductorState&) = delete;
    ConductorState& operator=(const ConductorState&) = delete;
    ~ConductorState();

    // Constant after construction.
    const DriverContext& context;
    DriverResources resources;
    uri::ChannelDefaults channel_defaults;
    net::BufferDefaults buffer_defaults;       ///< of sockets whose channel says nothing
    net::SocketBufferLengths longest_buffers;  ///< that the system grants
    // Voices.
    DriverErrors errors;
    ClientEvents events;
    // What is handed out. Ports come back from channels, so they go after those.
    SessionIds session_ids;
    std::int64_t next_receiver_id;
    net::PortManager sender_ports;
    net::PortManager receiver_ports;
    // Who and what there is. Publications and images hold links and refer to channels, so they go before those do.
    ClientRegistry clients;
    SubscriptionLinks ipc_subscriptions;
    SpySubscriptions spy_subscriptions;
    NetworkSubscriptions network_subscriptions;
    std::vector<std::unique_ptr<SendChannel>> send_channels;
    std::vector<std::unique_ptr<ReceiveChannel>> receive_channels;
    std::vector<std::unique_ptr<IpcPublication>> ipc_publications;
    std::vector<std::unique_ptr<NetworkPublication>> network_publications;
    std::vector<std::unique_ptr<NetworkImage>> images;
    // What is under way: one command, and independently one event of the other agents. spec: 06 §7.1
    std::unique_ptr<CommandInProgress> in_progress;
    std::unique_ptr<EventInProgress> internal_in_progress;
    // Taken from the queues, still to be handled.
    std::deque<SenderEvent> sender_events;
    std::deque<ReceiverEvent> receiver_events;
    // Set at the start of each duty cycle.
    std::int64_t now_ns;
};

/// The client's record, made with a heartbeat counter and announced if the client has none yet. For adds that have
/// passed their validation. Throws `Error` where no counter is free. spec: 02 §9.1
Client& client_for(ConductorState& state, std::int64_t client_id);

/// The publication with this original registration id, or null.
[[nodiscard]] IpcPublication* find_ipc_publication(const ConductorState& state, std::int64_t original_registration_id);

[[nodiscard]] NetworkPublication* find_network_publication(const ConductorState& state,
                                                           std::int64_t original_registration_id);

/// Finds the publication that `session-id=tag:T` refers to; borrows `state`. spec: 05 §13.1
[[nodiscard]] uri::FindTaggedPublication find_tagged_publication(const ConductorState& state);

/// Unlinks and forgets the subscriptions that `is_meant`, without a word to anybody; how many there were.
/// spec: 02 §7.3
std::size_t remove_ipc_subscriptions(ConductorState& state,
                                     const std::function<bool(const SubscriptionLink& link)>& is_meant);

}  // namespace cpperon::driver
