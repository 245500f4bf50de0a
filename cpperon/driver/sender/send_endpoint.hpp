/// The sending side of a channel: one socket, shared by the publications on it; where their datagrams go; and what the
/// receivers say on it, dispatched to the publications. Made by the conductor, used by the sender. spec: 04 §3.2, §6,
/// §7
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "cpperon/base/ids.hpp"
#include "cpperon/driver/sender/destinations.hpp"
#include "cpperon/driver/sender/sender_context.hpp"
#include "cpperon/net/socket_address.hpp"
#include "cpperon/net/udp_transport.hpp"
#include "cpperon/shm/atomic_counter.hpp"
#include "cpperon/uri/values.hpp"
#include "cpperon/wire/frames.hpp"
#include "cpperon/wire/validate.hpp"

namespace cpperon::driver {

class PublicationSender;

struct SendEndpointSpec {
    ControlMode control_mode = ControlMode::none;
    bool is_multicast = false;
    bool is_connected = false;              ///< the socket is connected to `remote`
    std::optional<std::string> endpoint;    ///< the explicit endpoint as spelled: it may be resolved again
    net::SocketAddress remote;              ///< where data goes; of manual, dynamic and response channels nothing yet
    std::uint8_t ttl = 0;                   ///< of the channel, for SETUP
    TimestampOffset send_timestamp_offset;  ///< `channel-snd-ts-offset`
    shm::AtomicCounter destinations;        ///< `mdc-num-dest`, for manual and dynamic; refers to nothing otherwise
};

class SendEndpoint final : public net::ReceiveHandler {
public:
    /// `context` outlives the object.
    SendEndpoint(SendEndpointSpec spec, std::unique_ptr<net::UdpSocket> socket, SenderContext& context);

    // Any thread.

    [[nodiscard]] bool is_unicast() const noexcept { return !spec_.is_multicast && !has_destinations(); }
    [[nodiscard]] std::uint8_t ttl() const noexcept { return spec_.ttl; }
    [[nodiscard]] TimestampOffset send_timestamp_offset() const noexcept { return spec_.send_timestamp_offset; }
    /// What it is bound to and what the system granted may be read by any thread; the rest is the sender's.
    [[nodiscard]] net::UdpSocket& socket() noexcept { return *socket_; }

    // The sender, from here on.

    /// Begins to receive.
    void open(std::int64_t now_ns);
    void close();
    void add(PublicationSender& publication);
    void remove(const PublicationSender& publication);

    void add_destination(SendDestination destination, std::int64_t now_ns);
    void remove_destination(const std::optional<net::SocketAddress>& address);
    void remove_destination_by_id(std::int64_t registration_id);
    /// `name`: the endpoint as spelled, its own or that of destinations.
    void change_address(std::string_view name, const net::SocketAddress& address);
    /// Asks the conductor to look up the names of endpoints from which nothing comes. spec: 04 §13.3
    void check_names(std::int64_t now_ns);

    /// Sends to all destinations, or to the one address; `response_address`, if not null, goes before that of the
    /// channel. What did not leave is counted, and logged where it is more than a full buffer.
    net::SendOutcome send(std::span<const net::DatagramRun> runs, const net::SocketAddress* response_address) noexcept;

    void on_datagrams(const net::ReceivedRun& run) override;
    void on_receive_error(int system_error) override;

private:
    [[nodiscard]] bool has_destinations() const noexcept {
        return spec_.control_mode == ControlMode::manual || spec_.control_mode == ControlMode::dynamic;
    }
    [[nodiscard]] PublicationSender* find(std::int32_t stream_id, std::int32_t session_id) const noexcept;

    void on_datagram(std::span<const std::byte> datagram, const net::SocketAddress& source);
    void on_nak(const wire::Nak& nak, const net::SocketAddress& source);
    void on_status(const wire::StatusMessage& status, const net::SocketAddress& source);
    void on_error(std::span<const std::byte> datagram, const net::SocketAddress& source);
    void on_no_room();
    void on_fault(wire::Fault fault);
    void on_short_send(int system_error) noexcept;

    // Constant after construction, but for the address in it.
    SendEndpointSpec spec_;
    std::unique_ptr<net::UdpSocket> socket_;
    SenderContext& context_;

    // Sender only.
    std::unordered_map<std::uint64_t, PublicationSender*> publications_;
    std::optional<Destinations> destinations_;  // of manual and dynamic
    std::int64_t time_of_last_status_ns_ = 0;   // of a publication that is here
    std::uint32_t logged_faults_ = 0;           // a bit for each kind
    bool has_logged_no_room_ = false;
    int last_send_error_ = 0;
    int last_receive_error_ = 0;
};

}  // namespace cpperon::driver
