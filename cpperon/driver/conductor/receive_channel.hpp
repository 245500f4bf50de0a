/// The conductor's record of a receive endpoint: who needs it, which sockets it has, and what clients see of it. The
/// receiver's half receives. Conductor only. spec: 06 §13.2, §19.4, §19.5; 05 §6.4
///
/// | State   | Leaves when                                                                                         |
/// | ------- | --------------------------------------------------------------------------------------------------- |
/// | active  | no stream, session, response or image needs it any longer -> closing, the receiver is told          |
/// | closing | the receiver has released it: its owner destroys it, and sockets, ports and counters go             |
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "cpperon/base/ids.hpp"
#include "cpperon/driver/conductor/owned_counter.hpp"
#include "cpperon/driver/conductor/taken_port.hpp"
#include "cpperon/driver/receiver/receive_destination.hpp"
#include "cpperon/driver/receiver/receive_endpoint.hpp"
#include "cpperon/net/udp_channel.hpp"
#include "cpperon/uri/subscription_params.hpp"

namespace cpperon::driver {

struct ConductorState;

/// One socket of a receive endpoint, with everything that goes when it closes.
struct OwnedReceiveDestination {
    net::UdpChannel channel;
    TakenPort port;
    std::unique_ptr<ReceiveDestination> destination;
    OwnedCounter local_address;                 ///< type 14
    std::optional<net::SocketAddress> control;  ///< explicit, as resolved last
};

/// What an endpoint is made from: the subscription that comes first decides for all later ones.
struct ReceiveChannelSpec {
    std::int64_t registration_id = 0;  ///< of that subscription
    std::int64_t receiver_id = 0;
    std::optional<std::int64_t> group_tag;
    net::UdpChannel channel;
    uri::SubscriptionParams params;
};

class ReceiveChannel {
public:
    /// Active; the receiver does not know it yet. `receiver` must outlive it. Nothing in `first` for an endpoint whose
    /// destinations are added by command.
    ReceiveChannel(ReceiveChannelSpec spec, OwnedCounter status, std::optional<OwnedReceiveDestination> first,
                   ReceiverContext& receiver);
    ReceiveChannel(const ReceiveChannel&) = delete;
    ReceiveChannel& operator=(const ReceiveChannel&) = delete;

    [[nodiscard]] const ReceiveChannelSpec& spec() const noexcept { return spec_; }
    [[nodiscard]] const net::UdpChannel& channel() const noexcept { return spec_.channel; }
    [[nodiscard]] bool is_active() const noexcept { return is_active_; }
    [[nodiscard]] bool is_manual() const noexcept { return spec_.channel.params.control_mode == ControlMode::manual; }
    [[nodiscard]] std::int32_t status_counter_id() const noexcept { return status_.id(); }
    [[nodiscard]] ReceiveEndpoint& endpoint() noexcept { return endpoint_; }

    /// Hands it to the receiver.
    void start();

    // Who needs it. Where the last one leaves, the endpoint closes. spec: 06 §13.2

    /// A stream, all of its sessions or one. The receiver is told of the first and of the last.
    void add_interest(std::int32_t stream_id, std::optional<SessionId> session_id);
    void drop_interest(std::int32_t stream_id, std::optional<SessionId> session_id);
    /// Asks at every control address for the session to announce itself. spec: 04 §9.3
    void request_setup(std::int32_t stream_id, SessionId session_id);
    /// A subscription for responses that has no session yet.
    void add_response() noexcept { ++responses_; }
    void drop_response();
    void add_image() noexcept { ++images_; }
    void drop_image();

    // Destinations.

    /// Of an endpoint that the receiver knows.
    void add_destination(OwnedReceiveDestination destination);
    /// The last one added with this canonical form, if there is one. spec: 05 §9.2
    void remove_destination(std::string_view canonical_form);
    /// One that was removed has its socket bound to `address`, until the receiver lets go of it.
    [[nodiscard]] bool is_releasing(const net::SocketAddress& address) const noexcept;
    /// The receiver has let go of one that was removed.
    void on_released(const ReceiveDestination& destination);
    /// Null unless it is there and not about to go.
    [[nodiscard]] OwnedReceiveDestination* find(const ReceiveDestination& destination) noexcept;
    [[nodiscard]] std::size_t destination_count() const noexcept { return destinations_.size(); }

    /// Where it receives control information from by now, for the match by tag. spec: 05 §6.5
    [[nodiscard]] const net::SocketAddress& current_local_data() const noexcept;

private:
    void close_if_unused();

    ReceiveChannelSpec spec_;
    ReceiverContext& receiver_;
    bool is_active_ = true;
    OwnedCounter status_;  // type 7
    // Who needs it.
    std::map<std::pair<std::int32_t, std::optional<SessionId>>, std::int32_t> interests_;
    std::int32_t responses_ = 0;
    std::int32_t images_ = 0;
    // What the receiver uses.
    std::vector<OwnedReceiveDestination> destinations_;
    std::vector<OwnedReceiveDestination> leaving_destinations_;
    ReceiveEndpoint endpoint_;
};

/// The endpoint that serves a channel: by its tag, otherwise by its canonical form; null if there is none. It may be
/// closing. Throws `RegistrationError` where tags match and addresses do not. spec: 05 §6.4
[[nodiscard]] ReceiveChannel* find_receive_channel(const ConductorState& state, const net::UdpChannel& channel);

/// The active endpoint of the receiver's half, null if it is gone or closing.
[[nodiscard]] ReceiveChannel* find_active_receive_channel(const ConductorState& state,
                                                          const ReceiveEndpoint& endpoint) noexcept;

/// Makes an endpoint with its counters and, unless it is manual, its socket. Throws `RegistrationError` where no socket
/// can be had or the channel asks for what it cannot have, `Error` where no counter is free. spec: 05 §8
[[nodiscard]] std::unique_ptr<ReceiveChannel> make_receive_channel(ConductorState& state, net::UdpChannel channel,
                                                                   const uri::SubscriptionParams& params,
                                                                   std::int64_t registration_id);

/// Opens a socket for a further destination of `channel`, which the subscription `registration_id` gets. Throws as
/// above.
[[nodiscard]] OwnedReceiveDestination make_receive_destination(ConductorState& state, const ReceiveChannel& channel,
                                                               net::UdpChannel destination,
                                                               std::int64_t registration_id);

}  // namespace cpperon::driver
