/// The part of a running driver that moves datagrams: sockets, names, sender and receiver with their queues. Assembled
/// by `MediaDriver` before the conductor, which works with it. spec: 06 §2, §14, §16
#pragma once

#include <memory>
#include <vector>

#include "cpperon/base/agent.hpp"
#include "cpperon/driver/context.hpp"
#include "cpperon/driver/driver_names.hpp"
#include "cpperon/driver/duty_cycle_tracker.hpp"
#include "cpperon/driver/receiver/receiver.hpp"
#include "cpperon/driver/receiver/receiver_context.hpp"
#include "cpperon/driver/sender/sender.hpp"
#include "cpperon/driver/sender/sender_context.hpp"
#include "cpperon/net/udp_transport.hpp"

namespace cpperon::driver {

/// The transport that the settings ask for: that of the context or the system's, behind the interceptors. Throws
/// `InvalidArgumentError` for interceptors that do not exist or cannot read their parameters.
[[nodiscard]] std::shared_ptr<net::UdpTransport> make_transport(const DriverContext& context);

/// Throws `InvalidArgumentError` where the system's socket buffers cannot hold one datagram or one window; warns where
/// they are smaller than asked for. spec: 06 §3.5
void check_socket_buffers(const DriverContext& context, net::UdpTransport& transport);

class DriverNetwork {
public:
    /// What it is made from outlives it.
    using Parts = DriverNames::Parts;
    /// `shared_clock`: of the thread that will step sender and receiver, and outlives it as well; null if each has its
    /// own.
    DriverNetwork(const Parts& parts, CycleClock* shared_clock);
    DriverNetwork(const DriverNetwork&) = delete;
    DriverNetwork& operator=(const DriverNetwork&) = delete;
    ~DriverNetwork();

    // For the conductor and the native resource agent.
    [[nodiscard]] net::NameResolver& names() noexcept { return names_.resolver(); }
    [[nodiscard]] SenderContext& sender_context() noexcept { return sender_context_; }
    [[nodiscard]] ReceiverContext& receiver_context() noexcept { return receiver_context_; }

    // For the runners. The resolver is stepped with the native resource agent; null if it has no work of its own.
    [[nodiscard]] Agent& sender() noexcept { return tracked_sender_; }
    [[nodiscard]] Agent& receiver() noexcept { return tracked_receiver_; }
    [[nodiscard]] Agent* resolver() noexcept { return names_.agent(); }

private:
    DriverNames names_;

    CycleClock sender_clock_;
    std::unique_ptr<net::SocketPoller> sender_poller_;
    SenderCommands sender_commands_;
    SenderEvents sender_events_;
    SenderContext sender_context_;
    Sender sender_;
    TrackedAgent tracked_sender_;

    CycleClock receiver_clock_;
    std::unique_ptr<net::SocketPoller> receiver_poller_;
    ReceiverCommands receiver_commands_;
    ReceiverEvents receiver_events_;
    ReceiverContext receiver_context_;
    Receiver receiver_;
    TrackedAgent tracked_receiver_;
};

}  // namespace cpperon::driver
